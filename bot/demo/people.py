"""Who a customer is, before anything is written: her persona, name, store, guide, visits and what she said."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from bot.demo import habits, invent
from bot.demo.baskets import Buyer, Sale, Shelf, taken_back
from bot.demo.days import CLOSING, Calendar
from bot.demo.dice import Weighted, stream, weighted
from bot.demo.habits import Visit
from bot.demo.preset import Persona, Preset

_SECOND_STORE, _ELSEWHERE = 0.12, 0.25
_NAMELESS = 0.015


@dataclass(frozen=True, slots=True)
class Note:
    """A fact as it was noted; `by` is a place among the guides of her store."""

    kind: str
    value: str
    visit: Visit
    by: int
    facet: str | None = None
    of: str | None = None
    asked: bool = True  # False: written down before anybody asked for consent


@dataclass(slots=True)
class Person:
    """A customer of the demo; stores and guides are places in the shop's lists, empty texts unknown."""

    number: int
    persona: Persona
    store: int
    guide: int | None
    joined: Visit
    name: str = ""
    alias: str = ""
    phone: str = ""
    gender: str | None = None
    birthday: str = ""
    address: str = ""
    source: str = ""
    second_store: int | None = None
    child_born: int | None = None
    visits: list[Visit] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    favourite: str = ""
    fond_of: str = ""

    @property
    def barred(self) -> set[str]:
        """What she, or someone she buys for, must not get."""
        return {note.value for note in self.notes if note.kind in ("allergy", "avoid")}

    @property
    def paid_fen(self) -> int:
        """What she spent in all."""
        return sum(line.amount_fen for sale in self.sales for line in sale.lines)


def spoken(text: str, gender: str | None) -> str:
    """A sentence about a customer as it is written of her or of him."""
    return text.replace("她", "他") if gender == "male" else text


class Town:
    """Where people come from: draws a customer by number, the same one every time."""

    def __init__(self, shelf: Shelf, seed: int, guides: list[int]) -> None:
        """Take the shelf, the seed and how many guides each store has."""
        self.preset: Preset = shelf.preset
        self.calendar: Calendar = shelf.calendar
        self.shelf = shelf
        self.seed = seed
        self.guides = guides
        self._personas = Weighted((persona, persona.share) for persona in self.preset.personas)
        self._sources = weighted(self.preset.sources)
        self._nameless: Counter[int] = Counter()

    def dice(self, number: int) -> Random:
        """The stream of this customer."""
        return stream(self.seed, self.preset.chain, "customer", number)

    def meet(self, number: int, dice: Random) -> Person:
        """A customer with her visits, still without notes and purchases."""
        persona = self._personas.draw(dice)
        visits = habits.visits(persona, self.calendar, dice)
        joined = visits[0] if visits else self._first_look(persona, dice)
        store = int(dice.random() * len(self.guides))
        guide = int(dice.random() * self.guides[store]) if dice.random() < 0.9 else None
        person = Person(number, persona, store, guide, joined, visits=visits)
        if len(visits) > 1 and len(self.guides) > 1 and dice.random() < _SECOND_STORE:
            person.second_store = (store + 1 + int(dice.random() * (len(self.guides) - 1))) % len(self.guides)
        self._introduce(person, dice)
        return person

    def _first_look(self, persona: Persona, dice: Random) -> Visit:
        day = self.calendar.today - dice.randint(int(persona.since[0]), int(persona.since[1]))
        return Visit(day, habits.usual_minute(persona, dice))

    def _introduce(self, person: Person, dice: Random) -> None:
        """Her name, number and what the form asks."""
        gender = "female" if dice.random() < self.preset.female else "male"
        if person.visits and dice.random() < _NAMELESS and self._remember(person):
            return
        person.gender = gender if dice.random() < 0.96 else None
        person.name = invent.name(dice, gender)
        person.phone = invent.phone_of(self.seed, person.number)
        person.birthday = invent.birthday(dice, self.calendar.local)
        person.source = self._sources.draw(dice)
        if dice.random() < 0.06:
            person.address = invent.address(dice)
        if self.preset.children and dice.random() < 0.92:
            born = person.joined.day - dice.randint(int(self.preset.children[0]), int(self.preset.children[1]))
            person.child_born = min(born, self.calendar.today - 20)

    def _remember(self, person: Person) -> bool:
        """By what a store remembers her who gave no number: no two alike in one store, and no more than there are."""
        aliases = self.preset.aliases
        if self._nameless[person.store] == len(aliases):
            return False
        person.alias, person.fond_of = aliases[(self._nameless[person.store] + 3 * person.store) % len(aliases)]
        person.source = "路过"
        self._nameless[person.store] += 1
        return True

    def shop(self, person: Person, dice: Random) -> None:
        """Let her buy at every visit; her notes must be known by now."""
        buyer = Buyer(self.shelf, person.persona, dice, person.child_born)
        buyer.choose(person.barred, person.gender)
        if person.fond_of:
            buyer.prefer([self.preset.good(person.fond_of).group])
        if buyer.favourites:
            person.favourite = self.shelf.goods[buyer.favourites[0][0]].name
        for visit in person.visits:
            store = person.store
            if person.second_store is not None and dice.random() < _ELSEWHERE:
                store = person.second_store
            sale = buyer.sale(visit, store)
            if sale is None:
                continue
            person.sales.append(sale)
            if dice.random() < self.preset.refunds:
                self._take_back(person, dice)

    def _take_back(self, person: Person, dice: Random) -> None:
        """Refund her newest purchase some time later, if that is before the demo's day."""
        sale, place = person.sales[-1], len(person.sales) - 1
        later = sale.visit.minute + dice.uniform(*self.preset.refund_minutes)
        day = sale.visit.day + int(later // 1440)
        minute = later % 1440 if later < 1440 else dice.uniform(11 * 60, 20 * 60)
        if day < self.calendar.today and minute < CLOSING:
            person.sales.append(taken_back(sale, place, Visit(day, minute)))
