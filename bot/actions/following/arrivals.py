"""到货: whom to call about what has come, as a list like any other; who is on it is told, and waits no longer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.actions.lists import wording
from bot.actions.lists.asking import alone
from bot.actions.lists.candidates import Due, page
from bot.actions.lists.choosing import Picking
from bot.actions.lists.place import Place
from bot.actions.notes import Writer
from bot.db.followups import demands as asked
from bot.db.followups.demands import Asking
from bot.db.lists import known, lists
from bot.db.lists.lists import List, NewList
from bot.db.tables import demands, facts
from bot.domain import masks, words
from bot.domain.language import conflicts

EACH = 10
_WORDS = ("【称呼】，您上次问的{what}到了，要给您留一份吗？",)


@dataclass(frozen=True, slots=True)
class Arrived:
    """The list (None: nobody is on it), how many without a name waited too, and who is not on it, with the reason."""

    made: List | None
    nameless: int
    left: tuple[tuple[int, str], ...]


def call(writer: Writer, place: Place, goods: str, waiting: Sequence[Asking]) -> Arrived:
    """Make the list of who waits for goods that have come, for whoever asks for it."""
    conn, staff = writer.recorder.conn, writer.staff
    hers = {one.customer_id: one for one in waiting if one.customer_id}
    made_of = asked.made_of(conn, goods)
    picking = Picking(place, lambda _: staff.id)
    minded = dict(_barred(place, list(hers), goods, made_of))
    dues = [_due(place, goods, one) for one in hers.values() if one.customer_id not in minded]
    alone(conn, picking.take([page(dues)], {staff.id: EACH}))
    left = [*minded.items(), *((due.customer_id, why) for due, why in picking.choice.left)]
    rows, _ = alone(conn, wording.worded(place, picking.choice.taken, {staff.id: staff.name}))
    made = None
    if rows:
        new = NewList("arrived", place.store.id, staff.id, place.today, rows)
        made = lists.add(conn, [new], place.now, writer.recorder)[0]
    listed = {row.customer_id for row in rows}
    nameless = [one for one in waiting if one.customer_id is None]
    _told(writer, [one for one in waiting if one.customer_id in listed] + nameless)
    return Arrived(made, len(nameless), tuple(left))


def _barred(place: Place, people: Iterable[int], goods: str, made_of: Sequence[str]) -> Iterable[tuple[int, str]]:
    """Who must not be offered these goods."""
    for customer_id, hers in known.of(place.conn, people, place.now).items():
        found = [
            fact.value
            for fact in hers.facts
            if fact.kind == "allergy" and not fact.of and conflicts(fact.value, (goods, *made_of))
        ]
        if found:
            yield customer_id, f"{words.join(dict.fromkeys(found))}过敏"


def _due(place: Place, goods: str, one: Asking) -> Due:
    assert one.customer_id is not None  # noqa: S101 — whoever has no name cannot be called
    wanted = masks.scrub(one.wanted)
    on = words.day(one.at.astimezone(place.zone).date(), place.today)
    said = tuple(line.format(what=goods) for line in _WORDS)
    evidence = (f"{one.at.astimezone(place.zone):%Y-%m-%d}问过{wanted}，当时没有",)
    return Due(one.customer_id, "arrived", 0.0, f"{on}问过{wanted}", evidence, what=goods, said=said)


def _told(writer: Writer, found: Iterable[Asking]) -> None:
    """They wait no longer: rows are told, notes of it struck out."""
    for one in found:
        if one.is_fact:
            writer.recorder.update(facts, one.id, state="void", voided_at=writer.now, voided_by=writer.staff.id)
        else:
            writer.recorder.update(demands, one.id, state="told")
