"""What waits for somebody who may: one series of small numbers a store, each decided once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from bot.db import people
from bot.db.changes import Recorder
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.offers import offers as stored
from bot.db.tables import approvals, offers, staff, stores
from bot.domain.selling.offers import Offer
from bot.domain.shop import Staff

State = Literal["waiting", "granted", "refused", "void"]


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody asks to give a coupon she may not give alone: `why` she must ask, `override` what she typed herself."""

    id: int
    store_id: int
    number: int
    customer_id: int
    offer: Offer
    why: str
    override: str
    state: State
    asked_by: int
    asked_at: datetime
    asker: str = ""
    store: str = ""


_COLUMNS = (
    approvals.c.id, approvals.c.store_id, approvals.c.number, approvals.c.customer_id, approvals.c.content,
    approvals.c.state, approvals.c.asked_by, approvals.c.asked_at, staff.c.name.label("asker"),
    stores.c.name.label("store"),
)  # fmt: skip
_SELECT = (
    select(*_COLUMNS, *stored.COLUMNS)
    .select_from(approvals)
    .join(offers, offers.c.id == approvals.c.offer_id)
    .join(staff, staff.c.id == approvals.c.asked_by)
    .join(stores, stores.c.id == approvals.c.store_id)
)


def _opened(conn: Connection, row: Sequence[Any]) -> Approval:
    row_id, store_id, number, customer_id, content, state, asked_by, asked_at, asker, store = row[: len(_COLUMNS)]
    said = keys_of(conn).unseal_json("approvals.content", row_id, content)
    return Approval(
        id=row_id,
        store_id=store_id,
        number=number,
        customer_id=customer_id,
        offer=stored.opened(row[len(_COLUMNS) :]),
        why=said["why"],
        override=said["override"],
        state=state,
        asked_by=asked_by,
        asked_at=asked_at,
        asker=keys_of(conn).unseal("staff.name", asked_by, asker),
        store=store,
    )


def add(recorder: Recorder, approval: Approval) -> Approval:
    """Write what is asked; its id and number are given here."""
    conn, row_id = recorder.conn, new_id()
    raised = update(stores).where(stores.c.id == approval.store_id).values(last_approval=stores.c.last_approval + 1)
    number = conn.execute(raised.returning(stores.c.last_approval)).scalar_one()
    content = {"why": approval.why, "override": approval.override}
    row = {
        "id": row_id,
        "store_id": approval.store_id,
        "number": number,
        "customer_id": approval.customer_id,
        "offer_id": approval.offer.id,
        "content": keys_of(conn).seal_json("approvals.content", row_id, content),
        "state": "waiting",
        "asked_by": approval.asked_by,
        "asked_at": approval.asked_at,
    }
    recorder.insert(approvals, row)
    made = by_id(conn, row_id)
    assert made  # noqa: S101 — it was written just now
    return made


def decide(recorder: Recorder, approval: Approval, state: State, staff_id: int, now: datetime) -> bool:
    """Settle what waits; False where somebody was quicker."""
    return recorder.claim(approvals, approval.id, "waiting", state=state, decided_by=staff_id, decided_at=now)


def by_id(conn: Connection, approval_id: int) -> Approval | None:
    """The one of this id, whatever became of it."""
    row = conn.execute(_SELECT.where(approvals.c.id == approval_id)).first()
    return _opened(conn, tuple(row)) if row else None


def by_number(conn: Connection, store_id: int, number: int) -> Approval | None:
    """The one of this number in a store, whatever became of it."""
    row = conn.execute(_SELECT.where(approvals.c.store_id == store_id, approvals.c.number == number)).first()
    return _opened(conn, tuple(row)) if row else None


def waiting(conn: Connection, store_id: int | None) -> list[Approval]:
    """What waits in a store, or (None) in the whole chain, oldest first."""
    wanted = _SELECT.where(approvals.c.state == "waiting").order_by(approvals.c.asked_at, approvals.c.id)
    rows = conn.execute(wanted if store_id is None else wanted.where(approvals.c.store_id == store_id))
    return [_opened(conn, tuple(row)) for row in rows]


def waits_for(conn: Connection, customer_id: int, offer_id: int) -> Approval | None:
    """What waits already for her and this offer."""
    wanted = (approvals.c.customer_id == customer_id, approvals.c.offer_id == offer_id, approvals.c.state == "waiting")
    row = conn.execute(_SELECT.where(*wanted).order_by(approvals.c.id).limit(1)).first()
    return _opened(conn, tuple(row)) if row else None


def who_may(conn: Connection, store_id: int, offer: Offer, asker: Staff) -> list[tuple[int, str]]:
    """Those who may give this without asking: the store's managers within their limit, else head office."""
    _, most = stored.limits(conn)
    managers = [(row_id, name) for row_id, _, name, role in people.colleagues(conn, store_id) if role == "manager"]
    found = [one for one in managers if one[0] != asker.id] if offer.cost_fen <= most else []
    return found or [(row_id, name) for row_id, _, name, role, _ in people.everyone(conn) if role == "hq"]
