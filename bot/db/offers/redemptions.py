"""Uses of coupons (核销): whether there is one more is decided by a conditional update and a unique index, here.

A use that a refund gave back stays on record as restored, under the number of the order that was given back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Select, and_, case, exists, func, or_, select, update

from bot.db import people
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.offers.coupons import TAIL
from bot.db.tables import audit, coupons, offers, orders, redemptions, stores

Via = Literal["chat", "import", "post"]


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a coupon, a column each; `store` is its name there."""

    id: int
    coupon_id: int
    use_no: int
    store_id: int
    staff_id: int | None
    via: Via
    order_no: str | None
    at: datetime
    state: Literal["live", "restored"]
    restored_at: datetime | None
    store: str


class Left(NamedTuple):
    """What is left of a coupon now that no other transaction can change it."""

    state: Literal["live", "used", "void"]
    uses_left: int


def hold(conn: Connection, coupon_id: int) -> Left:
    """Let nobody else use this coupon before the end of the transaction; what is left of it."""
    held = select(coupons.c.state, coupons.c.uses_left).where(coupons.c.id == coupon_id).with_for_update()
    return Left(*conn.execute(held).one())


def spend(conn: Connection, coupon_id: int, store_id: int, on: date) -> bool:
    """Take one use of a coupon that is good on that day in that store; False where it is not.

    An offer that was stopped is given to nobody more; who has its coupon may use it.
    """
    good_here = exists().where(
        offers.c.id == coupons.c.offer_id, or_(offers.c.store_id.is_(None), offers.c.store_id == store_id)
    )
    spent = (
        update(coupons)
        .where(
            coupons.c.id == coupon_id,
            coupons.c.state == "live",
            coupons.c.uses_left > 0,
            coupons.c.starts_on <= on,
            coupons.c.ends_on >= on,
            good_here,
        )
        .values(uses_left=coupons.c.uses_left - 1, state=case((coupons.c.uses_left == 1, "used"), else_="live"))
    )
    return conn.execute(spent).rowcount == 1


def give_back(conn: Connection, coupon_id: int) -> None:
    """Put one use back; a void coupon stays void."""
    conn.execute(
        update(coupons)
        .where(coupons.c.id == coupon_id, coupons.c.uses_left < coupons.c.uses)
        .values(uses_left=coupons.c.uses_left + 1, state=case((coupons.c.state == "void", "void"), else_="live"))
    )


def row(conn: Connection, coupon_id: int, values: dict[str, Any]) -> dict[str, Any]:
    """A row for one more use: the first number that no live one has."""
    taken = set(
        conn.execute(
            select(redemptions.c.use_no).where(redemptions.c.coupon_id == coupon_id, redemptions.c.state == "live")
        ).scalars()
    )
    free = next(number for number in range(1, len(taken) + 2) if number not in taken)
    return {"id": new_id(), "coupon_id": coupon_id, "use_no": free, "state": "live", "restored_at": None, **values}


def restore(conn: Connection, use: Use, order_no: str, now: datetime) -> bool:
    """A use is as if it had not been, because of the order with that number; False where it was given back before."""
    restored = (
        update(redemptions)
        .where(redemptions.c.id == use.id, redemptions.c.state == "live")
        .values(state="restored", restored_at=now, order_no=order_no)
    )
    if not conn.execute(restored).rowcount:
        return False
    give_back(conn, use.coupon_id)
    return True


def _uses() -> Select[Any]:
    return select(*redemptions.c, stores.c.name).join(stores, stores.c.id == redemptions.c.store_id)


def of_coupon(conn: Connection, coupon_id: int) -> list[Use]:
    """Every use of a coupon, oldest first."""
    found = _uses().where(redemptions.c.coupon_id == coupon_id).order_by(redemptions.c.id)
    return [Use(*one) for one in conn.execute(found)]


def by_ids(conn: Connection, ids: Iterable[int]) -> list[Use]:
    """Uses by their ids; those that are gone are left out."""
    return [Use(*one) for one in conn.execute(_uses().where(redemptions.c.id.in_(list(ids))))]


def by_whom(conn: Connection, use: Use) -> str:
    """Who redeemed it: a colleague by name, else the till."""
    return people.staff_name(conn, use.staff_id) if use.staff_id else "收银"


class Emptied(NamedTuple):
    """A sale of which nothing is left; `customer_id` is None where only its number may tell what was used in it."""

    order_no: str
    customer_id: int | None
    store_id: int
    ordered_on: date


def emptied(conn: Connection, order_nos: Iterable[str]) -> list[Emptied]:
    """Of these orders, and of those that these refund, the sales of which nothing is left.

    Nothing is left where the refunds of the same customer come to at least what it cost, or where the order itself
    is told as a refund now. Of a sale whose price nobody knows something may always be left.
    """
    wanted = sorted(set(order_nos))
    named = conn.execute(
        select(orders.c.refund_of).where(orders.c.order_no.in_(wanted), orders.c.refund_of.is_not(None))
    ).scalars()
    refunds = orders.alias("refunds")
    back = (
        select(
            orders.c.order_no,
            orders.c.customer_id,
            orders.c.store_id,
            orders.c.ordered_on,
            orders.c.kind,
            orders.c.total_fen,
            func.count(refunds.c.id),
            func.coalesce(func.sum(refunds.c.total_fen), 0),
        )
        .outerjoin(
            refunds,
            and_(
                refunds.c.refund_of == orders.c.order_no,
                refunds.c.kind == "refund",
                func.coalesce(refunds.c.customer_id, 0) == func.coalesce(orders.c.customer_id, 0),
            ),
        )
        .where(orders.c.order_no.in_([*wanted, *named]))
        .group_by(orders.c.id)
        .order_by(orders.c.order_no)
    )
    return [
        Emptied(order_no, customer_id if kind == "sale" else None, store_id, on)
        for order_no, customer_id, store_id, on, kind, total, count, came_back in conn.execute(back)
        if kind == "refund" or (count and total is not None and total + came_back <= 0)
    ]


def with_uses(conn: Connection, sales: Sequence[Emptied]) -> list[Emptied]:
    """Those of these sales in which something may have been used: most were without a coupon."""
    numbers = select(redemptions.c.order_no).where(redemptions.c.order_no.in_([sale.order_no for sale in sales]))
    buyers = [sale.customer_id for sale in sales if sale.customer_id]
    untold = (
        select(coupons.c.customer_id)
        .join(redemptions, redemptions.c.coupon_id == coupons.c.id)
        .where(coupons.c.customer_id.in_(buyers), redemptions.c.order_no.is_(None), redemptions.c.state == "live")
    )
    told, customers = set(conn.execute(numbers).scalars()), set(conn.execute(untold).scalars())
    return [sale for sale in sales if sale.order_no in told or sale.customer_id in customers]


def of_sale(conn: Connection, sale: Emptied, day: tuple[datetime, datetime]) -> list[Use]:
    """The live uses in a sale: those under its number, else the one in chat that can have been in no other.

    That is: the customer's only use in that store on that day told without a number, where this was her only order.
    """
    numbered = _uses().where(redemptions.c.order_no == sale.order_no)
    found = [Use(*one) for one in conn.execute(numbered.order_by(redemptions.c.id))]
    if found or sale.customer_id is None:
        return [use for use in found if use.state == "live"]
    her_orders = select(func.count()).where(
        orders.c.customer_id == sale.customer_id,
        orders.c.ordered_on == sale.ordered_on,
        orders.c.kind == "sale",
    )
    if conn.execute(her_orders).scalar_one() != 1:
        return []
    unnumbered = (
        _uses()
        .join(coupons, coupons.c.id == redemptions.c.coupon_id)
        .where(
            coupons.c.customer_id == sale.customer_id,
            redemptions.c.store_id == sale.store_id,
            redemptions.c.order_no.is_(None),
            redemptions.c.state == "live",
            redemptions.c.at >= day[0],
            redemptions.c.at < day[1],
        )
    )
    alone = [Use(*one) for one in conn.execute(unnumbered)]
    return alone if len(alone) == 1 else []


def is_sold(conn: Connection, order_no: str, store_id: int, on: date) -> bool:
    """Whether a store has told of a sale with this number on that day."""
    sold = exists().where(
        orders.c.order_no == order_no, orders.c.store_id == store_id, orders.c.ordered_on == on, orders.c.kind == "sale"
    )
    return bool(conn.execute(select(sold)).scalar())


def wrong_codes(conn: Connection, staff_id: int, since: datetime) -> int:
    """How many codes that are none a person tried since a moment, in a command or in a sentence."""
    tried = select(func.count()).where(
        audit.c.staff_id == staff_id,
        audit.c.command.in_(("核", "读")),
        audit.c.outcome == "not_found",
        audit.c.at >= since,
    )
    return int(conn.execute(tried).scalar_one())


def gone_by_tail(conn: Connection, tail: str) -> list[int]:
    """Coupons that end so and are used up or void, newest first: who asks must see whose they are."""
    indexes = keys_of(conn).blinds(TAIL, tail, 8)
    found = select(coupons.c.id).where(coupons.c.tail_index.in_(indexes), coupons.c.state != "live")
    return list(conn.execute(found.order_by(coupons.c.id.desc())).scalars())
