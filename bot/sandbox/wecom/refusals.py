"""How WeCom says no: HTTP 200 with errcode and errmsg; the words of every code that this server uses."""

import itertools
from collections.abc import Mapping
from typing import Any

Body = dict[str, Any]

WORDS: Mapping[int, str] = {
    -1: "system busy",
    0: "ok",
    40001: "invalid credential",
    40003: "invalid userid",
    40004: "invalid media type",
    40005: "invalid type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40022: "invalid sub button size",
    40029: "invalid code",
    40032: "invalid userlist size",
    40050: "chatid not exist",
    40056: "invalid agentid",
    40058: "invalid request parameter",
    40066: "invalid url",
    40068: "invalid tagid",
    40071: "tag name already exists",
    40096: "invalid external userid",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "secret missing",
    41005: "media data missing",
    41011: "agentid missing",
    41048: "no customer to send",
    41050: "welcome msg already sent",
    41051: "chat already started or welcome code expired",
    41063: "groupmsg is being created, try later",
    41094: "remind too often",
    42001: "access_token expired",
    42014: "invalid template_card task_id",
    42016: "invalid template_card button_list size",
    42027: "template_card keyname missing",
    42028: "template_card url missing or invalid",
    42029: "template_card media_id missing or invalid",
    42030: "template_card appid missing",
    42031: "template_card card_type missing or invalid",
    42033: "template_card title missing",
    42035: "template_card horizontal_content_list exceeds limit",
    42036: "template_card vertical_content_list exceeds limit",
    42037: "template_card option_list length invalid",
    42038: "template_card button text missing",
    42039: "template_card button key missing or invalid",
    42040: "template_card option id missing or invalid",
    42041: "template_card option text missing",
    42042: "template_card jump_list exceeds limit",
    42043: "template_card question_key missing or invalid",
    42044: "template_card card_image url missing",
    42045: "template_card card_action missing",
    42046: "template_card submit_button key missing or invalid",
    42047: "template_card select_list length invalid",
    42049: "template_card submit_button text missing",
    42050: "template_card userid missing or invalid",
    42051: "template_card action key duplicated",
    43001: "require GET method",
    43002: "require POST method",
    43012: "callback url of the app is not set",
    44001: "empty media data",
    44002: "empty post data",
    44004: "content is empty",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45005: "url size out of limit",
    45007: "voice is too long",
    45008: "article size out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    46003: "menu not exist",
    47001: "data format error, Warning: wrong json format.",
    48001: "api unauthorized",
    48002: "api forbidden",
    50003: "app disabled",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip",
    60111: "userid not found",
    60123: "invalid party id",
    60140: "invalid response_code",
    81013: "user & party & tag all invalid",
    84061: "not external contact",
    86001: "invalid chatid",
    86003: "chat name size invalid",
    86004: "chat owner invalid",
    86006: "chat member size out of limit",
    86008: "chat not owned by this app",
    86215: "chatid already exists",
    90000: "no follow user",
    93000: "invalid webhook url",
    93004: "robot is disabled",
    93006: "invalid chatid",
    93008: "robot not in chat",
    301002: "no permission to access agent",
    846605: "invalid req_id",
    846608: "stream message update expired (>6 minutes), cannot update",
    846609: "aibot websocket not subscribed",
    853000: "invalid bot_id or secret",
}

_counter = itertools.count(1)


class RefusedError(Exception):
    """A call is refused with a code of WeCom's; `what` is added to its words."""

    def __init__(self, code: int, what: str = "") -> None:
        """`code` must have words."""
        super().__init__(f"{code} {WORDS[code]} {what}".strip())
        self.code = code
        self.what = what


def refused(code: int, what: str, now: float) -> Body:
    """The body of a refusal, worded as WeCom words it."""
    words = WORDS.get(code, "error") + (f": {what}" if what else "")
    hint = f"hint: [{int(now)}_{next(_counter)}_{hash((code, int(now))) & 0xFFFFFFFF:08x}]"
    more = f"from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e={code}"
    return {"errcode": code, "errmsg": f"{words}, {hint}, {more}"}
