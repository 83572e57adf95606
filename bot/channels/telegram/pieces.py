"""A parcel as the requests Telegram takes; pure: files are looked at when they are sent.

A piece's body is plain data: `do` says what, the rest is for `posting`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.channels.telegram import text as texts
from bot.chat import Press, numbered
from bot.wire import Parcel, Piece

_ALBUM = 10
_BUTTONS = 100
_SHORT = 14  # columns of a label that leaves room for another beside it


def pieces(parcel: Parcel) -> list[Piece]:
    """What to send for a parcel, in order; the buttons hang on the last text."""
    chat = parcel.to.chat
    # An answer may go elsewhere than the question came from: what is known of that chat is of no use in this one.
    back = parcel.back if parcel.back.get("chat") == chat else {}
    parts = texts.parts(parcel.text)
    files = bool(parcel.pictures or parcel.documents)
    keys = _keyboard(parcel) if parcel.menu is not None else []
    if _stays(parcel, back) and len(parts) == 1 and not files:
        body = _body(back, "edit", text=parts[0], keys=keys, message=int(back["pressed"]))
        return [Piece(chat, body, harmless=True)]
    found = [Piece(chat, body) for body in _bodies(parcel, parts, keys, back)]
    if found and "ask" in parcel.back and not keys:
        # The question is open in the chat it is put in, wherever the command was tapped.
        found[-1] = Piece(chat, {**found[-1].body, "ask": parcel.back["ask"], "hint": parcel.back.get("hint", "")})
    if parcel.settled and "pressed" in back:
        bare = _body(back, "bare", message=int(back["pressed"]))
        found.insert(0, Piece(chat, bare, harmless=True, optional=True))
    return found


def _stays(parcel: Parcel, back: Mapping[str, str]) -> bool:
    """Whether the pressed message becomes this one: only the same card in another state, or the next page.

    A list somebody picks from stays, since the next one on it is picked the same way; and what has been done is told
    anew, so that a glance at the end of the chat shows it.
    """
    same = "head" in back and back["head"] == texts.head(parcel.text)
    return parcel.pressed is not None and not parcel.settled and same and "pressed" in back


def _bodies(
    parcel: Parcel, parts: list[str], keys: list[list[list[str]]], back: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Files first, so that the text and its buttons stand where the next thing is typed."""
    albums = [("photos", some) for some in _albums(parcel.pictures)]
    albums += [("documents", some) for some in _albums(parcel.documents)]
    captioned = len(albums) == 1 and len(albums[0][1]) == 1 and len(parts) == 1 and len(parts[0]) <= texts.CAPTION
    first = True
    for do, paths in albums:
        more = {"text": parts[0], "keys": keys} if captioned else {}
        yield _body(back, do, first=first, paths=paths, **more)
        first = False
    for n, part in enumerate([] if captioned else parts, 1):
        yield _body(back, "text", first=first, text=part, keys=keys if n == len(parts) else [])
        first = False


def _albums(paths: Sequence[str]) -> list[list[str]]:
    return [list(paths[start : start + _ALBUM]) for start in range(0, len(paths), _ALBUM)]


def _body(back: Mapping[str, str], do: str, *, first: bool = True, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A body, in the topic it belongs to; the first of an answer in a group hangs on the message asked."""
    body: dict[str, Any] = {"do": do, **more}
    if "topic" in back:
        body["topic"] = int(back["topic"])
    if first and "message" in back:
        body["reply"] = int(back["message"])
    return body


def _keyboard(parcel: Parcel) -> list[list[list[str]]]:
    """Rows of labels and what they carry: two short ones beside one another, a long one alone."""
    rows: list[list[list[str]]] = []
    room = False
    for digit, choice in numbered(parcel.choices)[:_BUTTONS]:
        label = texts.label(choice.label, digit)
        key = [label, Press(parcel.menu or 0, digit).key]
        short = texts.columns(label) <= _SHORT
        if short and room:
            rows[-1].append(key)
            room = False
        else:
            rows.append([key])
            room = short
    return rows
