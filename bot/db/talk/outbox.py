"""What must be said later, to a person, to a store's group or to the till's system: a sealed row, with its cause.

It is pushed where the service runs and knows a way; to a person it is else told with her next answer. What the till's
system is owed goes to nobody else, and is owed only where the chain has set where to.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, literal_column, select, update

from bot.db import people
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import accounts, outbox, rooms, stores
from bot.domain.shop import Veil

WEBHOOK = "wecom_group"  # the channel of a store's group by its webhook; the chat is the store's code
TILL = "pos"  # the first word of the keys of what the till's system is owed
_DISCREET = "\x1f"  # no text of ours holds one: what follows may go where what was noted may not
_DUE = Prepared(
    select(outbox.c.id, outbox.c.body)
    .where(outbox.c.staff_id == bindparam("staff"), outbox.c.state == literal_column("'due'"))
    .order_by(outbox.c.id)
)

_SAID = Prepared(
    update(outbox)
    .where(outbox.c.id == bindparam("row"), outbox.c.state == literal_column("'due'"))
    .values(state=literal_column("'sent'"))
)


def tell(  # noqa: PLR0913, PLR0917 — what is said, to whom, why, when, and where the channel may not show it
    conn: Connection, staff_id: int, key: str, text: str, now: datetime, discreet: str | None = None
) -> None:
    """Owe a person a message; the same key is owed once.

    `discreet` is the same without what was noted of a customer, for where that may not be shown; None: there is none.
    """
    if conn.execute(select(outbox.c.id).where(outbox.c.key == key)).first():
        return
    body = text if discreet is None else f"{text}{_DISCREET}{discreet}"
    _add(conn, now, key=key, staff_id=staff_id, body=body)


def announce(conn: Connection, store_id: int, key: str, text: str, now: datetime) -> None:
    """Owe the group of a store a message."""
    _add(conn, now, key=key, store_id=store_id, body=text)


def tells_till(conn: Connection) -> bool:
    """Whether the chain has a till's system that wants to be told."""
    return bool(conn.get_execution_options().get("zhanggui_tells_till"))


def tell_till(conn: Connection, key: str, body: str, now: datetime) -> None:
    """Owe the till's system a message."""
    _add(conn, now, key=key, body=body)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the till's system is owed: its key, the same on every try, and the body to post."""

    id: int
    key: str
    body: str
    created_at: datetime


def due_to_till(conn: Connection, most: int = 50) -> list[Notice]:
    """What the till's system is owed, oldest first."""
    rows = conn.execute(
        select(outbox.c.id, outbox.c.key, outbox.c.body, outbox.c.created_at)
        .where(
            outbox.c.state == literal_column("'due'"),
            outbox.c.staff_id.is_(None),
            outbox.c.store_id.is_(None),
            outbox.c.key.startswith(f"{TILL}:"),
        )
        .order_by(outbox.c.id)
        .limit(most)
    )
    unseal = keys_of(conn).unseal
    return [Notice(row.id, row.key, unseal("outbox.body", row.id, row.body), row.created_at) for row in rows]


def settle_due(conn: Connection, row_id: int, state: str) -> None:
    """Write down what became of a row that is sent again until it arrives, and so is never leased."""
    conn.execute(update(outbox).where(outbox.c.id == row_id, outbox.c.state == "due").values(state=state))


def _add(conn: Connection, now: datetime, *, body: str, **values: object) -> None:
    row_id = new_id()
    sealed = keys_of(conn).seal("outbox.body", row_id, body, note=True)
    conn.execute(insert(outbox).values(id=row_id, body=sealed, state="due", created_at=now, **values))


def take(conn: Connection, staff_id: int, veil: Veil = "none") -> list[str]:
    """What is owed to this person, as it may be said where she is, now counted as said."""
    pushes = [_push(conn, row_id, body) for row_id, body in _DUE.rows(conn, staff=staff_id)]
    taken = [push for push in pushes if _SAID.run(conn, row=push.id)]  # whoever else was quicker says it
    return [push.told(veil) for push in taken]


@dataclass(frozen=True, slots=True)
class Push:
    """A message owed, and where it may go: a person's accounts, or the groups of a store, by channel."""

    id: int
    text: str
    accounts: dict[str, str]
    discreet: str = ""
    store: str | None = None

    def told(self, veil: Veil) -> str:
        """The message as a channel may show it."""
        return self.discreet if self.discreet and veil == "closed" else self.text


def _push(conn: Connection, row_id: int, body: bytes) -> Push:
    text, _, discreet = keys_of(conn).unseal("outbox.body", row_id, body).partition(_DISCREET)
    return Push(row_id, text, {}, discreet)


def due(conn: Connection, channels: Collection[str], most: int = 50) -> list[Push]:
    """What is owed and has somewhere to go on these channels, oldest first."""
    return _to_people(conn, channels, most) + _to_stores(conn, most)


def _to_people(conn: Connection, channels: Collection[str], most: int) -> list[Push]:
    served = [people.SAME_ACCOUNTS.get(channel, channel) for channel in channels]
    rows = conn.execute(
        select(outbox.c.id, outbox.c.body, accounts.c.channel, accounts.c.account)
        .join(accounts, accounts.c.staff_id == outbox.c.staff_id)
        .where(
            outbox.c.state == literal_column("'due'"),
            accounts.c.blocked_at.is_(None),
            accounts.c.channel.in_(served),
        )
        .order_by(outbox.c.id)
        .limit(most)
    ).all()
    found: dict[int, Push] = {}
    for row in rows:
        push = found.setdefault(row.id, _push(conn, row.id, row.body))
        push.accounts[row.channel] = row.account
    return list(found.values())


def _to_stores(conn: Connection, most: int) -> list[Push]:
    rows = conn.execute(
        select(outbox.c.id, outbox.c.body, stores.c.code, stores.c.webhook, rooms.c.channel, rooms.c.chat)
        .join(stores, stores.c.id == outbox.c.store_id)
        .outerjoin(rooms, rooms.c.store_id == stores.c.id)
        .where(outbox.c.state == literal_column("'due'"), outbox.c.store_id.is_not(None))
        .order_by(outbox.c.id)
        .limit(most)
    ).all()
    found: dict[int, Push] = {}
    for row in rows:
        push = found.setdefault(row.id, replace(_push(conn, row.id, row.body), store=row.code))
        if row.webhook:
            push.accounts[WEBHOOK] = row.code
        if row.channel:
            push.accounts[row.channel] = row.chat
    return [push for push in found.values() if push.accounts]


def has_way(conn: Connection, row_id: int, channels: Collection[str]) -> bool:
    """Whether a row to a store has a way into its group on these channels."""
    found = next((push for push in _to_stores(conn, 10_000) if push.id == row_id), None)
    return found is not None and bool(found.accounts.keys() & set(channels))


def lease(conn: Connection, row_id: int) -> bool:
    """Take a row to send it; False where somebody else has."""
    taken = update(outbox).where(outbox.c.id == row_id, outbox.c.state == "due").values(state="sending")
    return conn.execute(taken).rowcount == 1


def settle(conn: Connection, row_id: int, state: str) -> None:
    """Write down what became of a row that was leased."""
    conn.execute(update(outbox).where(outbox.c.id == row_id, outbox.c.state == "sending").values(state=state))


def bury(conn: Connection, row_id: int) -> None:
    """A row that is due again, but has no way left."""
    settle_due(conn, row_id, "dead")


def give_up(conn: Connection) -> None:
    """Rows an earlier process was sending when it ended: they may have arrived, and are not sent again."""
    conn.execute(update(outbox).where(outbox.c.state == "sending").values(state="unknown"))


def withdraw(conn: Connection, unit_id: int) -> None:
    """Take back what a unit owes anybody and has not said yet; its keys begin with the unit."""
    conn.execute(delete(outbox).where(outbox.c.key.startswith(f"unit:{unit_id}:"), outbox.c.state == "due"))
