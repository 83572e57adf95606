"""From measures to labels: the stage of her own rhythm, the bands of two schemes, and the fifths that make layers.

| stage | fifths | layer |
|---|---|---|
| regular | f and m at least 4 | loyal |
| regular | one of f, m at least 4, or both at least 3 | potential |
| regular | lower | ordinary |
| slowing | one of f, m at least 4 | leaving |
| slowing | lower | slowing |
| asleep | m at least 4 | lost_big |
| asleep | lower | asleep |
| new, never | any | new, never |

Everything is decided on integers, so that a column of customers at once comes to the same labels.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from bot.domain.segments.labels import Labels
from bot.domain.segments.measures import Measures
from bot.domain.segments.rules import Rules

HIGH = 4
"""The least fifth that is high."""
_MIDDLE = 3
ENOUGH_DAYS = 60
ENOUGH_REPEAT = 30

Borders = tuple[int, int, int, int]


class Cuts(NamedTuple):
    """The borders of the fifths: the least values of the 2nd to the 5th; of `r`, days since, the most, falling.

    `buyers`: among how many they were cut; 0 where they are the fixed ranks of the rules.
    """

    r: Borders
    f: Borders
    m: Borders
    buyers: int = 0


def fixed(rules: Rules) -> Cuts:
    """The borders where there are too few buyers to cut fifths among them."""
    return Cuts(rules.ranks["r"], rules.ranks["f"], rules.ranks["m"])


def cut(rows: Iterable[tuple[int, int, int]], rules: Rules) -> Cuts:
    """The borders among all who ever bought: days since, purchase days and fen spent of each.

    Fewer than the rules' `fewest`: the fixed ranks.
    """
    buyers = list(rows)
    if len(buyers) < rules.fewest or not buyers:
        return fixed(rules)
    r, f, m = (sorted(column) for column in zip(*buyers, strict=True))
    late = borders([-days for days in reversed(r)])
    return Cuts((-late[0], -late[1], -late[2], -late[3]), borders(f), borders(m), len(buyers))


def borders(values: Sequence[int]) -> Borders:
    """The least values of the 2nd to the 5th fifth of sorted values, at least one.

    Equal values are never parted: they stand together where their middle stands. Of n values, v reaches fifth k+1
    if 5·(those below v + those up to v) is at least 2·n·k; where none does, the border is the largest and one.
    """
    count = len(values)
    found = []
    for k in range(1, 5):
        value = values[k * count // 5]
        below, upto = bisect_left(values, value), bisect_right(values, value)
        if 5 * (below + upto) < 2 * count * k:
            value = values[upto] if upto < count else value + 1
        found.append(value)
    return found[0], found[1], found[2], found[3]


def fifths(measures: Measures, cuts: Cuts) -> tuple[int, int, int]:
    """r, f and m from 1 to 5, 5 the best; all 0 where she never bought."""
    since = measures.since_days
    if since is None:
        return 0, 0, 0
    r = 1 + sum(since <= most for most in cuts.r)
    f = 1 + sum(measures.purchase_days >= least for least in cuts.f)
    m = 1 + sum(measures.spent_fen >= least for least in cuts.m)
    return r, f, m


def label(measures: Measures, rules: Rules, cuts: Cuts) -> Labels:
    """All labels of a customer."""
    stage = measures.rhythm(rules).stage
    r, f, m = fifths(measures, cuts)
    return Labels(stage, layer(stage, f, m), spend(measures, rules), frequency(measures, rules), r, f, m)


def layer(stage: str, f: int, m: int) -> str:
    """The layer of a stage and two fifths, as in the table above."""
    best, least = max(f, m), min(f, m)
    if stage == "regular":
        potential = best >= HIGH or least >= _MIDDLE
        return "loyal" if least >= HIGH else "potential" if potential else "ordinary"
    if stage == "slowing":
        return "leaving" if best >= HIGH else "slowing"
    if stage == "asleep":
        return "lost_big" if m >= HIGH else "asleep"
    return stage


def spend(measures: Measures, rules: Rules) -> str:
    """Her band by spend, or never."""
    return rules.spend.band(measures.spend).code if measures.purchase_days else "never"


def frequency(measures: Measures, rules: Rules) -> str:
    """Her band by frequency, or never, new, asleep: new beats asleep, the highest band beats new."""
    first, since = measures.first_days, measures.since_days
    if first is None or since is None:
        return "never"
    new = first <= rules.new_days
    if rules.frequency.sleeps and since >= rules.asleep_days and not new:
        return "asleep"
    band = rules.frequency.band(measures.visits)
    return "new" if new and band != rules.frequency.bands[0] else band.code


def too_little(first_order_on: date | None, repeat_customers: int, today: date) -> str:
    """What a shop is told that has too few orders for its layers to mean much; empty where it has enough."""
    days = (today - first_order_on).days + 1 if first_order_on else 0
    if days >= ENOUGH_DAYS and repeat_customers >= ENOUGH_REPEAT:
        return ""
    return (
        f"资料还少：订单只有{days}天、回头客{repeat_customers}位"
        f"（够{ENOUGH_DAYS}天、{ENOUGH_REPEAT}位才准），分层先当参考。"
    )
