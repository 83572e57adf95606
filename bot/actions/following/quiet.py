"""Until when somebody is not to be disturbed."""

from datetime import datetime

from sqlalchemy import Connection

from bot.actions.notes import Writer
from bot.db.followups import crew
from bot.db.tables import staff
from bot.domain import quiet


def until(writer: Writer, moment: datetime | None) -> None:
    """Hold back what is not urgent until then; None: no longer. What was held back for longer comes then."""
    conn, staff_id = writer.recorder.conn, writer.staff.id
    was = crew.quiet_until(conn, staff_id)
    writer.recorder.update(staff, staff_id, quiet_until=moment)
    ends = quiet.goes_at(writer.now, writer.staff.zone, moment)
    if was is not None and ends < was:
        crew.bring_forward(conn, staff_id, was, ends)


def quiet_until(conn: Connection, staff_id: int) -> datetime | None:
    """Until when she is not to be disturbed; None where she never said."""
    return crew.quiet_until(conn, staff_id)
