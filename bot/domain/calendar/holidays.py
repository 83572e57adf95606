"""Festivals of a year, and its days off and make-up working days as far as they are published.

Festivals and statutory days are computed from `festivals.toml` and `holidays.toml`. What joins weekends to them, and
which weekends are worked for it, is a fact published each November: a year without its notice has statutory days
and plain weekends, and `DaysOff.published` says so.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from bot.domain.calendar import lunar

_SATURDAY = 5
_NEAR = 24  # of December: where the New Year holiday of a notice may begin


@dataclass(frozen=True, slots=True)
class Festival:
    """A festival and its day; `called` are its names, the first is shown."""

    key: str
    called: tuple[str, ...]
    on: date


def festival_names() -> list[str]:
    """Every name of every festival."""
    return [name for row in _read("festivals")["festivals"] for name in row["called"]]


@cache
def festivals(year: int) -> tuple[Festival, ...]:
    """All festivals of a solar year, earliest first; 腊八 may be there twice, or not at all."""
    found = (
        Festival(row["key"], tuple(row["called"]), on)
        for row in _read("festivals")["festivals"]
        for on in _days(row["on"], year)
    )
    return tuple(sorted(found, key=lambda one: one.on))


def festivals_between(first: date, last: date) -> list[Festival]:
    """Those from `first` to `last`, both included, earliest first."""
    years = range(first.year, last.year + 1)
    return [one for year in years for one in festivals(year) if first <= one.on <= last]


def next_festival(name: str, today: date) -> Festival | None:
    """The next one of that key or name, today included; None where no festival is called so."""
    years = range(today.year, today.year + 3)
    found = (one for year in years for one in festivals(year) if name == one.key or name in one.called)
    return next((one for one in found if one.on >= today), None)


@dataclass(frozen=True, slots=True)
class Notice:
    """What was published for one year: what each day is off for, and the weekend days that are worked.

    The days before New Year may be in it.
    """

    year: int
    off: Mapping[date, str]
    work: frozenset[date]


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Which days offices are closed, by the notices that are known and the regulation; shops are open on every day."""

    notices: Mapping[int, Notice]

    def published(self, year: int) -> bool:
        """Whether the year's notice is known; else only its statutory days are, and no make-up day."""
        return year in self.notices

    def holiday(self, on: date) -> str | None:
        """What the day is off for (春节, 国庆节 …); None for any other day, a plain weekend too."""
        told = (notice.off.get(on) for notice in self._about(on.year))
        return next((name for name in told if name), None) or statutory(on.year).get(on)

    def makes_up(self, on: date) -> bool:
        """Whether it is a weekend day that is worked for a holiday."""
        return any(on in notice.work for notice in self._about(on.year))

    def works(self, on: date) -> bool:
        """Whether offices work on that day."""
        return self.makes_up(on) or (on.weekday() < _SATURDAY and self.holiday(on) is None)

    def holidays_of(self, year: int) -> dict[date, str]:
        """The days off of a year in order, with their names."""
        named = ((on, self.holiday(on)) for on in _each(date(year, 1, 1), date(year, 12, 31)))
        return {on: name for on, name in named if name}

    def with_notices(self, text: str) -> "DaysOff":
        """These and the notices of another file in the same notation; a year given again is replaced.

        Raises:
            ValueError: a notice leaves out a statutory day, lies in another year, or makes up on no weekend.
        """
        rows = tomllib.loads(text).get("notices", ())
        return DaysOff({**self.notices, **{row["year"]: _notice(row) for row in rows}})

    def _about(self, year: int) -> list[Notice]:
        """The notices that may tell of a day of that year."""
        return [self.notices[one] for one in (year, year + 1) if one in self.notices]


@cache
def shipped() -> DaysOff:
    """The notices that come with the program."""
    return DaysOff({}).with_notices(_file("holidays"))


@cache
def statutory(year: int) -> Mapping[date, str]:
    """The days everybody has off by the regulation in force that year; of years before 2008 none are known."""
    rules = [row for row in _read("holidays")["statutory"] if row["since"] <= year]
    if not rules:
        return {}
    rule = max(rules, key=lambda row: int(row["since"]))
    named = ((on, name) for name, days in rule.items() if name != "since" for day in days for on in _days(day, year))
    found: dict[date, str] = {}
    for on, name in sorted(named):
        found[on] = f"{found[on]}、{name}" if on in found else name
    return found


def _days(said: str, year: int) -> list[date]:
    """The dates in a solar year of what the files say: 01-01, lunar:08-15, term:清明, sunday:05-2."""
    kind, _, when = said.rpartition(":")
    if kind == "term":
        return [lunar.term(year, when)]
    month, day = (int(part) for part in when.split("-"))
    if kind == "lunar":
        days = (lunar.solar(moon, month, day) for moon in (year - 1, year))
        return [on for on in days if on.year == year]
    if kind == "sunday":
        first = date(year, month, 1)
        return [first + timedelta(6 - first.weekday() + 7 * (day - 1))]
    return [date(year, month, day)]


def _notice(row: Mapping[str, Any]) -> Notice:
    """A notice of a file; refused if no notice ever said so: a typing error would send people to work on a holiday."""
    year: int = row["year"]
    off = {on: name for name, (first, last) in row["off"].items() for on in _each(first, last)}
    work = frozenset[date](row["work"])
    missing = [f"{on}" for on in statutory(year) if on not in off]
    strange = [f"{on}" for on in sorted({*off, *work}) if not date(year - 1, 12, _NEAR) <= on <= date(year, 12, 31)]
    wrong = [f"{on}" for on in sorted(work) if on.weekday() < _SATURDAY or on in off]
    if missing or strange or wrong:
        raise ValueError(f"notice of {year}: not off {missing}, of another year {strange}, no make-up day {wrong}")
    return Notice(year, off, work)


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(ahead) for ahead in range((last - first).days + 1))


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(_file(name))


def _file(name: str) -> str:
    return files("bot.domain.calendar").joinpath(f"{name}.toml").read_text("utf-8")
