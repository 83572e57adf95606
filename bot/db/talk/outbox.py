"""What must be said to a person later: a sealed row, written with its cause.

It is pushed to her where the service runs and knows an account of hers, else told with her next answer.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, literal_column, select, update

from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import accounts, outbox
from bot.domain.shop import Veil

_DISCREET = "\x1f"  # no text of ours holds one: what follows is the text for a channel that may not show all
_DUE = Prepared(
    select(outbox.c.id, outbox.c.body)
    .where(outbox.c.staff_id == bindparam("staff"), outbox.c.state == literal_column("'due'"))
    .order_by(outbox.c.id)
)


def tell(  # noqa: PLR0913, PLR0917 — what is said, to whom, why, when, and where the channel may not show it
    conn: Connection, staff_id: int, key: str, text: str, now: datetime, discreet: str = ""
) -> None:
    """Owe a person a message; the same key is owed once.

    `discreet` says as much of it as may go anywhere; without one it waits for a channel that may show all.
    """
    if conn.execute(select(outbox.c.id).where(outbox.c.key == key)).first():
        return
    row_id = new_id()
    conn.execute(
        insert(outbox).values(
            id=row_id,
            key=key,
            staff_id=staff_id,
            body=keys_of(conn).seal("outbox.body", row_id, f"{text}{_DISCREET}{discreet}", note=True),
            state="due",
            created_at=now,
        )
    )


def take(conn: Connection, staff_id: int, veil: Veil = "none") -> list[str]:
    """What is owed to this person and may be said where she is, now counted as said."""
    said = {}
    for row_id, body in _DUE.rows(conn, staff=staff_id):
        text, _, discreet = keys_of(conn).unseal("outbox.body", row_id, body).partition(_DISCREET)
        said[row_id] = discreet if veil == "closed" else text
    said = {row_id: text for row_id, text in said.items() if text}
    if said:
        conn.execute(update(outbox).where(outbox.c.id.in_(list(said))).values(state="sent"))
    return list(said.values())


@dataclass(frozen=True, slots=True)
class Push:
    """A message owed to somebody, and her accounts that can be written to, by channel."""

    id: int
    text: str
    accounts: dict[str, str]


def due(conn: Connection, most: int = 50) -> list[Push]:
    """What is owed to people with an account, oldest first."""
    rows = conn.execute(
        select(outbox.c.id, outbox.c.body, accounts.c.channel, accounts.c.account)
        .join(accounts, accounts.c.staff_id == outbox.c.staff_id)
        .where(outbox.c.state == literal_column("'due'"), accounts.c.blocked_at.is_(None))
        .order_by(outbox.c.id)
        .limit(most)
    ).all()
    found: dict[int, Push] = {}
    for row in rows:
        push = found.setdefault(row.id, Push(row.id, keys_of(conn).unseal("outbox.body", row.id, row.body), {}))
        push.accounts[row.channel] = row.account
    return list(found.values())


def lease(conn: Connection, row_id: int) -> bool:
    """Take a row to send it; False where somebody else has."""
    taken = update(outbox).where(outbox.c.id == row_id, outbox.c.state == "due").values(state="sending")
    return conn.execute(taken).rowcount == 1


def settle(conn: Connection, row_id: int, state: str) -> None:
    """Write down what became of a row that was leased."""
    conn.execute(update(outbox).where(outbox.c.id == row_id, outbox.c.state == "sending").values(state=state))


def give_up(conn: Connection) -> None:
    """Rows an earlier process was sending when it ended: they may have arrived, and are not sent again."""
    conn.execute(update(outbox).where(outbox.c.state == "sending").values(state="unknown"))


def withdraw(conn: Connection, unit_id: int) -> None:
    """Take back what a unit owes anybody and has not said yet; its keys begin with the unit."""
    conn.execute(delete(outbox).where(outbox.c.key.startswith(f"unit:{unit_id}:"), outbox.c.state == "due"))
