"""Which play is a customer's: one order for everybody, the first that fits.

1. A birthday, from seven days before to three days after.
2. Where she is in her life with the shop, if that is not calm: never bought, new, leaving, asleep, slowing.
3. Loyal: feeling comes before any benefit.
4. How often she comes, where there is a play for it.
5. Her layer.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from bot.domain import birthdays
from bot.domain.calendar.occurrences import USUAL, Keeping, next_celebration
from bot.domain.selling.plays import Play

AHEAD, AFTER = 7, 3
"""Days before and after a birthday in which it is wished for."""
_FIRST = ("never", "new", "leaving", "lost_big", "asleep", "slowing", "loyal")
_LAYER_OF = {"regular": "ordinary"}


def celebrates(birthday: str, today: date, how: Keeping = USUAL) -> bool:
    """Whether a birthday, as it is stored and as the chain keeps it, is in the days in which it is wished for."""
    read = birthdays.read(birthday) if birthday else None
    last = today + timedelta(days=AHEAD)
    return read is not None and next_celebration(read, today - timedelta(days=AFTER), how).on <= last


def chosen(plays: Mapping[str, Play], *, layer: str, frequency: str, celebrating: bool) -> Play:
    """The play of a customer with these labels."""
    if celebrating:
        return plays["birthday"]
    by_layer = plays.get(f"layer.{layer}", plays["layer.ordinary"])
    if layer in _FIRST:
        return by_layer
    return plays.get(f"frequency.{frequency}", by_layer)


def layer_of(stage: str) -> str:
    """The layer that comes nearest to a stage, for a customer whom no refresh has seen yet."""
    return _LAYER_OF.get(stage, stage)
