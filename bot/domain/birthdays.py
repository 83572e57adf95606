"""Birthdays by either calendar: read from cells and words, kept as text, and when the next one falls.

Kept texts are 1990-03-05, --03-05, lunar:08-02, lunar:1990-08-02 and lunar:闰04-08. How a day is found in a year:

* One of a leap month falls in that leap month in the years that have it, else in the ordinary month.
* The 30th of a month that has 29 days is kept on the 29th; 29 February on the 28th in common years.
* A lunar year reaches into the next solar one: its twelfth month mostly falls in January or February.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.domain.text import normal, number

_MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
_FIGURES = "十一二三四五六七八九"
_FESTIVALS = {"除夕": (12, 30), "大年三十": (12, 30), "大年初一": (1, 1), "元宵": (1, 15), "端午": (5, 5)}
_FESTIVALS |= {"七夕": (7, 7), "中秋": (8, 15), "重阳": (9, 9)}
_SERIAL_ZERO = date(1899, 12, 30)  # what spreadsheets count days from
_NO_YEARS = (0, 1, 4, 1804, 1900, 1904)  # what systems write where the year is not known
_CENTURY_TURNS = 30

_LUNAR = re.compile(r"农历|阴历|旧历|老历|lunar", re.IGNORECASE)
_CLOCK = re.compile(r"[T ]\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?$")
_NOISE = re.compile(r"公历|阳历|新历|生日|出生|生于|[的是节:()\s]|^每年")
_N = "元一二三四五六七八九十"
_SPOKEN = re.compile(
    rf"(?:(\d{{2}}|\d{{4}}|[〇零一二三四五六七八九]{{2,4}})年)?(闰)?([正冬腊]|\d{{1,2}}|[{_N}]{{1,2}})月"
    rf"([初廿卄卅]?)(\d{{1,2}}|[{_N}]{{0,3}})[日号]?"
)
_WRITTEN = re.compile(r"(?:(\d{4}|\d{2})[-/.]|--)?(闰)?(\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})")
_PACKED = re.compile(r"(\d{4}|\d{2})?(\d\d)(\d\d)")
_SERIAL = re.compile(r"(\d{5})(?:\.0+)?")


Calendar = Literal["solar", "lunar"]


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day of the year by the sun or by the moon; `leap` is a lunar leap month, `year` is of the same calendar."""

    month: int
    day: int
    lunar: bool = False
    leap: bool = False
    year: int | None = None

    def text(self) -> str:
        """How it is kept; `read` reads it back."""
        day = f"{'闰' * self.leap}{self.month:02}-{self.day:02}"
        if self.lunar:
            return f"lunar:{self.year:04}-{day}" if self.year else f"lunar:{day}"
        return f"{self.year:04}-{day}" if self.year else f"--{day}"

    def say(self) -> str:
        """3月5日, 阴历八月初二, 阴历闰四月初八."""
        if not self.lunar:
            return f"{self.month}月{self.day}日"
        tens, ones = divmod(self.day, 10)
        day = {10: "初十", 20: "二十", 30: "三十"}.get(self.day) or "初十廿"[tens] + _FIGURES[ones]
        return f"阴历{'闰' * self.leap}{_MONTHS[self.month - 1]}月{day}"


def read(text: str) -> Birthday | None:
    """The birthday a cell or a guide's words name; None where they name none, or day and month cannot be told apart.

    Years of two digits are 1930 to 2029. Years that systems write for an unknown one (1900, 1904 …) count as none.
    """
    said = _CLOCK.sub("", normal(text))
    calendar: Calendar = "lunar" if _LUNAR.search(said) else "solar"
    said = _NOISE.sub("", _LUNAR.sub("", said))
    if said in _FESTIVALS:
        return Birthday(*_FESTIVALS[said], lunar=True)
    for pattern, build in _READERS:
        if found := pattern.fullmatch(said):
            return build(found, calendar)
    return None


def _spoken(found: re.Match[str], calendar: Calendar) -> Birthday | None:
    """Words with 月 in them; 正月, 冬月, 腊月, 闰, 初 and 廿 are of the lunar calendar."""
    year, leap, month, before, day = found.groups()
    if month in "正冬腊" or leap or before:
        calendar = "lunar"
    months = {"元": "1", "正": "1", "冬": "11", "腊": "12"}
    days = {"": "", "初": "", "廿": "二十", "卄": "二十", "卅": "三十"}[before] + day
    return _built((year, months.get(month, month), days), calendar, leap=bool(leap))


def _written(found: re.Match[str], calendar: Calendar) -> Birthday | None:
    return _built((found[1], found[3], found[4]), calendar, leap=bool(found[2]))


def _packed(found: re.Match[str], calendar: Calendar) -> Birthday | None:
    """19900305, 900305, 0305; not 200103, which may be a month of 2001."""
    year, month, day = found.groups()
    if year in ("19", "20") and int(month) <= 12 and int(day) <= 12:
        return None
    return _built((year, month, day), calendar)


def _serial(found: re.Match[str], calendar: Calendar) -> Birthday | None:
    """A solar day as spreadsheets count them."""
    on = _SERIAL_ZERO + timedelta(int(found[1]))
    return _built((str(on.year), str(on.month), str(on.day)), calendar) if calendar == "solar" else None


def _year_last(found: re.Match[str], calendar: Calendar) -> Birthday | None:
    """3/15/1990 or 15/3/1990; not 3/5/1990, which may be either."""
    first, second = int(found[1]), int(found[2])
    if first != second and (first > 12) == (second > 12):
        return None
    return _built((found[3], str(min(first, second)), str(max(first, second))), calendar)


def _built(words: tuple[str | None, str, str], calendar: Calendar, *, leap: bool = False) -> Birthday | None:
    """The birthday of year, month and day, in Arabic or Chinese figures, if the calendar has such a day."""
    year, month, day = (number(word or "0") or 0 for word in words)
    if len(words[0] or "") == 2:
        year += 1900 if year >= _CENTURY_TURNS else 2000
    unknown = year in _NO_YEARS
    nowhen = unknown and words[0] and month == day == 1
    if nowhen or not (unknown or 1850 <= year <= 2100) or not _exists(month, day, calendar, 2000 if unknown else year):
        return None
    lunar = calendar == "lunar"
    return None if leap and not lunar else Birthday(month, day, lunar, leap, None if unknown else year)


def _exists(month: int, day: int, calendar: Calendar, year: int) -> bool:
    if not 1 <= month <= 12:
        return False
    return 1 <= day <= (30 if calendar == "lunar" else monthrange(year, month)[1])


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Calendar], Birthday | None]], ...] = (
    (_SPOKEN, _spoken),
    (_WRITTEN, _written),
    (_PACKED, _packed),
    (_SERIAL, _serial),
    (_YEAR_LAST, _year_last),
)
