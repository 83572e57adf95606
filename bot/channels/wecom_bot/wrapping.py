"""What to send for a parcel, in both modes: text as markdown, choices as a card; pure.

A card comes by itself after the text: clients have shown no buttons where both came in one message.
"""

import hashlib
from pathlib import Path
from typing import Any

from bot.channels.wecom.cards import button_card
from bot.channels.wecom.text import shorten
from bot.channels.wecom_bot.markdown import parts
from bot.chat import digits
from bot.wire import Parcel, Piece

Card = dict[str, Any]

ASK = "点一下，或回数字"
_MOST_TITLE, _MOST_TEXT = 26, 112  # a smart bot's cards show less than an app's
_MORE = "\n……（太长了，这里放不下）"
_FILES = "\n（还有 {count} 个文件，机器人在回调模式里发不了。）"


def for_link(parcel: Parcel) -> list[Piece]:
    """The pieces for the long connection: the pressed card goes grey, then text, files and buttons."""
    to = {"chatid": parcel.to.chat, "chat_type": 1 if parcel.to.private else 2}
    back = parcel.back if parcel.back.get("chat") == parcel.to.chat else {}
    asked = "" if "task_id" in back else back.get("req_id", "")
    found: list[Piece] = []

    def add(do: str, *, harmless: bool = False, optional: bool = False, **more: object) -> None:
        found.append(Piece(parcel.to.chat, {"do": do, "to": to, **more}, harmless=harmless, optional=optional))

    if parcel.pressed and parcel.settled and back.get("task_id"):
        pressed = {"req_id": back.get("req_id", ""), "task": back["task_id"], "key": parcel.pressed.key}
        add("grey", harmless=True, optional=True, **pressed)
    for place, part in enumerate(parts(parcel.text)):
        request = asked if place == 0 else ""
        add("say", harmless=bool(request), content=part, req_id=request, stream=f"{_mark(parcel)}-{place}")
    for path in parcel.pictures:
        add("file", sort="image", path=path)
    for path in parcel.documents:
        add("file", sort="file", path=path)
    if card := _buttons(parcel, "", ASK):
        add("card", card=card, optional=True)  # the text has the digits
    return found


def for_callback(parcel: Parcel) -> list[Piece]:
    """The one piece of the callback mode: an answer's address takes one message, so that all must fit into it."""
    back = parcel.back if parcel.back.get("chat") == parcel.to.chat else {}
    if url := back.get("url"):
        card = _whole_card(parcel) if parcel.to.private else None
        if card is None:
            body: Card = {"msgtype": "markdown", "markdown": {"content": _one_text(parcel)}}
        else:
            body = {"msgtype": "template_card", "template_card": card}
        sent = {"do": "reply", "url": url, "until": back.get("until", ""), "body": body}
        return [Piece(parcel.to.chat, sent, harmless=True)]  # the address works once
    if (event := back.get("event")) and parcel.pressed:
        update = {"do": "update", "event": event, "task": back.get("task_id", ""), "key": parcel.pressed.key}
        return [Piece(parcel.to.chat, {**update, "card": _answer_card(parcel)})]
    return [Piece(parcel.to.chat, {"do": "nothing"})]


def greyed(card: Card | None, task: str, key: str) -> Card:
    """A card whose buttons have had their effect; one that is not remembered is replaced by a few words."""
    if card is None:
        button = {"text": "已处理", "style": 2, "key": key}
        card = {"card_type": "button_interaction", "main_title": {"title": "已处理"}, "button_list": [button]}
    said = next((button["text"] for button in card["button_list"] if button["key"] == key), "")
    return {**card, "task_id": task, "replace_text": f"已选：{said}" if said != "已处理" else said}


def file_name(path: str) -> str:
    """What a file is called in the chat."""
    return Path(path).name[-60:]


def _mark(parcel: Parcel) -> str:
    return hashlib.sha256(parcel.key.encode()).hexdigest()[:24]


def _buttons(parcel: Parcel, text: str, title: str = "") -> Card | None:
    if parcel.menu is None or not parcel.choices:
        return None
    title = title or next((line for line in parcel.text.splitlines() if line.strip()), "请选择")
    return button_card(shorten(title.strip(), _MOST_TITLE), text, parcel.choices, parcel.menu, mark=_mark(parcel))


def _rest(parcel: Parcel) -> str:
    """The text without its first line, which is a card's title, and without the digits, which are its buttons."""
    text = parcel.text.strip().removesuffix(digits(parcel.choices)).strip()
    return text.partition("\n")[2].strip()


def _whole_card(parcel: Parcel) -> Card | None:
    """The parcel as one card, where nothing of it is cut or left out."""
    title, rest = parcel.text.strip().partition("\n")[0], _rest(parcel)
    fits = 0 < len(title) <= _MOST_TITLE and len(rest) <= _MOST_TEXT
    return _buttons(parcel, rest) if fits and not parcel.pictures and not parcel.documents else None


def _answer_card(parcel: Parcel) -> Card:
    """The parcel as a card that replaces the pressed one: all there is room for, since nothing else can be said."""
    if card := _buttons(parcel, shorten(_rest(parcel), _MOST_TEXT)):
        return card
    title, _, rest = parcel.text.strip().partition("\n")
    card = greyed(None, "", parcel.pressed.key if parcel.pressed else "-")
    card["main_title"] = {"title": shorten(title, _MOST_TITLE) or "已处理"}
    if rest.strip():
        card["sub_title_text"] = shorten(rest.strip(), _MOST_TEXT)
    return card


def _one_text(parcel: Parcel) -> str:
    count = len(parcel.pictures) + len(parcel.documents)
    said = parcel.text + (_FILES.format(count=count) if count else "")
    whole = parts(said)
    if len(whole) == 1:
        return whole[0]
    return parts(_cut(parcel, whole[0]))[0] if whole else "（没有文字）"


def _cut(parcel: Parcel, text: str) -> str:
    """As much as fits, with the digits line, without which the choices would be lost."""
    ending = _MORE + (f"\n{digits(parcel.choices)}" if parcel.choices else "")
    room = len(text.encode()) - 4 * len(ending.encode())
    return text.encode()[:room].decode("utf-8", "ignore") + ending
