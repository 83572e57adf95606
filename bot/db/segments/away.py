"""How many silent days lie between a last visit and today, quickly: for a card, which is looked at all day.

The silent days of a store are worked out once and remembered until any order comes in; what is remembered is never
more than what `silence` would say of the orders there are. An order that is moved to another day by a later file is
seen with the next new one.
"""

from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import Connection, func, select

from bot.db.core.prepared import Prepared
from bot.db.segments import silence
from bot.db.tables import orders

_MOST = 512
_NEWEST = Prepared(select(func.max(orders.c.id)))


class _Known:
    """The newest order there was and the silent days that were worked out with it; told together, never by halves."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: tuple[int | None, tuple[date, ...]] = (-1, ())


@lru_cache(maxsize=_MOST)
def _known(store_id: int, today: date) -> _Known:  # noqa: ARG001 — the arguments are its key
    return _Known()


def silent_since(conn: Connection, store_id: int, last_on: date | None, today: date) -> int:
    """The silent days of a store after a day and before today; whoever was here yesterday has none."""
    if last_on is None or today - last_on <= timedelta(days=1):
        return 0
    known, newest = _known(store_id, today), _NEWEST.rows(conn)[0][0]
    told, days = known.held
    if told != newest:
        days = silence.silent_days(conn, store_id, today)
        known.held = (newest, days)
    return sum(day > last_on for day in days)
