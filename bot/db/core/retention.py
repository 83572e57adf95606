"""What is not kept: raw messages and buttons after a week, images of rows once no undo can want them, old trials."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from bot.db.core.ids import first_id_at
from bot.db.tables import changes, inbox, menus, outbox, trials, units

MESSAGES = timedelta(days=7)
IMAGES = timedelta(days=31)
TRIALS = timedelta(days=200)


def tidy(conn: Connection, now: datetime) -> None:
    """Empty old messages (their keys stay, so that repeats are known) and drop old images; cheap to call often."""
    old = first_id_at(now - MESSAGES)
    conn.execute(
        update(inbox).where(inbox.c.id < old, inbox.c.body.is_not(None), inbox.c.state == "done").values(body=None)
    )
    conn.execute(update(outbox).where(outbox.c.id < old, outbox.c.state != "due").values(body=None))
    conn.execute(delete(menus).where(menus.c.id < old))
    conn.execute(delete(trials).where(trials.c.id < first_id_at(now - TRIALS)))
    gone = select(units.c.id).where(units.c.id < first_id_at(now - IMAGES))
    conn.execute(delete(changes).where(changes.c.unit_id.in_(gone)))
    conn.execute(delete(units).where(units.c.id < first_id_at(now - IMAGES)))
