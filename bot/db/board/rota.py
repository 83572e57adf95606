"""Who works in a store, and who is on its rota on a day; somebody who helps out from elsewhere counts there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select

from bot.db import people
from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.core.types import Day
from bot.db.tables import shifts, staff
from bot.domain.board.days import Worker
from bot.domain.board.shifts import Hours, is_off

_STAFF = (staff.c.id, staff.c.code, staff.c.name, staff.c.role)
_OF_STORE = Of(select(staff.c.store_id, *_STAFF).where(staff.c.active), staff.c.store_id)
_SHIFTS = Of(
    select(shifts.c.store_id, func.min(shifts.c.starts_minute), func.max(shifts.c.ends_minute), *_STAFF)
    .join(staff, staff.c.id == shifts.c.staff_id)
    .where(shifts.c.work_on == bindparam("on", type_=Day()), staff.c.active)
    .group_by(shifts.c.store_id, *_STAFF),
    shifts.c.store_id,
)


def workers(conn: Connection, store_ids: Iterable[int], on: date) -> dict[int, list[Worker]]:
    """Everybody of each store with her shift of the day, managers first."""
    ids = list(store_ids)
    found: defaultdict[int, dict[int, Worker]] = defaultdict(dict)
    for store_id, staff_id, code, name, role in _OF_STORE.rows(conn, ids):
        found[store_id][staff_id] = Worker(staff_id, code, _name(conn, staff_id, name), role)
    for store_id, starts, ends, staff_id, code, name, role in _SHIFTS.rows(conn, ids, on=on):
        known = found[store_id].get(staff_id) or Worker(staff_id, code, _name(conn, staff_id, name), role)
        on_leave = is_off((starts, ends))
        found[store_id][staff_id] = replace(known, off=True) if on_leave else replace(known, starts=starts, ends=ends)
    return {
        store_id: sorted(people.values(), key=lambda one: (one.role != "manager", one.id))
        for store_id, people in found.items()
    }


def _name(conn: Connection, staff_id: int, sealed: bytes) -> str:
    return keys_of(conn).unseal("staff.name", staff_id, sealed)


_LEADING = select(staff.c.id, staff.c.code, staff.c.name, staff.c.role).where(staff.c.active)


def of_role(conn: Connection, role: str) -> list[Worker]:
    """Everybody of the chain with a role: head office, admins."""
    rows = conn.execute(_LEADING.where(staff.c.role == role).order_by(staff.c.id))
    return [Worker(row.id, row.code, _name(conn, row.id, row.name), row.role) for row in rows]


class Shift(NamedTuple):
    """A row of the rota."""

    id: int
    staff_id: int
    on: date
    hours: Hours


_SHIFT = select(shifts.c.id, shifts.c.staff_id, shifts.c.work_on, shifts.c.starts_minute, shifts.c.ends_minute)


def of_person(conn: Connection, staff_id: int, days: Iterable[date]) -> list[Shift]:
    """Her rows of some days, in whichever store."""
    wanted = _SHIFT.where(shifts.c.staff_id == staff_id, shifts.c.work_on.in_(list(days)))
    return [_shift(*row) for row in conn.execute(wanted.order_by(shifts.c.id))]


def of_store(conn: Connection, store_id: int, first: date, last: date) -> list[Shift]:
    """Everybody's rows of a store, day by day, whoever begins first at the top."""
    wanted = _SHIFT.where(shifts.c.store_id == store_id, shifts.c.work_on >= first, shifts.c.work_on <= last)
    rows = conn.execute(wanted.order_by(shifts.c.work_on, shifts.c.starts_minute, shifts.c.staff_id))
    return [_shift(*row) for row in rows]


def differs(conn: Connection, staff_id: int, plan: Mapping[date, Hours]) -> bool:
    """Whether her rota says anything else of the days of a plan."""
    return sorted((row.on, row.hours) for row in of_person(conn, staff_id, plan)) != sorted(plan.items())


def put(conn: Connection, staff_id: int, store_id: int, plan: Mapping[date, Hours]) -> None:
    """Write her hours of these days in the place of what stood there: a file's, which nobody takes back in chat."""
    if not differs(conn, staff_id, plan):
        return
    conn.execute(delete(shifts).where(shifts.c.staff_id == staff_id, shifts.c.work_on.in_(list(plan))))
    rows = [
        {"staff_id": staff_id, "store_id": store_id, "work_on": on, "starts_minute": starts, "ends_minute": ends}
        for on, (starts, ends) in plan.items()
    ]
    people.add_shift(conn, rows)


def names(conn: Connection, store_id: int, first: date, last: date) -> dict[int, str]:
    """What everybody is called who is on a store's rota in some days."""
    wanted = select(staff.c.id, staff.c.name).join(shifts, shifts.c.staff_id == staff.c.id).distinct()
    wanted = wanted.where(shifts.c.store_id == store_id, shifts.c.work_on >= first, shifts.c.work_on <= last)
    return {row.id: _name(conn, row.id, row.name) for row in conn.execute(wanted.where(staff.c.active))}


def _shift(row_id: int, staff_id: int, on: date, starts: int, ends: int) -> Shift:
    return Shift(row_id, staff_id, on, (starts, ends))
