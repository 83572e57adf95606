"""Who was due for a call and what the draw said: listed, or of the hold-out; both on one footing, by one rule.

A customer enters once for each time she stays away (her last purchase names it), on the day on which there was room
for her. The draw is by her id alone, so that the two differ by nothing but the call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from sqlalchemy import Connection, Integer, Select, bindparam, case, exists, func, select, type_coerce

from bot.db.bulk.loading import Insert
from bot.db.core.among import Of
from bot.db.core.ids import new_ids
from bot.db.core.prepared import Prepared
from bot.db.core.types import Day
from bot.db.tables import coupons, orders, redemptions, trials

WINDOW = timedelta(days=14)
"""For how long it is looked whether somebody came, the day of the list included."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who was due: the day of her last purchase, and whether she was listed."""

    customer_id: int
    last_on: date
    listed: bool


@dataclass(frozen=True, slots=True)
class Arms:
    """How many entered and how many of them bought in the window: listed, and held out; what coupons the listed used.

    `fen` is what those coupons cost the shop.
    """

    listed: int = 0
    came: int = 0
    held: int = 0
    held_came: int = 0
    fen: int = 0


_ADD = Insert(trials)
_ENTERED = Of(select(trials.c.customer_id, trials.c.last_on), trials.c.customer_id)


def enter(conn: Connection, store_id: int, on: date, entries: Sequence[Entry]) -> None:
    """Write who is due today for the first time since her last purchase."""
    enter_all(conn, on, {store_id: entries})


def enter_all(conn: Connection, on: date, entries: Mapping[int, Sequence[Entry]]) -> None:
    """The same of some stores."""
    known = set(_ENTERED.rows(conn, [one.customer_id for hers in entries.values() for one in hers]))
    new = [
        (store_id, one)
        for store_id, hers in entries.items()
        for one in hers
        if (one.customer_id, one.last_on) not in known
    ]
    rows = [
        (row_id, store_id, one.customer_id, one.last_on, on, one.listed)
        for row_id, (store_id, one) in zip(new_ids(len(new)), new, strict=True)
    ]
    _ADD.run(conn, rows)


_SINCE, _UNTIL = bindparam("since", type_=Day()), bindparam("until", type_=Day())
_ENTERED_IN = (trials.c.entered_on >= _SINCE, trials.c.entered_on < _UNTIL)
_OVER = type_coerce(trials.c.entered_on, Integer) + WINDOW.days
_BOUGHT = exists().where(
    orders.c.customer_id == trials.c.customer_id,
    orders.c.kind == "sale",
    orders.c.ordered_on >= trials.c.entered_on,
    type_coerce(orders.c.ordered_on, Integer) < _OVER,
)
_COUNTS = (
    select(trials.c.listed, func.count(), func.sum(case((_BOUGHT, 1), else_=0)))
    .where(*_ENTERED_IN)
    .group_by(trials.c.listed)
)
_USED = (
    select(trials.c.entered_on, redemptions.c.at, coupons.c.cost_fen)
    .join(coupons, coupons.c.customer_id == trials.c.customer_id)
    .join(redemptions, redemptions.c.coupon_id == coupons.c.id)
    .where(trials.c.listed, redemptions.c.state == "live", *_ENTERED_IN)
)


def _prepared(query: Select[tuple[object, ...]]) -> tuple[Prepared, Prepared]:
    """Of a store, and of the chain."""
    return Prepared(query.where(trials.c.store_id == bindparam("store"))), Prepared(query)


_COUNTS_OF, _USED_OF = _prepared(_COUNTS), _prepared(_USED)


def arms(conn: Connection, store_id: int | None, since: date, until: date, tz: tzinfo) -> Arms:
    """Those who entered from one day to before another; all of them must be over."""
    whole = store_id is None
    given = {"since": since, "until": until} | ({} if whole else {"store": store_id})
    counts = {bool(listed): (many, int(came)) for listed, many, came in _COUNTS_OF[whole].rows(conn, **given)}
    spent = sum(
        cost
        for entered_on, at, cost in _USED_OF[whole].rows(conn, **given)
        if timedelta(0) <= at.astimezone(tz).date() - entered_on < WINDOW
    )
    return Arms(*counts.get(True, (0, 0)), *counts.get(False, (0, 0)), spent)
