"""Coupons of the demo chain: some used in an order that is there, some past, some still held; none to who wants none.

They are made by the ways everything else goes, so that counters, budgets and places are as they should be.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from bot.actions import gate, redeeming
from bot.db.offers import coupons as issued
from bot.db.offers import offers as batches
from bot.db.offers.coupons import Issue
from bot.db.tables import orders
from bot.demo.days import Calendar
from bot.demo.shop import Place
from bot.domain.selling.offers import Kind, Offer

_DAYS, _A_STORE = 25, 20
_EARLIER = timedelta(days=3)  # a coupon that was used went out so long before
_LONG_AGO = timedelta(days=24)  # one that is past
_AFTER = timedelta(minutes=2)  # one for the next visit, given with the change


class _Sale(NamedTuple):
    order_no: str
    customer_id: int
    ordered_at: datetime
    ordered_on: date
    total_fen: int


def hand_out(conn: Connection, places: Collection[Place], calendar: Calendar, untouched: Collection[int]) -> None:
    """Give coupons to customers of every store who bought lately, but to none of the `untouched`."""
    offers: dict[Kind, Offer] = {}
    for offer in batches.standing(conn, None):
        offers.setdefault(offer.kind, offer)
    for place in places:
        for number, sale in enumerate(_sales(conn, place, calendar, untouched)):
            _one(conn, offers, place, sale, number, calendar)


def _sales(conn: Connection, place: Place, calendar: Calendar, untouched: Collection[int]) -> Iterator[_Sale]:
    """The newest sales of a store, one a customer."""
    since = date.fromordinal(calendar.today - _DAYS)
    rows = conn.execute(
        select(orders.c.order_no, orders.c.customer_id, orders.c.ordered_at, orders.c.ordered_on, orders.c.total_fen)
        .where(
            orders.c.store_id == place.id,
            orders.c.kind == "sale",
            orders.c.customer_id.is_not(None),
            orders.c.total_fen > 0,
            orders.c.ordered_on.between(since, date.fromordinal(calendar.today - 2)),
        )
        .order_by(orders.c.ordered_at.desc(), orders.c.order_no)
        .limit(_A_STORE * 3)
    )
    met: set[int] = set(untouched)
    for row in rows:
        sale = _Sale(*row)
        if sale.customer_id not in met and len(met) < len(untouched) + _A_STORE:
            met.add(sale.customer_id)
            yield sale


def _one(  # noqa: PLR0913, PLR0917 — to whom, of what, where, how, when
    conn: Connection, offers: dict[Kind, Offer], place: Place, sale: _Sale, number: int, calendar: Calendar
) -> None:
    """Every third was used in her order, every third is past, every third is hers for the next visit."""
    known = gate.known_of(conn, sale.customer_id, sale.ordered_at)
    if known.declines or known.complains:
        return
    use = number % 3 == 0
    cut = offers["cut"] if sale.total_fen >= offers["cut"].terms.least_fen else offers["pickup"]
    offer = (cut, offers["cut"], offers["next_visit"])[number % 3]
    at = (sale.ordered_at - _EARLIER, calendar.at - _LONG_AGO, sale.ordered_at + _AFTER)[number % 3]
    seller = place.guides[number % len(place.guides)] if offer.cost_fen <= batches.limits(conn)[0] else place.manager
    today = at.astimezone(calendar.zone).date()
    made = issued.insert_one(conn, offer, Issue(sale.customer_id, place.id, seller, at, today))
    if made is None or not batches.take_one(conn, offer, today):
        return
    if use:
        redeeming.redeem(
            conn,
            made,
            store_id=place.id,
            staff_id=seller,
            via="chat",
            order_no=sale.order_no,
            now=sale.ordered_at,
        )
