"""The lunar calendar as a table of months, computed once for each year that is asked about; good for 1900 to 2100."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import floor

_BEFORE_DATES = 1_721_425  # the Julian day number of the day before 1 January of the year 1
_YEARS = 512  # more than anybody asks about
_FIRST_TERM = 2  # the library's list begins with 大雪 and 冬至 of the year before
_TERMS = (
    "小寒", "大寒", "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至",
    "小暑", "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day by the moon; `month_days` is how many its month has, 29 or 30."""

    year: int
    month: int
    day: int
    leap: bool
    month_days: int


@dataclass(frozen=True, slots=True)
class _Year:
    """A lunar year: month and whether it is a leap one → ordinal of its first day and length; the same in order."""

    months: Mapping[tuple[int, bool], tuple[int, int]]
    names: tuple[tuple[int, bool], ...]
    firsts: tuple[int, ...]


def has_leap(year: int, month: int) -> bool:
    """Whether the year has this month twice."""
    return (month, True) in _year(year).months


def solar(year: int, month: int, day: int, *, leap: bool = False) -> date:
    """The date of a lunar day; the 30th of a month of 29 days is its 29th, a leap month the year lacks the ordinary."""
    months = _year(year).months
    first, length = (months.get((month, True)) if leap else None) or months[month, False]
    return date.fromordinal(first + min(day, length) - 1)


def lunar(on: date) -> LunarDay:
    """The lunar day of a date."""
    ordinal = on.toordinal()
    number = on.year - (ordinal < _year(on.year).firsts[0])
    year = _year(number)
    at = bisect_right(year.firsts, ordinal) - 1
    month, leap = year.names[at]
    return LunarDay(number, month, ordinal - year.firsts[at] + 1, leap, year.months[month, leap][1])


@lru_cache(maxsize=_YEARS)
def term(year: int, name: str) -> date:
    """The date of a solar term (清明, 冬至 …) in a solar year."""
    from lunar_python import LunarYear  # noqa: PLC0415

    moment = LunarYear.fromYear(year).getJieQiJulianDays()[_FIRST_TERM + _TERMS.index(name)]
    return date.fromordinal(floor(moment + 0.5) - _BEFORE_DATES)


@lru_cache(maxsize=_YEARS)
def _year(number: int) -> _Year:
    """The library takes 5 ms for this, hence once a year; it is loaded only when a lunar day is asked for."""
    from lunar_python import LunarYear  # noqa: PLC0415

    months = {
        (abs(month.getMonth()), month.getMonth() < 0): (
            int(month.getFirstJulianDay()) - _BEFORE_DATES,
            int(month.getDayCount()),
        )
        for month in LunarYear.fromYear(number).getMonths()
        if month.getYear() == number
    }
    return _Year(months, tuple(months), tuple(first for first, _ in months.values()))
