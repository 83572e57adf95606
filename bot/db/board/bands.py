"""How many each group of a store holds, and how it moved in the last refresh."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, bindparam, select

from bot.db.core.among import Of
from bot.db.core.types import Day
from bot.db.segments.rules import InForce
from bot.db.tables import segment_flows, segment_sizes
from bot.domain.board.days import Band
from bot.domain.segments.labels import Scheme

_ON = bindparam("on", type_=Day())
_SIZES = Of(
    select(segment_sizes.c.store_id, segment_sizes.c.label, segment_sizes.c.people).where(
        segment_sizes.c.on == _ON, segment_sizes.c.scheme == bindparam("scheme")
    ),
    segment_sizes.c.store_id,
)
_FLOWS = Of(
    select(segment_flows.c.store_id, segment_flows.c.before, segment_flows.c.after, segment_flows.c.people).where(
        segment_flows.c.on == _ON, segment_flows.c.scheme == bindparam("scheme")
    ),
    segment_flows.c.store_id,
)


def bands(
    conn: Connection, store_ids: Iterable[int], on: date, scheme: Scheme, known: InForce
) -> Mapping[int, Sequence[Band]]:
    """The groups of each store in the order they are listed; on the day of the first refresh nothing moved."""
    ids = list(store_ids)
    held: defaultdict[int, dict[str, int]] = defaultdict(dict)
    more: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    came: defaultdict[int, int] = defaultdict(int)
    for store_id, label, people in _SIZES.rows(conn, ids, on=on, scheme=scheme):
        held[store_id][label] = people
    for store_id, before, after, people in _FLOWS.rows(conn, ids, on=on, scheme=scheme):
        more[store_id][before] -= people
        more[store_id][after] += people
        came[store_id] += people if not before else 0
    found = {}
    for store_id, sizes in held.items():
        began = came[store_id] == sum(sizes.values())
        names = known.of(store_id).names(scheme)
        found[store_id] = [
            Band(name, sizes.get(code, 0), None if began else more[store_id].get(code, 0))
            for code, name in names.items()
            if code != "never" and (sizes.get(code) or more[store_id].get(code))
        ]
    return found
