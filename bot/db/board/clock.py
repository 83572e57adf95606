"""Complaints whose time has come or is near, across the chain, and whose turn it is to hear of them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.core.types import Moment
from bot.db.tables import complaints, customers, staff, stores


class Open(NamedTuple):
    """An open complaint that is due or nearly so. `owner_id` is None where its owner has left."""

    id: int
    number: int
    store_id: int
    store: str
    store_code: str
    facets: tuple[str, ...]
    urgent: bool
    owner_id: int | None
    due_at: datetime
    name: str
    last4: str


_DUE = Prepared(
    select(
        complaints.c.id, complaints.c.number, complaints.c.store_id, stores.c.name.label("store"),
        stores.c.code.label("store_code"), complaints.c.content, complaints.c.urgent, staff.c.id.label("owner_id"),
        complaints.c.due_at, complaints.c.customer_id, customers.c.name, customers.c.alias, customers.c.phone,
    )
    .select_from(
        complaints.join(stores, stores.c.id == complaints.c.store_id)
        .join(customers, customers.c.id == complaints.c.customer_id)
        .outerjoin(staff, (staff.c.id == complaints.c.owner_id) & staff.c.active)
    )
    .where(
        complaints.c.state == "open",
        complaints.c.due_at <= bindparam("until", type_=Moment()),
        complaints.c.due_at > bindparam("since", type_=Moment()),
    )
    .order_by(complaints.c.due_at, complaints.c.id)
)  # fmt: skip


def due_by(conn: Connection, since: datetime, until: datetime) -> list[Open]:
    """Open complaints that had to be answered after one moment and up to another."""
    keys = keys_of(conn)
    found = []
    for row in _DUE.rows(conn, since=since, until=until):
        row_id, number, store_id, store, code, content, urgent, owner_id, due_at, customer_id, *sealed = row
        name, alias, phone = (
            keys.unseal(f"customers.{column}", customer_id, value)
            for column, value in zip(("name", "alias", "phone"), sealed, strict=True)
        )
        facets = tuple(keys.unseal_json("complaints.content", row_id, content).get("facets", ()))
        found.append(
            Open(row_id, number, store_id, store, code, facets, bool(urgent), owner_id, due_at, name or alias,
                   phone[-4:])
        )  # fmt: skip
    return found
