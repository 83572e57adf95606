"""What bot/domain/segments/measures.py says of one customer, of many at once: columns of orders in, columns out."""

from typing import NamedTuple

import numpy as np

from bot.domain.analytics.book import FAR, Column
from bot.domain.segments.rules import Basis


class Bought(NamedTuple):
    """Orders that count: the row of the customer, the day, what is left of it, whether she was there to buy.

    Sorted by row and day. Emptied sales, and refunds whose sale is known, are left out.
    """

    row: Column
    on: Column
    net_fen: Column
    visit: Column

    def only(self, mask: Column) -> "Bought":
        """Those of a mask."""
        return Bought(*[column[mask] for column in self])


def bought(row: Column, on: Column, net_fen: Column, visit: Column) -> Bought:
    """Orders in any sequence, sorted."""
    order = np.lexsort((on, row))
    return Bought(row[order], on[order], net_fen[order], visit[order].astype(bool))


def life(orders: Bought, count: int) -> dict[str, Column]:
    """The statistics of `count` customers from all their orders; 0 in every column where there is no purchase."""
    days = _visit_days(orders)
    many = np.bincount(days.row, minlength=count)
    ends = np.cumsum(many)
    buyers = np.flatnonzero(many)
    first, last = np.zeros(count, "i4"), np.zeros(count, "i4")
    first[buyers] = days.on[(ends - many)[buyers]]
    last[buyers] = days.on[ends[buyers] - 1]
    same = days.row[1:] == days.row[:-1]
    gaps = np.diff(days.on.astype("i8"))[same]
    return {
        "purchase_days": many,
        "first_on": first,
        "last_on": last,
        "gap_sum_days": last - first,
        "gap_square_sum": _sums(days.row[1:][same], gaps * gaps, count),
        "spent_fen": _sums(orders.row, orders.net_fen, count),
    }


def window(orders: Bought, first_on: Column, basis: Basis) -> tuple[Column, Column]:
    """The measure of each customer since her day `first_on`, and the first day since then that counts for it."""
    inside = orders.only(orders.on >= first_on[orders.row])
    count = len(first_on)
    oldest = np.full(count, FAR, "i4")
    starts = np.flatnonzero(np.diff(inside.row, prepend=-1))
    oldest[inside.row[starts]] = inside.on[starts]
    if basis == "days":
        return np.bincount(_visit_days(inside).row, minlength=count), oldest
    if basis == "sum":
        return np.maximum(_sums(inside.row, inside.net_fen, count), 0), oldest
    best = np.zeros(count, "i8")
    best[inside.row[starts]] = np.maximum(np.maximum.reduceat(inside.net_fen, starts), 0) if len(starts) else 0
    return best, oldest


def _visit_days(orders: Bought) -> Bought:
    """One order a customer and day on which she bought."""
    visits = orders.only(orders.visit)
    new = (np.diff(visits.row, prepend=-1) != 0) | (np.diff(visits.on, prepend=-1) != 0)
    return visits.only(new)


def _sums(row: Column, values: Column, count: int) -> Column:
    """Sums by row, exact: in two halves, because bincount adds up in floating point."""
    low = np.bincount(row, values & 0xFFFFFF, count)
    high = np.bincount(row, values >> 24, count)
    total: Column = low.astype("i8") + (high.astype("i8") << 24)
    return total
