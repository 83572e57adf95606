"""When a birthday or an anniversary comes round, who is a child, and which index keys belong to a day.

Two ways that must agree: from a stored day to its celebrations (`celebrations`), and from a date to the keys under
which SQL finds whoever celebrates then (`keys_on`). A key knows neither the year nor a leap month, so whoever was
found is asked again with `celebrates_on`.
"""

import re
from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.domain.birthdays import Birthday
from bot.domain.calendar import lunar
from bot.domain.text import normal, number

_COUNT = r"(\d{1,3}|[一二两三四五六七八九十]{1,3})"
_TOLD = re.compile(rf"(?<!\d){_COUNT}(半)?周?岁(半)?|(?<!\d){_COUNT}个(?:半|多)?月(?!以?[前后内]|没)")


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a chain keeps the days a year lacks.

    29 February in common years on the day before or after; a day of a leap month in the ordinary month of every
    year, or (`leap`) in the leap month of the years that have it.
    """

    leap_day: Literal["02-28", "03-01"] = "02-28"
    leap_month: Literal["ordinary", "leap"] = "ordinary"


USUAL = Keeping()
CHILD_BELOW = 14


@dataclass(frozen=True, slots=True)
class Celebration:
    """A day on which a birthday or an anniversary is kept; `years` since the first day, None where it is unknown."""

    on: date
    years: int | None


@dataclass(frozen=True, slots=True)
class ToldAge:
    """How old somebody was said to be, in full months, and the day it was said."""

    months: int
    on: date


def told_age(text: str, on: date) -> ToldAge | None:
    """The age in a note's words (5岁, 两岁半, 8个月), said on that day; None where there is none."""
    said = normal(text)
    found = _TOLD.search(said)
    if not found or "孕" in said:
        return None
    if found[4]:
        return ToldAge(number(found[4]) or 0, on)
    return ToldAge((number(found[1]) or 0) * 12 + 6 * bool(found[2] or found[3]), on)


def celebrations(day: Birthday, first: date, last: date, keeping: Keeping = USUAL) -> list[Celebration]:
    """Every celebration from `first` to `last`, both included; the first day of all (a birth, a wedding) is none."""
    found = []
    for one in _from(day, first, keeping):
        if one.on > last:
            break
        found.append(one)
    return found


def next_celebration(day: Birthday, today: date, keeping: Keeping = USUAL) -> Celebration:
    """The next time it is kept; today if that is it."""
    return next(_from(day, today, keeping))


def celebrates_on(day: Birthday, on: date, keeping: Keeping = USUAL) -> bool:
    """Whether it is kept on that date."""
    return next(_from(day, on, keeping)).on == on


def is_odd(day: Birthday) -> bool:
    """Whether there are years without it, so that it matters how they are kept."""
    return day.leap if day.lunar else (day.month, day.day) == (2, 29)


def key(day: Birthday) -> str:
    """The month and day it is found by in the index: `03-05`, or `L:08-02` for a lunar one."""
    return f"{'L:' * day.lunar}{day.month:02}-{day.day:02}"


def keys_on(on: date, keeping: Keeping = USUAL) -> tuple[str, ...]:
    """The keys of all days that are kept on that date, each once; `celebrates_on` decides about whoever has one."""
    keys = [f"{on:%m-%d}"]
    if keys[0] == keeping.leap_day and not isleap(on.year):
        keys.append("02-29")
    moon = lunar.lunar(on)
    if moon.leap and keeping.leap_month == "ordinary":
        return tuple(keys)
    keys.append(f"L:{moon.month:02}-{moon.day:02}")
    if moon.day == moon.month_days == 29:
        keys.append(f"L:{moon.month:02}-30")
    return tuple(keys)


def keys_between(first: date, last: date, keeping: Keeping = USUAL) -> dict[str, tuple[date, ...]]:
    """Key → the dates from `first` to `last`, both included, on which it may be kept: one question for a window."""
    found: dict[str, tuple[date, ...]] = {}
    for ahead in range((last - first).days + 1):
        on = first + timedelta(ahead)
        for one in keys_on(on, keeping):
            found[one] = (*found.get(one, ()), on)
    return found


def first_day(day: Birthday) -> date | None:
    """The date of the birth or the wedding itself; None where the year is not known."""
    if day.year is None:
        return None
    if day.lunar:
        return lunar.solar(day.year, day.month, day.day, leap=day.leap)
    return date(day.year, day.month, day.day)


def age_on(birthday: Birthday, on: date, keeping: Keeping = USUAL) -> int | None:
    """Full years as they are celebrated; None where the year is not known or the birth lies ahead."""
    born = first_day(birthday)
    if born is None or birthday.year is None or on < born:
        return None
    year = next(year for year in range(on.year, on.year - 3, -1) if _kept_in(birthday, year, keeping) <= on)
    return year - birthday.year


def is_child(known: Birthday | ToldAge, on: date, keeping: Keeping = USUAL) -> bool | None:
    """Whether she is under fourteen; None where that is not known: then no offer either if it may be a child.

    Every doubt of a known age counts for the child. Of a birthday, both counts must say fourteen: the solar one,
    which is the law's, where a 29 February turns on 1 March, and the one she celebrates. Of an age that was told,
    that she had just turned it.
    """
    if isinstance(known, ToldAge):
        lived = (on.year - known.on.year) * 12 + on.month - known.on.month - (on.day < known.on.day)
        return known.months + lived < CHILD_BELOW * 12
    born = first_day(known)
    if born is None or known.year is None:
        return None
    by_law = (on.year - CHILD_BELOW, on.month, on.day) >= (born.year, born.month, born.day)
    return not by_law or on < _kept_in(known, known.year + CHILD_BELOW, keeping)


def _from(day: Birthday, first: date, keeping: Keeping) -> Iterator[Celebration]:
    """Its celebrations from a date on, without end. A lunar year reaches into the next solar one, hence the - 1."""
    year = first.year - day.lunar
    if day.year is not None:
        year = max(year, day.year + 1)
    while True:
        on = _kept_in(day, year, keeping)
        if on >= first:
            yield Celebration(on, None if day.year is None else year - day.year)
        year += 1


def _kept_in(day: Birthday, year: int, keeping: Keeping) -> date:
    """The date of its celebration in a year of its own calendar."""
    if day.lunar:
        return lunar.solar(year, day.month, day.day, leap=day.leap and keeping.leap_month == "leap")
    if day.month == 2 and day.day == 29 and not isleap(year):
        return date(year, 2, 28) if keeping.leap_day == "02-28" else date(year, 3, 1)
    return date(year, day.month, day.day)
