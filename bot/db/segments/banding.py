"""Who steps from one band to another when the rules change: all stores of a change in one pass over the customers.

What lies in a window is one aggregate a customer, of the covering index; people alike are taken together there, and
labelled by bot/domain/segments/layering.py. Whoever cannot move is not looked at.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, and_, column, distinct, func, null, or_, select, values
from sqlalchemy.sql.expression import CTE

from bot.db.core.types import Day, Id
from bot.db.segments.bought import IS_LEFT
from bot.db.segments.steps import DAY, Shop, Step, count, like
from bot.db.tables import customer_stats, customer_stores, customers, orders
from bot.domain.segments import layering
from bot.domain.segments.rules import Banding, Rules

_FEW = 4  # where fewer than one store in so many changes, its people are asked for, not everybody
_LIFETIME: dict[str, Column[int]] = {
    "days": customer_stats.c.purchase_days,
    "ticket": customer_stats.c.best_ticket_fen,
}


def by_spend(conn: Connection, shops: Sequence[Shop], of: int) -> Counter[Step]:
    """Steps of the scheme of spend, in stores (of so many there are) that change alike."""
    before, after, today = shops[0].before, shops[0].after, shops[0].today
    days = _days(shops, before.spend, after.spend)
    columns, limits = _measures(before.spend, after.spend, days, today), _may_move(before.spend, after.spend, days)
    found: Counter[Step] = Counter()
    for store_id, was, will, people in _alike(conn, columns, limits, days, few=_few(shops, of)):
        labels = [
            layering.spend(like(today, spend=max(fen, 0)), rules) for rules, fen in ((before, was), (after, will))
        ]
        count(found, store_id, "spend", labels, people)
    return found


def by_frequency(conn: Connection, shops: Sequence[Shop], of: int) -> Counter[Step]:
    """Steps of the scheme of frequency; new and asleep are labels of it as well."""
    before, after, today = shops[0].before, shops[0].after, shops[0].today
    days = _days(shops, before.frequency, after.frequency)
    columns = _measures(before.frequency, after.frequency, days, today)
    for rules, away in ((before, days.c.was_away), (after, days.c.is_away)):
        columns += [customer_stats.c.first_on >= today - rules.new_days * DAY, customer_stats.c.last_on <= away]
    found: Counter[Step] = Counter()
    limits = _limits(before, after, today, days)
    for store_id, was, will, *flags, people in _alike(conn, columns, limits, days, few=_few(shops, of)):
        pairs = (before, was, *flags[:2]), (after, will, *flags[2:])
        labels = [
            layering.frequency(
                like(
                    today,
                    visits=visits,
                    first_days=0 if new else rules.new_days + 1,
                    since_days=rules.asleep_days - (not away),
                ),
                rules,
            )
            for rules, visits, new, away in pairs
        ]
        count(found, store_id, "frequency", labels, people)
    return found


def _few(shops: Sequence[Shop], of: int) -> bool:
    return len(shops) * _FEW < of


def _days(shops: Sequence[Shop], before: Banding, after: Banding) -> CTE:
    """The days that differ from store to store: where both windows begin, and who is away for long on either side."""
    names = ("was_first", "will_first", "was_away", "is_away")
    table = values(column("store_id", Id), *(column(name, Day) for name in names), name="days").data(
        [
            (
                shop.store_id,
                shop.first_on(before.window_days),
                shop.first_on(after.window_days),
                shop.away_on(shop.before.asleep_days),
                shop.away_on(shop.after.asleep_days),
            )
            for shop in shops
        ]
    )
    return table.cte("shops").prefix_with("MATERIALIZED")


def _measures(before: Banding, after: Banding, days: CTE, today: date) -> list[ColumnElement[Any]]:
    """Both measures of a customer; nothing stands for the second where it is the first."""
    alike = (before.basis, before.window_days) == (after.basis, after.window_days)
    first = _measured(before, days.c.was_first, today)
    return [first, null() if alike else _measured(after, days.c.will_first, today)]


def _measured(banding: Banding, first_on: ColumnElement[Any], today: date) -> ColumnElement[Any]:
    """`amount` of bot/domain/segments/measures.py."""
    hers = (orders.c.customer_id == customer_stats.c.customer_id, orders.c.ordered_on.between(first_on, today))
    if banding.basis == "days":
        visit = and_(orders.c.kind == "sale", IS_LEFT)
        return select(func.count(distinct(orders.c.ordered_on))).where(*hers, visit).scalar_subquery()
    what: ColumnElement[Any] = func.max(orders.c.net_fen) if banding.basis == "ticket" else func.sum(orders.c.net_fen)
    return func.coalesce(select(what).where(*hers).scalar_subquery(), 0)


def _limits(before: Rules, after: Rules, today: date, days: CTE) -> list[ColumnElement[bool]]:
    """What whoever moves in the scheme of frequency fulfils."""
    if (before.new_days, before.asleep_days) == (after.new_days, after.asleep_days):
        same = before.frequency.sleeps == after.frequency.sleeps
        return _may_move(before.frequency, after.frequency, days) if same else []
    if before.frequency != after.frequency:
        return []
    young, old = sorted((before.new_days, after.new_days))
    away = (
        (days.c.is_away, days.c.was_away)
        if before.asleep_days < after.asleep_days
        else (days.c.was_away, days.c.is_away)
    )
    return [
        or_(
            customer_stats.c.first_on.between(today - old * DAY, today - (young + 1) * DAY),
            and_(customer_stats.c.last_on > away[0], customer_stats.c.last_on <= away[1]),
        )
    ]


def _may_move(before: Banding, after: Banding, days: CTE) -> list[ColumnElement[bool]]:
    """What whoever moves between bands fulfils; all others lie below every border that moved, before and after."""
    if before.bands[-1].code != after.bands[-1].code:
        return []
    first = days.c.was_first if before.window_days > after.window_days else days.c.will_first
    limits: list[ColumnElement[bool]] = [customer_stats.c.last_on >= first]
    alike = (before.basis, before.window_days) == (after.basis, after.window_days)
    borders = set(before.bands) ^ set(after.bands) if alike else {*before.bands, *after.bands}
    lowest = min((band.least for band in borders if band.least), default=0)
    if before.basis == after.basis and before.basis in _LIFETIME:
        limits.append(_LIFETIME[before.basis] >= lowest)
    return limits


def _alike(
    conn: Connection,
    columns: Sequence[ColumnElement[Any]],
    limits: Sequence[ColumnElement[bool]],
    days: CTE,
    *,
    few: bool,
) -> Iterator[Sequence[Any]]:
    """People alike, with how many they are: store, both measures, the other columns; only those who ever bought."""
    source = customer_stats.join(customers, customers.c.id == customer_stats.c.customer_id)
    source = source.join(days, days.c.store_id == customers.c.store_id)
    if few:
        here = and_(
            customer_stores.c.store_id == days.c.store_id, customer_stores.c.customer_id == customer_stats.c.customer_id
        )
        source = source.join(customer_stores, here)
    named = [column.label(f"c{place}") for place, column in enumerate((days.c.store_id, *columns))]
    bought = (customers.c.state != "merged", customer_stats.c.purchase_days > 0)
    people = select(*named).select_from(source).where(*bought, *limits).cte("people").prefix_with("MATERIALIZED")
    for store_id, was, will, *rest in conn.execute(select(*people.c, func.count()).group_by(*people.c)):
        yield store_id, was, was if will is None else will, *rest
