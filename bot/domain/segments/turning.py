"""When time alone moves a customer: the next day on which one of her labels is another though she bought nothing."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from bot.domain.rhythm import Patience
from bot.domain.segments.layering import Cuts
from bot.domain.segments.measures import Bought, Measures, Span, amount
from bot.domain.segments.rules import Banding, Rules


def next_change(
    measures: Measures, bought: Iterable[Bought], rules: Rules, cuts: Cuts, silent_days: Collection[date] = ()
) -> date | None:
    """The first day after `measures.today` on which a label may differ if nothing is bought and no day is silent.

    None: never. It is never too late, and may be too early where another label holds her: a day looked at in vain.
    Days on which the store is closed or silent later only put it off. Borders of the fifths are those of `cuts`.
    """
    if measures.first_on is None or measures.since_days is None:
        return None
    until = measures.today
    counted = sorted((one for one in bought if one.on <= until), key=lambda one: one.on)
    silent = sorted({day for day in silent_days if day <= until})
    days = [
        *_of_age(measures, rules, cuts),
        _leaves(counted, rules.spend, measures.spend_span, silent),
        _leaves(counted, rules.frequency, measures.visits_span, silent),
    ]
    return min((day for day in days if day is not None), default=None)


def _of_age(measures: Measures, rules: Rules, cuts: Cuts) -> list[date]:
    """The days on which she is no longer new, and on which her time away comes to a border."""
    first, since = measures.first_days or 0, measures.since_days or 0
    patience = Patience.of(measures.purchase_days, measures.gap_sum_days, measures.gap_square_sum, rules.usual_days)
    away = [patience.slowing(), patience.asleep(rules.asleep_days), rules.asleep_days, *(most + 1 for most in cuts.r)]
    waits = [rules.new_days + 1 - first, *(border - since for border in away)]
    return [measures.today + timedelta(wait) for wait in waits if wait > 0]


def _leaves(bought: Sequence[Bought], banding: Banding, span: Span, silent: Sequence[date]) -> date | None:
    """The first day on which so much has left the window that its measure falls into another band."""
    inside = [one for one in bought if one.on >= span.first_on]
    if not inside:
        return None
    now = banding.band(amount(banding.basis, inside))
    for place, left in enumerate(inside):
        rest = inside[place + 1 :]
        if rest and rest[0].on == left.on:
            continue
        if banding.band(amount(banding.basis, rest)) != now:
            told = (left.on - span.first_on).days + 1
            told -= bisect_right(silent, left.on) - bisect_left(silent, span.first_on)
            return span.last_on + timedelta(told)
    return None
