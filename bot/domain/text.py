"""Text as people type it, made plain: width, script, invisible characters and spoken digits."""

import re
import unicodedata
from functools import cache
from importlib.resources import files

_SPOKEN = "零〇幺一二三四五六七八九洞拐勾两"
_SPOKEN_TO_DIGIT = str.maketrans(_SPOKEN, "00112345678907" + "92")
_RUN = re.compile(rf"[\d{_SPOKEN}]{{3,}}(?:[ -][\d{_SPOKEN}]{{3,}})*(?![十百千万])")
_SAYINGS = re.compile(r"三三两两|七七八八|一五一[十拾]|[一二三两四五六七八九]{1,3}[十百千万]")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ \-.—–－·]+(?=\d)")
_CHINESE_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千]+(?:万[零〇一二两三四五六七八九十百千]*)?")
_UNITS = {"十": 10, "百": 100, "千": 1000}
_FIGURES = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_VARIATION = frozenset(map(chr, range(0xFE00, 0xFE10)))


@cache
def _simplified() -> dict[int, str]:
    """The table of traditional characters, as `str.translate` wants it."""
    raw = files("bot.domain").joinpath("language/data/traditional.txt").read_text("utf-8")
    pairs = "".join(line for line in raw.splitlines() if not line.startswith("#"))
    return {ord(old): new for old, new in zip(pairs[::2], pairs[1::2], strict=True)}


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    if unicodedata.category(char) in _DROPPED or char in _VARIATION:
        return ""
    return char


def normal(text: str) -> str:
    """Plain text: half width, simplified, no invisible characters, single spaces; any str is fine."""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKC", "".join(map(_visible, text)))
        text = text.translate(_simplified())
    return " ".join(text.split())


def spoken_digits(text: str) -> str:
    """Runs of four or more spoken digits (幺三八零零, 洞拐两勾) as figures; length stays the same."""
    return _RUN.sub(_figures, text)


def _figures(run: re.Match[str]) -> str:
    words = run.group()
    if words.isdecimal():
        return words
    digits = sum(c not in " -" for c in words)
    if digits < 4 or _SAYINGS.search(words):
        return words
    return words.translate(_SPOKEN_TO_DIGIT)


def join_digits(text: str) -> str:
    """Figures with the spaces, dots and dashes between them taken out."""
    return _BETWEEN_DIGITS.sub("", text)


def number(words: str) -> int | None:
    """The value of a Chinese or Arabic whole number (三十八, 一百二, 38); None when it is none."""
    if words.isdecimal():
        return int(words) if len(words) <= 12 else None
    if not _CHINESE_NUMBER.fullmatch(words) or len(words) > 12:
        return None
    if not any(c in "十百千万" for c in words):
        return int("".join(str(_FIGURES[c]) for c in words))
    high, _, low = words.rpartition("万")
    return (_below_wan(high) * 10000 if high else 0) + _below_wan(low)


def _below_wan(words: str) -> int:
    total = figure = unit = 0
    for char in words:
        if char in _UNITS:
            unit = _UNITS[char]
            total += (figure or 1) * unit
            figure = 0
        else:
            figure = _FIGURES[char]
            if char in "零〇":
                unit = 10
    return total + (figure * unit // 10 if unit > 10 else figure)
