"""What the bot may answer a callback with: opened, checked and turned back into what the phone shows."""

import re
from collections.abc import Mapping
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from bot.sandbox.wecom.crypto import Seal, SealError
from bot.sandbox.wecom.refusals import Body

UPDATES = ("update_button", "update_template_card")
ANSWERS = ("text", "image", "voice", "video", "news")
ANSWERABLE = ("subscribe", "enter_agent", "LOCATION", "click", "view", "view_miniprogram", "scancode_waitmsg")
TEXT = 2048
LISTS = (
    "HorizontalContentList",
    "JumpList",
    "VerticalContentList",
    "ButtonList",
    "SelectList",
    "OptionList",
    "ActionList",
)
IRREGULAR = {
    "KeyName": "keyname",
    "UserId": "userid",
    "AppId": "appid",
    "Appid": "appid",
    "PagePath": "pagepath",
    "CheckBox": "checkbox",
}
NUMBERS = ("type", "style", "mode", "desc_color")
TRUTHS = ("disable", "is_checked")


class ThrownError(Exception):
    """An answer that WeCom would throw away, with the reason."""


def open_xml(body: bytes, seal: Seal) -> Body:
    """The elements of an app's sealed answer; empty for no answer. Raises ThrownError."""
    if not body.strip():
        return {}
    envelope = _root(body)
    parts = [envelope.get(name) for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")]
    if not all(isinstance(one, str) for one in parts):
        raise ThrownError("the answer lacks Encrypt, MsgSignature, TimeStamp or Nonce")
    try:
        return _root(seal.open(*[str(one) for one in parts]).encode())
    except SealError as error:
        raise ThrownError(f"the answer is {error}") from error


def check_answer(reply: Mapping[str, Any], corp_id: str, person: str, event: str) -> str:
    """The kind of an answer that may stand here; `event` is what it answers, empty: a message. Raises ThrownError."""
    if reply.get("ToUserName") != person or reply.get("FromUserName") != corp_id:
        raise ThrownError("the answer goes to the wrong one")
    if not str(reply.get("CreateTime", "")).isdigit():
        raise ThrownError("the answer lacks CreateTime")
    kind = str(reply.get("MsgType"))
    if event == "template_card_event":
        allowed: tuple[str, ...] = UPDATES
    elif event == "template_card_menu_event":
        allowed = (*UPDATES, *ANSWERS)
    else:
        allowed = ANSWERS if not event or event in ANSWERABLE else ()
    if kind not in allowed:
        raise ThrownError(f"{kind} is no answer to {event or 'a message'}")
    return kind


def part(reply: Mapping[str, Any], name: str) -> Body:
    """An element with elements in it; raises ThrownError."""
    found = reply.get(name)
    if not isinstance(found, dict):
        raise ThrownError(f"the answer lacks {name}")
    return {inner: value for inner, value in found.items() if value is not None}


def words(reply: Mapping[str, Any]) -> str:
    """The text of a text answer; what is too long is cut, as WeCom cuts it."""
    return str(reply.get("Content") or "").encode()[:TEXT].decode("utf-8", "ignore")


def card(elements: Mapping[str, Any]) -> Body:
    """A TemplateCard of XML under the names its JSON has."""
    found: Body = {}
    for name, value in elements.items():
        plain = IRREGULAR.get(name) or re.sub("(?<!^)(?=[A-Z])", "_", name).lower()
        if name in LISTS:
            rows = value if isinstance(value, list) else [value]
            found[plain] = [card(row or {}) for row in rows]
        elif isinstance(value, Mapping):
            found[plain] = card(value)
        else:
            found[plain] = _plain(plain, value or "")
    return found


def _plain(name: str, value: str) -> str | int | float | bool:
    if name in TRUTHS:
        return value == "true"
    if name == "aspect_ratio":
        return float(value)
    return int(value) if name in NUMBERS and value.isdigit() else value


def _root(body: bytes) -> Body:
    try:
        root = xmltodict.parse(body, strip_whitespace=False).get("xml")
    except (ExpatError, ValueError) as error:
        raise ThrownError("the answer is no XML") from error
    if not isinstance(root, dict):
        raise ThrownError("the answer is no XML")
    return root
