"""What the platform tells the smart bot, read: the same words in both modes; whatever has another shape is nothing."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.chat import Address, Press

CHANNEL = "wecom_bot"
_MOST_QUOTED = 200
_NAMES = {"image": "[图片]", "file": "[文件]", "video": "[视频]", "voice": "[语音]"}

Kind = Literal["message", "press", "welcome", "other"]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that can be fetched for five minutes; `aes_key` is empty where the bot's own key locks it."""

    kind: Literal["image", "file"]
    url: str = field(repr=False)
    aes_key: str = field(default="", repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message or event."""

    kind: Kind
    key: str
    address: Address
    text: str = ""
    press: Press | None = None
    task: str = ""
    quote: str = ""
    at: float = 0  # the platform's time, 0 where it gives none
    attached: tuple[Attached, ...] = ()
    response_url: str = field(default="", repr=False)


def read(body: object, bot_id: str, name: str) -> Heard | None:
    """What a body says to the bot called `name`; None where nobody can be answered."""
    person, chat = _word(body, "from", "userid"), _word(body, "chatid")
    if not person or not isinstance(body, Mapping):
        return None
    group = bool(chat) and _word(body, "chattype") == "group"
    address = Address(CHANNEL, person, chat if group else person, private=not group)
    if _word(body, "msgtype") == "event":
        return _event(body, bot_id, address)
    if not (message := _word(body, "msgid")):
        return None
    text, attached = _content(body)
    return Heard(
        "message" if text or attached else "other",
        f"{bot_id}:{message}",
        address,
        unmentioned(text, name) if group else text.strip(),
        quote=_quote(body.get("quote")),
        at=_time(body),
        attached=tuple(attached),
        response_url=_word(body, "response_url"),
    )


def unmentioned(text: str, name: str) -> str:
    """A group's message without its call of the bot; under a name we were not told, the first call goes."""
    called = re.compile(rf"@{re.escape(name)}(?:\s+|$)")
    if name and called.search(text):
        return called.sub("", text, count=1).strip()
    return re.sub(r"^\s*@\S+(?:\s+|$)", "", text, count=1).strip()


def _event(body: Mapping[str, Any], bot_id: str, address: Address) -> Heard:
    event = body.get("event")
    kind = _word(event, "eventtype")
    told = [_word(body, "msgid"), kind, address.account, address.chat, _time(body), event]
    name = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:40]
    pressed = Press.read(_word(event, "template_card_event", "event_key"))
    sort: Kind = "other"
    if kind == "enter_chat":
        sort = "welcome"
    elif kind == "template_card_event" and pressed is not None:
        sort = "press"
    return Heard(
        sort,
        f"{bot_id}:{name}",
        address,
        press=pressed,
        task=_word(event, "template_card_event", "task_id"),
        at=_time(body),
        response_url=_word(body, "response_url"),
    )


def _content(body: Mapping[str, Any]) -> tuple[str, list[Attached]]:
    """The words and the files of a message, or of one part of it."""
    kind = _word(body, "msgtype")
    if kind in ("text", "voice"):  # speech comes written down
        return _word(body, kind, "content"), []
    if kind in ("image", "file", "video") and (url := _word(body, kind, "url")):
        name = _word(body, kind, "filename") or _word(body, kind, "name")
        sort: Literal["image", "file"] = "image" if kind == "image" else "file"
        return "", [Attached(sort, url, _word(body, kind, "aeskey"), name)]
    if kind != "mixed":
        return "", []
    items = _part(body, "mixed", "msg_item")
    read_items = [_content(item) for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    words = "\n".join(text for text, _ in read_items if text.strip())
    return words, [one for _, attached in read_items for one in attached]


def _quote(quoted: object) -> str:
    if not isinstance(quoted, Mapping):
        return ""
    text = _content(quoted)[0].strip() or _NAMES.get(_word(quoted, "msgtype"), "")
    return text if len(text) <= _MOST_QUOTED else text[: _MOST_QUOTED - 1] + "…"


def _part(tree: object, *path: str) -> object:
    for name in path:
        tree = tree.get(name) if isinstance(tree, Mapping) else None
    return tree


def _word(tree: object, *path: str) -> str:
    """The text there, in signs that can be stored; empty where there is none."""
    found = _part(tree, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found.encode("utf-8", "replace").decode().replace("\0", "") if isinstance(found, str) else ""


def _time(body: Mapping[str, Any]) -> float:
    told = body.get("create_time")
    return float(told) if isinstance(told, int) and 0 < told < 1 << 33 else 0
