"""How people and numbers are shown: surname and one star, the last four digits, nothing more.

A mask never tells how long a name is, and never shows five digits of a number in a row.
Markup in a name (<b>张三</b>) is no part of it.
"""

import re
from collections.abc import Iterable

from bot.domain import phones as numbers
from bot.domain.names.surnames import address_form, surname
from bot.domain.text import normal

NOBODY = "某客"
_GUEST = "贵客"
_MARKUP = re.compile(r"<[^<>]*>")
_MASKED = re.compile(r"(?:\d{3})?\*{4}(?:\d{4})?")
_HONOURS = {"female": "女士", "male": "先生"}


def name(full: str) -> str:
    """王*, 欧阳*, A*; 某客 where there is no name."""
    first = _first(full)
    return f"{first}*" if first else NOBODY


def who(full: str, last4: str = "", *, in_group: bool = False) -> str:
    """王*（尾号8000）; a group sees no digit, so there 王*."""
    digits = "" if in_group else last4[-4:]
    return f"{name(full)}（尾号{digits}）" if digits else name(full)


def polite(full: str, gender: str | None) -> str:
    """王女士, 王先生, else 王*: for what she herself is shown; 贵客 where no surname is known."""
    full = _MARKUP.sub("", full)
    form = address_form(full)
    first = "" if form and not form[0] else _first(full)
    return f"{first}{_HONOURS.get(gender or (form and form[2]) or '', '*')}" if first else _GUEST


def phone(number: str) -> str:
    """138****8000, however the number is written; ****4567 for shorter ones; nothing for nothing. Masked stays so."""
    if _MASKED.fullmatch(number):
        return number
    digits = "".join(c for c in normal(number) if c.isdecimal())
    if len(digits) > 11 and normal(number).startswith(("+86", "0086", "86")):
        digits = digits.removeprefix("00").removeprefix("86")
        digits = digits if digits[0] == "1" and len(digits) == 11 else f"0{digits}"
    if len(digits) < 8:
        return "****" if digits else ""
    return (digits[:3] if len(digits) in range(10, 13) else "") + f"****{digits[-4:]}"


def scrub(text: str, names: Iterable[str] = (), phones: Iterable[str] = ()) -> str:
    """The text with every telephone number, and the given numbers and full names, masked.

    Names of one character are left: they would mask half the language. Longer names go first.
    """
    for number in phones:
        if len(digits := re.sub(r"\D", "", number).removeprefix("86")) >= 7:
            text = re.sub(r"\D{0,2}".join(digits), phone(digits), text)
    for found, start, end in reversed(numbers.find(text)):
        text = text[:start] + phone(found.e164) + text[end:]
    known = sorted({full.strip() for full in names if len(full.strip()) > 1}, key=len, reverse=True)
    if not known:
        return text
    return re.sub("|".join(map(_whole, known)), lambda found: name(found[0]), text, flags=re.IGNORECASE)


def _first(full: str) -> str:
    """The surname, or the first letter in other scripts; nothing where a number stands for a name."""
    letters = next((part for part in re.split(r"[\W_]+", _MARKUP.sub("", normal(full))) if part), "")
    return surname(letters) or (letters[0] if letters and letters[0].isalpha() else "")


def _whole(full: str) -> str:
    """A pattern for the name, which in Latin letters must be a whole word."""
    return rf"\b{re.escape(full)}\b" if full.isascii() else re.escape(full)
