"""Telephone numbers as people write and say them; made to E.164 and never shown whole in a repr."""

import re
from dataclasses import dataclass

from bot.domain.text import normal, spoken_digits

_MOBILE = re.compile(r"(?:(?:\+|00|0)?86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"(?:(?:\+|00|0)?86)?0?((?:10|2\d)\d{8}|[3-9]\d{2}\d{7,8})")
_AREA = re.compile(r"(?:(?:\+|00|0)?86[ -]?)?\(?0\d{2,3}\)?[ -]?\d{7,8}")
_ABROAD = re.compile(r"(?:\+|00)(?!86)[1-9]\d{6,13}|(?:85[23]|886)[2-9]\d{7,8}|09\d{8}")
_FLOAT = re.compile(r"\.0+$")
_SEPARATORS = re.compile(r"[\s\-.()—–/·]+")
_MANGLED = re.compile(r"[+-]?\d(?:\.\d{1,15})?[eE]\+?\d{1,2}")
_IN_TEXT = re.compile(
    r"(?<![\d.+])(?:(?:\+|00|0)?86[ -]?)?1[3-9]\d(?:[ \-.]{0,2}\d){8}(?:\.0(?!\d))?(?!\d)"
    r"|(?<![\d+])(?:\+86[ -]?)?\(?0(?:10|2\d|[3-9]\d{2})\)?[ -]?\d{4}[ -]?\d{3,4}(?!\d)"
    r"|\+(?:85[23]|886)(?:[ -]?\d){8,9}(?!\d)",
)
_WIDE = str.maketrans("０１２３４５６７８９－＋．　（）—–", "0123456789-+. ()--")
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Phone:
    """One telephone number, `+8613800138000`."""

    e164: str

    @property
    def national(self) -> str:
        """The number as dialled at home: 11 digits for a mobile, with area code for a landline."""
        if self.e164.startswith("+86"):
            rest = self.e164[3:]
            return rest if self.is_mobile else "0" + rest
        return re.sub(r"^\+(?:85[23]|886)", "", self.e164)

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.e164[-4:]

    @property
    def first7(self) -> str:
        """The first seven digits of the national number."""
        return self.national[:7]

    @property
    def is_mobile(self) -> bool:
        """Whether it is a mainland mobile."""
        return _MOBILE.fullmatch(self.e164) is not None

    def __repr__(self) -> str:
        return f"Phone(…{self.last4})"


def read(text: str) -> Phone | None:
    """The number that the whole text is, however it was typed or spoken; None when it is none."""
    plain = spoken_digits(normal(text)) if len(text) <= _LONGEST else ""
    bare = _SEPARATORS.sub("", _FLOAT.sub("", plain))
    if mobile := _MOBILE.fullmatch(bare):
        return Phone(f"+86{mobile[1]}")
    if _ABROAD.fullmatch(bare):
        return _abroad(bare)
    if _AREA.fullmatch(_FLOAT.sub("", plain).replace("-", " ").strip()) or _AREA.fullmatch(bare):
        landline = _LANDLINE.fullmatch(bare)
        return Phone(f"+86{landline[1]}") if landline else None
    return None


def is_mangled(text: str) -> bool:
    """Whether a spreadsheet turned a number into something like 1.38E+10."""
    return _MANGLED.fullmatch(normal(text)) is not None


def find(text: str) -> list[tuple[Phone, int, int]]:
    """Every number inside a sentence with its start and end in the text as given."""
    figures = spoken_digits(text.translate(_WIDE))
    if len(figures) != len(text):
        return []
    return [
        (phone, match.start(), match.end())
        for match in _IN_TEXT.finditer(figures)
        if (phone := read(match.group())) is not None
    ]


def _abroad(bare: str) -> Phone | None:
    """Numbers from elsewhere; the library is loaded only here, it is slow to import."""
    from phonenumbers import (  # noqa: PLC0415
        NumberParseException,
        PhoneNumberFormat,
        format_number,
        is_valid_number,
        parse,
    )

    plus = "+886" + bare[1:] if bare.startswith("09") else "+" + bare.removeprefix("+").removeprefix("00")
    try:
        number = parse(plus)
    except NumberParseException:
        return None
    if not is_valid_number(number):
        return None
    return Phone(format_number(number, PhoneNumberFormat.E164))
