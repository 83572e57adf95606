"""Batches of an import, each stored with how far it got: after a crash the next run goes on behind the last one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from bot.db.bulk import imports
from bot.db.bulk.imports import Cursor
from bot.db.bulk.orders import Counts
from bot.intake.desk import Desk
from bot.intake.options import Kind, Progress
from bot.intake.pace import Pace

T = TypeVar("T")
Work = Callable[[Connection], Counts]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which file is stored, of how many rows, how many of them were refused; who is told of progress.

    `least` rows make a batch, however slow they seem.
    """

    kind: Kind
    digest: bytes
    rows: int
    refused: int
    progress: Progress
    least: int = 100

    def with_refused(self, refused: int) -> "Plan":
        """The same with as many rows refused."""
        return replace(self, refused=refused)


def store(
    desk: Desk, plan: Plan, items: Sequence[T], weigh: Callable[[T], int], prepare: Callable[[Sequence[T]], Work]
) -> Counts:
    """Store items in batches; `weigh` gives an item's rows, `prepare` what stores a batch in one transaction.

    The items must be the same, in the same sequence, whenever the same file is read. Where those already stored
    would not weigh today what was counted then, all are looked at again: that changes nothing that is right.
    """
    now, key = desk.options.now, desk.options.key
    cursor = desk.write(partial(imports.begin, kind=plan.kind, digest=plan.digest, options=key, now=now))
    if sum(map(weigh, items[: cursor.done])) != sum(cursor.counts):
        cursor = replace(cursor, done=0, counts=Counts())
    for end, batch in Pace(plan.least).batches(items, weigh, cursor.done):
        cursor = desk.write(partial(_store, cursor=cursor, end=end, work=prepare(batch)))
        plan.progress(sum(cursor.counts) + plan.refused, plan.rows)
    desk.write(partial(imports.save, cursor=cursor, finished_at=now))
    return cursor.counts


def _store(conn: Connection, cursor: Cursor, end: int, work: Work) -> Cursor:
    cursor = replace(cursor, done=end, counts=cursor.counts.plus(work(conn)))
    imports.save(conn, cursor)
    return cursor


def counted(rows: int, *, new: bool, changed: bool) -> Counts:
    """The rows that want one thing by what becomes of it: a second row with the same words changes nothing."""
    return Counts(int(new), int(changed and not new), rows - int(new or changed))
