"""The borders of the fifths among many buyers: `cut` of bot/domain/segments/layering.py over columns."""

import numpy as np

from bot.domain.analytics.book import Column
from bot.domain.segments.layering import Borders, Cuts, fixed
from bot.domain.segments.rules import Rules


def cut(since: Column, purchase_days: Column, spent_fen: Column, rules: Rules) -> Cuts:
    """The borders among buyers; the fixed ranks where they are fewer than the rules ask for."""
    count = len(since)
    if count < rules.fewest or not count:
        return fixed(rules)
    late = _borders(np.sort(-since))
    return Cuts(
        (-late[0], -late[1], -late[2], -late[3]), _borders(np.sort(purchase_days)), _borders(np.sort(spent_fen)), count
    )


def _borders(values: Column) -> Borders:
    count = len(values)
    found = []
    for k in range(1, 5):
        value = int(values[k * count // 5])
        below, upto = (int(np.searchsorted(values, value, side)) for side in ("left", "right"))
        if 5 * (below + upto) < 2 * count * k:
            value = int(values[upto]) if upto < count else value + 1
        found.append(value)
    return found[0], found[1], found[2], found[3]
