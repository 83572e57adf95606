"""The evening: what the next shift takes over in a store."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo

from sqlalchemy import Connection

from bot.cards.board.handover import Handover, Item, Minded
from bot.db.board import due, minding
from bot.db.board.due import Open
from bot.db.board.minding import Care
from bot.domain import masks, words
from bot.domain.shop import Store

_MOST = 12


def handover(conn: Connection, store: Store, now: datetime, tz: tzinfo, owner_id: int | None = None) -> Handover:
    """What is open there: complaints, and what is due until tomorrow noon; with an owner only hers and nobody's."""
    return handovers(conn, [store], now, tz, owner_id)[store.id]


def handovers(
    conn: Connection, stores: Sequence[Store], now: datetime, tz: tzinfo, owner_id: int | None = None
) -> dict[int, Handover]:
    """The same of many stores."""
    ids = [store.id for store in stores]
    until = datetime.combine(now.astimezone(tz).date() + timedelta(days=1), time(12), tz)
    whose = (None, owner_id)
    complaints, later = due.open_complaints(conn, ids, _MOST), due.open_followups(conn, ids, until, _MOST)
    if owner_id:
        for some in (complaints, later):
            some |= {store_id: [one for one in here if one.owner_id in whose] for store_id, here in some.items()}
    spoken = {one.customer_id for some in (complaints, later) for here in some.values() for one in here}
    known = minding.care(conn, spoken)
    return {
        store.id: Handover(
            store.name,
            [_item(one) for one in complaints.get(store.id, ())],
            [_item(one) for one in later.get(store.id, ())],
            _minded(complaints.get(store.id, ()), later.get(store.id, ()), known),
            now,
            tz,
        )
        for store in stores
    }


def _minded(complaints: Sequence[Open], followups: Sequence[Open], known: Mapping[int, Care]) -> list[Minded]:
    complained = {one.customer_id for one in complaints}
    minded: dict[int, Minded] = {}
    for one in (*complaints, *followups):
        care = known.get(one.customer_id)
        if one.customer_id not in minded and (care or one.customer_id in complained):
            allergies = words.join(care.allergies if care else ())
            leave = words.join(care.leave if care else ())
            wants = words.join(care.wants if care else ())
            minded[one.customer_id] = Minded(_who(one), allergies, leave, one.customer_id in complained, wants)
    return list(minded.values())


def _item(one: Open) -> Item:
    what = words.join(one.facets) or words.clip(masks.scrub(one.text, [one.name]), 90)
    return Item(one.kind, one.number, _who(one), what, one.urgent, one.due_at, one.customer_id, one.owner_id)


def _who(one: Open) -> str:
    return masks.who(one.name, one.last4)
