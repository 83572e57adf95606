"""Who works in a store on a day, by its rota."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, literal_column, select, update

from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.tables import chain, outbox, shifts, staff
from bot.domain.board.shifts import Hours, is_off
from bot.domain.shop import Role


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of a store's staff and when she works on a day: minutes after midnight, none where she is not on the rota.

    `sees_own`: she sees her own customers only. `off`: the rota says that she is not there.
    """

    id: int
    code: str
    name: str
    role: Role
    sees_own: bool
    quiet_until: datetime | None
    hours: tuple[Hours, ...] = ()
    off: bool = False


_CREW: Select[Any] = (
    select(
        staff.c.store_id, staff.c.id, staff.c.code, staff.c.name, staff.c.role, staff.c.scope,
        chain.c.scope.label("usual"), staff.c.quiet_until, shifts.c.starts_minute, shifts.c.ends_minute,
    )
    .select_from(
        staff.join(chain, chain.c.id == 1).outerjoin(
            shifts,
            (shifts.c.staff_id == staff.c.id)
            & (shifts.c.store_id == staff.c.store_id)
            & (shifts.c.work_on == bindparam("day")),
        )
    )
    .where(staff.c.active)
    .order_by(staff.c.role, shifts.c.starts_minute, staff.c.code)
)  # fmt: skip
_CREW_OF = Of(_CREW, staff.c.store_id)


def crew(conn: Connection, store_id: int, day: date) -> list[Colleague]:
    """Who works in a store, guides before managers, the earliest shift of the day first."""
    return crews(conn, [store_id], day).get(store_id, [])


def crews(conn: Connection, store_ids: Iterable[int], day: date) -> dict[int, list[Colleague]]:
    """The same of some stores."""
    unseal = keys_of(conn).unseal
    found: dict[int, dict[int, Colleague]] = {}
    for store_id, row_id, code, name, role, scope, usual, quiet_until, starts, ends in _CREW_OF.rows(
        conn, store_ids, day=day
    ):
        hers = found.setdefault(store_id, {})
        before = hers.get(row_id)
        off = starts is not None and is_off((starts, ends))
        hours = (*(before.hours if before else ()), *([(starts, ends)] if starts is not None and not off else []))
        own = role == "guide" and (scope or usual) == "own"
        called = before.name if before else unseal("staff.name", row_id, name)
        hers[row_id] = Colleague(row_id, code, called, role, own, quiet_until, hours, off)
    return {store_id: list(hers.values()) for store_id, hers in found.items()}


_QUIET = Prepared(select(staff.c.quiet_until).where(staff.c.id == bindparam("staff")))


def quiet_until(conn: Connection, staff_id: int) -> datetime | None:
    """Until when a member of staff is not to be disturbed."""
    rows = _QUIET.rows(conn, staff=staff_id)
    found: datetime | None = rows[0][0] if rows else None
    return found


_FREE = Prepared(
    update(outbox)
    .where(
        outbox.c.staff_id == bindparam("staff"),
        outbox.c.state == literal_column("'due'"),
        outbox.c.not_before == bindparam("until", type_=outbox.c.not_before.type),
    )
    .values(not_before=bindparam("at", type_=outbox.c.not_before.type))
)


def bring_forward(conn: Connection, staff_id: int, until: datetime, at: datetime) -> None:
    """Let what was put off to the end of her quiet be said at another moment, since that ends then."""
    _FREE.run(conn, staff=staff_id, until=until, at=at)
