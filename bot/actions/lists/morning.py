"""The morning's lists of many stores: decided and worded without a lock, then written with a few statements.

Whichever job comes first tells whoever has somebody due for its kinds the whole list of the day: one message a person
and a day. The recalls bring everybody who was not told, and the store's group.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain

from sqlalchemy import Connection

from bot.actions.lists import listing, wording
from bot.actions.lists.asking import Asking, ask, of_one, together
from bot.actions.lists.candidates import Due, Page, page
from bot.actions.lists.choosing import Chosen, Picking
from bot.actions.lists.listing import ROOM
from bot.actions.lists.place import Place
from bot.cards.calling import rows as cards
from bot.db.followups import crew as working
from bot.db.followups.crew import Colleague
from bot.db.lists import duty, known, lists, trials
from bot.db.lists import standing as made_before
from bot.db.lists.known import Known, Person
from bot.db.lists.lists import List, Made, NewList, NewRow, Row
from bot.db.lists.standing import Standing
from bot.db.lists.trials import Entry
from bot.db.talk import queueing, rooms
from bot.db.talk.queueing import NewPush, Ready
from bot.domain.lists.kinds import Kind

_POOL, _GROUP = 5, 10
_AT = timedelta(hours=10)  # much later than that they say so
_UNTIL = timedelta(hours=21)
_SPARE = 4


@dataclass(frozen=True, slots=True)
class Letter:
    """A list to be told to somebody (None: the group): a new one, or one that she asked for before."""

    key: str
    to: Colleague | None
    new: NewList | None
    early: tuple[List, Sequence[Row]] | None = None


@dataclass(slots=True)
class Decided:
    """What is told in a store, and what was known when it was decided; `seen` lists of the day were there."""

    seen: int = 0
    letters: list[Letter] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    people: Mapping[int, Person] = field(default_factory=dict)
    hers: Mapping[int, Known] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Morning:
    """The lists of some stores, ready to be written."""

    places: Mapping[str, Place]
    kinds: Collection[Kind]
    decided: Mapping[str, Decided]
    made: Mapping[str, Made]
    ready: Mapping[str, Sequence[Ready]]

    def write(self, conn: Connection, mine: Collection[str]) -> dict[str, int]:
        """Write those of some stores, and give how many messages each was queued.

        Where somebody asked for a list meanwhile it is decided again.
        """
        here = {code: one for code, one in self.decided.items() if code in mine and (one.letters or one.entries)}
        if not here:
            return {}
        today = self.places[next(iter(here))].today
        there = made_before.how_many(conn, [self.places[code].store.id for code in here], today)
        late = [code for code in here if there.get(self.places[code].store.id, 0) != here[code].seen]
        for code in late:
            del here[code]
        fresh = queueing.put(conn, [one for code in here for one in self.ready[code]])
        lists.put(conn, [self.made[key] for key in fresh if key in self.made])
        trials.enter_all(conn, today, {self.places[code].store.id: one.entries for code, one in here.items()})
        queued = {code: sum(one.key in fresh for one in self.ready[code]) for code in here}
        return queued | look([self.places[code].on(conn) for code in late], self.kinds).write(conn, late)


def look(places: Sequence[Place], kinds: Collection[Kind]) -> Morning:
    """Decide and word the lists of whoever has somebody due for one of these kinds."""
    if not places:
        return Morning({}, kinds, {}, {}, {})
    conn, now = places[0].conn, places[0].now
    by_code = {one.store.code: one for one in places}
    decided = together(conn, {code: _decided(place, kinds) for code, place in by_code.items()})
    new = {letter.key: letter.new for one in decided.values() for letter in one.letters if letter.new}
    made = dict(zip(new, lists.prepared(conn, list(new.values()), now), strict=True))
    pushes = {
        code: [_push(place, letter, made.get(letter.key), decided[code]) for letter in decided[code].letters]
        for code, place in by_code.items()
    }
    ready = iter(queueing.ready(conn, list(chain.from_iterable(pushes.values())), now))
    return Morning(by_code, kinds, decided, made, {code: [next(ready) for _ in some] for code, some in pushes.items()})


# --- deciding for a store --------------------------------------------------------------------------------------


def _decided(place: Place, kinds: Collection[Kind]) -> Asking[Decided]:
    recalls = "recall" in kinds
    found: dict[Kind, list[Due]] = {}
    for kind in kinds:
        if kind != "recall":
            (due,) = listing.pages(place, kind)
            found[kind] = list((yield from due))
    if not recalls and not any(found.values()):
        return Decided()
    crew = yield from _on_duty(place)
    keys = {one.id: _key(place, one.code) for one in crew}
    of_group = _key(place, f"store:{place.store.code}")
    before = yield from ask(known.told_already, [*keys.values(), of_group])
    fresh = [one for one in crew if keys[one.id] not in before]
    reached = yield from of_one(rooms.reached, place.store.id)
    to_group = recalls and bool(reached) and of_group not in before
    if not fresh and not to_group:
        return Decided()
    standing = (yield from of_one(made_before.of_day, place.store.id, place.today)) or Standing()
    picked, entries = yield from _picked(place, crew, fresh, found, standing, pooled=bool(reached))
    decided = Decided(len(standing.lists), entries=entries)
    wanted = {one.staff_id for one in picked if recalls or one.due.kind in kinds}
    told = [one for one in fresh if one.id in wanted]
    yield from _lettered(place, decided, _Turn(told, picked, standing, keys), of_group if to_group else "")
    return decided


def _on_duty(place: Place) -> Asking[list[Colleague]]:
    """Whose lists are made today: guides on the rota; without a rota every guide; else whoever leads the store."""
    everybody = (yield from of_one(working.crews, place.store.id, place.today)) or []
    crew = [one for one in everybody if one.role in ("guide", "manager") and not one.off]
    guides = [one for one in crew if one.role == "guide"]
    there = [one for one in guides if one.hours]
    if there or not guides:
        return there or crew
    leads = [one for one in crew if one.role == "manager"]
    planned = (yield from of_one(duty.planned, place.store.id, place.today)) if leads else None
    return leads if planned else guides


def _key(place: Place, whose: str) -> str:
    return f"list:{place.today}:{whose}"


def _picked(  # noqa: PLR0913 — a store's morning
    place: Place,
    crew: Sequence[Colleague],
    fresh: Sequence[Colleague],
    found: Mapping[Kind, Sequence[Due]],
    standing: Standing,
    *,
    pooled: bool,
) -> Asking[tuple[list[Chosen], list[Entry]]]:
    """Everything for who was not told yet: birthdays to the least laden where her guide is off, recalls to the pool."""
    if not crew:
        return [], []
    on = [one.id for one in fresh]
    listed = {row.customer_id for kind, row in standing.rows if kind == "today"}
    saving = {row.customer_id: row.staff_id for kind, row in standing.rows if kind == "save" and row.staff_id}
    load = dict.fromkeys((one.id for one in crew), 0)

    def dealt(guide_id: int | None) -> int:
        chosen = guide_id if guide_id in load else min(load, key=lambda one: (load[one], one))
        load[chosen or 0] += 1
        return chosen or 0

    def or_pool(guide_id: int | None) -> int | None:
        return guide_id if guide_id in load else None

    taken: list[Chosen] = []
    entries: list[Entry] = []
    seen: set[int] = listed
    for kind in ROOM:
        pool = pooled and kind == "recall"
        picking = Picking(place, or_pool if pool else dealt, seen, spare=_SPARE)
        given = [page(found[kind])] if kind in found else listing.pages(place, kind)
        if kind == "recall":
            given = (_given(some, saving) for some in given)
        rooms_of: dict[int | None, int] = {**dict.fromkeys(on, ROOM[kind]), **({None: _POOL} if pool else {})}
        yield from listing.fill(picking, kind, given, rooms_of)
        seen = picking.seen
        taken += picking.choice.taken
        entries += picking.choice.entries()
    return taken, entries


def _given(some: Page, saving: Mapping[int, int]) -> Page:
    """Whom the day's list of those to save gave to somebody is hers."""
    dues = yield from some
    return (replace(due, for_staff=saving[due.customer_id]) if due.customer_id in saving else due for due in dues)


@dataclass(frozen=True, slots=True)
class _Turn:
    """Who is told of whom, what stands there already, and the key of everybody's message."""

    told: Sequence[Colleague]
    picked: Sequence[Chosen]
    standing: Standing
    keys: Mapping[int, str]

    def early(self, conn: Connection, staff_id: int) -> tuple[List, list[Row]] | None:
        """The list that she asked for before, the newest."""
        hers = [one for one in self.standing.lists if one.kind == "today" and one.staff_id == staff_id]
        if not hers:
            return None
        rows = [lists.opened(conn, row) for _, row in self.standing.rows if row.list_id == hers[-1].id]
        return hers[-1], sorted(rows, key=lambda row: row.position)


def _lettered(place: Place, decided: Decided, turn: _Turn, of_group: str) -> Asking[None]:
    """Put into words whatever is told: everybody's own list, one that she asked for before as it is, the group's."""
    early = {one.id: turn.early(place.conn, one.id) for one in turn.told}
    of_pool = None if of_group else 0  # 0 is nobody's id
    new = {one.id for one in turn.told if not early[one.id]}
    hers = [one for one in turn.picked if one.staff_id == of_pool or one.staff_id in new]
    everybody = yield from of_one(working.crews, place.store.id, place.today)
    decided.names = {one.id: one.name for one in everybody or ()}
    rows, read = yield from wording.worded(place, hers, {one.id: one.name for one in turn.told})
    for one in turn.told:
        mine = [row for row in rows if row.staff_id == one.id]
        made = NewList("today", place.store.id, one.id, place.today, mine) if mine else None
        if made or early[one.id]:
            decided.letters.append(Letter(turn.keys[one.id], one, made, early[one.id]))
    if of_group and (some := _of_group(place, turn, rows)):
        made = NewList("today", place.store.id, None, place.today, some[:_GROUP])
        decided.letters.append(Letter(of_group, None, made))
    decided.people, decided.hers = read.people, {one.due.customer_id: one.known for one in hers}
    yield from _rest_known(place, decided)


def _of_group(place: Place, turn: _Turn, rows: Sequence[NewRow]) -> list[NewRow]:
    """The recalls of the day for the group: whoever is free takes who is nobody's."""
    pool = [row for row in rows if row.staff_id is None]
    before = (lists.opened(place.conn, row) for kind, row in turn.standing.rows if kind == "today" and row.is_open)
    given = [NewRow(row.customer_id, row.staff_id, row.why) for row in before if row.why.kind == "recall"]
    now = [row for one in turn.told for row in rows if row.staff_id == one.id and row.why.kind == "recall"]
    return [*pool, *given, *now]


def _rest_known(place: Place, decided: Decided) -> Asking[None]:
    """Read who stands in a list that was made before, too."""
    wanted = {row.customer_id for one in decided.letters for row in _rows(one)}
    missing = [one for one in wanted if one not in decided.hers]
    people = yield from ask(known.people, missing)
    hers = yield from ask(known.of, missing, place.now)
    if missing:
        decided.people = {**decided.people, **people}
        decided.hers = {**decided.hers, **hers}


def _rows(one: Letter) -> Iterable[NewRow | Row]:
    if one.new:
        return one.new.rows
    return one.early[1] if one.early else ()


# --- words -----------------------------------------------------------------------------------------------------


def _push(place: Place, letter: Letter, made: Made | None, decided: Decided) -> NewPush:
    one, rows = (made.list, made.rows) if made else letter.early or (None, ())
    assert one is not None  # noqa: S101 — a letter tells of one list or the other
    names = {} if letter.to else decided.names
    lines = [
        listing.line(row, decided.people.get(row.customer_id), decided.hers[row.customer_id], names) for row in rows
    ]
    wanted, until = place.start(place.today) + _AT, place.start(place.today) + _UNTIL
    if letter.to is None:
        head = f"{one.tag}{place.store.name}今天要找的{len(lines)}位："
        text = cards.group(head, lines, cards.HOW_TO_CLAIM)
        return NewPush(letter.key, text, store_id=place.store.id, not_before=wanted, expires_at=until)
    head = f"{one.tag}{letter.to.name}，今天先找这{len(lines)}位（{cards.ORDERED}）："
    said = listing.said(place, one, lines, letter.to.id, head, is_open=any(row.is_open for row in rows))
    return NewPush(
        letter.key,
        said.text,
        staff_id=letter.to.id,
        choices=said.choices,
        discreet=said.discreet,
        not_before=wanted,
        expires_at=until,
    )
