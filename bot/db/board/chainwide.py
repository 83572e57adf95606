"""The chain in counts, for head office: groups, complaints, wishes; a few statements however many stores."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, case, cast, func, select

from bot.db.core.engine import keys_of
from bot.db.segments import flows
from bot.db.tables import complaints, demands
from bot.domain.board.days import Band
from bot.domain.segments.labels import Scheme

_MOST = 20


class Matters(NamedTuple):
    """Complaints of the chain that are open, and overdue."""

    open: int
    late: int


def bands(conn: Connection, on: date, names: Mapping[str, str], scheme: Scheme = "frequency") -> Sequence[Band]:
    """The groups of the chain after a refresh, and how they moved in it."""
    held, moved = flows.sizes(conn, None, scheme, on), flows.flows(conn, on, None, scheme)
    more: Counter[str] = Counter()
    for (before, after), people in moved.items():
        more[before] -= people
        more[after] += people
    began = sum(people for (before, _), people in moved.items() if not before) == sum(held.values())
    return [
        Band(name, held.get(code, 0), None if began else more[code])
        for code, name in names.items()
        if code != "never" and held.get(code)
    ]


def changed(conn: Connection, on: date, before: date, names: Mapping[str, str]) -> Sequence[Band]:
    """The layers of the chain after a refresh, beside another; nothing to compare with where that day had none."""
    held, was = flows.sizes(conn, None, "layer", on), flows.sizes(conn, None, "layer", before)
    return [
        Band(name, held[code], held[code] - was.get(code, 0) if was else None)
        for code, name in names.items()
        if code != "never" and held.get(code)
    ]


def matters(conn: Connection, now: datetime) -> Matters:
    """Complaints that are open."""
    late = cast(func.sum(case((complaints.c.due_at < now, 1), else_=0)), BigInteger)
    row = conn.execute(select(func.count(), late).where(complaints.c.state == "open")).one()
    return Matters(row[0], row[1] or 0)


def complaints_of(conn: Connection, since: datetime, until: datetime) -> Counter[str]:
    """What was complained of in a time, by facet; most first."""
    keys = keys_of(conn)
    wanted = select(complaints.c.id, complaints.c.content).where(
        complaints.c.opened_at >= since, complaints.c.opened_at < until
    )
    said = (keys.unseal_json("complaints.content", row.id, row.content) for row in conn.execute(wanted))
    counts = Counter(facet for one in said for facet in one.get("facets") or ("其他",))
    return Counter(dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))))


def wishes(conn: Connection, since: datetime, until: datetime) -> Counter[str]:
    """What was asked for and not there in a time; most first."""
    many = func.count()
    wanted = (
        select(demands.c.wanted, many)
        .where(demands.c.state != "void", demands.c.at >= since, demands.c.at < until)
        .group_by(demands.c.wanted)
        .order_by(many.desc(), demands.c.wanted)
        .limit(_MOST)
    )
    return Counter({row[0]: row[1] for row in conn.execute(wanted)})
