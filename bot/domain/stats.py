"""Running statistics of one customer: what each number means, and how further orders change them.

A purchase is a sale that refunds did not empty; a purchase day is a local day with at least one purchase. What a
sale is worth is its net: its total less the refunds that name it. An emptied sale, one that cost something and of
which nothing is left, is no visit and no purchase: who brought everything back has no purchase at all. Refunds
count in `refunds`; one that names no sale of hers lowers `spent_fen` by itself. Unknown amounts count as nothing
spent, an unknown quantity as one piece.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Literal, NamedTuple

RECENT_LINES = 24
ONE_PIECE = 1000


class RecentLine(NamedTuple):
    """One line she bought: the local day, the product (None: unknown) and thousandths of a piece."""

    on: date
    product_id: int | None
    quantity_milli: int


class Line(NamedTuple):
    """One line of an order; None where the till did not say."""

    product_id: int | None
    quantity_milli: int | None
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class Stats:
    """The running statistics of one customer, a column each; `recent` is newest first, 24 lines at most.

    `spent_fen` is the sum of all nets, `best_ticket_fen` the largest net of a single purchase. `gap_sum_days` is
    last minus first purchase day, `gap_square_sum` the sum of squared gaps between neighbouring purchase days.
    """

    customer_id: int
    orders: int = 0
    refunds: int = 0
    purchase_days: int = 0
    first_on: date | None = None
    last_on: date | None = None
    last_at: datetime | None = None
    last_store_id: int | None = None
    spent_fen: int = 0
    best_ticket_fen: int = 0
    gap_sum_days: int = 0
    gap_square_sum: int = 0
    recent: tuple[RecentLine, ...] = ()


Seen = Literal["sale", "refund", "emptied"]


class Purchase(NamedTuple):
    """An order as the statistics see it."""

    at: datetime
    on: date
    store_id: int
    seen: Seen
    net_fen: int | None
    lines: Sequence[Line]


def net_of_sale(total_fen: int | None, refunded_fen: int = 0) -> int | None:
    """What is left of a sale after refunds of so much; unknown where its total is."""
    return None if total_fen is None else max(0, total_fen - refunded_fen)


def seen_as(kind: Literal["sale", "refund"], total_fen: int | None, net_fen: int | None) -> Seen:
    """An emptied sale is seen apart from others; one that cost nothing anyway is a purchase."""
    if kind == "sale" and net_fen == 0 and total_fen is not None and total_fen > 0:
        return "emptied"
    return kind


def extend(stats: Stats, orders: Sequence[Purchase]) -> Stats | None:
    """The statistics after more orders, oldest first and equal times in the order of their ids.

    None where a purchase is not newer than the last one known: then they must be rebuilt from all orders.
    """
    spent = stats.spent_fen + sum([order.net_fen or 0 for order in orders])
    sales = [order for order in orders if order.seen == "sale"]
    refunds = stats.refunds + len([order for order in orders if order.seen == "refund"])
    if not sales:
        return replace(stats, refunds=refunds, spent_fen=spent)
    days = sorted({sale.on for sale in sales})
    if stats.last_at and stats.last_on and (sales[0].at <= stats.last_at or days[0] < stats.last_on):
        return None
    gaps = [(later - earlier).days for earlier, later in pairwise([stats.last_on or days[0], *days])]
    newest = sales[-1]
    return Stats(
        stats.customer_id,
        orders=stats.orders + len(sales),
        refunds=refunds,
        purchase_days=stats.purchase_days + len(days) - (days[0] == stats.last_on),
        first_on=stats.first_on or days[0],
        last_on=days[-1],
        last_at=newest.at,
        last_store_id=newest.store_id,
        spent_fen=spent,
        best_ticket_fen=max(stats.best_ticket_fen, *[sale.net_fen or 0 for sale in sales]),
        gap_sum_days=stats.gap_sum_days + sum(gaps),
        gap_square_sum=stats.gap_square_sum + sum([gap * gap for gap in gaps]),
        recent=_recent(sales, stats.recent),
    )


def _recent(sales: Sequence[Purchase], before: tuple[RecentLine, ...]) -> tuple[RecentLine, ...]:
    found: list[RecentLine] = []
    for sale in reversed(sales):
        on, rest = sale.on, sale.lines[: RECENT_LINES - len(found)]
        found += [RecentLine(on, product, ONE_PIECE if milli is None else milli) for product, milli, _ in rest]
        if len(found) == RECENT_LINES:
            return tuple(found)
    return (*found, *before[: RECENT_LINES - len(found)])


def pack(recent: Iterable[RecentLine]) -> str:
    """The newest lines as one short text: `day:product:milli` joined by spaces, days as ordinals."""
    return " ".join([f"{on.toordinal()}:{product_id or 0}:{milli}" for on, product_id, milli in recent])


def products_of(text: str) -> tuple[int, ...]:
    """The products alone of what `pack` packed, a line each; 0 where it names none."""
    return tuple(map(int, text.replace(":", " ").split()[1::3]))


def unpack(text: str) -> tuple[RecentLine, ...]:
    """What `pack` packed."""
    numbers = list(map(int, text.replace(":", " ").split()))
    days = map(date.fromordinal, numbers[::3])
    return tuple(map(RecentLine, days, [product or None for product in numbers[1::3]], numbers[2::3]))
