"""What staff did on a day that is worth a word: counted from what they wrote and did not take back."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from bot.db.core.prepared import Prepared
from bot.db.core.types import Moment
from bot.db.tables import units

_NOTES = frozenset({"记", "敏", "改", "建", "临"})
_LATEST = 200  # of one person: more than anybody writes in a day and a half
_newest = (
    select(units.c.command, units.c.customer_id, units.c.at, units.c.undone_at)
    .where(units.c.staff_id == bindparam("staff"))
    .order_by(units.c.id.desc())
    .limit(_LATEST)
    .subquery()
)
_DONE = Prepared(
    select(_newest.c.command, _newest.c.customer_id)
    .where(
        _newest.c.at >= bindparam("since", type_=Moment()),
        _newest.c.at < bindparam("until", type_=Moment()),
        _newest.c.undone_at.is_(None),
    )
    .distinct()
)


def best(
    conn: Connection, crews: Mapping[int, Iterable[int]], since: datetime, until: datetime
) -> dict[int, tuple[int, str, int]]:
    """Of each store who of its crew did most in that time, what (记 诉结) and for how many customers.

    A store where nobody did anything is not there.
    """
    found = {}
    for store_id, crew in crews.items():
        done = [one for staff_id in crew for one in _deeds(conn, staff_id, since, until)]
        if done:
            found[store_id] = max(done, key=lambda one: (one[1] == "记", one[2], -one[0]))
    return found


def _deeds(conn: Connection, staff_id: int, since: datetime, until: datetime) -> Iterator[tuple[int, str, int]]:
    done = _DONE.rows(conn, staff=staff_id, since=since, until=until)
    noted = {customer for command, customer in done if command in _NOTES and customer}
    closed = {customer for command, customer in done if command == "诉结" and customer}
    if len(noted) > 1:
        yield staff_id, "记", len(noted)
    if closed:
        yield staff_id, "诉结", len(closed)
