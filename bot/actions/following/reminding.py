"""Who is to be reminded of what is due, and at which hour: whoever is on shift, her who promised first."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo

from sqlalchemy import Connection

from bot.db.followups import crew as working
from bot.db.followups.crew import Colleague
from bot.db.followups.promises import Due
from bot.domain.customers import Matter, Sight

CLOSING = time(21)
EVENING = time(20)
_OPENING = time(8)


def has_hour(due_at: datetime, zone: tzinfo) -> bool:
    """Whether it is due at an hour of the working day; else it is called to mind in the evening."""
    return _OPENING <= due_at.astimezone(zone).time() < CLOSING


def alert_at(due_at: datetime, zone: tzinfo) -> datetime:
    """The local moment at which one is called to mind: its hour; the evening before, if it is due in the night."""
    local = due_at.astimezone(zone)
    if has_hour(due_at, zone):
        return local
    day = local.date() if local.time() >= CLOSING else local.date() - timedelta(days=1)
    return datetime.combine(day, EVENING, zone)


def whoever(crew: Sequence[Colleague], due: Due, at: datetime, *, all_day: bool = False) -> list[Colleague]:
    """Who is to do it at a local moment: her who promised, if she is on shift (`all_day`: at any hour of that day).

    Else one of those on shift then, rather one who is not 忙, guides before managers; else one who works that day.
    A day without a rota: her who promised, else the managers, else everybody. Who is off is asked only if all are.
    """
    allowed = [one for one in crew if not one.sees_own or due.guide_id in (None, one.id)]
    able = [one for one in allowed if not one.off] or allowed
    here = [one for one in able if one.hours]
    if not here:
        owner = [one for one in able if one.id == due.matter.owner_id]
        return owner or [one for one in able if one.role == "manager"] or able
    minute = at.hour * 60 + at.minute
    now = [one for one in here if any(start <= minute <= end for start, end in one.hours)]
    mine = [one for one in (here if all_day else now) if one.id == due.matter.owner_id]
    others = sorted(now or here, key=lambda one: one.quiet_until is not None and one.quiet_until > at)
    return (mine or others)[:1]


def expected(conn: Connection, matter: Matter, sight: Sight, zone: tzinfo) -> list[Colleague]:
    """Who, by the rota, will be reminded of one; nobody where there is no rota for that day, or no day."""
    if matter.due_at is None:
        return []
    at = alert_at(matter.due_at, zone)
    crew = working.crew(conn, matter.store_id, at.date())
    if not any(one.hours for one in crew):
        return []
    return whoever(crew, Due(matter, "", "", "", sight.customer.guide_id), at)
