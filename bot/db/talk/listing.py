"""The outbox as an operator reads it: every row opened, with what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot.chat import Choice
from bot.db.tables import outbox, staff, stores
from bot.db.talk import conversations
from bot.db.talk.outbox import opened

STATES = ("due", "sending", "sent", "unknown", "expired", "dead")


@dataclass(frozen=True, slots=True)
class Line:
    """One row; `to` is `staff:CODE`, `store:CODE`, or `till`."""

    id: int
    key: str
    to: str
    state: str
    text: str
    choices: tuple[Choice, ...]
    not_before: datetime | None
    tries: int
    last_error: str | None
    rung: str | None
    delivery: str
    expires_at: datetime | None
    sent_at: datetime | None
    urgent: bool
    word: bool

    def as_json(self, zone: ZoneInfo) -> dict[str, object]:
        """The row with its times in a zone."""
        return {
            "id": self.id,
            "key": self.key,
            "to": self.to,
            "state": self.state,
            "text": self.text,
            "choices": [{"label": choice.label, "command": choice.command} for choice in self.choices],
            "not_before": _told(self.not_before, zone),
            "tries": self.tries,
            "last_error": self.last_error,
            "rung": self.rung,
            "delivery": self.delivery,
            "expires_at": _told(self.expires_at, zone),
            "sent_at": _told(self.sent_at, zone),
            "urgent": self.urgent,
            "word": self.word,
        }


def lines(conn: Connection, state: str | None = None) -> Iterator[Line]:
    """Every row, or those in a state, in the order they were made."""
    wanted = (
        select(outbox, staff.c.code.label("person"), stores.c.code.label("store"))
        .outerjoin(staff, staff.c.id == outbox.c.staff_id)
        .outerjoin(stores, stores.c.id == outbox.c.store_id)
        .order_by(outbox.c.id)
    )
    for row in conn.execute(wanted.where(outbox.c.state == state) if state else wanted).yield_per(500):
        menu = conversations.menu(conn, row.staff_id, row.menu_id) if row.menu_id else conversations.NO_MENU
        yield Line(
            id=row.id,
            key=row.key,
            to=f"staff:{row.person}" if row.person else f"store:{row.store}" if row.store else "till",
            state=row.state,
            text=opened(conn, row.id, row.body)[0],
            choices=menu.choices,
            not_before=row.not_before,
            tries=row.tries,
            last_error=row.last_error,
            rung=row.rung,
            delivery=row.delivery,
            expires_at=row.expires_at,
            sent_at=row.sent_at,
            urgent=row.urgent,
            word=row.word,
        )


def _told(at: datetime | None, zone: ZoneInfo) -> str | None:
    return at.astimezone(zone).isoformat() if at else None
