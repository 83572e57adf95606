"""What must be said to a person later: a sealed row, written with its cause, told with the next answer."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, literal_column, select, update

from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import outbox

_DUE = Prepared(
    select(outbox.c.id, outbox.c.body)
    .where(outbox.c.staff_id == bindparam("staff"), outbox.c.state == literal_column("'due'"))
    .order_by(outbox.c.id)
)


def tell(conn: Connection, staff_id: int, key: str, text: str, now: datetime) -> None:
    """Owe a person a message; the same key is owed once."""
    if conn.execute(select(outbox.c.id).where(outbox.c.key == key)).first():
        return
    row_id = new_id()
    conn.execute(
        insert(outbox).values(
            id=row_id,
            key=key,
            staff_id=staff_id,
            body=keys_of(conn).seal("outbox.body", row_id, text, note=True),
            state="due",
            created_at=now,
        )
    )


def take(conn: Connection, staff_id: int) -> list[str]:
    """What is owed to this person, now counted as said."""
    rows = _DUE.rows(conn, staff=staff_id)
    if rows:
        conn.execute(update(outbox).where(outbox.c.id.in_([row[0] for row in rows])).values(state="sent"))
    return [keys_of(conn).unseal("outbox.body", row_id, body) for row_id, body in rows]


def withdraw(conn: Connection, unit_id: int) -> None:
    """Take back what a unit owes anybody and has not said yet; its keys begin with the unit."""
    conn.execute(delete(outbox).where(outbox.c.key.startswith(f"unit:{unit_id}:"), outbox.c.state == "due"))
