"""Codes of coupons: drawn, shown in groups and read as people type them.

Thirteen characters are drawn at random (63 bits); the fourteenth is a check that catches every wrong character and
every two that changed places. None of the 29 is easily taken for another: 0 O, 1 I L, 2 Z and U V do not meet.
"""

import secrets

from bot.domain.errors import UsageError
from bot.domain.text import normal

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXY"
LENGTH, TAIL = 14, 4
_PRIME = len(ALPHABET)  # 29: being prime makes the check what it is
_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_GROUPS = (5, 10)
_BETWEEN = frozenset(" -_.·:—–－/")


def draw() -> str:
    """A new code, plain."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return drawn + _check(drawn)


def show(code: str) -> str:
    """A code in groups, the last of which is what it is called by: K7M2P-9QRTV-K3T9."""
    first, second = _GROUPS
    return f"{code[:first]}-{code[first:second]}-{code[second:]}"


def read(text: str) -> str:
    """The code in what was typed or scanned: any case and width, spaces and dashes; raises UsageError."""
    code = _plain(text)
    if len(code) != LENGTH:
        raise UsageError(f"券码是{LENGTH}位，这里有{len(code)}位：请再看一眼，或只发后四位。")
    if _check(code[:-1]) != code[-1]:
        raise UsageError("券码不对，可能看错或颠倒了一个字：请再看一眼，或扫二维码。")
    return code


def read_tail(text: str) -> str:
    """The four characters a coupon is called by; raises UsageError."""
    tail = _plain(text)
    if len(tail) != TAIL:
        raise UsageError("请发券码的后四位，或整个券码。")
    return tail


def is_code(text: str) -> bool:
    """Whether it is a whole code as it may be typed."""
    try:
        read(text)
    except UsageError:
        return False
    return True


def _plain(text: str) -> str:
    plain = "".join(char for char in normal(text).upper() if char not in _BETWEEN)
    for char in plain:
        if char not in _VALUES:
            raise UsageError(f"券码里没有「{char}」（不用 0 O、1 I L、Z、U，免得看错）：请再看一眼。")
    return plain


def _check(drawn: str) -> str:
    """Every place weighs differently, so that neither a wrong character nor a swapped pair keeps the sum."""
    return ALPHABET[sum(place * _VALUES[char] for place, char in enumerate(drawn, 1)) % _PRIME]
