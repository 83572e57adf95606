"""Coupons as stored: codes sealed and found by keyed indexes; who may have how many, a unique constraint decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Select, String, and_, bindparam, insert, or_, select
from sqlalchemy.sql.expression import literal_column

from bot.db.core.among import Of
from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.core.types import Day
from bot.db.offers import offers as stored
from bot.db.tables import coupons, customer_stores, customers, offers
from bot.domain.selling import codes as coupon_codes
from bot.domain.selling.offers import Coupon, Offer
from bot.domain.shop import Staff

CODE, TAIL = "coupon", "coupon tail"
_LIVE = literal_column("'live'", String())
_OWN = (
    coupons.c.id, coupons.c.customer_id, coupons.c.nth, coupons.c.store_id, coupons.c.code, coupons.c.state,
    coupons.c.uses, coupons.c.uses_left, coupons.c.cost_fen, coupons.c.starts_on, coupons.c.ends_on,
    coupons.c.issued_at,
)  # fmt: skip
_SELECT = select(*_OWN, *stored.COLUMNS).join(offers, offers.c.id == coupons.c.offer_id)
_PAIR: tuple[ColumnElement[bytes], ...] = (bindparam("one"), bindparam("two"))
_TODAY = bindparam("today", type_=Day())


def indexes(keys: Keyring, code: str) -> dict[str, bytes]:
    """What a code and its last four characters are found by."""
    return {"code_index": keys.blind(CODE, code), "tail_index": keys.blind(TAIL, code[-coupon_codes.TAIL :], 8)}


def _opened(conn: Connection, row: Sequence[Any]) -> Coupon:
    row_id, customer_id, nth, store_id, code, *rest = row[: len(_OWN)]
    plain = keys_of(conn).unseal("coupons.code", row_id, code)
    return Coupon(row_id, stored.opened(row[len(_OWN) :]), customer_id, nth, store_id, plain, *rest)


# --- issuing ---------------------------------------------------------------------------------------------------

_HERS = Prepared(
    select(coupons.c.nth, coupons.c.state, coupons.c.ends_on, coupons.c.offer_id).where(
        coupons.c.customer_id == bindparam("customer")
    )
)
_HERS_OF = Prepared(
    select(coupons.c.nth, coupons.c.state, coupons.c.ends_on).where(
        coupons.c.offer_id == bindparam("offer"), coupons.c.customer_id == bindparam("customer")
    )
)
_ADD: dict[str, Prepared] = {}


def _adder(conn: Connection) -> Prepared:
    name = conn.dialect.name
    if name not in _ADD:
        _ADD[name] = Prepared(_unless_taken(name))
    return _ADD[name]


def _unless_taken(dialect: str) -> Insert:
    if dialect == "sqlite":
        return insert(coupons).prefix_with("OR IGNORE", dialect="sqlite")
    from sqlalchemy.dialects.postgresql import insert as pg_insert  # noqa: PLC0415 — only where that engine is used

    return pg_insert(coupons).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class Issue:
    """To whom, where, by whom and when a coupon goes out; `override` is why it does although something is against."""

    customer_id: int
    store_id: int
    staff_id: int | None
    now: datetime
    today: date
    override: str = ""


def insert_one(conn: Connection, offer: Offer, issue: Issue) -> Coupon | None:
    """Write her next coupon of an offer; None where she holds a live one, or has had as many as she may.

    Two at the same moment want the same place: one of them is refused it, looks again and sees the other's.
    """
    for _ in range(offer.cap_each + 1):
        nth = free_place(conn, offer, issue.customer_id, issue.today)
        if nth is None:
            return None
        made = _drawn(offer, issue, nth)
        if _adder(conn).run(conn, **_row(keys_of(conn), made, issue)):
            return made
    return None


def free_place(conn: Connection, offer: Offer, customer_id: int, today: date) -> int | None:
    """The lowest place of an offer she has not had, if she may have another now."""
    hers = _HERS_OF.rows(conn, offer=offer.id, customer=customer_id)
    return place(offer, hers, today)


def place(offer: Offer, hers: Sequence[tuple[Any, ...]], today: date) -> int | None:
    """The same, from her places, states and last days of this offer."""
    if any(state == "live" and ends_on >= today for _, state, ends_on, *_ in hers):
        return None
    had = {nth for nth, *_ in hers}
    return next((nth for nth in range(1, offer.cap_each + 1) if nth not in had), None)


def had_by(conn: Connection, customer_id: int) -> dict[int, list[tuple[Any, ...]]]:
    """Her coupons of every offer: place, state and last day."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for *one, offer_id in _HERS.rows(conn, customer=customer_id):
        found.setdefault(offer_id, []).append(tuple(one))
    return found


def _drawn(offer: Offer, issue: Issue, nth: int) -> Coupon:
    first = issue.today + timedelta(days=offer.kind == "next_visit")
    uses = max(1, offer.terms.buy + offer.terms.get) if offer.kind == "counted" else 1
    return Coupon(
        id=new_id(),
        offer=offer,
        customer_id=issue.customer_id,
        nth=nth,
        store_id=issue.store_id,
        code=coupon_codes.draw(),
        state="live",
        uses=uses,
        uses_left=uses,
        cost_fen=offer.cost_fen,
        starts_on=first,
        ends_on=first + timedelta(days=offer.valid_days - 1),
        issued_at=issue.now,
    )


def _row(keys: Keyring, made: Coupon, issue: Issue) -> dict[str, Any]:
    row = {name: getattr(made, name) for name in ("id", "customer_id", "nth", "store_id", "state", "uses", "uses_left",
                                                  "cost_fen", "starts_on", "ends_on", "issued_at")}  # fmt: skip
    override = keys.seal("coupons.override", made.id, issue.override, note=True) if issue.override else None
    return {
        **row,
        "offer_id": made.offer.id,
        "code": keys.seal("coupons.code", made.id, made.code),
        **indexes(keys, made.code),
        "issued_by": issue.staff_id,
        "override": override,
    }


# --- looking ---------------------------------------------------------------------------------------------------

_OF_CUSTOMER = Prepared(
    _SELECT.where(
        coupons.c.customer_id == bindparam("customer"), coupons.c.state == _LIVE, coupons.c.ends_on >= _TODAY
    ).order_by(coupons.c.ends_on, coupons.c.id)
)
_BY_ID = Prepared(_SELECT.where(coupons.c.id == bindparam("coupon")))
_BY_CODE = Prepared(_SELECT.where(coupons.c.code_index.in_(_PAIR)))


def _of_tail(*, own: bool) -> Select[Any]:
    here = and_(
        customer_stores.c.customer_id == coupons.c.customer_id, customer_stores.c.store_id == bindparam("store")
    )
    found = _SELECT.join(customer_stores, here).where(coupons.c.tail_index.in_(_PAIR), coupons.c.state == _LIVE)
    if own:
        mine = or_(customers.c.guide_id == bindparam("staff"), customers.c.guide_id.is_(None))
        found = found.join(customers, customers.c.id == coupons.c.customer_id).where(mine)
    return found.order_by(coupons.c.ends_on, coupons.c.id)


_BY_TAIL = {own: Prepared(_of_tail(own=own)) for own in (False, True)}


def of_customer(conn: Connection, customer_id: int, today: date) -> list[Coupon]:
    """Her coupons that are live and not past their last day, the one that ends first at the top."""
    return [_opened(conn, row) for row in _OF_CUSTOMER.rows(conn, customer=customer_id, today=today)]


def by_id(conn: Connection, coupon_id: int) -> Coupon | None:
    """The coupon of this id, used or not."""
    return next((_opened(conn, row) for row in _BY_ID.rows(conn, coupon=coupon_id)), None)


def by_code(conn: Connection, code: str) -> Coupon | None:
    """The coupon of a whole code as `coupon_codes.read` gives it: anywhere in the chain, used or past as well."""
    one, two = keys_of(conn).blinds(CODE, code)
    found = (_opened(conn, row) for row in _BY_CODE.rows(conn, one=one, two=two))
    return next((coupon for coupon in found if coupon.code == code), None)


def by_tail(conn: Connection, tail: str, staff: Staff) -> list[Coupon]:
    """Live coupons whose code ends so, of customers this person may see in her store; four never sweep the chain."""
    one, two = keys_of(conn).blinds(TAIL, tail, 8)
    query = _BY_TAIL[staff.scope == "own"]
    more = {"staff": staff.id} if staff.scope == "own" else {}
    found = [_opened(conn, row) for row in query.rows(conn, one=one, two=two, store=staff.store_id or 0, **more)]
    return [coupon for coupon in found if coupon.tail == tail]


_ENDING = Of(
    select(coupons.c.store_id.label("issued_in"), *_OWN, *stored.COLUMNS)
    .join(offers, offers.c.id == coupons.c.offer_id)
    .where(
        coupons.c.state == _LIVE,
        coupons.c.ends_on >= bindparam("first", type_=Day()),
        coupons.c.ends_on <= bindparam("last", type_=Day()),
    )
    .order_by(coupons.c.ends_on, coupons.c.id),
    coupons.c.store_id,
)


def ending(conn: Connection, store_ids: Iterable[int], first: date, last: date) -> dict[int, list[Coupon]]:
    """Live coupons by the store that issued them, whose last day is one of these, soonest first."""
    found: dict[int, list[Coupon]] = {}
    for row in _ENDING.rows(conn, store_ids, first=first, last=last):
        found.setdefault(row[0], []).append(_opened(conn, row[1:]))
    return found
