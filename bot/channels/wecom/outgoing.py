"""What to send for a parcel, as WeCom wants it: pure, and the same to the byte on every try.

A retry after an unclear try is safe where the platform can tell it from news: `enable_duplicate_check` swallows a
request whose JSON it has seen within `duplicate_check_interval` seconds. But two answers with the same words
("没有找到这位客户。") are the same JSON too, and the second would be lost without a sign, which is worse than an answer
that comes twice. So each request holds something of its parcel that nobody sees: a card its task's name, a text its
number of seconds for the check, taken from the parcel's key. `repeats.py` watches over the rest.
"""

import hashlib
from pathlib import Path
from typing import Any

from bot.channels.wecom.cards import MOST_TEXT, MOST_TITLE, button_card
from bot.channels.wecom.text import plain, shorten, split_bytes
from bot.wire import Parcel, Piece

MOST_BYTES = 2048
ASK = "点一下，或回数字"
_MOST_CARD_LINES = 3
_SHORTEST, _LONGEST = 9000, 14400  # seconds of the duplicate check; the longest there is
_MOST_REPLACE = 16
_CARD, _FILES = 100, 101  # their places in a parcel, beyond those of texts
_PICTURES = frozenset({".jpg", ".jpeg", ".png"})


def pieces(parcel: Parcel, agent_id: int) -> list[Piece]:
    """The requests for a parcel, in order.

    A body holds `update`, or `message` with its parcel's `mark`; with `file` the message still lacks what is uploaded.
    `instead` is what to send should the message be refused.
    """
    chat, found = parcel.to.chat, []
    if parcel.pressed and parcel.back.get("response_code"):
        update = _settled(parcel, agent_id)
        found.append(Piece(chat, {"update": update}, harmless=True, optional=True))
    texts, card, alone = _contents(parcel)
    said = [_marked(_message(chat, agent_id, text), parcel.key, place) for place, text in enumerate(texts)]
    if card and alone:
        # The words come as a text should the platform refuse the card.
        body = _marked(_message(chat, agent_id, card), parcel.key, _CARD) | {"instead": said[0]}
        found.append(Piece(chat, body, harmless=True))
    else:
        found += [Piece(chat, body, harmless=True) for body in said]
        if card:
            body = _marked(_message(chat, agent_id, card), parcel.key, _CARD)
            found.append(Piece(chat, body, harmless=True, optional=True))  # its digits were in the text
    for place, path in enumerate((*parcel.pictures, *parcel.documents)):
        picture = place < len(parcel.pictures) and Path(path).suffix.lower() in _PICTURES
        message = _message(chat, agent_id, {"msgtype": "image" if picture else "file"})
        # Uploaded again by another process it has another name there, so it could come twice.
        found.append(Piece(chat, _marked(message, parcel.key, _FILES + place) | {"file": path}))
    return found


def mark(key: str, place: int) -> str:
    """Something short of a parcel's key, for names the platform takes once."""
    return hashlib.sha256(f"{key}\0{place}".encode()).hexdigest()[:12]


def _contents(parcel: Parcel) -> tuple[list[dict[str, Any]], dict[str, Any] | None, bool]:
    """The texts, and a card for the choices; True: all of the answer can be read on the card.

    Nobody can copy words off a card, and longer ones are folded: whatever has more than three lines, such as a
    customer's warning and what to say to her, stays a text.
    """
    text = plain(parcel.text).strip()
    texts = [{"msgtype": "text", "text": {"content": part}} for part in split_bytes(text, MOST_BYTES)]
    if parcel.menu is None or not parcel.choices:
        return texts, None, False
    first, _, rest = text.partition("\n")
    short = len(first) <= MOST_TITLE and len(rest) <= MOST_TEXT and rest.count("\n") + 2 <= _MOST_CARD_LINES
    alone = short and bool(first)
    title, below = (first, rest) if alone else (ASK, "")
    card = button_card(title, below, parcel.choices, parcel.menu, mark=mark(parcel.key, _CARD))
    return texts, {"msgtype": "template_card", "template_card": card} if card else None, alone


def _message(chat: str, agent_id: int, content: dict[str, Any]) -> dict[str, Any]:
    return {"touser": chat, "msgtype": content["msgtype"], "agentid": agent_id, **content}


def _marked(message: dict[str, Any], key: str, place: int) -> dict[str, Any]:
    name = mark(key, place)
    seconds = _SHORTEST + int(name, 16) % (_LONGEST - _SHORTEST + 1)
    check = {"enable_duplicate_check": 1, "duplicate_check_interval": seconds}
    return {"message": message | check, "mark": name}


def _settled(parcel: Parcel, agent_id: int) -> dict[str, Any]:
    """The card whose button was pressed, now only saying what was chosen."""
    chosen = parcel.back.get("label") or (str(parcel.pressed.digit) if parcel.pressed else "")
    return {
        "userids": [parcel.to.account],
        "agentid": agent_id,
        "response_code": parcel.back["response_code"],
        "button": {"replace_name": shorten(f"已选：{chosen}", _MOST_REPLACE)},
    }
