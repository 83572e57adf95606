"""Reminders that an answer under a list has made: they end with her next answer, or when she asks to be left alone."""

from datetime import datetime

from bot.db.changes import Recorder
from bot.db.followups import promises as kept
from bot.db.tables import followups

NAMED = "回访："


def close(recorder: Recorder, customer_id: int, now: datetime) -> None:
    """End those of a customer; taken back with the unit, they stand again."""
    for matter in kept.open_of_customer(recorder.conn, customer_id):
        if matter.kind == "reminder" and matter.text.startswith(NAMED):
            recorder.claim(followups, matter.id, "open", state="void", closed_at=now)
