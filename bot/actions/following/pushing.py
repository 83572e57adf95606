"""Reminders of what is due, queued: in the morning, in the evening, at the hour, and upwards where nobody did it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import Connection

from bot.actions.following import reminding
from bot.cards.followups import promises as cards
from bot.cards.followups import reminders
from bot.cards.followups.reminders import Item, Told
from bot.db import customers, decisions
from bot.db.core.engine import keys_of
from bot.db.followups import crew as working
from bot.db.followups import promises as kept
from bot.db.followups.crew import Colleague
from bot.db.followups.promises import Due
from bot.db.talk.queueing import NewPush
from bot.domain import masks, quiet, words

STEP, LATEST = timedelta(minutes=5), timedelta(hours=2)
"""How often what is due at an hour is looked for, and how late it is told at most."""
_A_DAY = timedelta(days=1)
_LONGEST_AGO = timedelta(days=7)
_NEXT_MORNING = time(9, 30)


@dataclass(frozen=True, slots=True)
class Round:
    """A slot of a job for one store: who works there, the slot (local), the time, and whether it is late."""

    conn: Connection
    store_id: int
    crew: Sequence[Colleague]
    slot: datetime
    now: datetime
    late: bool

    @property
    def zone(self) -> tzinfo:
        """The chain's."""
        zone = self.slot.tzinfo
        assert zone is not None  # noqa: S101 — slots are local times
        return zone

    @property
    def today(self) -> date:
        """The local day of the slot."""
        return self.slot.date()


Found = Mapping[int, Sequence[Due]]


def due_by(conn: Connection, store_ids: Sequence[int], slot: datetime) -> Found:
    """Of each store what is open and due from a week ago to the night after the slot's day."""
    begins = _begins(slot.date(), slot.tzinfo)
    found: dict[int, list[Due]] = defaultdict(list)
    for due in kept.due_between(conn, begins - _LONGEST_AGO, begins + 2 * _A_DAY, store_ids):
        found[due.matter.store_id].append(due)
    return found


def _begins(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time(), zone)


def morning(at: Round, rows: Sequence[Due], before: datetime | None) -> list[NewPush]:
    """Today's, with yesterday's that were not done, to whoever is on shift; what a day was too little for goes upwards.

    `before` is the slot of the last morning: what became overdue since then is told of, once.
    """
    last = max(before or at.slot - _A_DAY, at.slot - _LONGEST_AGO).astimezone(at.zone)
    dues = [(due, _due_at(due).astimezone(at.zone)) for due in rows]
    fresh = [due for due, local in dues if local.date() == at.today and not _by_itself(local, at)]
    over = [due for due, local in dues if last.date() <= local.date() < at.today]
    shown = _Shown(at, rows)
    pushes = []
    hers: dict[int, tuple[list[Due], list[Due]]] = defaultdict(lambda: ([], []))
    for place, some in enumerate((fresh, over)):
        for due in some:
            for one in reminding.whoever(at.crew, due, _when(due, at), all_day=True):
                hers[one.id][place].append(due)
    for one in at.crew:
        if one.id in hers:
            today, late = ([shown.item(due, one) for due in some] for some in hers[one.id])
            told = reminders.morning(today, late, late=at.late)
            pushes.append(_push(at, one, f"due:{at.today}:{one.code}", told))
    waiting = [due for due, local in dues if due.matter.kind == "promise" and last - _A_DAY < local <= at.slot - _A_DAY]
    return pushes + _upwards(at, waiting, shown)


def _by_itself(local: datetime, at: Round) -> bool:
    """Whether its hour tells it before the morning's message is there, or with it: then it is not in it as well."""
    told = max(at.now, quiet.with_the_list(at.slot) or at.slot)
    return reminding.has_hour(local, at.zone) and at.now - LATEST <= local < told + STEP


def _when(due: Due, at: Round) -> datetime:
    """The hour at which who is on shift counts; of one that is overdue, now."""
    local = reminding.alert_at(_due_at(due), at.zone)
    return local if local.date() == at.today else at.slot


def _upwards(at: Round, waiting: Sequence[Due], shown: "_Shown") -> list[NewPush]:
    return [
        _push(
            at,
            one,
            f"due-late:{at.today}:{one.code}",
            reminders.kept_waiting([shown.item(due, one) for due in waiting]),
        )
        for one in at.crew
        if waiting and one.role == "manager"
    ]


def evening(at: Round, rows: Sequence[Due]) -> list[NewPush]:
    """What is due at closing time or in the night, to whoever is there then."""
    tonight = [
        due
        for due in rows
        if not reminding.has_hour(_due_at(due), at.zone)
        and reminding.alert_at(_due_at(due), at.zone).date() == at.today
    ]
    shown = _Shown(at, tonight)
    hers: dict[int, list[Due]] = defaultdict(list)
    for due in tonight:
        for one in reminding.whoever(at.crew, due, at.slot):
            hers[one.id].append(due)
    pushes = []
    for one in at.crew:
        if one.id in hers:
            told = reminders.evening([shown.item(due, one) for due in hers[one.id]], late=at.late)
            pushes.append(_push(at, one, f"due-evening:{at.today}:{one.code}", told, asked_for=True))
    return pushes


def at_their_hour(conn: Connection, slot: datetime, now: datetime, since: datetime) -> list[NewPush]:
    """What is due at an hour, from `since` to a step after the slot: one message each, and none twice."""
    pushes = []
    zone = slot.tzinfo or UTC
    dues = [due for due in kept.due_between(conn, since, slot + STEP) if reminding.has_hour(_due_at(due), zone)]
    crews = working.crews(conn, {due.matter.store_id for due in dues}, slot.date())
    for due in dues:
        late = now - _due_at(due) > STEP
        at = Round(conn, due.matter.store_id, crews.get(due.matter.store_id, []), slot, now, late)
        told = reminding.whoever(at.crew, due, _due_at(due).astimezone(at.zone))
        for place, one in enumerate(told):
            key = f"due-hour:{due.matter.id}:{_due_at(due):%Y%m%d%H%M}" + f":{one.code}" * bool(place)
            said = reminders.hour(_Shown(at, [due]).item(due, one), late=at.late)
            pushes.append(_push(at, one, key, said, asked_for=True))
    return pushes


def _due_at(due: Due) -> datetime:
    assert due.matter.due_at is not None  # noqa: S101 — only what is due is looked for
    return due.matter.due_at


def _push(at: Round, to: Colleague, key: str, told: Told, *, asked_for: bool = False) -> NewPush:
    """A message to one of them. `asked_for`: at an hour that was named; all else comes with the list of ten."""
    until = datetime.combine(at.today + _A_DAY, _NEXT_MORNING, at.zone)
    return NewPush(
        key=key,
        text=told.text,
        staff_id=to.id,
        choices=told.choices,
        discreet=told.discreet,
        delivery="at_least_once" if asked_for else "dedupe",
        word=asked_for,
        gathers=not asked_for,
        not_before=None if asked_for else quiet.with_the_list(at.slot),
        expires_at=until,
    )


class _Shown:
    """Rows in words for whoever is told: names masked, numbers of others' too."""

    def __init__(self, at: Round, rows: Sequence[Due]) -> None:
        self._at = at
        self._names = {one.id: one.name for one in at.crew}
        self._known: list[str] = []
        if rows and decisions.veil_of(at.conn, decisions.TELEGRAM) == "names":  # then notes may go there, names may not
            self._known = customers.named_in(at.conn, "\n".join(due.matter.text for due in rows), at.store_id)

    def item(self, due: Due, to: Colleague) -> Item:
        """One of them to one person."""
        matter, at = due.matter, self._at
        named = str(matter.number) if matter.number else f"号#{keys_of(at.conn).token(matter.id, to.id)}"
        masked = masks.who(due.name, due.last4)
        return Item(
            kind=matter.kind,
            called=cards.called(matter),
            who=masked if due.name or not due.alias else words.clip(due.alias, 60),
            abroad=masked,
            text=masks.scrub(matter.text, [due.name, *self._known]),
            due=cards.deadline(matter, at.now, at.zone),
            say=f"{cards.COMMANDS[matter.kind]} {named}",
            by=self._names.get(matter.owner_id or 0, ""),
        )
