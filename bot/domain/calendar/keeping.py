"""How a chain keeps the days a year lacks, and how many days ahead a birthday is told: kept as JSON, empty as usual."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from bot.domain.calendar.occurrences import USUAL, Keeping

AHEAD = (7, 3, 1)
MOST_AHEAD = 30
Setting = Literal["leap-day", "leap-month", "birthday-ahead"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)
VALUES: dict[Setting, tuple[str, ...]] = {"leap-day": ("02-28", "03-01"), "leap-month": ("ordinary", "leap")}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a chain decided: of odd days, and on which days before a birthday it is told besides the day itself."""

    how: Keeping = USUAL
    ahead: tuple[int, ...] = AHEAD

    def says(self) -> dict[Setting, str]:
        """Its settings as they are typed."""
        days = ",".join(map(str, self.ahead)) or "0"
        return {"leap-day": self.how.leap_day, "leap-month": self.how.leap_month, "birthday-ahead": days}


def read(text: str) -> Kept:
    """What is kept."""
    said: dict[str, Any] = json.loads(text) if text else {}
    ahead = tuple(said.pop("ahead", AHEAD))
    return Kept(Keeping(**said), ahead)


def changed(text: str, setting: Setting, value: str) -> str:
    """What is to be kept with one setting changed; raises ValueError, saying what it may be."""
    kept = read(text)
    if setting == "birthday-ahead":
        kept = replace(kept, ahead=_days(value))
    elif value in VALUES[setting]:
        said: dict[str, Any] = {setting.replace("-", "_"): value}
        kept = replace(kept, how=replace(kept.how, **said))
    else:
        raise ValueError(f"{setting} is one of {', '.join(VALUES[setting])}")
    return "" if kept == Kept() else json.dumps({**asdict(kept.how), "ahead": kept.ahead})


def _days(value: str) -> tuple[int, ...]:
    """7,3,1: the days before, the most first; 0: on the day alone."""
    words = value.replace("，", ",").split(",")
    days = {int(word) for word in words if word.strip().isdecimal() and len(word.strip()) <= len(str(MOST_AHEAD))}
    if len(days) != len(words) or max(days) > MOST_AHEAD:
        raise ValueError(f"birthday-ahead is days such as 7,3,1, each at most {MOST_AHEAD}; 0: on the day alone")
    return tuple(sorted(days - {0}, reverse=True))
