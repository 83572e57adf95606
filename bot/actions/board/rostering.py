"""Writing the rota: somebody's hours on some days, and a day off, which hands her rows of today to who is on shift."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from bot.actions.lists import handing
from bot.actions.lists.place import Place
from bot.actions.notes import Writer
from bot.db.board import rota
from bot.db.core.ids import new_id
from bot.db.followups import crew as working
from bot.db.followups.crew import Colleague
from bot.db.lists import lists
from bot.db.lists.lists import List, Row
from bot.db.tables import shifts
from bot.domain.board import shifts as said
from bot.domain.board.shifts import OFF, Hours, Leave
from bot.domain.errors import NotAllowedError, UsageError
from bot.domain.shop import Staff
from bot.domain.words import join

_CALLED = re.compile(r"[小老阿].{1,2}|.?店长")


@dataclass(frozen=True, slots=True)
class Off:
    """Somebody who was put off the rota: how many rows went to whom, and how many nobody could take."""

    who: Colleague
    days: Sequence[date]
    dealt: Mapping[str, int]
    left: int


def whom(conn: Connection, staff: Staff, word: str, on: date) -> Colleague:
    """The colleague of one's own store that a word names; raises UsageError where it names none or several."""
    crew = _crew(conn, staff, on)
    found = handing.called(crew, word, staff.id)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"叫「{word}」的有{len(found)}位：{join(one.name for one in found)}，请写全名。")
    raise UsageError(f"店里没有「{word[:8]}」。店里有：{join(one.name for one in crew)}。")


def heard(conn: Connection, staff: Staff, text: str, today: date) -> Leave | None:
    """Who of one's own store a sentence says is off; None where it speaks of anybody else, as of a customer."""
    leave = said.leave(text, today) if staff.role in ("guide", "manager") else None
    if leave is None:
        return None
    crew = _crew(conn, staff, today)
    exact = any(leave.who in (one.name, one.code) for one in crew)
    if not exact and leave.who not in handing.ME and not _CALLED.fullmatch(leave.who):
        return None
    return leave if handing.called(crew, leave.who, staff.id) else None


def apart(conn: Connection, staff: Staff, text: str, now: datetime) -> tuple[str, str] | None:
    """The clause that says who of the store is off, and everything else of a message; None where it has not both."""
    today = now.astimezone(staff.zone).date()
    found = said.apart(text, today)
    whole = heard(conn, staff, text, today)
    return found if found and not whole and heard(conn, staff, found[0], today) else None


def _crew(conn: Connection, staff: Staff, on: date) -> list[Colleague]:
    everybody = working.crew(conn, staff.store_id or 0, on)
    return [one for one in everybody if one.role in ("guide", "manager")]


def arrange(work: Writer, one: Colleague, plan: Mapping[date, Hours]) -> None:
    """Give somebody these hours on these days; what stood there for her goes."""
    before: dict[date, list[rota.Shift]] = {}
    for row in rota.of_person(work.recorder.conn, one.id, plan):
        before.setdefault(row.on, []).append(row)
    for on, hours in plan.items():
        stood = before.get(on, [])
        if [row.hours for row in stood] == [hours]:
            continue
        for row in stood:
            work.recorder.delete(shifts, {"id": row.id})
        work.recorder.insert(
            shifts,
            {
                "id": new_id(),
                "staff_id": one.id,
                "store_id": work.staff.store_id,
                "work_on": on,
                "starts_minute": hours[0],
                "ends_minute": hours[1],
            },
        )


def take_off(work: Writer, place: Place, leave: Leave) -> Off:
    """Put somebody off the rota; raises NotAllowedError where a guide says it of somebody else.

    Of today: her open rows are dealt evenly among those who are on shift, who are told. She is not.
    """
    one = whom(place.conn, work.staff, leave.who, place.today)
    if one.id != work.staff.id and not work.staff.leads:
        raise NotAllowedError(f"{one.name}休息要她自己说，或请找店长。")
    arrange(work, one, dict.fromkeys(leave.days, OFF))
    if place.today not in leave.days:
        return Off(one, leave.days, {}, 0)
    rows = _once(lists.of_person(place.conn, one.id, place.today))
    takers = _takers(place, work.staff, one)
    if not takers or not rows:
        return Off(one, leave.days, {}, len(rows))
    return Off(one, leave.days, _deal(work, place, rows, takers), 0)


def _once(found: Iterable[tuple[List, Row]]) -> list[tuple[List, Row]]:
    """Each customer once: handing her over closes wherever else she stands."""
    return list({row.customer_id: (one, row) for one, row in reversed(list(found))}.values())[::-1]


def _takers(place: Place, staff: Staff, off: Colleague) -> list[Colleague]:
    """Who works for the rest of the day, guides first; on a day without a rota whoever is not off."""
    at = place.now.astimezone(place.zone)
    minute = at.hour * 60 + at.minute
    able = [one for one in _crew(place.conn, staff, place.today) if not one.off and one.id != off.id]
    here = [one for one in able if any(ends > minute for _, ends in one.hours)]
    here = here or ([] if any(one.hours for one in able) else able)
    return [one for one in here if one.role == "guide"] or here or [one for one in able if one.role == "manager"]


def _deal(work: Writer, place: Place, rows: Sequence[tuple[List, Row]], takers: Sequence[Colleague]) -> dict[str, int]:
    """In turn, as cards are dealt; gives how many each was given."""
    hands: dict[tuple[int, int], list[Row]] = {}
    for nth, (one, row) in enumerate(rows):
        hands.setdefault((nth % len(takers), one.id), []).append(row)
    whole = {one.id: one for one, _ in rows}
    dealt: dict[str, int] = {}
    for (nth, list_id), given in sorted(hands.items()):
        handing.hand(work, place, whole[list_id], given, takers[nth])
        dealt[takers[nth].name] = dealt.get(takers[nth].name, 0) + len(given)
    return dealt
