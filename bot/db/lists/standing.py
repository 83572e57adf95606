"""What stands in the lists of some stores on a day, read at once; why somebody stands there stays sealed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from bot.db.core.among import Of
from bot.db.lists.lists import List, SealedRow
from bot.db.tables import list_rows, lists
from bot.domain.lists.kinds import Kind


@dataclass(frozen=True, slots=True)
class Standing:
    """The lists of a store and a day, oldest first, and all their rows with the kinds of their lists."""

    lists: tuple[List, ...] = ()
    rows: tuple[tuple[Kind, SealedRow], ...] = ()


_ON = lists.c.made_on == bindparam("day", type_=lists.c.made_on.type)
_LISTS = Of(
    select(lists.c.id, lists.c.store_id, lists.c.staff_id, lists.c.kind, lists.c.made_on, lists.c.made_at)
    .where(_ON)
    .order_by(lists.c.id),
    lists.c.store_id,
)
_MANY = Of(select(lists.c.store_id, func.count()).where(_ON).group_by(lists.c.store_id), lists.c.store_id)
_ROWS = Of(select(*list_rows.c), list_rows.c.list_id)


def of_day(conn: Connection, store_ids: Iterable[int], on: date) -> dict[int, Standing]:
    """What was made for some stores on a day, its rows answered or not."""
    made: dict[int, list[List]] = {}
    nth: Counter[tuple[Any, ...]] = Counter()
    for row in _LISTS.rows(conn, store_ids, day=on):
        one = List(*row)
        nth[one.store_id, one.kind, one.staff_id] += 1
        made.setdefault(one.store_id, []).append(replace(one, nth=nth[one.store_id, one.kind, one.staff_id]))
    by_id = {one.id: one for hers in made.values() for one in hers}
    rows: dict[int, list[tuple[Kind, SealedRow]]] = {}
    for row in sorted(_ROWS.rows(conn, by_id)):
        one = by_id[row[1]]
        rows.setdefault(one.store_id, []).append((one.kind, SealedRow._make(row)))
    return {store: Standing(tuple(hers), tuple(rows.get(store, ()))) for store, hers in made.items()}


def how_many(conn: Connection, store_ids: Iterable[int], on: date) -> dict[int, int]:
    """How many lists each store has of a day."""
    return dict(_MANY.rows(conn, store_ids, day=on))
