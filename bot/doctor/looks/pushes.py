"""Pushes that did not get through lately; older ones are emptied, and nobody can do anything about them any more."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from bot.db.tables import outbox

RECENT = timedelta(days=7)


def lost_pushes(conn: Connection, now: datetime) -> Mapping[str, int]:
    """How many of the last week are `unknown` (perhaps there) or `dead` (refused)."""
    lost = select(outbox.c.state, func.count()).where(
        outbox.c.created_at > now - RECENT, outbox.c.state.in_(("unknown", "dead"))
    )
    return {row[0]: row[1] for row in conn.execute(lost.group_by(outbox.c.state))}
