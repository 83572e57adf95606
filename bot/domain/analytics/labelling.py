"""The labels of many customers at once: bot/domain/segments/layering.py over columns, integer for integer.

A property test holds both against each other; whoever changes one changes the other.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bot.domain.analytics.book import RANKS, Book, Column
from bot.domain.rhythm import STAGES
from bot.domain.segments.labels import LAYERS
from bot.domain.segments.layering import Cuts, layer
from bot.domain.segments.rules import Banding, Rules

STAGE_CODES = ("", *STAGES)
LAYER_CODES = ("", *LAYERS)
_FIFTHS = 6
_WEEK = 7


class Codes:
    """The words of a scheme's bands and their numbers, from 1; grows with what the rules name."""

    def __init__(self, words: Sequence[str] = ("", "never", "new", "asleep")) -> None:
        """Go on with words that have their numbers already."""
        self.words = list(words)

    def number(self, word: str) -> int:
        """The number of a word."""
        if word not in self.words:
            self.words.append(word)
        return self.words.index(word)


class Aged(NamedTuple):
    """What depends on the day: days since the first purchase, and since the last less the silent ones."""

    first: Column
    since: Column


def aged(book: Book, today: int, silent: Sequence[Sequence[int]], rows: Sequence[Column]) -> Aged:
    """The ages of everybody; by place of the store, its silent days and its customers' rows."""
    last = book["last_on"]
    since = today - last
    for days, its in zip(silent, rows, strict=True):
        if days:
            since[its] -= len(days) - np.searchsorted(np.asarray(days, last.dtype), last[its], "right").astype("i4")
    return Aged(today - book["first_on"], since)


def stages(book: Book, ages: Aged, rules: Rules) -> Column:
    """The stage of each row, as a place in STAGE_CODES."""
    number = STAGE_CODES.index
    days = book["purchase_days"]
    slowing, asleep = _patience(book, rules)
    stage = np.full(len(days), number("regular"), "u1")
    stage[days == 1] = number("new")
    stage[ages.since >= slowing] = number("slowing")
    stage[ages.since >= asleep] = number("asleep")
    stage[ages.first <= rules.new_days] = number("new")
    stage[days <= 0] = number("never")
    return stage


def _patience(book: Book, rules: Rules) -> tuple[Column, Column]:
    """From how many days away each is slowing, and asleep."""
    gaps = np.maximum(book["purchase_days"].astype("i8"), 1)
    total = book["gap_sum_days"].astype("i8") + rules.usual_days
    squares = book["gap_square_sum"] + rules.usual_days**2
    typical = np.maximum((2 * total + gaps) // (2 * gaps), 1)
    variance = np.maximum(gaps * squares - total * total, 0)
    doubled = 3 * typical + _roots(4 * variance // (gaps * gaps))
    slowing = np.maximum(doubled // 2, _WEEK) + 1
    return slowing, np.maximum(np.maximum(3 * typical + 1, slowing), rules.asleep_days)


def _roots(values: Column) -> Column:
    """Whole square roots; the floating ones are off by one at most."""
    found: Column = np.sqrt(values.astype("f8")).astype("i8")
    found -= found * found > values
    found += (found + 1) * (found + 1) <= values
    return found


def fifths(book: Book, since: Column, borders: Sequence[Cuts]) -> dict[str, Column]:
    """r, f and m of each row, 0 where she never bought; `borders` by place of the store."""
    store = book["store"]
    bought = (book["purchase_days"] > 0) & (store >= 0)
    ranks = {name: bought.astype("u1") for name in RANKS}
    for k in range(4):
        ranks["r"] += (since <= _by_place([one.r[k] for one in borders])[store]) & bought
        ranks["f"] += (book["purchase_days"] >= _by_place([one.f[k] for one in borders])[store]) & bought
        ranks["m"] += (book["spent_fen"] >= _by_place([one.m[k] for one in borders])[store]) & bought
    return ranks


def _by_place(values: Sequence[int]) -> Column:
    """A value a store, to be taken by places; the last two are those of customers without a store."""
    return np.array([*values, 0, 0], "i8")


_LAYER_OF = np.array(
    [
        LAYER_CODES.index(layer(stage, f, m)) if stage else 0
        for stage in STAGE_CODES
        for f in range(_FIFTHS)
        for m in range(_FIFTHS)
    ],
    "u1",
)


def layers(stage: Column, f: Column, m: Column) -> Column:
    """The layer of each row, as a place in LAYER_CODES."""
    found: Column = _LAYER_OF[(stage.astype("i2") * _FIFTHS + f) * _FIFTHS + m]
    return found


def spend_bands(book: Book, rules: Rules, codes: Codes) -> Column:
    """The band by spend, or never."""
    band = _bands(book["spend"], rules.spend, codes)
    band[book["purchase_days"] <= 0] = codes.number("never")
    return band


def frequency_bands(book: Book, ages: Aged, rules: Rules, codes: Codes) -> Column:
    """The band by frequency, or never, new, asleep."""
    banding = rules.frequency
    band = _bands(book["visits"], banding, codes)
    new = ages.first <= rules.new_days
    best = codes.number(banding.bands[0].code)
    band[new & (band != best)] = codes.number("new")
    if banding.sleeps:
        band[~new & (ages.since >= rules.asleep_days)] = codes.number("asleep")
    band[book["purchase_days"] <= 0] = codes.number("never")
    return band


def _bands(measure: Column, banding: Banding, codes: Codes) -> Column:
    """The number of the band of each measure: the first of the bands that it reaches."""
    numbers = np.array([codes.number(band.code) for band in banding.bands], "u1")
    leasts = np.array([band.least for band in reversed(banding.bands)], "i8")
    found: Column = numbers[len(leasts) - np.searchsorted(leasts, measure, "right")]
    return found
