"""How well somebody fits a hint, and who comes first: the better fit, then the asker's own, then the latest visit."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from bot.domain.customers import Sight
from bot.domain.hints.reading import Hint
from bot.domain.names import Keys
from bot.domain.names.keys import heard, keys

DAY, NEAR_DAY, HOUR, REFUND, SALE, ITEM, SURNAME, LIKE_SURNAME, GENDER, AGE, REMEMBERED, JUST_SEEN = (
    2.0, 1.0, 1.0, 2.0, 1.0, 3.0, 3.0, 1.5, 1.0, 0.5, 3.0, 3.0,
)  # fmt: skip
LEAST = 2.0
"""Less than this is no reason to show anybody."""
_CLOSE = 0.4
_YOUNG, _OLD = 30, 48
_YEAR = re.compile(r"(?:19|20)\d\d(?=-)")


class Visit(NamedTuple):
    """One order as a hint may mean it; `things` are the names and categories of what was bought or brought back."""

    customer_id: int
    at: datetime
    on: date
    kind: str
    things: tuple[str, ...] = ()


def visit_fit(hint: Hint, visit: Visit, zone: tzinfo) -> float:
    """How much of the hint one order bears out."""
    fit = _day_fit(hint, visit.on)
    if hint.hours:
        hour = visit.at.astimezone(zone).hour
        fit += HOUR if hint.hours[0] <= hour < hint.hours[1] else -HOUR
    if "return" in hint.actions and visit.kind == "refund":
        fit += REFUND
    elif "buy" in hint.actions and "return" not in hint.actions:
        fit += SALE if visit.kind == "sale" else -SALE
    if hint.items:
        fit += ITEM * item_fit(hint.items, visit.things)
    return fit


def _day_fit(hint: Hint, on: date) -> float:
    if hint.since is None or hint.until is None:
        return 0.0
    if hint.since <= on <= hint.until:
        return DAY
    slack = timedelta(days=hint.slack_days)
    return NEAR_DAY if hint.since - slack <= on <= hint.until + slack else -DAY


def item_fit(items: tuple[str, ...], things: tuple[str, ...]) -> float:
    """The share of the words that the things bear out, 0 to 1; two characters in a row are the least that counts."""
    return sum([max([_overlap(item, thing) for thing in things], default=0.0) for item in items]) / len(items)


def _overlap(item: str, thing: str) -> float:
    """The longest run of the item's characters in the thing, as a share of the item."""
    thing = thing.lower()
    least = min(2, len(item))
    for size in range(len(item), least - 1, -1):
        if any(item[start : start + size] in thing for start in range(len(item) - size + 1)):
            return size / len(item)
    return 0.0


def pieces(items: tuple[str, ...]) -> list[str]:
    """The pairs of characters of which a fitting thing has at least one."""
    pairs = [item[at : at + 2] for item in items for at in range(max(1, len(item) - 1))]
    return list(dict.fromkeys(pairs))


def person_fit(hint: Hint, known: Keys | None) -> float | None:
    """How well somebody herself fits; None where she cannot be meant."""
    fit = 0.0
    if known and hint.gender and known.gender:
        if known.gender != hint.gender:
            return None
        fit += GENDER
    if known and hint.surnames:
        fit += _surname_fit(hint.surnames, known.surname)
    return fit


def age_fit(hint: Hint, birthday: str, today: date) -> float:
    """Whether a birthday (bot/domain/birthdays.py), if it has a year, bears out that she is young or old."""
    born = _YEAR.search(birthday)
    if hint.age is None or born is None:
        return 0.0
    age = today.year - int(born[0])
    return AGE if (age <= _YOUNG if hint.age == "young" else age >= _OLD) else -AGE


def _surname_fit(said: tuple[str, ...], surname: str) -> float:
    if surname in said or not _readings(surname).isdisjoint(said):
        return SURNAME
    alike = any(not _sounds(surname).isdisjoint(_sounds(one)) for one in said)
    return LIKE_SURNAME if alike else -SURNAME


@lru_cache(maxsize=2000)
def _readings(surname: str) -> frozenset[str]:
    return keys(surname).full if surname else frozenset()


@lru_cache(maxsize=2000)
def _sounds(surname: str) -> frozenset[str]:
    return frozenset(map(heard, _readings(surname)))


def close(fits: dict[int, float]) -> dict[int, float]:
    """Those worth showing: nobody who fits far less than the best."""
    best = max(fits.values(), default=0.0)
    return {one: fit for one, fit in fits.items() if fit >= max(LEAST, best * _CLOSE)}


def nearest(sights: Iterable[Sight]) -> list[Sight]:
    """The asker's own first, then those of the store, then by the latest visit."""
    return sorted(sights, key=lambda sight: (not sight.mine, not sight.here, -_visited(sight)))


def _visited(sight: Sight) -> float:
    return sight.stats.last_at.timestamp() if sight.stats.last_at else 0.0
