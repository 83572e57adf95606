"""What tills took, and who came on a day: counted by the index of store and day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, bindparam, case, cast, func, select

from bot.db.core.among import Of
from bot.db.core.types import Day
from bot.db.segments.bought import IS_LEFT
from bot.db.tables import orders
from bot.domain.board.days import Takings

_DAYS: tuple[object, ...] = (bindparam("one", type_=Day()), bindparam("two", type_=Day()))
_TAKINGS = Of(
    select(
        orders.c.store_id,
        orders.c.ordered_on,
        cast(func.sum(func.coalesce(orders.c.total_fen, 0)), BigInteger),
        cast(func.sum(case((orders.c.kind == "sale", 1), else_=0)), BigInteger),
        func.max(orders.c.ordered_at, type_=orders.c.ordered_at.type),
    )
    .where(orders.c.ordered_on.in_(_DAYS))
    .group_by(orders.c.store_id, orders.c.ordered_on),
    orders.c.store_id,
)


def takings(conn: Connection, store_ids: Iterable[int], *days: date) -> dict[tuple[int, date], Takings]:
    """What each store took on two days; a day without a sale is not there."""
    one, two = days
    return {
        (store_id, on): Takings(fen, tickets, last_at)
        for store_id, on, fen, tickets, last_at in _TAKINGS.rows(conn, store_ids, one=one, two=two)
        if tickets
    }


class Came(NamedTuple):
    """Known customers who bought on a day: all, for the first time, after the days that make asleep."""

    people: int
    new: int
    back: int


_earlier = orders.alias("earlier")
_BEFORE = (
    select(func.max(_earlier.c.ordered_on, type_=Day()))
    .where(
        _earlier.c.customer_id == orders.c.customer_id,
        _earlier.c.ordered_on < orders.c.ordered_on,
        _earlier.c.kind == "sale",
    )
    .correlate(orders)
    .scalar_subquery()
)
_CAME = Of(
    select(orders.c.store_id, orders.c.customer_id, func.max(_BEFORE, type_=Day()))
    .where(
        orders.c.ordered_on == bindparam("on", type_=Day()),
        orders.c.kind == "sale",
        orders.c.customer_id.is_not(None),
        IS_LEFT,
    )
    .group_by(orders.c.store_id, orders.c.customer_id),
    orders.c.store_id,
)
_NOBODY = Came(0, 0, 0)


def came(conn: Connection, store_ids: Iterable[int], on: date, asleep_days: Callable[[int], int]) -> dict[int, Came]:
    """Who came to each store on a day; `asleep_days` says how many days away make asleep there."""
    ids = list(store_ids)
    before: defaultdict[int, list[date | None]] = defaultdict(list)
    for store_id, _, earlier in _CAME.rows(conn, ids, on=on):
        before[store_id].append(earlier)
    return {one: _came(before[one], on, timedelta(days=asleep_days(one))) if one in before else _NOBODY for one in ids}


def _came(before: Sequence[date | None], on: date, asleep: timedelta) -> Came:
    return Came(
        people=len(before),
        new=sum(earlier is None for earlier in before),
        back=sum(earlier is not None and on - earlier >= asleep for earlier in before),
    )


_WEEKDAYS = Of(
    select(orders.c.store_id, orders.c.ordered_on)
    .where(orders.c.ordered_on >= bindparam("since", type_=Day()))
    .group_by(orders.c.store_id, orders.c.ordered_on),
    orders.c.store_id,
)
_SIX_WEEKS = timedelta(days=41)


def closed_weekdays(conn: Connection, last: Mapping[int, date]) -> dict[int, set[int]]:
    """Of each store the weekdays (0 Monday) on which it never sold in the six weeks up to its last day.

    None of a store that did not sell on most of the others.
    """
    days: dict[int, set[date]] = {store_id: set() for store_id in last}
    since = min(last.values()) - _SIX_WEEKS if last else date.max
    for store_id, on in _WEEKDAYS.rows(conn, last, since=since):
        if last[store_id] - _SIX_WEEKS <= on <= last[store_id]:
            days[store_id].add(on)
    return {store_id: _closed(some) for store_id, some in days.items()}


def _closed(days: set[date]) -> set[int]:
    open_on = {on.weekday() for on in days}
    return set(range(7)) - open_on if len(days) >= 3 * len(open_on) and len(open_on) > 2 else set()
