"""Whether stores plan their days: a rota within a week of the day."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Connection, bindparam, select

from bot.db.core.among import Of
from bot.db.tables import shifts

_WEEK = timedelta(days=7)
_DAY = shifts.c.work_on.type
_NEAR = Of(
    select(shifts.c.store_id)
    .where(shifts.c.work_on >= bindparam("first", type_=_DAY), shifts.c.work_on <= bindparam("last", type_=_DAY))
    .where(shifts.c.ends_minute > shifts.c.starts_minute)  # somebody off makes no rota
    .distinct(),
    shifts.c.store_id,
)


def planned(conn: Connection, store_ids: Iterable[int], on: date) -> dict[int, bool]:
    """Those of some stores in which anybody is on the rota within a week."""
    return {row[0]: True for row in _NEAR.rows(conn, store_ids, first=on - _WEEK, last=on + _WEEK)}
