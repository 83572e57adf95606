"""What may be said where a person is: a channel abroad shows no full name or number, and no note unless allowed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from bot.cards.notes import Line
from bot.db import customers
from bot.db.changes import Unit
from bot.domain import masks
from bot.domain.customers import Fact, Matter, Sight
from bot.domain.shop import Staff

_TELLING = ("敏", "诉", "诉转", "诉结", "诉办")  # that it was done says that she has an allergy, or a complaint


def deed(staff: Staff, command: str) -> str:
    """What a command is called where others read that it was done to a customer."""
    return "记" if staff.veil == "closed" and command in _TELLING else command


def words(conn: Connection, staff: Staff, text: str, sight: Sight | None = None) -> str:
    """Words anybody wrote (of `sight`), as this person may be shown them here; empty where she may be shown none."""
    return _each(conn, staff, [text], sight)[0]


def card(
    conn: Connection, staff: Staff, sight: Sight, known: Sequence[Fact], still_open: Sequence[Matter]
) -> tuple[Sight, tuple[Fact, ...], tuple[Matter, ...]]:
    """What a card is made of, to be shown; where no word of it may be, neither facts nor matters are left."""
    if staff.veil == "none":
        return sight, tuple(known), tuple(still_open)
    if staff.veil == "closed":
        return sight, (), ()
    written = [sight.customer.source or "", *(one.value for one in known), *(one.text for one in still_open)]
    source, *texts = _each(conn, staff, written, sight)
    facts = tuple(replace(one, value=text) for one, text in zip(known, texts, strict=False))
    matters = tuple(replace(one, text=text) for one, text in zip(still_open, texts[len(known) :], strict=True))
    return replace(sight, customer=replace(sight.customer, source=source or None)), facts, matters


def matter(conn: Connection, staff: Staff, sight: Sight, one: Matter) -> Matter:
    """One that may be spoken of by its number: without a word of it where none may be shown."""
    facets = () if staff.veil == "closed" else one.facets
    return replace(one, text=words(conn, staff, one.text, sight), facets=facets)


def lines(conn: Connection, staff: Staff, sight: Sight, said: Iterable[Line]) -> tuple[Line, ...]:
    """Lines of an echo; what a line says may go, that there is one does not."""
    if staff.veil == "none":
        return tuple(said)
    return tuple(
        replace(one, value=value, note=note, warns="⚠" in one.note)
        for one in said
        for value, note in [_each(conn, staff, [one.value, one.note], sight)]
    )


def units(conn: Connection, staff: Staff, found: Sequence[Unit]) -> list[Unit]:
    """Things written, to be listed or taken back; where words may not be shown, by command and customer."""
    texts = _each(conn, staff, [unit.summary for unit in found])
    return [replace(unit, summary=text or _named(conn, staff, unit)) for unit, text in zip(found, texts, strict=True)]


def _each(conn: Connection, staff: Staff, texts: Sequence[str], sight: Sight | None = None) -> list[str]:
    if staff.veil == "none":
        return list(texts)
    if staff.veil == "closed":
        return [""] * len(texts)
    known = [customers.whole(conn, sight).customer.name] if sight else []
    for store_id in {staff.store_id or 0, sight.customer.store_id if sight else 0} - {0}:
        known += customers.named_in(conn, "\n".join(texts), store_id)
    return [masks.scrub(text, known) for text in texts]


def _named(conn: Connection, staff: Staff, unit: Unit) -> str:
    """记 王*（尾号8000）; what is of no customer tells only of colleagues."""
    if unit.customer_id is None:
        return unit.summary
    done = deed(staff, unit.command)
    sight = customers.by_id(conn, unit.customer_id, seen_by=staff)
    return f"{done} {masks.who(sight.customer.name, sight.customer.last4)}" if sight else done
