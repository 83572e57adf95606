"""Messages nobody asked for, queued: made ready without a lock, then written many at once, each key only once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot.chat import Choice, with_digits
from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_ids
from bot.db.tables import outbox, staff
from bot.db.talk import conversations
from bot.db.talk.gathering import stays_until
from bot.db.talk.outbox import GATHERED, Delivery, adder, row_of, sealable, zone_of
from bot.domain import quiet

_KNOWN = Of(select(outbox.c.key), outbox.c.key)
_HERE = Of(select(outbox.c.id), outbox.c.id)
_BUSY = Of(select(staff.c.id, staff.c.quiet_until), staff.c.id)


@dataclass(frozen=True, slots=True)
class NewPush:
    """A message to a person, or to a store's group; its key is queued once.

    `choices` are a person's own: the digits answer them once it is there. `discreet` is the same without what was
    noted of a customer, for where that may not be shown. What is not `urgent` keeps quiet hours and 忙, and is one of
    two digests a day unless it is a `word`: a colleague's, or at an hour that was named. Not sent by `expires_at` it
    is not sent any more, and whoever should know is told; what quiet holds back from a person comes all the same.
    What `gathers` comes with her next digest, and at `not_before` by itself.
    """

    key: str
    text: str
    staff_id: int | None = None
    store_id: int | None = None
    choices: Sequence[Choice] = ()
    discreet: str | None = None
    delivery: Delivery = "dedupe"
    urgent: bool = False
    word: bool = False
    not_before: datetime | None = None
    gathers: bool = False
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what has no one receiver."""
        if (self.staff_id is None) == (self.store_id is None) or (self.choices and self.staff_id is None):
            raise ValueError("a push goes to a person or to a store, and only a person chooses")


@dataclass(frozen=True, slots=True)
class Ready:
    """A message as it will be written: sealed, its row of the outbox and, where it has choices, of the menus."""

    key: str
    row: dict[str, Any]
    menu: dict[str, Any] | None


def ready(conn: Connection, pushes: Sequence[NewPush], now: datetime) -> list[Ready]:
    """Make messages ready to be written: only reads."""
    if not pushes:
        return []
    zone = zone_of(conn)
    people = {one.staff_id for one in pushes if one.staff_id is not None and not one.urgent}
    busy: dict[int | None, datetime | None] = dict(_BUSY.rows(conn, people))
    ids, menu_ids = new_ids(len(pushes)), new_ids(len(pushes))
    return [
        _ready(conn, one, (row_id, menu_id), now, _first(one, now, zone, busy.get(one.staff_id)))
        for one, row_id, menu_id in zip(pushes, ids, menu_ids, strict=True)
    ]


def _first(one: NewPush, now: datetime, zone: ZoneInfo, busy_until: datetime | None) -> datetime:
    """The first moment at which it may be said by itself."""
    earliest = max(now, one.not_before or now)
    return earliest if one.urgent else quiet.goes_at(earliest, zone, busy_until)


def _ready(conn: Connection, one: NewPush, ids: tuple[int, int], now: datetime, at: datetime) -> Ready:
    row_id, menu_id = ids
    earliest = max(now, one.not_before or now)
    menu = None
    if one.choices and one.staff_id:
        menu = conversations.menu_row(keys_of(conn), menu_id, one.staff_id, one.choices, now)
    discreet = None if one.discreet is None else with_digits(one.discreet, one.choices)
    row = row_of(
        keys_of(conn),
        row_id,
        now,
        body=sealable(with_digits(one.text, one.choices), discreet),
        key=one.key,
        staff_id=one.staff_id,
        store_id=one.store_id,
        menu_id=menu_id if menu else None,
        delivery=one.delivery,
        urgent=one.urgent,
        word=one.word,
        not_before=at if at > earliest else one.not_before,
        expires_at=stays_until(one.expires_at, at) if one.staff_id and at > earliest else one.expires_at,
        rung=GATHERED if one.gathers or at > earliest == now else None,
    )
    return Ready(one.key, row, menu)


def put(conn: Connection, made: Sequence[Ready]) -> set[str]:
    """Write what is ready and gives the keys that were not known; of two with one key the first."""
    known = {key for (key,) in _KNOWN.rows(conn, [one.key for one in made])} if made else set()
    fresh = list({one.key: one for one in reversed(made) if one.key not in known}.values())[::-1]
    if not fresh:
        return set()
    adder(conn).run_many(conn, [one.row for one in fresh])
    if conn.dialect.name != "sqlite":  # somebody may have been quicker since
        there = {row_id for (row_id,) in _HERE.rows(conn, [one.row["id"] for one in fresh])}
        fresh = [one for one in fresh if one.row["id"] in there]
    if lists := [one.menu for one in fresh if one.menu]:
        conversations.add_menus(conn, lists)
    return {one.key for one in fresh}


def push_all(conn: Connection, pushes: Sequence[NewPush], now: datetime) -> set[str]:
    """Queue messages; gives the keys that were not known."""
    return put(conn, ready(conn, pushes, now))


def push(conn: Connection, one: NewPush, now: datetime) -> int | None:
    """Queue one; gives its row, None where its key is known."""
    (made,) = ready(conn, [one], now)
    row_id: int = made.row["id"]
    return row_id if put(conn, [made]) else None
