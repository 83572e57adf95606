"""Whom the rows of a file name: found by customer number or phone, made where unknown, never guessed between two.

What a row means depends only on who is known in the end, not on the sequence of the rows: importing a file
twice, or shuffled, or after a crash finds the same people.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from bot.db.bulk import newcomers
from bot.db.bulk.newcomers import Known
from bot.intake.desk import Desk
from bot.intake.options import Options
from bot.intake.reading.texts import Who

TWO_PEOPLE = "会员号和手机号是两位不同的顾客：请核对，需要合并时由店长在聊天里合并"
OTHERS_PHONE = "这个手机号已经登记在另一个会员号下：请核对会员号"
UNKNOWN = "没有这位顾客的档案：请先导入客户，或去掉 --unknown refuse"


class First(NamedTuple):
    """The first time a file meets somebody: when, in which store, by what name."""

    at: datetime
    store_id: int
    name: str


class People:
    """The customers of a file, once `settle` has found or made them."""

    def __init__(self, desk: Desk) -> None:
        """Know nobody yet."""
        self._desk = desk
        self._known = Known({}, {}, set())

    def settle(self, met: Mapping[Who, First]) -> None:
        """Find everybody; make, or pretend to make, whoever is unknown."""
        if self._desk.options.dry_run:
            self.foresee(met)
            return
        everyone = sorted(met, key=_sequence)
        with self._desk.reading() as conn:
            self._known.learn(_find(conn, everyone))
        unknown = [person for person in everyone if _is_unknown(self._known, person)]
        for _, some in self._desk.pace.batches(unknown, lambda _: 1):
            self._known.learn(self._desk.write(partial(_make, some=some, met=met, options=self._desk.options)))

    def foresee(self, everyone: Iterable[Who]) -> None:
        """Find everybody, and pretend to make whoever is unknown."""
        wanted = sorted(everyone, key=_sequence)
        with self._desk.reading() as conn:
            self._known.learn(_find(conn, wanted))
        self._pretend(wanted)

    def id_of(self, person: Who) -> int | str:
        """Her id, or why there is none; ask only for somebody who was settled."""
        numbered = self._known.by_number.get(person.number) if person.number else None
        phoned = self._known.by_phone.get(person.phone) if person.phone else None
        if numbered and phoned and numbered != phoned:
            return TWO_PEOPLE
        if person.number and not numbered and phoned:
            return OTHERS_PHONE
        return numbered or phoned or UNKNOWN

    def _pretend(self, unknown: Iterable[Who]) -> None:
        links, new = _plan(self._known, unknown)
        for row_id, number in links:
            self._known.meet(row_id, number, "")
        for person in new if self._desk.options.unknown == "create" else ():
            self._known.meet(self._desk.pretend_id(), *person)


def _sequence(person: Who) -> tuple[bool, bool, Who]:
    """Whoever has both a number and a phone comes first: so the two stay together."""
    return not (person.number and person.phone), not person.number, person


def _is_unknown(known: Known, person: Who) -> bool:
    return person.number not in known.by_number if person.number else person.phone not in known.by_phone


def _find(conn: Connection, people: Sequence[Who]) -> Known:
    return newcomers.find(
        conn, [person.number for person in people if person.number], [person.phone for person in people if person.phone]
    )


def _plan(known: Known, people: Iterable[Who]) -> tuple[list[tuple[int, str]], list[Who]]:
    """Who gets the number that goes with her phone, and who is new."""
    numbers, phones, numbered = set(known.by_number), set(known.by_phone), set(known.numbered)
    links: list[tuple[int, str]] = []
    new: list[Who] = []
    for person in people:
        if person.number in numbers if person.number else person.phone in phones:
            continue
        if person.number and person.phone in phones:
            owner = known.by_phone.get(person.phone)
            if owner is None or owner in numbered:
                continue  # the phone is another number's: her rows are refused
            links.append((owner, person.number))
            numbered.add(owner)
        else:
            new.append(person)
            phones |= {person.phone} if person.phone else set()
        numbers |= {person.number} if person.number else set()
    return links, new


def _make(conn: Connection, some: Sequence[Who], met: Mapping[Who, First], options: Options) -> Known:
    """Make some of the unknown; who came to be known meanwhile is found. Gives all of them that are known now."""
    known = _find(conn, some)
    links, new = _plan(known, some)
    for customer_id, number in links:
        newcomers.give_number(conn, customer_id, number)
        known.meet(customer_id, number, "")
    if options.unknown == "create":
        rows = [_row(person, met[person]) for person in new]
        for row_id, person in zip(newcomers.add(conn, rows, options.now), new, strict=True):
            known.meet(row_id, *person)
    return known


def _row(person: Who, first: First) -> dict[str, Any]:
    return {
        "customer_no": person.number or None,
        "phone": person.phone,
        "name": first.name,
        "store_id": first.store_id,
        "created_at": first.at,
    }
