"""Rows that differ, with the flows they are in the same transaction, and the sizes that come of them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection

from bot.db.segments import flows, standings
from bot.db.segments.flows import Held, Move
from bot.domain.analytics.book import NEVER, RANKS, Book, Column
from bot.domain.analytics.labelling import LAYER_CODES, STAGE_CODES, Codes
from bot.domain.segments.labels import Scheme
from bot.refresh.catching_up import Stored
from bot.refresh.collecting import Step
from bot.refresh.paced import Work, Writer
from bot.refresh.shops import Shops

ROW = {
    "home": "store_id",
    "stage": "stage",
    "layer": "layer",
    "spend_band": "spend",
    "frequency": "frequency",
    "r": "r",
    "f": "f",
    "m": "m",
    "since_on": "since_on",
}
"""The columns of labels and those of customer_segments."""

_TOGETHER = (("home",), ("stage",), ("layer", "since_on"), ("spend_band",), ("frequency",), RANKS)
COLUMN_OF: dict[Scheme, str] = {"layer": "layer", "stage": "stage", "spend": "spend_band", "frequency": "frequency"}


@dataclass(frozen=True, slots=True)
class Difference:
    """The rows of the book to write: the labels they had, those that are really stored, and those they will have.

    `written` rows of customer_segments come of it: of who was removed by others only the flow is left to count.
    """

    rows: Column
    ids: Column
    before: dict[str, Column]
    stored: dict[str, Column]
    after: dict[str, Column]
    written: int


def difference(book: Book, labels: dict[str, Column], looked_at: Stored, today: int) -> Difference:
    """Whose labels are not what they were, or not what is stored of those who were looked at.

    The labels get their `since_on`: since today where the layer is another.
    """
    labels["since_on"] = np.where(book["layer"] == labels["layer"], book["since_on"], today).astype("i4")
    labels["since_on"][labels["stage"] == 0] = NEVER
    stored = {name: book[name].copy() for name in labels}
    for name, column in looked_at.labels.items():
        stored[name][looked_at.rows] = column
    moved, wrong = np.zeros(len(book["id"]), bool), np.zeros(len(book["id"]), bool)
    for name, column in labels.items():
        moved |= book[name] != column
        wrong |= stored[name] != column
    rows = np.flatnonzero(moved | wrong)
    rows = rows[np.argsort(labels["home"][rows], kind="stable")]  # a store's rows stand together in three indexes
    before, actual, after = ({name: of[name][rows] for name in labels} for of in (book, stored, labels))
    return Difference(rows, book["id"][rows], before, actual, after, int(wrong.sum()))


class Words:
    """From numbers in columns back to what a row holds."""

    def __init__(self, shops: Shops, codes: Codes) -> None:
        """Of these stores, and these bands."""
        bands = _objects(codes.words)
        self.stores = _objects([*shops.ids, None, None])  # the last two are the places GONE and NO_STORE
        self.of = {
            "home": self.stores,
            "stage": _objects(STAGE_CODES),
            "layer": _objects(LAYER_CODES),
            "spend_band": bands,
            "frequency": bands,
        }

    def columns(self, labels: dict[str, Column], names: Sequence[str], rows: Column) -> list[list[Any]]:
        """Of some rows, what stands in these columns."""
        return [
            (self.of[name][labels[name][rows]] if name in self.of else labels[name][rows]).tolist() for name in names
        ]


def _objects(words: Sequence[Any]) -> Column:
    found = np.empty(len(words), object)
    found[:] = words
    return found


class Batch:
    """Some rows of a difference, made ready before the lock is asked for."""

    def __init__(self, difference: Difference, words: Words, some: slice) -> None:
        """Sort them by what is to be done with each."""
        self._words = words
        self._ids = difference.ids[some]
        before, stored, after = (
            {name: column[some] for name, column in of.items()}
            for of in (difference.before, difference.stored, difference.after)
        )
        there, stays = stored["stage"] > 0, after["stage"] > 0
        self._new = self._rows(after, tuple(ROW), np.flatnonzero(stays & ~there))
        self._gone = self._ids[there & ~stays].tolist()
        self._changed = list(self._changes(stored, after, there & stays))
        self._moves = dict(self._flows(before, after))

    def write(self, conn: Connection, today: date) -> None:
        """The rows and their flows."""
        standings.add(conn, self._new)
        for names, rows in self._changed:
            standings.change(conn, names, rows)
        standings.drop(conn, self._gone)
        flows.add(conn, today, self._moves)

    def _rows(self, labels: dict[str, Column], names: tuple[str, ...], rows: Column) -> list[dict[str, Any]]:
        keys = ("customer_id", *[ROW[name] for name in names])
        columns = self._words.columns(labels, names, rows)
        return [dict(zip(keys, row, strict=True)) for row in zip(self._ids[rows].tolist(), *columns, strict=True)]

    def _changes(
        self, stored: dict[str, Column], after: dict[str, Column], both: Column
    ) -> Iterator[tuple[tuple[str, ...], list[dict[str, Any]]]]:
        """Rows by the columns that differ; the fifths together, because no index has them."""
        kind = np.zeros(len(both), "i8")
        for bit, names in enumerate(_TOGETHER):
            differs = np.logical_or.reduce([stored[name] != after[name] for name in names])
            kind |= differs.astype("i8") << bit
        for one in np.unique(kind[both & (kind > 0)]).tolist():
            names = tuple(name for bit, its in enumerate(_TOGETHER) if one >> bit & 1 for name in its)
            rows = self._rows(after, names, np.flatnonzero(both & (kind == one)))
            yield tuple(ROW[name] for name in names), rows

    def _flows(self, before: dict[str, Column], after: dict[str, Column]) -> Iterator[tuple[Move, int]]:
        nowhere = np.zeros_like(after["stage"])
        same = before["home"] == after["home"]
        left, came = ~same & (before["stage"] > 0), ~same & (after["stage"] > 0)
        for scheme, column in COLUMN_OF.items():
            was, will = before[column], after[column]
            yield from self._counted(scheme, after["home"], (was, will), same & (was != will))
            yield from self._counted(scheme, before["home"], (was, nowhere), left)
            yield from self._counted(scheme, after["home"], (nowhere, will), came)

    def _counted(
        self, scheme: Scheme, home: Column, pair: tuple[Column, Column], mask: Column
    ) -> Iterator[tuple[Move, int]]:
        words = self._words.of[COLUMN_OF[scheme]]
        was, will = pair
        found = Counter(zip(home[mask].tolist(), was[mask].tolist(), will[mask].tolist(), strict=True))
        for (store, one, other), people in found.items():
            yield Move(self._words.stores[store], scheme, words[one], words[other]), people


def rows(writer: Writer, difference: Difference, words: Words, today: date, step: Step) -> None:
    """Write all of it, rows and flows of a batch in one transaction."""

    def prepare(some: slice) -> Work:
        return partial(Batch(difference, words, some).write, today=today)

    writer.write(len(difference.rows), prepare, step)


def sizes(writer: Writer, found: Mapping[Held, int], kept: Mapping[Held, int], today: date, step: Step) -> None:
    """Keep how many each label of each store holds, where that is not what is kept."""
    changed = sorted((dict.fromkeys(kept, 0) | dict(found)).items() - kept.items())
    writer.write(len(changed), lambda some: partial(flows.hold, on=today, sizes=changed[some]), step)


def counted(labels: dict[str, Column], words: Words) -> dict[Held, int]:
    """How many each label of each store holds."""
    found: dict[Held, int] = {}
    for scheme, column in COLUMN_OF.items():
        many = len(words.of[column])
        key = labels["home"].astype("i8") * many + labels[column]
        counts = np.bincount(key[labels["stage"] > 0])
        for place in np.flatnonzero(counts).tolist():
            found[Held(words.stores[place // many], scheme, words.of[column][place % many])] = int(counts[place])
    return found
