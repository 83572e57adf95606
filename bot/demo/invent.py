"""Names, numbers and birthdays of people who do not exist."""

from datetime import date, timedelta
from functools import cache
from random import Random

from bot.demo.dice import Weighted
from bot.demo.preset import people

CAST_NAMES = frozenset({"王芳", "陈洁", "周敏", "李强"})
RESERVED = frozenset({8000, 8001, 2203, 7715})  # the last four digits of the cast
_HALF = 10_000
_STEP = 10_000_000
_MOST_CUSTOMERS = _STEP


@cache
def _surnames() -> Weighted[str]:
    return Weighted(people().surnames)


def name(dice: Random, gender: str) -> str:
    """A name of this gender; nobody known, nobody of the cast."""
    words = people()
    given = words.female if gender == "female" else words.male
    while True:
        found = _surnames().draw(dice) + given[int(dice.random() * len(given))]
        if found not in CAST_NAMES and found not in words.avoid:
            return found


def phone_of(seed: int, number: int) -> str:
    """The phone of customer `number`, E.164: all different below ten million, none ending like the cast's.

    Eight digits are a permutation of the number (four Feistel rounds), so any can be made again without a list.
    """
    if not 0 <= number < _MOST_CUSTOMERS:
        raise ValueError("no more than ten million customers")
    place = number
    while (last := _mixed(seed, place)) % _HALF in RESERVED:
        place += _STEP
    prefixes = people().phones
    return f"+86{prefixes[(number * 7919 + seed) % len(prefixes)]}{last:08}"


def _mixed(seed: int, place: int) -> int:
    left, right = divmod(place, _HALF)
    for turn in (1, 2, 3, 4):
        left, right = right, (left + _scrambled(right + seed * 31 + turn * 1_000_003)) % _HALF
    return left * _HALF + right


def _scrambled(value: int) -> int:
    value = (value ^ (value >> 16)) * 0x45D9F3B & 0xFFFFFFFF
    value = (value ^ (value >> 15)) * 0x119DE1F3 & 0xFFFFFFFF
    return value ^ (value >> 13)


def birthday(dice: Random, today: date) -> str:
    """A birthday as customers tell it: mostly solar with the year, some without, some lunar, some not at all."""
    how = dice.random()
    if how > 0.66:
        return ""
    born = today - timedelta(days=int(dice.triangular(18, 62, 28) * 365.25))
    if how < 0.008:
        return f"{born.year - born.year % 4}-02-29" if born.year != 1900 else "--02-29"
    if how < 0.07:
        return f"lunar:{1 + int(dice.random() * 12):02}-{1 + int(dice.random() * 29):02}"
    return f"--{born:%m-%d}" if how < 0.2 else born.isoformat()


def address(dice: Random) -> str:
    """Where she lives: a street that does not exist."""
    road = people().roads[int(dice.random() * len(people().roads))]
    return f"{road}{dice.randint(1, 900)}弄{dice.randint(1, 40)}号{dice.randint(1, 18)}0{dice.randint(1, 4)}室"
