"""Group conversations that the app makes itself: it speaks in them and hears nothing."""

import re

from bot.sandbox.model import Talk
from bot.sandbox.wecom import faces
from bot.sandbox.wecom.api import Api, Ask
from bot.sandbox.wecom.api.contents import check_content
from bot.sandbox.wecom.api.sending import file_links
from bot.sandbox.wecom.corp import DAY, MINUTE, Corp, Seen
from bot.sandbox.wecom.refusals import Body, RefusedError

KINDS = ("text", "markdown", "image", "voice", "video", "file", "textcard", "news")
NAME, LEAST, MOST = 50, 2, 2000
CHAT_ID = re.compile(r"[0-9A-Za-z]{1,32}")
MEMBER_LIMITS = ((200, MINUTE), (10000, DAY))
CREATED_A_DAY = (1000, DAY)


def _create(corp: Corp, ask: Ask) -> Body:
    members = _members(corp, ask.names("userlist"))
    owner = ask.body.get("owner") or (members[0] if members else "")
    _check_members(members, owner)
    chat = ask.body.get("chatid") or f"CHAT{corp.number()}"
    if not isinstance(chat, str) or not CHAT_ID.fullmatch(chat):
        raise RefusedError(86001)
    if chat in corp.chats:
        raise RefusedError(86215)
    if not corp.windows.pass_("appchat/create", CREATED_A_DAY):
        raise RefusedError(45009)
    corp.chats[chat] = {"chatid": chat, "name": _name(ask, "群聊"), "owner": owner, "userlist": members}
    return {"chatid": chat}


def _update(corp: Corp, ask: Ask) -> Body:
    chat = _chat(corp, ask.body.get("chatid"))
    added, gone = _members(corp, ask.names("add_user_list")), _members(corp, ask.names("del_user_list"))
    members = [one for one in [*chat["userlist"], *added] if one not in gone]
    owner = ask.body.get("owner") or chat["owner"]
    _check_members(members, owner)
    chat |= {"name": _name(ask, chat["name"]), "owner": owner, "userlist": list(dict.fromkeys(members))}
    return {}


def _get(corp: Corp, ask: Ask) -> Body:
    return {"chat_info": _chat(corp, ask.query.get("chatid"))}


def _send(corp: Corp, ask: Ask) -> Body:
    chat = _chat(corp, ask.body.get("chatid"))
    content = check_content(corp, ask.body, KINDS)
    kind, message, talk = str(ask.body["msgtype"]), corp.name("MSG"), f"chat:{chat['chatid']}"
    for member in chat["userlist"]:
        corp.open_talk(member, Talk(talk, chat["name"], group=True))
        bubble = faces.bubble(message, corp.setup.app_name, corp.now(), kind, content)
        bubble.files = file_links(corp, kind, content)
        seen = Seen(message, member, talk, kind, content, bubble)
        if corp.windows.pass_(f"appchat:{member}", *MEMBER_LIMITS):
            corp.put(seen)
        else:
            corp.dropped.append(seen)
    return {}


def _chat(corp: Corp, chat: object) -> Body:
    if not isinstance(chat, str):
        raise RefusedError(86001)
    if chat in corp.chats:
        return corp.chats[chat]
    if chat in {corp.chat_id(group) for group in corp.groups}:
        raise RefusedError(86008)
    raise RefusedError(86001)


def _members(corp: Corp, names: list[str]) -> list[str]:
    found = [corp.member(name) for name in names]
    if None in found:
        raise RefusedError(60111)
    return list(dict.fromkeys(person.id for person in found if person is not None))


def _check_members(members: list[str], owner: object) -> None:
    if not LEAST <= len(members) <= MOST:
        raise RefusedError(86006)
    if owner not in members:
        raise RefusedError(86004)


def _name(ask: Ask, otherwise: str) -> str:
    name = ask.body.get("name") or otherwise
    if not isinstance(name, str) or len(name) > NAME:
        raise RefusedError(86003)
    return name


CALLS = {
    "appchat/create": Api("POST", _create),
    "appchat/update": Api("POST", _update),
    "appchat/get": Api("GET", _get),
    "appchat/send": Api("POST", _send),
}
