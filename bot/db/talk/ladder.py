"""The ways a push can take, best first: a person's accounts, or a store's group and then its manager's own chat."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select, union

from bot.chat import Address
from bot.db import people
from bot.db.tables import accounts, rooms, staff, stores
from bot.db.talk.outbox import WEBHOOK, Delivery

KNOWS_AGAIN = "wecom"  # the one channel that tells a message it has seen from news: the app
_TO_PEOPLE = ("wecom_bot", KNOWS_AGAIN, "telegram")
_SURELY = (KNOWS_AGAIN, "wecom_bot", "telegram")
_TO_STORES = (WEBHOOK, "wecom_bot", KNOWS_AGAIN, "telegram")

Ways = tuple[Address, ...]


def reachable_people(channels: Collection[str]) -> Select[Any]:
    """The ids of people who can be written to on these channels."""
    bound_on = {people.SAME_ACCOUNTS.get(channel, channel) for channel in channels}
    return select(accounts.c.staff_id).where(accounts.c.channel.in_(bound_on), accounts.c.blocked_at.is_(None))


def reachable_stores(channels: Collection[str]) -> Any:  # noqa: ANN401 — a compound select
    """The ids of stores that can be told something on these channels."""
    ways: list[Select[Any]] = [select(rooms.c.store_id).where(rooms.c.channel.in_(channels))]
    if WEBHOOK in channels:
        ways.append(select(stores.c.id).where(stores.c.webhook.is_not(None)))
    if KNOWS_AGAIN in channels:
        ways.append(select(staff.c.store_id).select_from(_managers()).where(*_AT_HAND))
    return union(*ways)


def ways_of_people(
    conn: Connection, wanted: Iterable[tuple[int, Delivery]], channels: Collection[str]
) -> dict[tuple[int, Delivery], Ways]:
    """Each person's ways on these channels, for a class of delivery."""
    asked = list(wanted)
    ids = {staff_id for staff_id, _ in asked}
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for row in conn.execute(
        select(accounts.c.staff_id, accounts.c.channel, accounts.c.account).where(
            accounts.c.staff_id.in_(ids), accounts.c.blocked_at.is_(None)
        )
    ):
        found[row.staff_id][row.channel] = row.account
    ways = {}
    for staff_id, delivery in asked:
        order = _SURELY if delivery == "dedupe" else _TO_PEOPLE
        named = [(channel, found[staff_id].get(people.SAME_ACCOUNTS.get(channel, channel), "")) for channel in order]
        ways[staff_id, delivery] = tuple(
            Address(channel, account, account) for channel, account in named if account and channel in channels
        )
    return ways


def ways_of_stores(conn: Connection, store_ids: Sequence[int], channels: Collection[str]) -> dict[int, Ways]:
    """Each store's ways on these channels: into its group, and between them to its manager."""
    found: dict[int, dict[str, Address]] = defaultdict(dict)
    for row in conn.execute(
        select(stores.c.id, stores.c.code, stores.c.webhook, rooms.c.channel, rooms.c.chat)
        .outerjoin(rooms, rooms.c.store_id == stores.c.id)
        .where(stores.c.id.in_(store_ids))
        .order_by(rooms.c.id)
    ):
        if row.webhook:
            found[row.id][WEBHOOK] = Address(WEBHOOK, row.code, row.code, private=False, store=row.code)
        if row.channel:
            found[row.id][row.channel] = Address(row.channel, row.chat, row.chat, private=False, store=row.code)
    for store_id, code, account in conn.execute(
        select(staff.c.store_id, stores.c.code, accounts.c.account)
        .select_from(_managers().join(stores, stores.c.id == staff.c.store_id))
        .where(staff.c.store_id.in_(store_ids), *_AT_HAND)
        .order_by(staff.c.id.desc())  # so that the first of them stays
    ):
        found[store_id][KNOWS_AGAIN] = Address(KNOWS_AGAIN, account, account, store=code)
    return {
        store_id: tuple(ways[channel] for channel in _TO_STORES if channel in ways and channel in channels)
        for store_id, ways in found.items()
    }


def from_rung(ways: Ways, rung: str | None) -> Ways:
    """The ways from the one that is to be tried next on; all of them where that one is not there any more."""
    names = [way.channel for way in ways]
    return ways[names.index(rung) :] if rung in names else ways


def _managers() -> Any:  # noqa: ANN401 — a join
    return staff.join(accounts, accounts.c.staff_id == staff.c.id)


_AT_HAND = (
    staff.c.role == "manager",
    staff.c.active,
    accounts.c.channel == KNOWS_AGAIN,
    accounts.c.blocked_at.is_(None),
)
