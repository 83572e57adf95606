"""Codes that people read aloud and type: letters and figures that cannot be mistaken for one another."""

import re

from bot.domain.text import normal

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 8
_BYTES = 16


def invite_code(random_bytes: bytes) -> str:
    """Eight letters and figures from at least 16 random bytes; never 0, O, 1, I or L.

    Sixteen bytes keep every code equally likely to within one part in 2**88.
    """
    if len(random_bytes) < _BYTES:
        raise ValueError(f"an invite code needs {_BYTES} random bytes, not {len(random_bytes)}")
    rest, code = int.from_bytes(random_bytes, "big"), ""
    for _ in range(_LENGTH):
        rest, letter = divmod(rest, len(_ALPHABET))
        code += _ALPHABET[letter]
    return code


def read_code(text: str) -> str | None:
    """The code in what was typed, whatever its case, width, blanks and dashes; None where it cannot be one."""
    code = re.sub(r"[\s\-–—_.·]+", "", normal(text)).upper()
    return code if len(code) == _LENGTH and set(code) <= set(_ALPHABET) else None
