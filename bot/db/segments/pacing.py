"""Who steps to another stage or layer when the rules change: from the running statistics, customer by customer.

Where the cutting of the fifths stays as it is, the borders of the last refresh count; else they are cut anew.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from bot.db.segments import snapshots
from bot.db.segments.steps import DAY, Shop, Step, count, like
from bot.db.tables import customer_stats, customer_stores, customers
from bot.domain.segments import layering
from bot.domain.segments.layering import Cuts
from bot.domain.segments.measures import Measures
from bot.domain.segments.rules import Rules

_OF_RHYTHM = (
    select(
        customer_stats.c.purchase_days, customer_stats.c.first_on, customer_stats.c.last_on,
        customer_stats.c.gap_sum_days, customer_stats.c.gap_square_sum, customer_stats.c.spent_fen,
    )
    .join(customers, customers.c.id == customer_stats.c.customer_id)
    .join(customer_stores, customer_stores.c.customer_id == customers.c.id)
    .where(
        customer_stores.c.store_id == customers.c.store_id,
        customers.c.state != "merged",
        customer_stats.c.purchase_days > 0,
    )
)  # fmt: skip


class Cutting:
    """The borders of the fifths of a store, by either set of rules; of the chain they are cut once."""

    def __init__(self, conn: Connection, shops: Sequence[Shop]) -> None:
        """Take every store there is."""
        self._conn, self._shops = conn, shops
        newest = snapshots.latest(conn)
        self._kept: Mapping[str, Cuts] = newest.cuts if newest else {}
        self._chain: dict[str, Cuts] = {}

    def cuts(self, shop: Shop) -> list[tuple[Rules, Cuts]]:
        """Both rules with their borders."""
        both = (shop.before, shop.after)
        if of_cutting(shop.before) == of_cutting(shop.after):
            return [(rules, snapshots.chosen(self._kept, shop.store_id, rules)) for rules in both]
        return [(rules, self._cut(rules, shop)) for rules in both]

    def _cut(self, rules: Rules, shop: Shop) -> Cuts:
        if rules.among == "store":
            return layering.cut(self._buyers(shop), rules)
        key = f"{rules.fewest} {rules.ranks}"
        if key not in self._chain:
            self._chain[key] = layering.cut((row for one in self._shops for row in self._buyers(one)), rules)
        return self._chain[key]

    def _buyers(self, shop: Shop) -> Iterator[tuple[int, int, int]]:
        for row in self._conn.execute(_OF_RHYTHM.where(customer_stores.c.store_id == shop.store_id)):
            since = (shop.today - row.last_on).days - sum(day > row.last_on for day in shop.silent)
            yield since, row.purchase_days, row.spent_fen


def of_cutting(rules: Rules) -> tuple[object, ...]:
    """What the borders of the fifths follow from."""
    return rules.among, rules.fewest, rules.ranks


def by_rhythm(conn: Connection, shop: Shop, cutting: Cutting) -> Counter[Step]:
    """Steps of the stages and the layers of a store."""
    query = _OF_RHYTHM.where(customer_stores.c.store_id == shop.store_id)
    alike = of_cutting(shop.before) == of_cutting(shop.after)
    if alike and shop.before.usual_days == shop.after.usual_days:
        query = query.where(or_(*_at_a_border(shop)))
    both = cutting.cuts(shop)
    found: Counter[Step] = Counter()
    for row in conn.execute(query):
        measures, stages, layers = _measures(row, shop), [], []
        for rules, cuts in both:
            stages.append(measures.rhythm(rules).stage)
            _, f, m = layering.fifths(measures, cuts)
            layers.append(layering.layer(stages[-1], f, m))
        count(found, shop.store_id, "stage", stages)
        count(found, shop.store_id, "layer", layers)
    return found


def _at_a_border(shop: Shop) -> Iterator[ColumnElement[bool]]:
    """Between the old and the new border of 新客, or of 沉睡: nobody else moves by them."""
    young, old = sorted((shop.before.new_days, shop.after.new_days))
    yield customer_stats.c.first_on.between(shop.today - old * DAY, shop.today - (young + 1) * DAY)
    early, late = sorted((shop.before.asleep_days, shop.after.asleep_days))
    yield customer_stats.c.last_on.between(shop.away_on(late) + DAY, shop.away_on(early))


def _measures(row: Any, shop: Shop) -> Measures:  # noqa: ANN401 — a row
    silent = sum(day > row.last_on for day in shop.silent)
    return like(
        shop.today,
        **row._mapping,  # noqa: SLF001 — how a row gives its columns by name
        first_days=(shop.today - row.first_on).days,
        since_days=(shop.today - row.last_on).days - silent,
        silent_days=silent,
    )
