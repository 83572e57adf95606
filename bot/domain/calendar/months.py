"""A child's age in months, and the days on which a vertical takes care of somebody by cycle.

The cycles are data (`care.toml`): days counted from a birth or from what was bought. They are care: words, no offer.
"""

import tomllib
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from bot.domain.shop import VERTICALS

Anchor = Literal["birth", "bought"]
_IN_DAYS, _IN_MONTHS = 1, 24  # a child's age is said in days for a month, then in months for two years


@dataclass(frozen=True, slots=True)
class Care:
    """One step of a cycle. Exactly one of the four says when.

    `months` or `days` after the day it counts from; `nth_day` counts that day as the first (百天 is the hundredth);
    `every` so many months again and again.
    """

    key: str
    called: str
    after: Anchor
    words: str
    months: int = 0
    days: int = 0
    nth_day: int = 0
    every: int = 0

    def on(self, start: date, first: date, last: date) -> Iterator[date]:
        """Its days from `first` to `last`, both included, counted from `start`."""
        if self.every:
            count = max(1, _months_between(start, first) // self.every)
            while (on := months_after(start, count * self.every)) <= last:
                if on >= first:
                    yield on
                count += 1
            return
        on = months_after(start, self.months) + timedelta(self.days or max(0, self.nth_day - 1))
        if first <= on <= last:
            yield on


@dataclass(frozen=True, slots=True)
class Due:
    """A step of care and its day."""

    on: date
    care: Care


def months_after(start: date, months: int) -> date:
    """The same day of the month so many months on; a day that month lacks is its last."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def months_old(born: date, on: date) -> int | None:
    """Full months of age: the most whose day has come; None before the birth."""
    if on < born:
        return None
    months = _months_between(born, on)
    return months - (months_after(born, months) > on)


def say_age(born: date, on: date) -> str:
    """A child's age as parents say it: 第12天, 5个月, 14个月, 3岁, 3岁半; nothing before the birth."""
    months = months_old(born, on)
    if months is None:
        return ""
    if months < _IN_DAYS:
        return f"第{(on - born).days + 1}天"
    if months < _IN_MONTHS:
        return f"{months}个月"
    years, rest = divmod(months, 12)
    return f"{years}岁{'半' * (rest >= 6)}"


@cache
def cares(vertical: str) -> tuple[Care, ...]:
    """The steps of a vertical in the order of the file; none where it has no cycle."""
    if vertical not in VERTICALS:
        return ()
    return tuple(Care(**row) for row in _read().get(vertical, ()))


def due(steps: Iterable[Care], starts: Mapping[Anchor, date], first: date, last: date) -> list[Due]:
    """What falls from `first` to `last`, both included, soonest first; a step whose start is not known never does."""
    found = [Due(on, care) for care in steps if care.after in starts for on in care.on(starts[care.after], first, last)]
    return sorted(found, key=lambda one: one.on)


def _months_between(start: date, on: date) -> int:
    """Months by the names of the months alone."""
    return (on.year - start.year) * 12 + on.month - start.month


def _read() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(files("bot.domain.calendar").joinpath("care.toml").read_text("utf-8"))
