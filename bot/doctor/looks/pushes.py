"""Pushes that did not get through lately, and those that wait too long; older ones are emptied and past mending."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from bot.db.tables import outbox

RECENT = timedelta(days=7)
LONGEST = timedelta(hours=1)


def lost_pushes(conn: Connection, now: datetime) -> Mapping[str, int]:
    """How many of the last week are `unknown` (perhaps there) or `dead` (refused), or `due` for longer than an hour."""
    lost = select(outbox.c.state, func.count()).where(
        outbox.c.created_at > now - RECENT, outbox.c.state.in_(("unknown", "dead"))
    )
    waits = select(func.count()).where(
        outbox.c.state == "due",
        or_(outbox.c.staff_id.is_not(None), outbox.c.store_id.is_not(None)),
        func.coalesce(outbox.c.not_before, outbox.c.created_at) < now - LONGEST,
        or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > now),
    )
    found = {row[0]: row[1] for row in conn.execute(lost.group_by(outbox.c.state))}
    return {**found, "due": conn.execute(waits).scalar_one()}
