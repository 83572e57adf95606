"""The clock of complaints: an hour before one is due its owner hears, at its time who leads, a day later head office.

Outside the store's working hours nobody hears of what is not 急: it waits for the morning.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from sqlalchemy import Connection

from bot.cards.board import complaints as cards
from bot.db.board import clock, rota
from bot.db.board.clock import Open
from bot.db.talk.queueing import NewPush
from bot.domain import masks, quiet, words
from bot.domain.board.days import Worker, leaders, on_shift

STEP = timedelta(minutes=10)
AHEAD, OFFICE = timedelta(hours=1), timedelta(hours=24)
FORGOTTEN = timedelta(days=3)
"""Overdue for longer it is told in the digest alone: every step of its clock had its time."""
_FRESH = timedelta(hours=20)
_OPENS, _EVENING = time(8, 30), time(20)
_A_NIGHT = timedelta(hours=14)
"""What is due in the morning is told of on the evening before: so much earlier than an hour ahead at most."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What one person is told, and the key by which it is told once."""

    key: str
    to: Worker
    text: str
    discreet: str


def reminders(conn: Connection, now: datetime, tz: tzinfo) -> list[NewPush]:
    """What is told to who has to know of what is nearly due or has passed its time, each once a step."""
    closed = _closed(now.astimezone(tz))
    every = clock.due_by(conn, now - FORGOTTEN, now + AHEAD + _A_NIGHT)
    found = [one for one in every if one.urgent or not closed]
    if not found:
        return []
    people = rota.workers(conn, {one.store_id for one in found}, now.astimezone(tz).date())
    said = [word for one in found for word in _words(one, people.get(one.store_id, []), now, tz)]
    said += _to_office(found, people, rota.of_role(conn, "hq"), now, tz)
    return [_push(word, now) for word in said]


def _push(word: _Word, now: datetime) -> NewPush:
    return NewPush(
        key=f"complaint:{word.key}:{word.to.code}",
        text=word.text,
        staff_id=word.to.id,
        discreet=word.discreet,
        delivery="at_least_once",
        urgent=True,
        expires_at=now + _FRESH,
    )


def _words(one: Open, workers: list[Worker], now: datetime, tz: tzinfo) -> Iterator[_Word]:
    """What is said in the store: to its owner ahead, to who leads at its time; where nobody else leads, to her again.

    What was missed ahead, because nothing ran, is said late, but not beside the same words of its time.
    """
    owner = next((worker for worker in workers if worker.id == one.owner_id), None)
    first = [owner] if owner else _standing_in(workers)
    others = [worker for worker in leaders(workers) if worker not in first]
    who, facets, late = masks.who(one.name, one.last4), words.join(one.facets), now - one.due_at
    due, key, over = words.clock(one.due_at, now, tz), f"{one.id}:{int(one.due_at.timestamp())}", late >= timedelta(0)
    if now >= _ahead(one, tz) and (others or not over):
        text, closed = (cards.owner(one.number, *said, due, over=over) for said in _said(who, facets))
        yield from (_Word(f"{key}:ahead", worker, text, closed) for worker in first)
    if over and others:
        called = owner.name if owner else ""
        text, closed = (cards.manager(one.number, *said, late, called) for said in _said(who, facets))
        yield from (_Word(f"{key}:due", worker, text, closed) for worker in others)
    elif over:
        text, closed = (cards.owner(one.number, *said, due, over=True) for said in _said(who, facets))
        yield from (_Word(f"{key}:due", worker, text, closed) for worker in first)


def _said(who: str, facets: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Of whom and what, whole and as it may be said where no note may be shown."""
    return (who, facets), (cards.ABROAD, "")


def _to_office(
    found: Iterable[Open],
    people: Mapping[int, Sequence[Worker]],
    office: Sequence[Worker],
    now: datetime,
    tz: tzinfo,
) -> Iterator[_Word]:
    """One message for all whose turn comes with the same slot; its key names the slot, so that it is told once."""
    slots: defaultdict[datetime, list[Open]] = defaultdict(list)
    for one in found:
        turn = _slot(_working(one, one.due_at + OFFICE, tz))
        if turn <= now:
            slots[turn].append(one)
    for turn, some in slots.items():
        text = cards.head_office([_told(one, list(people.get(one.store_id, ())), now) for one in some])
        for worker in office:
            yield _Word(f"hq:{int(turn.timestamp())}", worker, text, text)


def _told(one: Open, workers: list[Worker], now: datetime) -> cards.Late:
    owner = next((worker.name for worker in workers if worker.id == one.owner_id), "")
    whose = cards.whose(owner, has_manager=bool(leaders(workers)))
    return cards.Late(one.store, one.number, now - one.due_at, whose, urgent=one.urgent)


def _ahead(one: Open, tz: tzinfo) -> datetime:
    """An hour before it is due; where that is before the store opens or after it closes, the last evening before."""
    at = (one.due_at - AHEAD).astimezone(tz)
    if one.urgent or not _closed(at):
        return at
    day = at.date() if at.time() >= quiet.BEGINS else at.date() - timedelta(days=1)
    return datetime.combine(day, _EVENING, tz)


def _working(one: Open, moment: datetime, tz: tzinfo) -> datetime:
    """The first moment, not before this one, at which the store works; of what is 急 this one."""
    at = moment.astimezone(tz)
    if one.urgent or not _closed(at):
        return at
    return datetime.combine(at.date() + timedelta(days=at.time() >= quiet.BEGINS), _OPENS, tz)


def _closed(local: datetime) -> bool:
    return local.time() < _OPENS or local.time() >= quiet.BEGINS


def _slot(moment: datetime) -> datetime:
    """The slot of the job that comes at this moment or next after it."""
    begun = datetime.fromtimestamp(moment.timestamp() // STEP.total_seconds() * STEP.total_seconds(), UTC)
    return begun if begun == moment else begun + STEP


def _standing_in(workers: list[Worker]) -> list[Worker]:
    """Nobody owns it any more: who leads, else who works today, else everybody."""
    return leaders(workers) or on_shift(workers)[:1] or workers
