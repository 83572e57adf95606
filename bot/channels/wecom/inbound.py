"""What a callback means to us, without doing it: a message, a press, an event, a picture to fetch, or nothing."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.chat import Address, Incoming, Press
from bot.wire import Event

NAME = "wecom"
_PUNCTUAL_SECONDS = 120
_EVENT_FIELDS = (
    "AgentID", "FromUserName", "CreateTime", "Event", "EventKey", "TaskId", "ResponseCode",
    "ChangeType", "UserID", "ExternalUserID", "ChatId", "Id",
)  # fmt: skip
_ALERTS = {
    "inactive_alert": "企业微信提醒：应用太久没人用，快要被停用了。",
    "low_active_alert": "企业微信提醒：应用用得太少，快要被标为低活跃。",
    "close_inactive_agent": "企业微信已停用这个应用，因为太久没人用：请到管理后台重新启用。",
    "low_active": "企业微信把这个应用标为低活跃了。",
    "reopen_inactive_agent": "企业微信已重新启用这个应用。",
    "active_restored": "企业微信已把这个应用恢复为正常活跃。",
}
# How clients put a quoted message into the text; not in the official documents, so never required.
_QUOTES = (
    re.compile(
        r"\A(?:这是一条引用/回复消息[:：]|This is a quote/reply:)\s*[“\"](.*)[”\"][ \t]*\n-{3,}[ \t]*\n", re.DOTALL
    ),
    re.compile(r"\A「(.*)」[ \t]*\n(?:- ?){5,}[ \t]*\n", re.DOTALL),
)

_SAID_BY = re.compile(r"\A[^\n:：]{1,40}[:：]\s*")


@dataclass(frozen=True, slots=True)
class Picture:
    """A message whose picture has to be fetched first."""

    message: Incoming
    media_id: str


@dataclass(frozen=True, slots=True)
class Unfit:
    """Something nobody here can do anything with; `kind` is what the platform calls it."""

    key: str
    account: str
    kind: str


Heard = Incoming | Event | Picture | Unfit | None


def key_of(data: Mapping[str, Any], plain: bytes) -> str:
    """The platform's own name for a message; an event has none but what it says."""
    if _text(data, "MsgId"):
        return ":".join(_text(data, name) for name in ("AgentID", "FromUserName", "MsgId"))
    parts = [*(_text(data, name) for name in _EVENT_FIELDS), hashlib.sha256(plain).hexdigest()]
    return f"event:{hashlib.sha256(chr(31).join(parts).encode()).hexdigest()}"


def hear(data: Mapping[str, Any], key: str, agent_id: int, now: datetime) -> Heard:
    """What to do about it; None for what needs nothing."""
    kind, account = _text(data, "MsgType").lower(), _text(data, "FromUserName")
    address, at = Address(NAME, account, account), _moment(data, now)
    if kind == "event":
        return _event(data, key, agent_id, at)
    if not (account and _ours(data, agent_id)):
        return None
    if kind == "text":
        quoted, said = apart(_text(data, "Content"))
        return Incoming(key, address, said.strip(), at, quoted=quoted) if said.strip() else None
    if kind == "image":
        return Picture(Incoming(key, address, "", at), _text(data, "MediaId"))
    return Unfit(key, account, kind)


def apart(text: str) -> tuple[str, str]:
    """The message a text quotes, without who said it, and the text without it."""
    for quote in _QUOTES:
        if found := quote.match(text):
            return _SAID_BY.sub("", found[1], count=1).strip(), text[found.end() :]
    return "", text


def _event(data: Mapping[str, Any], key: str, agent_id: int, at: datetime) -> Heard:
    name, account = _text(data, "Event").lower(), _text(data, "FromUserName")
    address, ours = Address(NAME, account, account), _ours(data, agent_id)
    if name in {"template_card_event", "template_card_menu_event"} and ours:
        press = Press.read(_text(data, "EventKey"))
        back = {"response_code": _text(data, "ResponseCode"), "task_id": _text(data, "TaskId")}
        return Incoming(key, address, "", at, press=press, back=back) if press else None
    if name == "click" and ours:
        # Menu keys are the commands themselves, so a menu made by hand in the console works too.
        return Incoming(key, address, _text(data, "EventKey"), at) if _text(data, "EventKey") else None
    if name == "unsubscribe" and ours:
        return Event("unseated", address, at)
    if name == "change_contact":
        return _contact(data, at)
    if name in _ALERTS:
        return Event("alert", Address(NAME, "", ""), at, _ALERTS[name])
    return None


def _contact(data: Mapping[str, Any], at: datetime) -> Heard:
    account, renamed = _text(data, "UserID"), _text(data, "NewUserID")
    change = _text(data, "ChangeType").lower()
    if change == "delete_user" and account:
        return Event("resigned", Address(NAME, account, account), at)
    if change == "update_user" and account and renamed and renamed.lower() != account.lower():
        say = f"企业微信账号 {account} 改成了 {renamed}：请让本人重新绑定。"
        return Event("alert", Address(NAME, account, account), at, say)
    return None


def _ours(data: Mapping[str, Any], agent_id: int) -> bool:
    """Whether it is for this app; another app of the corp may have been given the same address."""
    return _text(data, "AgentID") in {"", str(agent_id)}


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _moment(data: Mapping[str, Any], now: datetime) -> datetime:
    """Now; or the platform's time where the message was long on its way."""
    created = _text(data, "CreateTime")
    if not re.fullmatch(r"[0-9]{1,10}", created) or abs(now.timestamp() - int(created)) <= _PUNCTUAL_SECONDS:
        return now
    return datetime.fromtimestamp(int(created), UTC)
