"""Everybody's labels anew, from the book: fifths are cut among the buyers of her store, or of the chain."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from bot.db.segments import snapshots
from bot.domain.analytics import fifths, labelling
from bot.domain.analytics.book import LABELS, NO_STORE, Book, Column, kept
from bot.domain.analytics.labelling import Aged, Codes
from bot.domain.segments.layering import Cuts
from bot.domain.segments.rules import Rules
from bot.refresh.shops import Shops


class Relabelled(NamedTuple):
    """The labels of each row of the book, 0 where there are none, and the borders by store ("" is the chain)."""

    labels: dict[str, Column]
    cuts: dict[str, Cuts]


def relabelled(book: Book, shops: Shops, codes: Codes) -> Relabelled:
    """The labels of today."""
    rows = _by_store(book["store"], len(shops.ids))
    ages = labelling.aged(book, shops.today.toordinal(), shops.silent, rows)
    cuts = _cuts(book, ages.since, shops, rows)
    borders = [snapshots.chosen(cuts, store, rules) for store, rules in zip(shops.ids, shops.rules, strict=True)]
    labels = {name: np.zeros(len(book["id"]), kind) for name, kind in LABELS.items()}
    for rules, has in shops.alike():
        mask = has[book["store"]]
        its: Any = slice(None) if mask.all() else np.flatnonzero(mask)
        some, some_ages = kept(book, its), Aged(ages.first[its], ages.since[its])
        labels["stage"][its] = labelling.stages(some, some_ages, rules)
        labels["spend_band"][its] = labelling.spend_bands(some, rules, codes)
        labels["frequency"][its] = labelling.frequency_bands(some, some_ages, rules, codes)
    labels.update(labelling.fifths(book, ages.since, borders))
    labels["layer"] = labelling.layers(labels["stage"], labels["f"], labels["m"])
    labels["home"] = np.maximum(book["store"], NO_STORE)
    return Relabelled(labels, cuts)


def _by_store(store: Column, count: int) -> list[Column]:
    """The rows of each store."""
    small = store.astype("i2") if count < 1 << 15 else store  # short integers are sorted by their digits, in no time
    order = np.argsort(small, kind="stable")
    ends = np.searchsorted(small[order], np.arange(count + 1))
    return [order[ends[place] : ends[place + 1]] for place in range(count)]


def _cuts(book: Book, since: Column, shops: Shops, rows: Sequence[Column]) -> dict[str, Cuts]:
    """The borders, where there are buyers enough for any."""
    found = {}
    for place, (store, rules) in enumerate(zip(shops.ids, shops.rules, strict=True)):
        if rules.among == "store":
            found[str(store)] = _cut(book, since, rows[place], rules)
    shared = [rules for rules in shops.rules if rules.among == "chain"]
    if shared:
        least = min(shared, key=lambda rules: rules.fewest)
        found[""] = _cut(book, since, np.flatnonzero(book["store"] >= 0), least)
    return {name: cuts for name, cuts in found.items() if cuts.buyers}


def _cut(book: Book, since: Column, rows: Column, rules: Rules) -> Cuts:
    its = rows[book["purchase_days"][rows] > 0]
    return fifths.cut(since[its], book["purchase_days"][its], book["spent_fen"][its], rules)
