"""What customers asked for and was not there: written down, counted by persons, told when it arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from bot.actions import notes
from bot.actions.notes import Writer
from bot.cards.notes import Line
from bot.db import people
from bot.db.core.ids import new_id
from bot.db.followups import demands as asked
from bot.db.followups.demands import Asking
from bot.db.lists import lists
from bot.db.lists.lists import List
from bot.db.tables import demands
from bot.domain.customers import Sight
from bot.domain.language.values import Statement
from bot.domain.shop import Staff

_RECENT = timedelta(days=7)
ASKED_FOR = "问过"
"""What stands before the goods in the reason of a row of such a list."""
REMEMBERED = timedelta(days=180)
"""How long after having asked she still likes to hear that it has arrived."""


def want(writer: Writer, sight: Sight | None, wanted: str) -> Line | None:
    """Write down that somebody asked; a customer's card knows it too. Gives the line of her note."""
    staff = writer.staff
    writer.recorder.insert(
        demands,
        {
            "id": new_id(),
            "store_id": staff.store_id,
            "customer_id": sight.customer.id if sight else None,
            "staff_id": staff.id,
            "wanted": wanted,
            "state": "open",
            "at": writer.now,
        },
    )
    return notes.note(writer, sight, [Statement("demand", wanted)])[0] if sight else None


def _month(now: datetime, staff: Staff) -> datetime:
    """The first moment of the local month."""
    return datetime.combine(now.astimezone(staff.zone).date().replace(day=1), time(), staff.zone)


def asked_for(conn: Connection, staff: Staff, now: datetime, wanted: str) -> int:
    """How many persons asked for the same in her store this month."""
    found = asked.asked(conn, staff.store_id or 0, _month(now, staff), told=True)
    return asked.people(one for one in found if asked.alike(one.wanted, wanted))


def this_month(conn: Connection, staff: Staff, now: datetime) -> list[tuple[str, int]]:
    """What was asked for in her store this month, alike things as one, with how many persons; the most wanted first."""
    groups: list[list[Asking]] = []
    for one in asked.asked(conn, staff.store_id or 0, _month(now, staff), told=True):
        same = next((group for group in groups if asked.alike(group[0].wanted, one.wanted)), None)
        if same is None:
            groups.append([one])
        else:
            same.append(one)
    counted = [(group[0].wanted, asked.people(group)) for group in groups]
    return sorted(counted, key=lambda pair: -pair[1])


def waiting(conn: Connection, staff: Staff, now: datetime, wanted: str) -> Sequence[Asking]:
    """Everybody in her store who asked for it and has not been told, the oldest first."""
    found = asked.asked(conn, staff.store_id or 0, now - REMEMBERED, told=False)
    return [one for one in found if asked.alike(one.wanted, wanted)]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that was made of those who asked for the same, whose it is, and how many of them stand in it."""

    made: List
    by: str
    how_many: int


def listed_before(conn: Connection, staff: Staff, now: datetime, wanted: str) -> Listed | None:
    """The newest list of her store, of the last days, of those who asked for the same; None where there is none."""
    since = (now - _RECENT).astimezone(staff.zone).date()
    found = []
    for staff_id, _code, name, _role in people.colleagues(conn, staff.store_id or 0):
        for made in lists.of_staff(conn, staff_id, since):
            rows = lists.rows_of(conn, made.id) if made.kind == "arrived" else []
            count = sum(asked.alike(row.why.reason.partition(ASKED_FOR)[2], wanted) for row in rows)
            if count and made.store_id == staff.store_id:
                found.append(Listed(made, "" if staff_id == staff.id else name, count))
    return max(found, key=lambda one: one.made.made_at, default=None)
