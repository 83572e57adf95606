"""How many each label holds after a refresh, and who went from which label to which, by day and home store.

"" stands for nowhere: who is new, gone, or came from or went to another store. So of a label what came less what
went is the change of its size, in each store.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, text

from bot.db.core.prepared import Prepared
from bot.db.segments import standings
from bot.db.tables import segment_flows, segment_sizes
from bot.domain.segments.labels import Scheme

_ADD = Prepared(
    text("""
INSERT INTO segment_flows ("on", store_id, scheme, "before", "after", people)
VALUES (:on, :store_id, :scheme, :before, :after, :people)
ON CONFLICT ("on", store_id, scheme, "before", "after") DO UPDATE SET people = segment_flows.people + excluded.people
""")
)
_DROP = Prepared(
    text('DELETE FROM segment_sizes WHERE "on" = :on AND store_id = :store_id AND scheme = :scheme AND label = :label')
)
_SIZE = Prepared(
    text("""
INSERT INTO segment_sizes ("on", store_id, scheme, label, people) VALUES (:on, :store_id, :scheme, :label, :people)
ON CONFLICT ("on", store_id, scheme, label) DO UPDATE SET people = excluded.people
""")
)
_HELD = Prepared(
    select(segment_sizes.c.store_id, segment_sizes.c.scheme, segment_sizes.c.label, segment_sizes.c.people).where(
        segment_sizes.c.on == bindparam("on")
    )
)
_SIZES = select(segment_sizes.c.label, segment_sizes.c.people).where(
    segment_sizes.c.on == bindparam("on"), segment_sizes.c.scheme == bindparam("scheme")
)
_FLOWS = select(segment_flows.c.before, segment_flows.c.after, segment_flows.c.people).where(
    segment_flows.c.on == bindparam("on"), segment_flows.c.scheme == bindparam("scheme")
)
_SIZES_OF = {
    False: Prepared(_SIZES),
    True: Prepared(_SIZES.where(segment_sizes.c.store_id == bindparam("store"))),
}
_FLOWS_OF = {
    False: Prepared(_FLOWS),
    True: Prepared(_FLOWS.where(segment_flows.c.store_id == bindparam("store"))),
}


class Move(NamedTuple):
    """From one label of a scheme to another, in a store; "" is nowhere."""

    store_id: int
    scheme: Scheme
    before: str
    after: str


class Held(NamedTuple):
    """A label of a scheme in a store."""

    store_id: int
    scheme: Scheme
    label: str


def add(conn: Connection, on: date, moved: Mapping[Move, int]) -> None:
    """Count people who moved on a day, beside those already counted."""
    day = on.toordinal()
    _ADD.run_many(conn, [{"on": day, "people": people, **move._asdict()} for move, people in sorted(moved.items())])


def held(conn: Connection, on: date) -> dict[Held, int]:
    """How many each label of each store held after the refresh of a day."""
    return {Held(store_id, scheme, label): people for store_id, scheme, label, people in _HELD.rows(conn, on=on)}


def hold(conn: Connection, on: date, sizes: Iterable[tuple[Held, int]]) -> None:
    """Keep how many labels hold on a day, in place of what was kept of them; 0 is not kept."""
    rows = [{"on": on.toordinal(), "people": people, **of._asdict()} for of, people in sizes]
    _SIZE.run_many(conn, [row for row in rows if row["people"]])
    _DROP.run_many(conn, [row for row in rows if not row["people"]])


def sizes(conn: Connection, store_id: int | None, scheme: Scheme, on: date | None = None) -> dict[str, int]:
    """How many each label held after the newest refresh, or that of a day, in a store or in all."""
    day = on or standings.as_of(conn)
    if day is None:
        return {}
    found: Counter[str] = Counter()
    store = {} if store_id is None else {"store": store_id}
    for label, people in _SIZES_OF[bool(store)].rows(conn, on=day, scheme=scheme, **store):
        found[label] += people
    return dict(found)


def flows(conn: Connection, on: date, store_id: int | None, scheme: Scheme) -> dict[tuple[str, str], int]:
    """How many went from one label to another on a day, in a store or in all, as (before, after)."""
    moved: Counter[tuple[str, str]] = Counter()
    store = {} if store_id is None else {"store": store_id}
    for before, after, people in _FLOWS_OF[bool(store)].rows(conn, on=on, scheme=scheme, **store):
        moved[before, after] += people
    return dict(moved)
