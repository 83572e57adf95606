"""The fixed cast, whatever the seed: 王芳 who is long overdue, 陈洁, 周敏 and 李强."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from random import Random

from sqlalchemy import Connection

from bot.db.lists import known
from bot.demo.baskets import Buyer, Sale, Shelf, taken_back
from bot.demo.days import Calendar
from bot.demo.habits import Visit
from bot.demo.matters import Desk
from bot.demo.people import Note, Person
from bot.demo.preset import Errand, Persona, Role
from bot.domain.lists import holdout
from bot.jobs.mornings import MEASURABLE

_GAPS = (18, 17, 19, 18, 16, 20)  # mean 18; other rhythms in proportion
_VISITS = 31  # at least, and for a year and a half
_LONG_DAYS = 545
_ALLERGY_MONTHS = 17
_REACH_DAYS = 725
_RETURNED_AT = 16 * 60 + 40
_PROMISED_AT = 18 * 60 + 20


@dataclass(frozen=True, slots=True)
class _Member:
    """Who she is in every vertical; store and guide are places."""

    role: str
    name: str
    phone: str
    store: int
    guide: int
    gender: str
    birthday: str
    hour: float


_CAST = (
    _Member("wangfang", "王芳", "+8613800138000", 0, 0, "female", "1993-06-18", 15.1),
    _Member("chenjie", "陈洁", "+8613800002203", 0, 1, "female", "--03-27", 16.3),
    _Member("zhoumin", "周敏", "+8613800007715", 0, 0, "female", "lunar:08-02", 18.6),
    _Member("liqiang", "李强", "+8613800138001", 1, 0, "male", "1988-10-09", 12.6),
)
SIZE = len(_CAST)


def members(shelf: Shelf, dice: Random) -> list[Person]:
    """The cast with all they bought and said; their numbers are the first."""
    return [_live(number, member, shelf, dice) for number, member in enumerate(_CAST)]


def _live(number: int, member: _Member, shelf: Shelf, dice: Random) -> Person:
    role, calendar = shelf.preset.cast[member.role], shelf.calendar
    persona = Persona("老客", 0, gap=role.gap, hours=((member.hour, member.hour + 0.6),), loyalty=0.8, favourites=1)
    visits = [Visit(day, 60 * member.hour + dice.uniform(-9, 9)) for day in _days(role, calendar)]
    person = Person(
        number,
        persona,
        member.store,
        member.guide,
        visits[0],
        name=member.name,
        phone=member.phone,
        gender=member.gender,
        birthday=member.birthday,
        source="路过",
        visits=visits,
        favourite=shelf.preset.good(role.usual).name,
    )
    if role.child_months is not None:
        person.child_born = calendar.today - round(role.child_months * 30.4)
    person.notes = _notes(person, role, calendar)
    person.sales = _sales(person, role, shelf, dice)
    return person


def _days(role: Role, calendar: Calendar) -> list[int]:
    """Visits backwards from the last one, in her rhythm."""
    days = [calendar.today - max(1, role.last + role.returned_after)]
    while len(days) < _VISITS or days[-1] > calendar.today - _LONG_DAYS:
        gap = round(_GAPS[(len(days) - 1) % len(_GAPS)] * role.gap / 18)
        if days[-1] - gap < calendar.today - _REACH_DAYS:
            break
        days.append(days[-1] - max(1, gap))
    return days[::-1]


def _sales(person: Person, role: Role, shelf: Shelf, dice: Random) -> list[Sale]:
    """Four times of five her usual, else one of the others; the newest is hers to bring back, if she did."""
    buyer = Buyer(shelf, person.persona, dice, person.child_born)
    buyer.choose(person.barred, person.gender)
    sales = []
    for turn, visit in enumerate(person.visits):
        last = visit == person.visits[-1]
        code = role.returned if last and role.returned else role.usual
        if turn % 5 == 3 and not last:
            code = role.others[turn // 5 % len(role.others)]
        place = shelf.place[code]
        open_now = shelf.is_open(place, visit.day, person.child_born)
        buyer.prefer([shelf.goods[place if open_now else shelf.place[role.usual]].group])
        sales += [sale] if (sale := buyer.usual_sale(visit, person.store)) else []
    if role.returned:
        back = Visit(shelf.calendar.today - 1, _RETURNED_AT)
        sales.append(taken_back(sales[-1], len(sales) - 1, back))
    return sales


def _notes(person: Person, role: Role, calendar: Calendar) -> list[Note]:
    first, last = person.visits[0], person.visits[-1]
    by = person.guide or 0
    notes = [Note("preference", value, _after(first, 1), by, facet) for facet, value in role.habits]
    notes += [Note("size", value, _after(first, 2), by, facet) for facet, value in role.sizes.items()]
    if role.allergy:
        notes.append(Note("allergy", role.allergy, _after(_that_month(person, calendar), 4), by, asked=False))
    if role.demand:
        notes.append(Note("demand", role.demand, _after(last, 3), by))
    if person.child_born is not None:
        born = date.fromordinal(person.child_born).isoformat()
        since = next(visit for visit in person.visits if visit.day > person.child_born)
        notes.append(Note("birthday", born, _after(since, 3), by, of="child"))
    return notes


def _that_month(person: Person, calendar: Calendar) -> Visit:
    """Her visit in the month seventeen months back, or the nearest to it."""
    wanted = calendar.months_ago(_ALLERGY_MONTHS).replace(day=12).toordinal()
    return min(person.visits, key=lambda visit: abs(visit.day - wanted))


def _after(visit: Visit, minutes: int) -> Visit:
    return visit._replace(minute=visit.minute + minutes)


def matters(people: Sequence[Person], ids: Sequence[int], shelf: Shelf, desk: Desk) -> None:
    """What is open or was settled with the cast: 王芳 was promised something for today."""
    for person, customer_id, member in zip(people, ids, _CAST, strict=True):
        role = shelf.preset.cast[member.role]
        yesterday = Visit(shelf.calendar.today - 1, _PROMISED_AT)
        if role.promise:
            desk.promise(person, customer_id, Errand("promise", role.promise), yesterday, days=0)
        if role.complaint:
            when = yesterday._replace(minute=_RETURNED_AT - 14)
            desk.complain(person, customer_id, role.complaint, when, closed=True)


def keep_listed(conn: Connection, ids: Sequence[int]) -> None:
    """Draw the chain's hold-out so that none of the cast is in it: whoever plays shall meet them on the lists."""
    if known.counts_as_many(conn, MEASURABLE):
        salts = (f"demo-{number}" for number in count())
        known.draw_salt(conn, next(one for one in salts if not any(holdout.held_out(row, one.encode()) for row in ids)))
