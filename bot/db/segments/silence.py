"""The days on which a store was closed or its till told nothing: they count as nobody's time away.

A day without any order of a store is silent when it belongs to a pause that is long for this store: more than
ten times what its other pauses last on average, none between two days in a row counting as well. So each closed day
of a busy shop is one, while a shop where nobody buys for a week at a time is not taken for closed; with fewer than
seven other pauses nobody can tell. Today is not over, and never silent; what lies more than 400 days back, or before
a store's first order, neither.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import Connection, text

from bot.db.core.prepared import Prepared

HORIZON_DAYS = 400
_LONG, _ENOUGH = 10, 7

# From one day with orders to the next in the index of store and day: as many steps as days, however many orders.
_DAYS = Prepared(
    text("""
WITH RECURSIVE told(day) AS (
  SELECT MIN(ordered_on) FROM orders WHERE store_id = :store AND ordered_on >= :first AND ordered_on < :today
  UNION ALL
  SELECT (SELECT MIN(ordered_on) FROM orders WHERE store_id = :store AND ordered_on > day AND ordered_on < :today)
  FROM told WHERE day IS NOT NULL
) SELECT day FROM told WHERE day IS NOT NULL
""")
)


def silent_days(conn: Connection, store_id: int, today: date) -> tuple[date, ...]:
    """The silent days of a store before today, sorted."""
    return tuple(map(date.fromordinal, silent_ordinals(conn, store_id, today)))


def silent_ordinals(conn: Connection, store_id: int, today: date) -> list[int]:
    """The same as ordinals, for many at once."""
    first = today - timedelta(days=HORIZON_DAYS)
    rows = _DAYS.rows(conn, store=store_id, first=first.toordinal(), today=today.toordinal())
    return silent_among([day for (day,) in rows], today.toordinal())


def silent_among(told: Sequence[int], today: int) -> list[int]:
    """The silent days before `today`, where orders were told on these days, sorted; all as ordinals."""
    if not told:
        return []
    ends = [*told, today]
    pauses = [later - earlier - 1 for earlier, later in pairwise(ends)]
    return [day for start, pause in _long(ends, pauses) for day in range(start + 1, start + pause + 1)]


def _long(ends: Sequence[int], pauses: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The day before each pause that is long, and how long; the last pause is not over, so no measure for others."""
    total, count = sum(pauses[:-1]), len(pauses) - 1
    for place, pause in enumerate(pauses):
        over = place < count
        others, many = (total - pause, count - 1) if over else (total, count)
        if pause and many >= _ENOUGH and pause * many > _LONG * others:
            yield ends[place], pause
