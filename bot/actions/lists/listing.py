"""Lists told, and what somebody asks for now."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.actions.lists import candidates, days, wording
from bot.actions.lists.asking import Asking, alone, of_one
from bot.actions.lists.candidates import Due, Page, page
from bot.actions.lists.choosing import Picking, still_so
from bot.actions.lists.place import Place
from bot.cards.calling import rows as cards
from bot.cards.calling.rows import Line
from bot.chat import Choice
from bot.db import people
from bot.db.core.engine import keys_of
from bot.db.lists import known, lists, standing, trials
from bot.db.lists.known import Known, Person
from bot.db.lists.lists import List, NewList, Row
from bot.domain import masks
from bot.domain.calendar import keeping
from bot.domain.lists.kinds import Kind
from bot.domain.lists.values import WORDS

EACH = 5
ROOM: dict[Kind, int] = {"birthday": 3, "recall": EACH, "expiring": 2, "replenish": 2, "care": 2}
"""How many of a kind somebody's list of the day holds, in the order in which they are taken."""
BIRTHDAYS = 18
"""Of those of the day itself: it does not come again."""
_AT_ONCE = 10
_GIVEN: tuple[Kind, ...] = ("today", "save")
_COUNTED: tuple[Kind, ...] = ("recall", "leaving", "upgrade", "save")


@dataclass(frozen=True, slots=True)
class Told:
    """A list as it is told: whole, where no note may be shown, and its rows as choices."""

    text: str
    discreet: str
    choices: tuple[Choice, ...]


_PAGES: dict[Kind, Callable[[Place], Page]] = {
    "birthday": days.celebrations,
    "care": days.cares,
    "expiring": days.expiring,
    "replenish": days.used_up,
}


def pages(place: Place, kind: Kind) -> Iterator[Page]:
    """Who is due for a kind this morning, the first ones first."""
    if kind == "recall":
        yield candidates.retries(place)
        yield from candidates.away(place, kind)
    else:
        yield _PAGES[kind](place)


def fill(picking: Picking, kind: Kind, some: Iterable[Page], rooms: Mapping[int | None, int]) -> Asking[None]:
    """Take those who are due for a kind; whoever celebrates today has her place beside the room of the others."""
    left = dict(rooms)
    if kind != "birthday":
        yield from picking.take(some, left)
        return
    dues: list[Due] = []
    for one in some:
        dues += yield from one
    todays = [due for due in dues if days.is_today(due)]
    before = len(picking.choice.taken)
    yield from picking.take([page(todays)], {each: BIRTHDAYS if each else 0 for each in left})
    for chosen in picking.choice.taken[before:]:
        left[chosen.staff_id] = max(0, left[chosen.staff_id] - 1)
    yield from picking.take([page([due for due in dues if not days.is_today(due)])], left)


# --- telling ---------------------------------------------------------------------------------------------------


def told(place: Place, one: List, rows: Sequence[Row], staff_id: int, head: str) -> Told:
    """A list as it is told to somebody."""
    elsewhere = _elsewhere(place, one, rows, staff_id)
    lines = [
        replace(line, reason=f"{line.reason}（→ {whose}）") if (whose := elsewhere.get(row.customer_id)) else line
        for row, line in zip(rows, lines_of(place, rows), strict=True)
    ]
    return said(place, one, lines, staff_id, head, is_open=any(row.is_open for row in rows))


def _elsewhere(place: Place, one: List, rows: Sequence[Row], staff_id: int) -> dict[int, str]:
    """Who of these stands open in a colleague's list of the day as well, and whose: she who had her first, or is told.

    A list that somebody asked for takes nobody from the one of the morning.
    """
    mine = {row.customer_id: row.id for row in rows if row.is_open}
    there = alone(place.conn, of_one(standing.of_day, place.store.id, place.today)) or standing.Standing()
    found: dict[int, int] = {}
    for kind, row in there.rows:
        if row.is_open and row.staff_id not in (None, staff_id) and row.customer_id in mine:
            given = kind in _GIVEN and one.kind not in _GIVEN
            if given or row.id < mine[row.customer_id]:
                found[row.customer_id] = row.staff_id or 0
    names = {each: people.staff_name(place.conn, each) for each in set(found.values())}
    return {customer_id: names[each] for customer_id, each in found.items()}


def said(  # noqa: PLR0913 — a list, as it is told
    place: Place, one: List, lines: Sequence[Line], staff_id: int, head: str, *, is_open: bool
) -> Told:
    """The same of rows that are in words; `is_open`: some of them are to be answered."""
    token = keys_of(place.conn).token(one.id, staff_id)
    counted = any(line.kind in _COUNTED and not line.done for line in lines)
    silent = f"（{place.silent_since if counted else place.silent}。）" if place.silent else ""
    foot = f"{silent}\n{cards.HOW if is_open else ''}".strip()
    return Told(cards.private(head, lines, foot), cards.discreet(head, lines, foot), cards.choices(token, lines))


def lines_of(place: Place, rows: Sequence[Row], names: Mapping[int, str] | None = None) -> list[Line]:
    """The rows in words; what is to be minded is read now, not when the list was made."""
    ids = [row.customer_id for row in rows]
    people, facts = known.people(place.conn, ids), known.of(place.conn, ids, place.now)
    return [line(row, people.get(row.customer_id), facts[row.customer_id], names or {}) for row in rows]


def line(row: Row, person: Person | None, hers: Known, names: Mapping[int, str]) -> Line:
    """A row in words; `names` of the staff, for a group."""
    name, alias, last4 = (person.name, person.alias, person.last4) if person else ("", "", "")
    why = still_so(row.why, hers) if row.is_open else row.why
    return Line(
        position=row.position,
        kind=why.kind,
        who=cards.who(name, alias, last4),
        masked=masks.name(name) if names else "",
        reason=why.reason,
        warning=cards.warning(hers.facts),
        offer=why.offer,
        said=why.words,
        done="" if row.is_open else WORDS.get(row.outcome or "reached", ""),
        whose=names.get(row.staff_id or 0, ""),
    )


# --- now -------------------------------------------------------------------------------------------------------


def now(place: Place, kind: Kind, staff_id: int, *, leads: bool) -> List | None:
    """Somebody's list of a kind as it is now: today's, with whoever became due since below; None: nobody is due.

    Whoever leads the store is shown everybody's.
    """
    todays = [one for one in lists.of_staff(place.conn, staff_id, place.today) if one.kind == kind]
    hers = lists.rows_of(place.conn, todays[0].id) if todays else []
    still = [row for row in hers if row.is_open]
    picking = alone(place.conn, _picked(place, kind, staff_id, hers, leads=leads))
    trials.enter(place.conn, place.store.id, place.today, picking.choice.entries())
    chosen = [replace(one, staff_id=staff_id) for one in picking.choice.taken]
    rows, _ = alone(place.conn, wording.worded(place, chosen, {staff_id: people.staff_name(place.conn, staff_id)}))
    if rows and still:
        lists.append(place.conn, todays[0], rows)
    elif rows:
        new = NewList(kind, place.store.id, staff_id, place.today, rows)
        return lists.add(place.conn, [new], place.now)[0]
    return todays[0] if todays else None


def _picked(place: Place, kind: Kind, staff_id: int, hers: Sequence[Row], *, leads: bool) -> Asking[Picking]:
    """Who is due now and stands in nobody's list."""
    there = yield from of_one(standing.of_day, place.store.id, place.today)
    taken = {
        row.customer_id
        for _, row in (there.rows if there else ())
        if not (row.is_open and (leads or row.staff_id == staff_id))
    }
    picking = Picking(place, _mine(staff_id, leads=leads), {*taken, *(row.customer_id for row in hers)})
    for each in ROOM if kind == "today" else [kind]:
        most = ROOM.get(each, EACH) if kind == "today" or not leads else _AT_ONCE
        most = BIRTHDAYS if kind == "birthday" else most
        still = sum(row.is_open and row.why.kind == each for row in hers)
        yield from fill(picking, each, _due_now(place, each), {staff_id: max(0, most - still), 0: 0})
    return picking


def _mine(staff_id: int, *, leads: bool) -> Callable[[int | None], int]:
    """Whose customers are hers: her own and nobody's, a leader's everybody's; others are for 0, who has no room."""
    return lambda guide: staff_id if leads or guide in (staff_id, None) else 0


def _due_now(place: Place, kind: Kind) -> Iterator[Page]:
    if kind in candidates.LAYERS and kind != "recall":
        return candidates.away(place, kind)
    if kind == "birthday":
        ahead = keeping.read(place.chain.settings.keeping).ahead
        return iter([days.celebrations(place, until=max(ahead, default=0))])
    return pages(place, kind)
