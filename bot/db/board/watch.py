"""Who looked up how many customers a day: counted from the audit by the index of person and time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import Connection, bindparam, func, select

from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.core.types import Moment
from bot.db.tables import audit, staff, stores

MANY, TIMES = 30, 5
"""A day with this many people looked at, and so many times what she does on a usual day, is told."""
_WEEKS = 5
_BUSY = Of(
    select(audit.c.staff_id, func.count(audit.c.customer_id.distinct()))
    .where(
        audit.c.at >= bindparam("since", type_=Moment()),
        audit.c.at < bindparam("until", type_=Moment()),
        audit.c.outcome == "ok",
    )
    .group_by(audit.c.staff_id),
    audit.c.staff_id,
)
_LOOKED = Prepared(
    select(audit.c.at, audit.c.customer_id).where(
        audit.c.staff_id == bindparam("staff"),
        audit.c.at >= bindparam("since", type_=Moment()),
        audit.c.at < bindparam("until", type_=Moment()),
        audit.c.outcome == "ok",
        audit.c.customer_id.is_not(None),
    )
)


@dataclass(frozen=True, slots=True)
class Peak:
    """A day on which somebody looked at far more customers than usually; `usual` 0: nothing to compare with."""

    staff_id: int
    on: date
    people: int
    usual: int


def peaks(conn: Connection, staff_ids: Iterable[int], monday: date, tz: tzinfo) -> list[Peak]:
    """The highest day of each person in the week before a Monday, where it is out of the ordinary."""
    found = []
    until = datetime(monday.year, monday.month, monday.day, tzinfo=tz)
    busy = _BUSY.rows(conn, staff_ids, since=until - timedelta(weeks=1), until=until)
    for staff_id in [staff_id for staff_id, people in busy if people >= MANY]:
        days = _days(conn, staff_id, monday, tz)
        week = {on: len(people) for on, people in days.items() if monday - on <= timedelta(days=7)}
        before = sorted(len(people) for on, people in days.items() if monday - on > timedelta(days=7))
        if not week:
            continue
        on, most = max(week.items(), key=lambda one: (one[1], one[0]))
        others = sorted(count for day, count in week.items() if day != on)
        usual = _middle(before or others)
        if most >= MANY and most >= TIMES * usual:
            found.append(Peak(staff_id, on, most, usual))
    return found


def of_chain(conn: Connection, monday: date, tz: tzinfo) -> list[tuple[str, Peak]]:
    """The same of everybody of the chain, each as 徐汇店 小李; most people first."""
    everybody = conn.execute(select(staff.c.id, staff.c.name, stores.c.name.label("store")).outerjoin(stores)).all()
    known = {row.id: row for row in everybody}
    unseal = keys_of(conn).unseal
    found = sorted(peaks(conn, known, monday, tz), key=lambda one: (-one.people, one.staff_id))
    return [
        (
            f"{known[one.staff_id].store or ''} {unseal('staff.name', one.staff_id, known[one.staff_id].name)}".strip(),
            one,
        )
        for one in found
    ]


def _days(conn: Connection, staff_id: int, monday: date, tz: tzinfo) -> dict[date, set[int]]:
    until = datetime(monday.year, monday.month, monday.day, tzinfo=tz)
    days: dict[date, set[int]] = {}
    for at, customer_id in _LOOKED.rows(conn, staff=staff_id, since=until - timedelta(weeks=_WEEKS), until=until):
        days.setdefault(at.astimezone(tz).date(), set()).add(customer_id)
    return days


def _middle(counts: list[int]) -> int:
    return counts[len(counts) // 2] if counts else 0
