"""One refresh, from marks to labels: nothing is lost or counted twice wherever it is broken off.

The sequence is what makes it so: marks are read before data; whose rows will be written is promised before the first
of them is; rows go with their flows; the new generation comes after all rows and the snapshot, and marks go last.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from bot.db.core.engine import Database
from bot.db.core.ids import new_id
from bot.db.segments import flows, measured, rules, snapshots, stale
from bot.db.segments.measured import Reach
from bot.db.segments.snapshots import Refresh
from bot.domain.analytics.labelling import LAYER_CODES, Codes
from bot.domain.errors import ConflictError
from bot.domain.segments.labels import LAYERS
from bot.refresh import paced, snapshot, turn, writing
from bot.refresh import shops as shops_of
from bot.refresh.catching_up import caught_up, nothing, with_the_gone
from bot.refresh.collecting import Step, everybody
from bot.refresh.paced import Work, Writer
from bot.refresh.relabel import relabelled
from bot.refresh.snapshot import Head, Snapshot
from bot.refresh.writing import Words, difference

_ALL = 1 << 62
_FEW, _MANY = 5_000, 4  # with more than a quarter of very many customers marked, reading everybody is quicker


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many customers have labels, how many rows were written, in what time; `segments` by the layer's words."""

    customers: int
    changed: int
    seconds: float
    segments: dict[str, int]
    as_of: date
    full: bool

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self) | {"as_of": self.as_of.isoformat()}


def refresh(
    database: Database, data: Path, at: datetime, *, full: bool = False, step: Step = paced.silently
) -> Refreshed:
    """Bring everybody's labels to the local day of a moment; `full`: from all orders, not from what changed."""
    began = time.perf_counter()
    with turn.taken(database):
        with database.reading() as conn:
            reach = measured.reach(conn)
        if reach is None:
            raise ConflictError("还没有开店：先运行 zhanggui init，再导入客户和订单。")
        today = at.astimezone(ZoneInfo(reach.timezone)).date()
        database.transact(partial(rules.apply_waiting, today=today))
        night = _Night(data, at, today, full=full)
        with paced.writer(database) as writer:
            with database.reading() as conn:
                measured.frugally(conn)
                night.read(conn, reach, step)
            night.decide()
            night.write(writer, step)
        return night.told(time.perf_counter() - began)


class _Night:
    """A refresh under way."""

    def __init__(self, data: Path, at: datetime, today: date, *, full: bool) -> None:
        self._data, self._at, self._today, self._full = data, at, today, full

    def read(self, conn: Connection, reach: Reach, step: Step) -> None:
        """Marks first, and everything else after them."""
        pairs = stale.pending(conn, _ALL)
        self._marks = np.fromiter(chain.from_iterable(pairs), "i8", 2 * len(pairs)).reshape(-1, 2)
        del pairs  # a million are a hundred megabytes
        self._shops = shops_of.read(conn, reach, self._today)
        self._newest = snapshots.latest(conn)
        self._held = flows.held(conn, self._today)
        known = self._known()
        self._codes = Codes(known.head.words) if known else Codes()
        self._unsure = known.unsure if known else np.zeros(0, "i8")  # what was promised once stays so until it is done
        if known and self._is_enough(known):
            marked = self._marks[:, 0].tolist()
            self._book, self._stored = caught_up(conn, known, marked, self._shops, self._codes)
            return
        del known  # two books at once are too much memory
        self._book, self._stored = everybody(conn, self._shops, self._codes, step), nothing(np.zeros(0, "i8"))
        if known := self._known():
            self._book, self._stored = with_the_gone(self._book, known, self._shops)

    def _known(self) -> Snapshot | None:
        return snapshot.load(self._data, self._newest.id) if self._newest else None

    def _is_enough(self, known: Snapshot) -> bool:
        """Whether the snapshot is of no later day, and saves work."""
        few = max(_FEW, len(known.book["id"]) // _MANY)
        return not self._full and known.head.today <= self._today.toordinal() and len(self._marks) <= few

    def decide(self) -> None:
        """Everybody's labels, and what is to be written of them, which is promised."""
        self._labels, self._cuts = relabelled(self._book, self._shops, self._codes)
        self._difference = difference(self._book, self._labels, self._stored, self._today.toordinal())
        self._book.update(self._labels)
        before = self._newest.id if self._newest else 0
        self._generation = max(new_id(), before + 1)
        snapshot.promise(self._data, before, np.union1d(self._unsure, self._difference.ids))

    def write(self, writer: Writer, step: Step) -> None:
        """All that differs, and the snapshot beside it; then the new generation; the marks are taken away last."""
        with ThreadPoolExecutor(1) as aside:  # the disk is waited for by another thread
            saved = aside.submit(self._save)
            words = Words(self._shops, self._codes)
            writing.rows(writer, self._difference, words, self._today, step)
            writing.sizes(writer, writing.counted(self._labels, words), self._held, self._today, step)
            saved.result()
        written, customers = self._difference.written, self._customers
        done = Refresh(self._generation, self._at, self._today, self._full, customers, written, self._cuts)
        writer.run(partial(snapshots.add, refresh=done))
        snapshot.tidy(self._data, self._generation)
        writer.write(len(self._marks), self._settled, step)

    def _save(self) -> None:
        shops = self._shops
        head = Head(self._today.toordinal(), shops.ids, shops.windows, tuple(self._codes.words))
        snapshot.save(self._data, self._generation, head, self._book)

    def _settled(self, some: slice) -> Work:
        return partial(stale.settle, pairs=[(customer, mark) for customer, mark in self._marks[some].tolist()])

    @property
    def _customers(self) -> int:
        return int((self._labels["stage"] > 0).sum())

    def told(self, seconds: float) -> Refreshed:
        """What became of it."""
        layers = np.bincount(self._labels["layer"], minlength=len(LAYER_CODES)).tolist()
        segments = {words: layers[LAYER_CODES.index(code)] for code, words in LAYERS.items()}
        written = self._difference.written
        return Refreshed(self._customers, written, round(seconds, 3), segments, self._today, self._full)
