"""What became of a push, written down: sent, to be tried again, or at an end that people are told of.

Only the process that holds a row writes; but that it was sent is written down whoever took the row up meanwhile.
`sent_at` stands while it may be there, and afterwards: since when that is so, or when it went.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, case, func, literal, or_, select, update

from bot.chat import Choice
from bot.db import logins
from bot.db.people import SAME_ACCOUNTS
from bot.db.tables import outbox
from bot.db.talk import conversations, trouble
from bot.db.talk.ladder import KNOWS_AGAIN, Ways
from bot.db.talk.outbox import Delivery, settle_members
from bot.domain.shop import Veil
from bot.wire import Fault

LEASE = timedelta(seconds=60)  # longer than any request takes
_FREE: dict[str, object] = {"leased_by": None, "lease_until": None}
MOST_TRIES = 48
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 600.0  # seconds
_KNOWN_FOR, _KNOWN_TRIES = timedelta(hours=2), 20  # the app's check lasts two and a half hours
_TRIES_A_WAY = 3  # surely not there so often: the next way, where there is one


@dataclass(frozen=True, slots=True)
class Desk:
    """The process that sends: its name, the channels it has, and the rows it holds already."""

    name: str
    channels: Collection[str]
    holds: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Push:
    """A row to be sent, and the ways it may take, the first of them now.

    `unsure_since`: when an earlier try went that may have arrived.
    """

    id: int
    key: str
    text: str
    discreet: str
    staff_id: int | None
    store_id: int | None
    delivery: Delivery
    urgent: bool
    word: bool
    tries: int
    unsure_since: datetime | None
    ways: Ways
    menu_id: int | None = None
    choices: tuple[Choice, ...] = ()

    @property
    def unsure(self) -> bool:
        """Whether an earlier try may have arrived."""
        return self.unsure_since is not None

    def told(self, veil: Veil) -> str:
        """The message as a channel may show it."""
        return self.discreet if self.discreet and veil == "closed" else self.text


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a try failed, in the words of the wire; `say` holds no secret.

    `perhaps`: it may be there all the same, and the platform would know it again.
    """

    fate: Literal["unknown", "late", "never", "gone"]
    say: str = ""
    fault: Fault | None = None
    retry_after: float = 0.0
    perhaps: bool = False


def begin(conn: Connection, push: Push, desk: Desk, now: datetime) -> bool:
    """Right before a request: the row is on its way. False where it is not this process's any more."""
    mine = (outbox.c.state.in_(("due", "sending")), outbox.c.leased_by == desk.name)
    values = {
        "state": "sending",
        "tries": case((outbox.c.state == "due", outbox.c.tries + 1), else_=outbox.c.tries),
        "rung": push.ways[0].channel,
        "lease_until": now + LEASE,
        "sent_at": func.coalesce(outbox.c.sent_at, literal(now, outbox.c.sent_at.type)),
    }
    return conn.execute(update(outbox).where(outbox.c.id == push.id, *mine).values(values)).rowcount == 1


def release(conn: Connection, push: Push, desk: Desk) -> None:
    """Give back a row that was reserved, and not begun."""
    mine = (outbox.c.id == push.id, outbox.c.state == "due", outbox.c.leased_by == desk.name)
    conn.execute(update(outbox).where(*mine).values(_FREE))


def sent(conn: Connection, push: Push, desk: Desk, now: datetime) -> None:
    """It is there; her digits answer its list from now on."""
    there = push.ways[0]
    out = {"state": "sent", "last_error": None, "sent_at": now}
    mine = or_(outbox.c.leased_by == desk.name, outbox.c.state.in_(("due", "unknown")))
    done = update(outbox).where(outbox.c.id == push.id, outbox.c.state != "sent", mine)
    if conn.execute(done.values({**out, **_FREE, "rung": there.channel})).rowcount:
        settle_members(conn, push.id, **out)
        if push.menu_id and push.staff_id:
            conversations.point(conn, push.staff_id, there.key, push.menu_id, now)


def failed(conn: Connection, push: Push, desk: Desk, verdict: Verdict, now: datetime) -> None:
    """It is not there, or perhaps not: again, by the next way, or at its end."""
    held = (outbox.c.id == push.id, outbox.c.state == "sending", outbox.c.leased_by == desk.name)
    if conn.execute(select(outbox.c.id).where(*held).with_for_update()).first() is None:
        return
    push = replace(push, tries=push.tries + 1)
    there, rest = push.ways[0], push.ways[1:]
    if verdict.fate == "unknown" or verdict.perhaps:
        _perhaps_there(conn, push, verdict, now)
    elif verdict.fate == "late":
        _later(conn, push, verdict, now)
    elif push.unsure and push.delivery == "dedupe":
        end(conn, push, "unknown", verdict.say, now)
    else:
        blocks = verdict.fate == "gone" and there.private and there.channel not in SAME_ACCOUNTS
        if blocks:
            logins.block(conn, there.channel, there.account, now)
        if rest:
            _again(conn, push, rest[0].channel, verdict, now, at_once=True)
        elif verdict.fate == "gone" and push.staff_id:  # she hears it with her next answer, or when she is back
            _again(conn, push, None, verdict, now, at_once=blocks)
        else:
            end(conn, push, "dead", verdict.say, now)


def lose(conn: Connection, push: Push, rung: str | None, now: datetime) -> None:
    """It was on its way when its process ended."""
    gone = Verdict("late", "发到一半程序停了", perhaps=rung == KNOWS_AGAIN)
    if push.delivery == "at_least_once" or (push.delivery == "dedupe" and gone.perhaps):
        _again(conn, push, rung, gone, now)
    else:
        end(conn, push, "unknown", gone.say, now)


def is_too_late(push: Push, now: datetime) -> bool:
    """Whether the platform might not know this one again, so that another try could double it."""
    if push.delivery != "dedupe" or not push.unsure:
        return False
    since = push.unsure_since or now
    return push.ways[0].channel != KNOWS_AGAIN or now - since > _KNOWN_FOR or push.tries > _KNOWN_TRIES


def end(conn: Connection, push: Push, state: str, why: str, now: datetime) -> None:
    """Let it rest for good, and tell people."""
    since = (push.unsure_since or now) if state == "unknown" else None
    out = {"state": state, "last_error": why, "sent_at": since}
    conn.execute(update(outbox).where(outbox.c.id == push.id).values({**out, **_FREE}))
    settle_members(conn, push.id, **out)
    trouble.report(conn, push.id, now)


def _later(conn: Connection, push: Push, verdict: Verdict, now: datetime) -> None:
    """It is surely not there by this way: again, or by the next one where this one does not open.

    A pause that the platform asks for is kept, and what may have arrived stays where it is known again.
    """
    there, rest = push.ways[0], push.ways[1:]
    shut = verdict.fault == "setup" or (verdict.fault == "again" and push.tries % _TRIES_A_WAY == 0)
    if not shut or (push.unsure and push.delivery == "dedupe"):
        _again(conn, push, there.channel, verdict, now)
    else:
        _again(conn, push, rest[0].channel if rest else None, verdict, now, at_once=bool(rest))


def _perhaps_there(conn: Connection, push: Push, verdict: Verdict, now: datetime) -> None:
    known = verdict.perhaps and push.delivery == "dedupe"
    if known or push.delivery == "at_least_once":
        unsure = replace(push, unsure_since=push.unsure_since or now)
        _again(conn, unsure, push.ways[0].channel, verdict, now)
    else:
        end(conn, push, "unknown", verdict.say, now)


def _again(  # noqa: PLR0913 — what, how, why, when
    conn: Connection, push: Push, rung: str | None, verdict: Verdict, now: datetime, *, at_once: bool = False
) -> None:
    """Put it back, to be tried after a pause that grows; after many tries it is at its end."""
    if push.tries >= MOST_TRIES:
        end(conn, push, "unknown" if push.unsure else "dead", verdict.say, now)
        return
    pause = max(verdict.retry_after, min(_FIRST_PAUSE * 2 ** (push.tries - 1), _LONGEST_PAUSE))
    values = {
        "state": "due",
        "rung": rung,
        "last_error": verdict.say,
        "not_before": None if at_once else now + timedelta(seconds=pause),
        "sent_at": push.unsure_since,
        **_FREE,
    }
    conn.execute(update(outbox).where(outbox.c.id == push.id).values(values))
