"""Promises, holds and reminders: opened with a number, done, dropped or put off."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo

from sqlalchemy import Connection

from bot.actions import gate
from bot.actions.notes import Writer
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.followups import promises as kept
from bot.db.tables import followups
from bot.domain.customers import Matter, MatterKind, Sight
from bot.domain.language import conflicts

HOLD_DAYS = 3
"""How long goods are put aside where nobody said until when."""
_CLOSING = time(21)


def hold_until(now: datetime, zone: tzinfo) -> datetime:
    """Until when goods are put aside where no day was said: closing time, three days on."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=HOLD_DAYS), _CLOSING, zone)


def open_one(writer: Writer, sight: Sight, kind: MatterKind, text: str, due_at: datetime | None) -> Matter:
    """Open one, under the next number of the store; whoever says it owns it."""
    conn = writer.recorder.conn
    store_id = writer.staff.store_id or sight.customer.store_id
    matter = Matter(
        id=new_id(),
        kind=kind,
        number=kept.next_number(conn, store_id),
        customer_id=sight.customer.id,
        store_id=store_id,
        text=text,
        facets=(),
        urgent=False,
        owner_id=writer.staff.id,
        opened_at=writer.now,
        due_at=due_at,
    )
    writer.recorder.insert(
        followups,
        {
            "id": matter.id,
            "number": matter.number,
            "store_id": store_id,
            "customer_id": matter.customer_id,
            "kind": kind,
            "content": keys_of(conn).seal_json("followups.content", matter.id, {"text": text}),
            "state": "open",
            "owner_id": writer.staff.id,
            "opened_at": writer.now,
            "due_at": due_at,
        },
    )
    return matter


def close(writer: Writer, matter: Matter, state: str) -> bool:
    """Done or void; False where somebody was quicker."""
    return writer.recorder.claim(followups, matter.id, "open", state=state, closed_at=writer.now)


def put_off(writer: Writer, matter: Matter, due_at: datetime) -> bool:
    """Due at another moment: it is reminded of anew; False where it is open no more."""
    return writer.recorder.claim(followups, matter.id, "open", due_at=due_at)


def barred(conn: Connection, customer_id: int, goods: str, now: datetime, made_of: Sequence[str] = ()) -> list[str]:
    """What she is allergic to that goods touch, by their name and what they are made of."""
    known = gate.known_of(conn, customer_id, now).facts
    return [
        fact.value
        for fact in known
        if fact.kind == "allergy" and not fact.of and conflicts(fact.value, (goods, *made_of))
    ]
