"""A store before and after a change of its rules, and the steps of its people from label to label."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from bot.domain.segments.labels import Scheme
from bot.domain.segments.measures import Measures, Span, span
from bot.domain.segments.rules import Rules

DAY = timedelta(days=1)


class Step(NamedTuple):
    """People of a store who go from one label of a scheme to another."""

    store_id: int
    scheme: Scheme
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Shop:
    """A store with both sets of rules, as of a day, less its silent days."""

    store_id: int
    before: Rules
    after: Rules
    today: date
    silent: Sequence[date]

    def first_on(self, window_days: int) -> date:
        """The first day of a window that ends today."""
        return span(window_days, self.today, self.silent).first_on

    def away_on(self, days: int) -> date:
        """The last day on which somebody bought who is away for so many days."""
        return self.first_on(days) - DAY


def count(found: Counter[Step], store_id: int, scheme: Scheme, labels: Sequence[str], people: int = 1) -> None:
    """Count people by their label before and after; who keeps hers makes no step."""
    before, after = labels
    if before != after:
        found[Step(store_id, scheme, before, after)] += people


def like(today: date, **known: int | date) -> Measures:
    """A customer of whom only some measures are known, and no others asked for."""
    nowhere = Span(today, today, 0)
    blank = {
        "purchase_days": 1,
        "first_on": today,
        "last_on": today,
        "gap_sum_days": 0,
        "gap_square_sum": 0,
        "first_days": 0,
        "since_days": 0,
        "silent_days": 0,
        "spent_fen": 0,
        "spend": 0,
        "visits": 0,
    }
    return Measures(today=today, spend_on=None, spend_span=nowhere, visits_span=nowhere, **{**blank, **known})  # type: ignore[arg-type]  # its own fields
