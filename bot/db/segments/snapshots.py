"""Finished refreshes: the day each looked at, and the borders of the fifths it cut.

The id of the newest is the generation of the snapshot that goes with it (bot/refresh/snapshot.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from bot.db.core.prepared import Prepared
from bot.db.tables import chain, refreshes
from bot.domain.segments.layering import Borders, Cuts, fixed
from bot.domain.segments.rules import Rules

_LATEST = Prepared(
    select(
        refreshes.c.id,
        refreshes.c.finished_at,
        refreshes.c.as_of,
        refreshes.c.full,
        refreshes.c.customers,
        refreshes.c.changed,
        refreshes.c.cuts,
    )
    .order_by(refreshes.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Refresh:
    """A finished refresh, a column each; `cuts` by store, "" is the chain; who has none has the fixed ranks."""

    id: int
    finished_at: datetime
    as_of: date
    full: bool
    customers: int
    changed: int
    cuts: Mapping[str, Cuts]


def latest(conn: Connection) -> Refresh | None:
    """The newest refresh."""
    rows = _LATEST.rows(conn)
    if not rows:
        return None
    row_id, finished_at, as_of, full, customers, changed, cuts = rows[0]
    among = {store: _cuts(*one) for store, one in json.loads(cuts).items()}
    return Refresh(row_id, finished_at, as_of, full, customers, changed, among)


def cuts(conn: Connection, store_id: int, rules: Rules) -> Cuts:
    """The borders of the fifths that a store's customers stand among since the newest refresh."""
    newest = latest(conn)
    return chosen(newest.cuts if newest else {}, store_id, rules)


def chosen(among: Mapping[str, Cuts], store_id: int, rules: Rules) -> Cuts:
    """Those of a store by its rules; the fixed ranks where there were too few buyers."""
    found = among.get("" if rules.among == "chain" else str(store_id))
    return found if found and found.buyers >= rules.fewest else fixed(rules)


def add(conn: Connection, refresh: Refresh) -> None:
    """Keep a refresh: from now on the layers are of its day."""
    values = {
        "id": refresh.id,
        "finished_at": refresh.finished_at,
        "as_of": refresh.as_of,
        "full": refresh.full,
        "customers": refresh.customers,
        "changed": refresh.changed,
        "cuts": json.dumps(refresh.cuts),
    }
    conn.execute(insert(refreshes).values(**values))
    conn.execute(update(chain).values(segments_on=refresh.as_of))


def _cuts(r: list[int], f: list[int], m: list[int], buyers: int) -> Cuts:
    return Cuts(_borders(*r), _borders(*f), _borders(*m), buyers)


def _borders(second: int, third: int, fourth: int, fifth: int) -> Borders:
    return second, third, fourth, fifth
