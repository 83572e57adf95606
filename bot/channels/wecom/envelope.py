"""A callback's envelope: signature first, then the seal, then XML that can do no harm; anything else is Refused."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from bot.channels.wecom.crypto import Crypto, Refused
from bot.wire import Request

WINDOW_SECONDS = 600
MOST_BYTES = 1 << 16
_DEEPEST = 8
_FIELD = 2  # how deep the elements of a message lie
# The outer XML is not parsed at all: one element is wanted of it, and its content is base64.
_SEALED = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>")


def echo(request: Request, crypto: Crypto, now: datetime) -> bytes:
    """The answer to the check of the address: the plaintext and nothing else."""
    # Some proxies turn a raw + of the base64 into a blank.
    return _open(request, crypto, now, request.query.get("echostr", "").replace(" ", "+"))


def letter(request: Request, crypto: Crypto, now: datetime) -> bytes:
    """The plaintext of a delivery."""
    found = _SEALED.findall(request.body[: MOST_BYTES + 1])
    if len(request.body) > MOST_BYTES or len(found) != 1:
        raise Refused("format")
    return _open(request, crypto, now, found[0].decode("ascii"))


def _open(request: Request, crypto: Crypto, now: datetime, encrypted: str) -> bytes:
    signature, timestamp, nonce = (request.query.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
    plain = crypto.open(signature, timestamp, nonce, encrypted)
    # Only now: a sender who cannot sign shall not learn what the time is here.
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise Refused("stale")
    return plain


def elements(plain: bytes) -> Mapping[str, Any]:
    """The elements of a message or an event, by name; whatever is not well-formed, flat and of UTF-8 is refused.

    One that stands twice, or holds others, is no text.
    """
    reader = _Reader()
    try:
        reader.read(plain.decode("utf-8"))
    except (ExpatError, ValueError):
        raise Refused("format") from None
    found = reader.found
    if not found.get("MsgType") or (found["MsgType"] == "event" and not found.get("Event")):
        raise Refused("format")
    return found


class _Reader:
    """Expat's own handlers: a third of the time of building whatever is there, and no document type at all."""

    def __init__(self) -> None:
        self.found: dict[str, str | None] = {}
        self._depth = 0
        self._words: list[str] = []
        self._is_text = False

    def read(self, text: str) -> None:
        parser = ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse  # entities are declared nowhere else
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._words.append
        parser.Parse(text.encode(), True)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and name != "xml":
            raise Refused("format")
        if self._depth > _DEEPEST:
            raise Refused("format")
        if self._depth == _FIELD:
            self._words.clear()
        self._is_text = self._depth == _FIELD and not attributes

    def _end(self, name: str) -> None:
        if self._depth == _FIELD:
            is_one = self._is_text and name not in self.found
            self.found[name] = "".join(self._words).strip() if is_one else None
        self._depth -= 1


def _refuse(*_declared: object) -> None:
    raise Refused("format")
