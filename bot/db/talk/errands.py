"""Work too long for an answer: asked for in a chat, done by the service, its result told as a push."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import errands, staff


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to be done for a member of staff; `wants` is what it needs to know."""

    id: int
    staff_id: int
    kind: str
    wants: dict[str, Any]


def add(conn: Connection, staff_id: int, kind: str, wants: dict[str, Any], now: datetime) -> int:
    """Ask for an errand."""
    row_id = new_id()
    sealed = keys_of(conn).seal_json("errands.content", row_id, wants)
    conn.execute(
        insert(errands).values(id=row_id, staff_id=staff_id, kind=kind, content=sealed, state="new", made_at=now)
    )
    return row_id


def state_of(conn: Connection, staff_id: int, path: str, since: datetime) -> str | None:
    """What became of the errand this person gave for a file: new, done, failed; None where there was none.

    Two who ask at once ask one after the other.
    """
    conn.execute(select(staff.c.id).where(staff.c.id == staff_id).with_for_update())
    rows = conn.execute(
        select(errands.c.id, errands.c.content, errands.c.state)
        .where(errands.c.staff_id == staff_id, errands.c.made_at >= since)
        .order_by(errands.c.id.desc())
    )
    opened = ((keys_of(conn).unseal_json("errands.content", row.id, row.content), row.state) for row in rows)
    return next((state for wants, state in opened if wants and wants["path"] == path), None)


def first(conn: Connection) -> Errand | None:
    """The oldest errand nobody has finished; one that a crash cut off comes again, so each must bear that."""
    row = conn.execute(
        select(errands.c.id, errands.c.staff_id, errands.c.kind, errands.c.content)
        .where(errands.c.state == "new")
        .order_by(errands.c.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    return Errand(row.id, row.staff_id, row.kind, keys_of(conn).unseal_json("errands.content", row.id, row.content))


def finish(conn: Connection, errand: Errand, *, failed: bool = False) -> None:
    """Count an errand as done, and forget what it was but for the place of its file: that is how it is known."""
    state = "failed" if failed else "done"
    sealed = keys_of(conn).seal_json("errands.content", errand.id, {"path": errand.wants["path"]})
    conn.execute(update(errands).where(errands.c.id == errand.id).values(state=state, content=sealed))
