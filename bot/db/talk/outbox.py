"""What must be said later, to a person, to a store's group or to the till's system: a sealed row, with its cause.

Here rows are made, and told with a person's next answer; `queueing` makes many, `pushing` gives them to a process
that sends. What the till's system is owed goes to nobody else, and is owed only where the chain has set where to.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, delete, insert, literal_column, or_, select, update

from bot.db import people
from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import chain, outbox, staff
from bot.domain import quiet
from bot.domain.shop import Veil

Delivery = Literal["once", "at_least_once", "dedupe"]
"""What is done where it is unclear whether it arrived.

once            it is not sent again, and people are told
at_least_once   it is sent again, marked 补发
dedupe          it is sent again, the same to the byte, where the platform knows it again; elsewhere as `once`
"""

WEBHOOK = "wecom_group"  # the channel of a store's group by its webhook; the chat is the store's code
TILL = "pos"  # the first word of the keys of what the till's system is owed
ANSWER = "answer"  # the rung of what was told with her next answer
GATHERED = "makeup"  # the rung of what waits for the next digest, or went with one
MAKEUP = "makeup:"  # how the keys of make-up digests begin
MEMBER = "row:"  # how `leased_by` begins where a row goes with another: then comes that one's id
_DISCREET = "\x1f"  # no text of ours holds one: what follows may go where what was noted may not
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_WORD_LIVES, _NEWS_LIVES = timedelta(days=5), timedelta(days=1)  # bodies are emptied after a week

_DUE = Prepared(
    select(outbox.c.id, outbox.c.body, outbox.c.menu_id, outbox.c.key)
    .where(
        outbox.c.staff_id == bindparam("staff"),
        outbox.c.state == literal_column("'due'"),
        or_(outbox.c.not_before.is_(None), outbox.c.not_before <= bindparam("now", type_=outbox.c.not_before.type)),
        or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > bindparam("now", type_=outbox.c.not_before.type)),
        outbox.c.leased_by.is_(None),
    )
    .order_by(outbox.c.id)
)
_SAID = Prepared(
    update(outbox)
    .where(outbox.c.id == bindparam("row"), outbox.c.state == literal_column("'due'"), outbox.c.leased_by.is_(None))
    .values(
        state=literal_column("'sent'"),
        rung=literal_column(f"'{ANSWER}'"),
        sent_at=bindparam("at", type_=outbox.c.sent_at.type),
    )
)
_ZONE = Prepared(select(chain.c.timezone))
_HERS = Prepared(select(chain.c.timezone, staff.c.quiet_until).where(staff.c.id == bindparam("staff")))
_ADD = {"sqlite": Prepared(insert(outbox).prefix_with("OR IGNORE", dialect="sqlite"))}


def tell(  # noqa: PLR0913, PLR0917 — what is said, to whom, why, when, and where the channel may not show it
    conn: Connection,
    staff_id: int,
    key: str,
    text: str,
    now: datetime,
    discreet: str | None = None,
    *,
    urgent: bool = False,
) -> None:
    """Owe a person what somebody's doing of just now means to her; the same key is owed once.

    It is no digest, but keeps the night and 忙 unless `urgent`: harm that is near, or what she herself waits for.
    `discreet` is the same without what was noted of a customer, for where that may not be shown; None: there is none.
    """
    timezone, busy_until = _HERS.rows(conn, staff=staff_id)[0]
    at = now if urgent else quiet.goes_at(now, people.zone(timezone), busy_until)
    _say(conn, now, at, body=sealable(text, discreet), key=key, staff_id=staff_id, urgent=urgent)


def announce(  # noqa: PLR0913 — what is said, where, why, when, and whether at night
    conn: Connection, store_id: int, key: str, text: str, now: datetime, *, urgent: bool = False
) -> None:
    """Owe the group of a store what was just done; `urgent`: at night too, because somebody wants it said now."""
    at = now if urgent else quiet.goes_at(now, zone_of(conn))
    _say(conn, now, at, body=text, key=key, store_id=store_id, urgent=urgent)


def _say(conn: Connection, now: datetime, at: datetime, *, urgent: bool, **what: Any) -> None:  # noqa: ANN401 — columns
    held: dict[str, Any] = {"not_before": at, "rung": GATHERED} if at > now else {}
    until = now + (_WORD_LIVES if "staff_id" in what else _NEWS_LIVES)
    add(conn, now, urgent=urgent, word=not urgent, delivery="dedupe", expires_at=until, **held, **what)


def tells_till(conn: Connection) -> bool:
    """Whether the chain has a till's system that wants to be told."""
    return bool(conn.get_execution_options().get("zhanggui_tells_till"))


def tell_till(conn: Connection, key: str, body: str, now: datetime) -> None:
    """Owe the till's system a message."""
    add(conn, now, body=body, key=key)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the till's system is owed: its key, the same on every try, and the body to post."""

    id: int
    key: str
    body: str
    created_at: datetime


def due_to_till(conn: Connection, most: int = 50) -> list[Notice]:
    """What the till's system is owed, oldest first."""
    rows = conn.execute(
        select(outbox.c.id, outbox.c.key, outbox.c.body, outbox.c.created_at)
        .where(
            outbox.c.state == literal_column("'due'"),
            outbox.c.staff_id.is_(None),
            outbox.c.store_id.is_(None),
            outbox.c.key.startswith(f"{TILL}:"),
        )
        .order_by(outbox.c.id)
        .limit(most)
    )
    unseal = keys_of(conn).unseal
    return [Notice(row.id, row.key, unseal("outbox.body", row.id, row.body), row.created_at) for row in rows]


def settle_due(conn: Connection, row_id: int, state: str) -> None:
    """Write down what became of a row that is sent again until it arrives, and so is never leased."""
    conn.execute(update(outbox).where(outbox.c.id == row_id, outbox.c.state == "due").values(state=state))


@dataclass(frozen=True, slots=True)
class Owed:
    """What was owed and is now counted as said; `menu_id` is the list whose digits the last of it shows.

    `rows` are the rows that it was, each with its list.
    """

    texts: list[str]
    menu_id: int | None = None
    rows: tuple[tuple[int, int | None], ...] = ()


def owed(conn: Connection, staff_id: int, veil: Veil = "none", now: datetime | None = None) -> Owed:
    """What is owed to this person, as it may be said where she is, now counted as said.

    Without `now` only what has no time of its own.
    """
    texts, menu_id, rows = [], None, []
    for row_id, body, menu, key in _DUE.rows(conn, staff=staff_id, now=now or _NEVER):
        if not _SAID.run(conn, row=row_id, at=now):  # whoever else was quicker says it
            continue
        if key.startswith(MAKEUP):
            settle_members(conn, row_id, state="sent", last_error=None, sent_at=now)
        text, discreet = opened(conn, row_id, body)
        texts.append(discreet if discreet and veil == "closed" else text)
        menu_id = menu or menu_id
        rows.append((row_id, menu))
    return Owed(texts, menu_id, tuple(rows))


def take(conn: Connection, staff_id: int, veil: Veil = "none", now: datetime | None = None) -> list[str]:
    """The words of `owed`."""
    return owed(conn, staff_id, veil, now).texts


def withdraw(conn: Connection, unit_id: int) -> None:
    """Take back what a unit owes anybody and has not said yet; its keys begin with the unit."""
    conn.execute(delete(outbox).where(outbox.c.key.startswith(f"unit:{unit_id}:"), outbox.c.state == "due"))


def sealable(text: str, discreet: str | None) -> str:
    """A text with its discreet one, as a body holds them."""
    return text if discreet is None else f"{text}{_DISCREET}{discreet}"


def opened(conn: Connection, row_id: int, body: bytes | None) -> tuple[str, str]:
    """The text of a row and its discreet one; nothing where old rows were emptied."""
    text, _, discreet = keys_of(conn).unseal("outbox.body", row_id, body).partition(_DISCREET) if body else ("", "", "")
    return text, discreet


def add(conn: Connection, now: datetime, *, body: str, key: str, **more: Any) -> int | None:  # noqa: ANN401 — columns
    """Write a due row; None where its key is known."""
    values = row_of(keys_of(conn), new_id(), now, body=body, key=key, **more)
    row_id: int = values["id"]
    return row_id if adder(conn).run(conn, **values) else None


def row_of(
    keys: Keyring,
    row_id: int,
    now: datetime,
    *,
    body: str,
    key: str,
    **more: Any,  # noqa: ANN401 — columns
) -> dict[str, Any]:
    """A due row, sealed."""
    values = {"delivery": "once", "urgent": False, "word": False, "tries": 0, **more}
    return {
        "id": row_id,
        "key": key,
        "body": sealed_body(keys, row_id, body),
        "state": "due",
        "created_at": now,
        **values,
    }


def sealed_body(keys: Keyring, row_id: int, body: str) -> bytes:
    """What a row says, as it is kept."""
    return keys.seal("outbox.body", row_id, body, note=True)


def held(conn: Connection, staff_id: int, row_id: int) -> tuple[str, str, int | None] | None:
    """What a row of hers says, discreetly too, and its list; None where it is not hers or was emptied."""
    mine = (outbox.c.id == row_id, outbox.c.staff_id == staff_id, outbox.c.body.is_not(None))
    row = conn.execute(select(outbox.c.body, outbox.c.menu_id).where(*mine)).first()
    return (*opened(conn, row_id, row.body), row.menu_id) if row else None


def settle_members(conn: Connection, row_id: int, **values: object) -> None:
    """What becomes of a make-up digest becomes of what went with it; their rung stays that they did."""
    with_it = outbox.c.leased_by == f"{MEMBER}{row_id}"
    conn.execute(update(outbox).where(outbox.c.state == "sending", with_it).values(values))


def zone_of(conn: Connection) -> ZoneInfo:
    """The chain's time zone, read as quickly as a message wants it."""
    rows = _ZONE.rows(conn)
    return people.zone(rows[0][0] if rows else "Asia/Shanghai")


def adder(conn: Connection) -> Prepared:
    """How a row is written; one whose key is known is left out."""
    name = conn.dialect.name
    if name not in _ADD:
        from sqlalchemy.dialects.postgresql import insert as pg_insert  # noqa: PLC0415 — only where that engine is used

        _ADD[name] = Prepared(pg_insert(outbox).on_conflict_do_nothing())
    return _ADD[name]
