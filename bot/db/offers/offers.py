"""Offers as stored; whether one more coupon may go out is decided by one conditional update and nowhere else."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, String, bindparam, func, insert, or_, select, update
from sqlalchemy.sql.expression import literal_column

from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.core.types import Day, Id, Moment
from bot.db.tables import audit, chain, offers, orders
from bot.domain.selling.offers import Offer, Terms, unpack
from bot.domain.selling.presets import presets

COLUMNS = tuple(column for column in offers.c if column.name not in ("made_by", "made_at"))  # in the order of Offer
_terms = lru_cache(maxsize=512)(unpack)
_LIVE = literal_column("'live'", String())

_ALL = Prepared(select(*COLUMNS).where(offers.c.state == _LIVE).order_by(offers.c.number))
_HERE = Prepared(
    select(*COLUMNS)
    .where(offers.c.state == _LIVE, or_(offers.c.store_id.is_(None), offers.c.store_id == bindparam("store")))
    .order_by(offers.c.number)
)
_BY_ID = Prepared(select(*COLUMNS).where(offers.c.id == bindparam("offer")))
_TODAY = bindparam("today", type_=Day())
_TAKE = Prepared(
    update(offers)
    .where(
        offers.c.id == bindparam("offer"),
        offers.c.state == _LIVE,
        or_(offers.c.starts_on.is_(None), offers.c.starts_on <= _TODAY),
        or_(offers.c.ends_on.is_(None), offers.c.ends_on >= _TODAY),
        or_(offers.c.cap.is_(None), offers.c.issued < offers.c.cap),
        or_(
            offers.c.budget_fen.is_(None),
            offers.c.committed_fen + bindparam("cost", type_=Id) <= offers.c.budget_fen,
        ),
    )
    .values(issued=offers.c.issued + 1, committed_fen=offers.c.committed_fen + bindparam("cost", type_=Id))
)


def opened(row: Iterable[Any]) -> Offer:
    """An offer from a row of COLUMNS."""
    row_id, number, name, kind, terms, *rest = row
    return Offer(row_id, number, name, kind, _terms(terms), *rest)


def is_on(offer: Offer, today: date) -> bool:
    """Whether it may be given on this day, as far as the day decides."""
    return (offer.starts_on is None or offer.starts_on <= today) and not has_ended(offer, today)


def has_ended(offer: Offer, today: date) -> bool:
    """Whether its last day is over."""
    return offer.ends_on is not None and offer.ends_on < today


def is_left(offer: Offer) -> bool:
    """Whether one more fits its cap and its budget."""
    if offer.cap is not None and offer.issued >= offer.cap:
        return False
    return offer.budget_fen is None or offer.committed_fen + offer.cost_fen <= offer.budget_fen


def live(conn: Connection, store_id: int | None, today: date) -> list[Offer]:
    """What may be given in a store (None: anywhere in the chain) on this day, by number; given out or not."""
    return [offer for offer in standing(conn, store_id) if is_on(offer, today)]


def standing(conn: Connection, store_id: int | None) -> list[Offer]:
    """All that nobody has stopped, also those whose days are not now, by number."""
    rows = _ALL.rows(conn) if store_id is None else _HERE.rows(conn, store=store_id)
    return [opened(row) for row in rows]


def standing_in(conn: Connection, store_ids: Iterable[int]) -> dict[int, list[Offer]]:
    """The same of some stores."""
    found: dict[int | None, list[Offer]] = {}
    for offer in standing(conn, None):
        found.setdefault(offer.store_id, []).append(offer)
    of_all = found.get(None, [])
    by_number = attrgetter("number")
    return {one: sorted([*of_all, *found[one]], key=by_number) if one in found else of_all for one in store_ids}


def close(conn: Connection, ended: Iterable[Offer]) -> None:
    """Stop for good what has ended, so that a clock set back does not open it again."""
    ids = [offer.id for offer in ended]
    if ids:
        conn.execute(update(offers).where(offers.c.id.in_(ids), offers.c.state == "live").values(state="stopped"))


def by_id(conn: Connection, offer_id: int) -> Offer | None:
    """The offer of this id, as it stands now."""
    return next((opened(row) for row in _BY_ID.rows(conn, offer=offer_id)), None)


def by_number(conn: Connection, number: int) -> Offer | None:
    """The offer of this number, stopped or not."""
    row = conn.execute(select(*COLUMNS).where(offers.c.number == number)).first()
    return opened(row) if row else None


def by_name(conn: Connection, name: str, store_id: int | None) -> list[Offer]:
    """Whoever is named so among what stands in a store; else all whose name holds the words."""
    found = standing(conn, store_id)
    return [offer for offer in found if offer.name == name] or [offer for offer in found if name in offer.name]


def add(conn: Connection, offer: Offer, now: datetime, made_by: int | None = None) -> Offer:
    """Write a new offer; its id, number and counters are given here, whatever the value holds."""
    highest = conn.execute(select(func.max(offers.c.number))).scalar() or 0
    made = replace(offer, id=new_id(), number=highest + 1, issued=0, committed_fen=0)
    values = {column.name: getattr(made, column.name) for column in COLUMNS}
    values |= {"terms": made.terms.pack(), "made_by": made_by, "made_at": now}
    conn.execute(insert(offers).values(values))
    return made


def draft(name: str, kind: Any, terms: Terms, valid_days: int, cost_fen: int) -> Offer:  # noqa: ANN401 — a Kind
    """An offer not yet written, for every store, without bounds, one a customer; `replace` says the rest."""
    return Offer(0, 0, name, kind, terms, None, "live", valid_days, None, None, None, 1, None, cost_fen, 0, 0)


def seed(conn: Connection, vertical: str, now: datetime) -> list[Offer]:
    """Write the offers a vertical begins with; none where there are offers already."""
    if conn.execute(select(offers.c.id).limit(1)).first():
        return []
    return [
        add(
            conn,
            replace(
                draft(one.name, one.kind, one.terms, one.valid_days, one.cost_fen),
                cap=one.cap,
                cap_each=one.cap_each,
                budget_fen=one.budget_fen,
            ),
            now,
        )
        for one in presets(vertical)
    ]


def take_one(conn: Connection, offer: Offer, today: date) -> bool:
    """Count one more coupon, if the offer is live today and its cap and budget hold; False where they do not."""
    return _TAKE.run(conn, offer=offer.id, cost=offer.cost_fen, today=today) == 1


_LIMITS = Prepared(select(chain.c.guide_limit_fen, chain.c.manager_limit_fen))


def limits(conn: Connection) -> tuple[int, int]:
    """What a coupon may cost that a guide, and that a manager, gives without asking."""
    guide, manager = _LIMITS.rows(conn)[0]
    return guide, manager


_ANY_ORDER = Prepared(select(orders.c.id).limit(1))


def keeps_orders(conn: Connection) -> bool:
    """Whether any order was ever imported: without, nobody is known to have bought."""
    return bool(_ANY_ORDER.rows(conn))


_HEARD = Prepared(select(func.max(audit.c.at, type_=Moment())).where(audit.c.staff_id == bindparam("staff")))


def last_heard(conn: Connection, staff_id: int) -> datetime | None:
    """When this person last did anything, by what was written down then."""
    moment: datetime | None = _HEARD.rows(conn, staff=staff_id)[0][0]
    return moment
