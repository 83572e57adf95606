"""Facts and consents: append-only, sealed whole, never rewritten, only voided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select

from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.tables import consents, customers, facts, staff
from bot.domain.customers import Fact

DAY = "birthday"  # dated facts are found by the same keyed month-day as birthdays

_OF_CUSTOMER = Prepared(
    select(
        facts.c.id, facts.c.content, facts.c.state, facts.c.source, facts.c.author_id, facts.c.said_at,
        facts.c.expires_at, staff.c.name,
    )
    .select_from(facts.outerjoin(staff, staff.c.id == facts.c.author_id))
    .where(facts.c.customer_id == bindparam("customer"), facts.c.state != "void")
    .order_by(facts.c.id)
)  # fmt: skip


def of_customer(conn: Connection, customer_id: int, now: datetime) -> list[Fact]:
    """What is known of her, oldest first; facts that waited too long for her consent are already gone."""
    keys = keys_of(conn)
    found = []
    for fact_id, content, state, source, author_id, said_at, expires_at, author in _OF_CUSTOMER.rows(
        conn, customer=customer_id
    ):
        if expires_at is not None and state == "pending" and expires_at <= now:
            continue
        said: dict[str, Any] = keys.unseal_json("facts.content", fact_id, content)
        found.append(
            Fact(
                id=fact_id,
                customer_id=customer_id,
                kind=said.pop("kind"),
                value=said.pop("value"),
                facet=said.pop("facet", None),
                of=said.pop("of", None),
                state=state,
                source=source,
                author_id=author_id,
                author=keys.unseal("staff.name", author_id or 0, author),
                said_at=said_at,
                expires_at=expires_at,
                extra=said,
            )
        )
    return found


def row(
    keys: Keyring,
    fact_id: int,
    customer_id: int,
    content: Mapping[str, Any],
    **plain: Any,  # noqa: ANN401 — columns of facts
) -> dict[str, Any]:
    """The row of a fact: `content` holds kind, value and what else was said; empty keys are left out."""
    said = {key: value for key, value in content.items() if value not in (None, "", False)}
    return {
        "id": fact_id,
        "customer_id": customer_id,
        "content": keys.seal_json("facts.content", fact_id, said),
        "day_index": day_index(keys, said),
        **plain,
    }


def day_index(keys: Keyring, content: Mapping[str, Any]) -> bytes | None:
    """The keyed month and day of a dated fact; None for others."""
    value = content["value"]
    if content["kind"] not in ("birthday", "anniversary") or value[-5:][2:3] != "-":
        return None
    return keys.blind(DAY, f"L:{value[-5:]}" if value.startswith("lunar:") else value[-5:], 8)


_PENDING = (
    select(
        facts.c.id,
        facts.c.customer_id,
        facts.c.author_id,
        facts.c.content,
        customers.c.name,
        customers.c.alias,
        facts.c.said_at,
    )
    .select_from(facts.join(customers, customers.c.id == facts.c.customer_id))
    .where(facts.c.state == literal_column("'pending'"), facts.c.expires_at <= bindparam("now"))
)  # the literal lets the partial index be used: every message asks this
_EXPIRED = Prepared(_PENDING)


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A fact whose customer never said yes within the time; `called` is what she is called."""

    id: int
    customer_id: int
    author_id: int | None
    said_at: datetime
    value: str
    called: str


def overdue(conn: Connection, now: datetime) -> list[Lapsed]:
    """Every fact that waited too long, in no order."""
    keys = keys_of(conn)
    return [
        Lapsed(
            fact_id,
            customer_id,
            author_id,
            said_at,
            keys.unseal_json("facts.content", fact_id, content)["value"],
            keys.unseal("customers.name", customer_id, name) or keys.unseal("customers.alias", customer_id, alias),
        )
        for fact_id, customer_id, author_id, content, name, alias, said_at in _EXPIRED.rows(conn, now=now)
    ]


def drop(conn: Connection, fact_ids: Iterable[int]) -> None:
    """Erase facts for good: what was never consented to leaves no row."""
    conn.execute(facts.delete().where(facts.c.id.in_(list(fact_ids))))


_CONSENTS = Prepared(
    select(consents.c.kind, consents.c.given)
    .where(consents.c.customer_id == bindparam("customer"), consents.c.voided_at.is_(None))
    .order_by(consents.c.id)
)


def consents_of(conn: Connection, customer_id: int) -> dict[str, bool]:
    """What she agreed to or refused, by kind (contact health child); the latest word counts."""
    return {str(kind): bool(given) for kind, given in _CONSENTS.rows(conn, customer=customer_id)}
