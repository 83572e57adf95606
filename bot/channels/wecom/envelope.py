"""A callback's envelope: signature first, then the seal, then XML that can do no harm; anything else is Refused."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.parsers.expat import ExpatError

from wechatpy.enterprise import parse_message

from bot.channels.wecom.crypto import Crypto, Refused
from bot.wire import Request

WINDOW_SECONDS = 600
MOST_BYTES = 1 << 16
_DEEPEST = 8
# The outer XML is not parsed at all: one element is wanted of it, and its content is base64.
_SEALED = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>")
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_DECLARES = re.compile(r"<!(?!--)")


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
    """The elements of a message or an event, by name; whatever is not well-formed, flat and of UTF-8 is refused."""
    try:
        text = plain.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("format") from None
    if _DECLARES.search(_CDATA.sub("", text)):
        raise Refused("format")
    try:
        message = parse_message(text)
    except (ExpatError, ValueError, LookupError, TypeError, AttributeError):
        message = None
    data = getattr(message, "_data", None)
    if not isinstance(data, dict) or _depth(data) > _DEEPEST:
        raise Refused("format")
    return data


def _depth(data: Any) -> int:  # noqa: ANN401 — whatever the XML held
    """How deep elements lie within one another; level by level, since recursion is what an attacker counts on."""
    depth, level = 0, [data]
    while level and depth <= _DEEPEST:
        depth += 1
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return depth
