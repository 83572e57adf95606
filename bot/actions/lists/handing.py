"""Handing rows to a colleague, or taking one oneself: who claims first has it, with the time; the other is told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.actions.lists import listing
from bot.actions.lists.answering import sight_of
from bot.actions.lists.meant import LIFE
from bot.actions.lists.place import Place
from bot.actions.notes import Writer
from bot.cards.calling import answers as cards
from bot.db.followups import crew as working
from bot.db.followups.crew import Colleague
from bot.db.lists import duty, lists
from bot.db.lists.lists import List, NewList, NewRow, Row, Why
from bot.db.tables import list_rows
from bot.db.talk import outbox, queueing, rooms
from bot.db.talk.queueing import NewPush
from bot.domain import masks
from bot.domain.errors import UsageError
from bot.domain.words import join

ME = ("我", "自己", "我自己", "本人")
_LEADS = re.compile("店长|主管|经理|领班")
_YOUNG_OR_OLD = re.compile(r"[小老阿大]")
_TITLES = re.compile(r"^[小老阿大]|[姐哥]$")


@dataclass(slots=True)
class Handed:
    """What was handed: a line each by position, and the list that whoever takes it has now."""

    lines: dict[int, str]
    made: List | None
    to: Colleague


def whom(place: Place, work: Writer, word: str) -> Colleague:
    """The colleague a word names; raises UsageError where it names none, several, or one who is off today."""
    crew = [one for one in working.crew(place.conn, place.store.id, place.today) if one.role in ("guide", "manager")]
    found = called(crew, word, work.staff.id)
    if len(found) == 1 and (found[0].id == work.staff.id or not _is_off(place, found[0])):
        return found[0]
    if len(found) > 1:
        names = join(one.name for one in found if one.id != work.staff.id)
        raise UsageError(f"叫「{word}」的有{len(found)}位：{names}，请写全名。")
    there = join(one.name for one in crew if one.id != work.staff.id and not _is_off(place, one))
    instead = f"可以转给：{there}" if there else "今天没有别人在班。"
    why = f"{found[0].name}今天不在班上" if found else f"店里没有「{word[:8]}」"
    raise UsageError(f"{why}，没转。{instead}")


def called(crew: Sequence[Colleague], word: str, me: int) -> list[Colleague]:
    """Those of a crew whom a word may mean."""
    if word in ME:
        return [one for one in crew if one.id == me]
    if _LEADS.search(word):
        return [one for one in crew if one.role == "manager"]
    short = _TITLES.sub("", word)
    return [one for one in crew if word in (one.name, one.code)] or [
        one for one in crew if short and _is_called(one.name, word, short)
    ]


def _is_called(name: str, word: str, short: str) -> bool:
    """Whether a colleague is called so: 李姐 and 小李 are 李娜, but 老王 is not 小王."""
    if _YOUNG_OR_OLD.match(name) and _YOUNG_OR_OLD.match(word) and name[0] != word[0]:
        return False
    return name.startswith(short) or name.endswith(short)


def _is_off(place: Place, one: Colleague) -> bool:
    """Whether a guide is not on today's rota, where there is one; who leads may have a row any day."""
    planned = duty.planned(place.conn, [place.store.id], place.today)
    return one.off or (one.role == "guide" and not one.hours and planned.get(place.store.id, False))


def hand(work: Writer, place: Place, one: List, found: Sequence[Row], to: Colleague) -> Handed:
    """Give rows to a colleague: they stand in a list of hers now."""
    lines: dict[int, str] = {}
    taken: list[Row] = []
    names = {person.id: person.name for person in working.crew(place.conn, place.store.id, place.today)}
    for row in found:
        sight = sight_of(work, row.customer_id)
        said = _back(work, one, row, to) or _refused(work, one, row, to, names)
        if not said and work.recorder.claim(
            list_rows,
            row.id,
            "open",
            state="done",
            outcome="hand_over",
            staff_id=to.id,
            answered_at=work.now,
            answered_by=work.staff.id,
        ):
            taken.append(row)
            said = "归你了" if to.id == work.staff.id else f"→ {to.name}"
        if not said:  # somebody was quicker since the row was read
            (newer,) = (other for other in lists.rows_of(place.conn, row.list_id) if other.id == row.id)
            said = _refused(work, one, newer, to, names)
        lines[row.position] = f"{row.position} {cards.who(sight)}：{said}"
    made = _listed(work, place, one, taken, to) if taken else None
    if made and to.id != work.staff.id:
        _tell(work, place, made, to)
    if taken and one.staff_id is None:
        _announce(work, place, taken, to)
    return Handed(lines, made, to)


def _back(work: Writer, one: List, row: Row, to: Colleague) -> str:
    """What she gave away comes back into her own list while it is not answered; empty where it does not."""
    gave = row.outcome == "hand_over" and row.answered_by == work.staff.id and row.staff_id != work.staff.id
    if not gave or one.staff_id != work.staff.id or to.id != work.staff.id:
        return ""
    conn, theirs = work.recorder.conn, row.staff_id or 0
    standing = [other for other in lists.open_of(conn, [row.customer_id]) if other.staff_id == theirs]
    if not standing:
        return ""
    values = {"outcome": "hand_over", "staff_id": to.id, "answered_at": work.now, "answered_by": work.staff.id}
    if not all(work.recorder.claim(list_rows, other.id, "open", state="done", **values) for other in standing):
        return ""
    work.recorder.update(
        list_rows, row.id, state="open", outcome=None, staff_id=to.id, answered_at=None, answered_by=None
    )
    called = cards.who(sight_of(work, row.customer_id))
    key = f"unit:{work.recorder.unit_id}:back:{row.id}"
    outbox.tell(conn, theirs, key, f"{called}：{work.staff.name}收回去自己联系了。", work.now)
    return "归你了"


def _refused(work: Writer, one: List, row: Row, to: Colleague, names: dict[int, str]) -> str:
    """Why it is not handed over; empty where it is."""
    if not row.is_open:
        at = row.answered_at.astimezone(work.staff.zone) if row.answered_at else None
        clock = f"{at.hour}:{at.minute:02}" if at else ""
        by = names.get(row.staff_id or 0, "") if row.outcome == "hand_over" else names.get(row.answered_by or 0, "")
        if row.outcome == "hand_over" and row.answered_by != row.staff_id:
            return f"{clock} 已转给{by}"
        return f"{by} {clock} 已{'认领' if row.outcome == 'hand_over' else '处理'}"
    others = one.staff_id is None and row.staff_id not in (None, work.staff.id)
    if others and to.id == work.staff.id and not work.staff.leads:
        return f"是{names.get(row.staff_id or 0, '同事')}的，请她或店长转给你"
    if row.staff_id == to.id and one.staff_id == to.id:
        return "本来就是你的" if to.id == work.staff.id else f"本来就是{to.name}的"
    return ""


def _listed(work: Writer, place: Place, one: List, taken: Sequence[Row], to: Colleague) -> List:
    """Her new list; whoever stood open for somebody else in the same store stands there no more."""
    conn = work.recorder.conn
    given = [row.customer_id for row in taken]
    for other in lists.open_of(conn, given):
        if other.staff_id != to.id or other.list_id != one.id:
            work.recorder.update(
                list_rows,
                other.id,
                state="done",
                outcome="hand_over",
                staff_id=to.id,
                answered_at=work.now,
                answered_by=work.staff.id,
            )
    rows = [NewRow(row.customer_id, to.id, _in_her_name(place, row.why, to)) for row in taken]
    new = NewList("today", place.store.id, to.id, place.today, rows)
    return lists.add(conn, [new], work.now, work.recorder)[0]


def _in_her_name(place: Place, why: Why, to: Colleague) -> Why:
    """Why somebody stands in a list, with words that whoever has her now can say: they name her, or nobody yet."""
    shop = re.escape(place.store.name)
    crew = working.crew(place.conn, place.store.id, place.today)
    others = "|".join(re.escape(one.name) for one in crew if one.id != to.id) or "(?!)"
    speaks = rf"(?<=我是){shop}(?!的)|{shop}的(?:{others})"
    return replace(why, words=re.sub(speaks, lambda _: f"{place.store.name}的{to.name}", why.words))


def _tell(work: Writer, place: Place, made: List, to: Colleague) -> None:
    rows = lists.rows_of(place.conn, made.id)
    head = f"{made.tag}{work.staff.name}转给你{len(rows)}位："
    said = listing.told(place, made, rows, to.id, head)
    new = NewPush(
        key=f"unit:{work.recorder.unit_id}:{to.id}:{made.id}",
        text=said.text,
        staff_id=to.id,
        choices=said.choices,
        discreet=said.discreet,
        word=True,
        delivery="dedupe",
        expires_at=work.now + LIFE,
    )
    queueing.push(place.conn, new, work.now)


def _announce(work: Writer, place: Place, taken: Sequence[Row], to: Colleague) -> None:
    """The group is told who does it since when: nobody else calls her."""
    if not rooms.reaches(place.conn, place.store.id):
        return
    at = work.now.astimezone(place.zone)
    said = join(f"{row.position} {masks.name(sight_of(work, row.customer_id).customer.name)}" for row in taken)
    key = f"unit:{work.recorder.unit_id}:group:{taken[0].id}"
    outbox.announce(place.conn, place.store.id, key, f"{said} → {to.name}（{at.hour}:{at.minute:02}）", work.now)
