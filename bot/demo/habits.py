"""When a customer comes: the days and minutes that her persona leads to."""

from random import Random
from typing import NamedTuple

from bot.demo.days import CLOSING, OPENING, Calendar
from bot.demo.preset import Persona


class Visit(NamedTuple):
    """A day (ordinal) and the minute of the local day, with its seconds as a fraction."""

    day: int
    minute: float


def visits(persona: Persona, calendar: Calendar, dice: Random) -> list[Visit]:
    """All her visits, oldest first, at most one a day; the last at the latest on the day before the demo."""
    first = calendar.today - dice.randint(int(persona.since[0]), int(persona.since[1]))
    last = calendar.today - max(1, dice.randint(int(persona.until[0]), int(persona.until[1])))
    usual = usual_minute(persona, dice)
    found: list[Visit] = []
    day = first
    while day <= last and len(found) < persona.visits:
        if comes(persona, calendar, day):
            found.append(Visit(day, _minute(persona, usual, dice)))
            day += gap(persona, dice)
        else:
            day += 1
    return found


def comes(persona: Persona, calendar: Calendar, day: int) -> bool:
    """Whether she ever comes on such a day."""
    if persona.months and calendar.month(day) not in persona.months:
        return False
    return calendar.weekday(day) in persona.weekdays


def gap(persona: Persona, dice: Random) -> int:
    """Days to her next visit."""
    drawn = persona.gap * (1 + persona.spread * dice.gauss(0, 1)) + dice.random() - 0.5
    return max(1, round(drawn))


def usual_minute(persona: Persona, dice: Random) -> float:
    """The minute of the day that she keeps to."""
    start, end = persona.hours[int(dice.random() * len(persona.hours))]
    return 60 * dice.uniform(start, end)


def _minute(persona: Persona, usual: float, dice: Random) -> float:
    around = dice.gauss(usual, 20) if dice.random() < 0.8 else usual_minute(persona, dice)
    return min(max(around, OPENING + 2), CLOSING - 1)
