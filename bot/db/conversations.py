"""What a person's next "她" or "1" means in a chat: the customer in focus and the last numbered list."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Insert

from bot.chat import Choice
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.people import Conversation
from bot.db.tables import conversations

FOCUS_LIFE = timedelta(minutes=10)
MENU_LIFE = timedelta(hours=24)


def _upsert(build: Any) -> Insert:  # noqa: ANN401 — the engine's own insert
    statement = build(conversations)
    fresh = {name: statement.excluded[name] for name in ("focus_id", "focus_at", "menu", "menu_at")}
    done: Insert = statement.on_conflict_do_update(index_elements=["staff_id", "chat"], set_=fresh)
    return done


_PUT: dict[str, Prepared] = {}


def _put(conn: Connection) -> Prepared:
    name = conn.dialect.name
    if name not in _PUT:
        if name == "sqlite":
            from sqlalchemy.dialects.sqlite import insert as build  # noqa: PLC0415 — each engine has its own
        else:
            from sqlalchemy.dialects.postgresql import insert as build  # type: ignore[assignment]  # noqa: PLC0415
        _PUT[name] = Prepared(_upsert(build))
    return _PUT[name]


def remember(conn: Connection, staff_id: int, chat: str, was: Conversation) -> None:
    """Keep what a chat is about now."""
    _put(conn).run(
        conn,
        staff_id=staff_id,
        chat=chat,
        focus_id=was.focus_id,
        focus_at=was.focus_at,
        menu=was.menu,
        menu_at=was.menu_at,
    )


def seal_menu(conn: Connection, staff_id: int, choices: Sequence[Choice]) -> bytes:
    """A numbered list, sealed to the person it was shown to."""
    return keys_of(conn).seal_json(
        "conversations.menu", staff_id, [[c.label, c.command, c.takes_text] for c in choices]
    )


def open_menu(conn: Connection, staff_id: int, menu: bytes | None) -> list[Choice]:
    """The numbered list last shown to this person here; empty where there is none."""
    rows = keys_of(conn).unseal_json("conversations.menu", staff_id, menu) or []
    return [Choice(label, command, takes_text) for label, command, takes_text in rows]


def focus_of(was: Conversation, now: datetime) -> int | None:
    """The customer spoken of, if it was within ten minutes."""
    if was.focus_at is None or not timedelta(0) <= now - was.focus_at <= FOCUS_LIFE:
        return None
    return was.focus_id


def menu_is_old(was: Conversation, now: datetime) -> bool:
    """Whether the numbered list has expired."""
    return was.menu_at is None or now - was.menu_at > MENU_LIFE
