"""What staff wrote by hand of a customer: a file never takes that away.

Read from the before-images that undo keeps: what stands in a customer's row otherwise than before staff changed
it counts as written by hand, for the columns that describe her. Points and levels are the till's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from bot.db.bulk.loading import Among
from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.customers import SEALED
from bot.db.tables import changes, units

DESCRIBES_HER = (
    "phone", "name", "alias", "gender", "birthday", "email", "address", "job", "source", "store_id", "guide_id",
)  # fmt: skip

_EDITS = Prepared(
    select(units.c.customer_id, changes.c.id)
    .select_from(changes.join(units, units.c.id == changes.c.unit_id))
    .where(units.c.customer_id.is_not(None), units.c.undone_at.is_(None), changes.c.target == "customers")
)
_IMAGES = Among(select(changes.c.id, changes.c.before), changes.c.id)

Edits = Mapping[int, Sequence[int]]


def all_edits(conn: Connection) -> Edits:
    """The changes staff made to customers' rows and did not take back, by customer."""
    found: dict[int, list[int]] = {}
    for customer_id, change_id in _EDITS.rows(conn):
        found.setdefault(customer_id, []).append(change_id)
    return found


def by_hand(conn: Connection, edits: Edits, customer_id: int, values: Mapping[str, Any]) -> set[str]:
    """The columns of a customer, now of these plain values, that staff wrote."""
    keys, found = keys_of(conn), set()
    for change_id, sealed in _IMAGES.rows(conn, edits.get(customer_id, ())):
        image = keys.unseal_json("changes.before", change_id, sealed)
        if image["key"] == {"id": customer_id}:
            before = image["row"] or dict.fromkeys(DESCRIBES_HER)
            found |= {
                name for name in DESCRIBES_HER if _plain(keys, customer_id, name, before) != (values[name] or None)
            }
    return found


def _plain(keys: Keyring, customer_id: int, name: str, before: Mapping[str, Any]) -> Any:  # noqa: ANN401 — a column's value
    was = before.get(name)  # an image from before the column has none
    if name in SEALED and was:
        was = keys.unseal(f"customers.{name}", customer_id, bytes.fromhex(was["bytes"]))
    return was or None
