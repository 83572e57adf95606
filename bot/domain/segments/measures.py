"""What is measured of one customer for her layers, from her purchases; integers and days only.

What counts is what remained of a purchase: net of its refunds. Several purchases on a day are one purchase day;
an unknown amount is a visit on which nothing was spent. Days on which the store was closed or its till was silent
count nowhere: not as time away, and a window reaches back one day further for each of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from bot.domain.rhythm import Rhythm, rhythm
from bot.domain.segments.rules import Basis, Rules

_DAY = timedelta(days=1)


class Bought(NamedTuple):
    """A purchase: its local day and what remained of it in fen (None: unknown).

    A purchase that was refunded whole is none and must be left out; so must a refund whose purchase is known.
    Another refund stands here with its negative amount: it lowers the sums and is no visit.
    """

    on: date
    net_fen: int | None


class Span(NamedTuple):
    """The days a scheme looked at, both ends in it, and how many silent ones of them do not count."""

    first_on: date
    last_on: date
    silent_days: int


@dataclass(frozen=True, slots=True)
class Measures:
    """What the labels of a customer rest on, as of `today`; the dates and their ages are None before a purchase.

    `since_days` is her time away less its `silent_days`. `spend` and `visits` are the measures of the rules' two
    schemes within their spans (`spend` is never below 0); `spend_on` is the day of the largest ticket in its span.
    `spent_fen` is all she ever spent: it may be negative where refunds name no purchase.
    """

    today: date
    purchase_days: int
    first_on: date | None
    last_on: date | None
    gap_sum_days: int
    gap_square_sum: int
    first_days: int | None
    since_days: int | None
    silent_days: int
    spent_fen: int
    spend: int
    spend_on: date | None
    spend_span: Span
    visits: int
    visits_span: Span

    def rhythm(self, rules: Rules) -> Rhythm:
        """How she comes, by the category's cycle and the borders of the rules."""
        return rhythm(
            self.purchase_days,
            self.first_on,
            self.last_on,
            self.gap_sum_days,
            self.gap_square_sum,
            self.today,
            usual_days=rules.usual_days,
            silent_days=self.silent_days,
            new_days=rules.new_days,
            asleep_days=rules.asleep_days,
        )


def measure(bought: Iterable[Bought], rules: Rules, today: date, silent_days: Collection[date] = ()) -> Measures:
    """All that is measured of one customer; later purchases than `today` are ignored, order does not matter.

    `silent_days` are the days on which her store was closed or its till told nothing.
    """
    silent = sorted({day for day in silent_days if day <= today})
    counted = [one for one in bought if one.on <= today]
    days = sorted({one.on for one in counted if is_visit(one)})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    first, last = (days[0], days[-1]) if days else (None, None)
    away = len(silent) - bisect_right(silent, last) if last else 0
    spend_span, visits_span = (span(scheme.window_days, today, silent) for scheme in (rules.spend, rules.frequency))
    spend = [one for one in counted if one.on >= spend_span.first_on]
    best = max((one for one in spend if one.net_fen and one.net_fen > 0), key=_size, default=None)
    return Measures(
        today=today,
        purchase_days=len(days),
        first_on=first,
        last_on=last,
        gap_sum_days=sum(gaps),
        gap_square_sum=sum(gap * gap for gap in gaps),
        first_days=(today - first).days if first else None,
        since_days=(today - last).days - away if last else None,
        silent_days=away,
        spent_fen=sum(one.net_fen or 0 for one in counted),
        spend=amount(rules.spend.basis, spend),
        spend_on=best.on if best else None,
        spend_span=spend_span,
        visits=amount(rules.frequency.basis, [one for one in counted if one.on >= visits_span.first_on]),
        visits_span=visits_span,
    )


def is_visit(one: Bought) -> bool:
    """Whether she was there and bought: everything but a refund."""
    return one.net_fen is None or one.net_fen >= 0


def amount(basis: Basis, bought: Sequence[Bought]) -> int:
    """The measure of purchases by a basis, never below 0."""
    if basis == "days":
        return len({one.on for one in bought if is_visit(one)})
    nets = [one.net_fen or 0 for one in bought]
    return max(sum(nets) if basis == "sum" else max(nets, default=0), 0)


def span(window_days: int, today: date, silent: Sequence[date]) -> Span:
    """The days of a window that ends today and counts it; `silent` are its sorted silent days, each skipped."""
    last = bisect_right(silent, today)
    first_on, skipped = today - (window_days - 1) * _DAY, 0
    while (now := last - bisect_left(silent, first_on)) > skipped:
        first_on -= (now - skipped) * _DAY
        skipped = now
    return Span(first_on, today, skipped)


def _size(one: Bought) -> tuple[int, date]:
    return one.net_fen or 0, one.on
