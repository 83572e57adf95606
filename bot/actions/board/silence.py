"""For how long tills have told nothing, days on which their store is closed aside."""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection

from bot.db.board import trade
from bot.domain.board.days import SILENT
from bot.domain.shop import Store

_DAY = timedelta(days=1)


def silent(conn: Connection, stores: Iterable[Store], now: datetime, tz: tzinfo) -> dict[int, timedelta]:
    """How long each of some stores has been silent where that is too long; without those that never told anything.

    A day that belongs to a weekday on which the store never sells does not count.
    """
    last = {
        one.id: (one.data_at, one.data_at.astimezone(tz).date())
        for one in stores
        if one.data_at is not None and now - one.data_at >= SILENT
    }
    closed = trade.closed_weekdays(conn, {row_id: on for row_id, (_, on) in last.items()})
    today = now.astimezone(tz).date()
    found = {}
    for row_id, (data_at, on) in last.items():
        off = sum((on + nth * _DAY).weekday() in closed[row_id] for nth in range(1, (today - on).days + 1))
        if now - data_at - off * _DAY >= SILENT:
            found[row_id] = now - data_at
    return found
