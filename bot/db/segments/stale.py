"""Whose layers must be looked at again: marked in the transaction that changes what they follow from.

A refresh reads marks first and data after, and takes away only the marks it read: whoever is marked anew meanwhile
stays for the next one. A mark may name a customer who is gone since.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, select

from bot.db.bulk.loading import Insert
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import stale_segments

FOLLOWED = frozenset(("store_id", "birthday", "gender", "source", "job"))
"""The columns of a customer that her layers follow from, beside what she bought."""

_MARK = Insert(stale_segments, "replace")
_PENDING = Prepared(
    select(stale_segments.c.customer_id, stale_segments.c.mark)
    .order_by(stale_segments.c.customer_id)
    .limit(bindparam("many"))
)
_SETTLE = Prepared(
    delete(stale_segments).where(
        stale_segments.c.customer_id == bindparam("customer"), stale_segments.c.mark == bindparam("mark")
    )
)


def mark(conn: Connection, customer_ids: Iterable[int]) -> None:
    """Have the layers of these customers looked at again; by id, so that two who mark never wait for each other."""
    wanted = sorted(set(customer_ids))
    if wanted:
        newest = new_id()
        _MARK.run(conn, [(customer_id, newest) for customer_id in wanted])


def pending(conn: Connection, limit: int) -> list[tuple[int, int]]:
    """Customers to look at again with the mark of each, at most so many, by id."""
    return [(customer_id, newest) for customer_id, newest in _PENDING.rows(conn, many=limit)]


def settle(conn: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Take these marks away; a customer who was marked anew meanwhile keeps hers."""
    _SETTLE.run_many(conn, [{"customer": customer_id, "mark": seen} for customer_id, seen in sorted(pairs)])
