"""What to mind with a few customers who are spoken of: allergies, and what must be left."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, select

from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.tables import facts

_FACTS = Of(
    select(facts.c.customer_id, facts.c.id, facts.c.content).where(facts.c.state == "live"), facts.c.customer_id
)


class Care(NamedTuple):
    """What to mind with a customer: allergies (also of her family), what she wants and what must be left."""

    allergies: tuple[str, ...]
    leave: tuple[str, ...]
    wants: tuple[str, ...]


def care(conn: Connection, customer_ids: Iterable[int]) -> dict[int, Care]:
    """What to mind with a few customers."""
    keys = keys_of(conn)
    found: dict[int, dict[str, list[str]]] = {}
    for customer_id, fact_id, content in sorted(_FACTS.rows(conn, customer_ids), key=lambda row: row[1]):
        said = keys.unseal_json("facts.content", fact_id, content)
        if said["kind"] in ("allergy", "contact_rule", "service"):
            found.setdefault(customer_id, {}).setdefault(said["kind"], []).append(said["value"])
    return {
        customer_id: Care(
            *(tuple(dict.fromkeys(kinds.get(kind, ()))) for kind in ("allergy", "contact_rule", "service"))
        )
        for customer_id, kinds in found.items()
    }
