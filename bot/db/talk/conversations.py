"""What a person's next "她" or "1" means in a chat: the customer in focus and the last numbered list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, insert, select, update

from bot.chat import Choice
from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.people import Conversation
from bot.db.tables import conversations, menus

FOCUS_LIFE = timedelta(minutes=10)
MENU_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Menu:
    """A list of choices as it was shown to somebody; `is_spent` once one of its writes had its effect."""

    id: int | None
    choices: tuple[Choice, ...]
    made_at: datetime | None
    is_spent: bool = False

    def is_old(self, now: datetime, life: timedelta = MENU_LIFE) -> bool:
        """Whether it has expired."""
        return self.made_at is None or now - self.made_at > life


NO_MENU = Menu(None, (), None)


def _upsert(build: Any) -> Insert:  # noqa: ANN401 — the engine's own insert
    statement = build(conversations)
    fresh = {name: statement.excluded[name] for name in ("focus_id", "focus_at", "menu_id")}
    done: Insert = statement.on_conflict_do_update(index_elements=["staff_id", "chat"], set_=fresh)
    return done


_PUT: dict[str, Prepared] = {}
_ADD = Prepared(insert(menus))
_SPEND = Prepared(
    update(menus).where(menus.c.id == bindparam("menu"), menus.c.spent_at.is_(None)).values(spent_at=bindparam("now"))
)
_ONE = Prepared(
    select(menus.c.choices, menus.c.made_at, menus.c.spent_at).where(
        menus.c.id == bindparam("menu"), menus.c.staff_id == bindparam("staff")
    )
)


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
        conn, staff_id=staff_id, chat=chat, focus_id=was.focus_id, focus_at=was.focus_at, menu_id=was.menu_id
    )


def point(conn: Connection, staff_id: int, chat: str, menu_id: int, now: datetime) -> None:
    """Let the digits of a chat answer a list that just came there; whoever is spoken of stays."""
    mine = (conversations.c.staff_id == staff_id, conversations.c.chat == chat)
    was = conn.execute(select(conversations.c.focus_id, conversations.c.focus_at).where(*mine)).first()
    focus_id, focus_at = was or (None, None)
    remember(conn, staff_id, chat, Conversation(focus_id, focus_at, menu_id))
    conn.execute(update(menus).where(menus.c.id == menu_id).values(made_at=now))


def add_menu(conn: Connection, staff_id: int, choices: Sequence[Choice], now: datetime) -> int:
    """Keep a list of choices, sealed, for the person it is shown to; gives its id."""
    menu_id = new_id()
    _ADD.run(conn, **menu_row(keys_of(conn), menu_id, staff_id, choices, now))
    return menu_id


def menu_row(keys: Keyring, menu_id: int, staff_id: int, choices: Sequence[Choice], now: datetime) -> dict[str, Any]:
    """A list of choices as it is kept."""
    rows = [[choice.label, choice.command, choice.takes_text] for choice in choices]
    sealed = keys.seal_json("menus.choices", menu_id, rows)
    return {"id": menu_id, "staff_id": staff_id, "choices": sealed, "made_at": now, "spent_at": None}


def add_menus(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keep many lists of choices."""
    _ADD.run_many(conn, rows)


def last_menu(conn: Connection, was: Conversation) -> Menu:
    """The list last shown to this person here."""
    if was.menu_id is None or was.menu is None:
        return NO_MENU
    return Menu(was.menu_id, _choices(conn, was.menu_id, was.menu), was.menu_at, was.menu_spent_at is not None)


def menu(conn: Connection, staff_id: int, menu_id: int) -> Menu:
    """A list by its id, if it was shown to this very person and is still kept."""
    rows = _ONE.rows(conn, menu=menu_id, staff=staff_id)
    if not rows:
        return NO_MENU
    choices, made_at, spent_at = rows[0]
    return Menu(menu_id, _choices(conn, menu_id, choices), made_at, spent_at is not None)


def spend(conn: Connection, menu_id: int, now: datetime) -> bool:
    """Let no choice of this list be written again; False where somebody was quicker."""
    return _SPEND.run(conn, menu=menu_id, now=now) == 1


def _choices(conn: Connection, menu_id: int, sealed: bytes) -> tuple[Choice, ...]:
    rows = keys_of(conn).unseal_json("menus.choices", menu_id, sealed)
    return tuple(Choice(label, command, takes_text) for label, command, takes_text in rows)


def focus_of(was: Conversation, now: datetime) -> int | None:
    """The customer spoken of, if it was within ten minutes."""
    if was.focus_at is None or not timedelta(0) <= now - was.focus_at <= FOCUS_LIFE:
        return None
    return was.focus_id
