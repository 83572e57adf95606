"""What a customer buys at each visit: favourites first, in season only, and never what harms her."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import NamedTuple

from bot.demo.days import Calendar, months_old
from bot.demo.dice import Weighted, counted, weighted
from bot.demo.habits import Visit
from bot.demo.preset import Good, Persona, Preset
from bot.domain.language.families import conflicts

_TRIES = 6
_TASTER = 6.0  # how much likelier tasters take what is made for them
_KEEPS_PAY = 0.85


class Line(NamedTuple):
    """A product (its place in the preset), thousandths of a piece, fen."""

    good: int
    quantity_milli: int
    amount_fen: int


@dataclass(slots=True)
class Sale:
    """An order before it has a number; `refund_of` is the place of the sale it takes back."""

    visit: Visit
    store: int
    lines: list[Line]
    pay: str
    channel: str
    refund_of: int | None = None


class Shelf:
    """The goods of a preset with the days on which each is to be had."""

    def __init__(self, preset: Preset, calendar: Calendar) -> None:
        """Work out when each good came."""
        self.preset = preset
        self.calendar = calendar
        self.goods = preset.goods
        self.since = [self._since(good) for good in self.goods]
        self.place = {good.code: place for place, good in enumerate(self.goods)}
        self.pay = weighted(preset.pay)
        self.channel = weighted(preset.channels)

    def _since(self, good: Good) -> int:
        if good.new is None:
            return 0
        return self.calendar.this_month if good.new == 0 else self.calendar.today - good.new

    def is_open(self, place: int, day: int, child_born: int | None) -> bool:
        """Whether a good is to be had on this day, and is right for her child's age."""
        good = self.goods[place]
        if day < self.since[place] or (good.months and self.calendar.month(day) not in good.months):
            return False
        if not good.ages:
            return True
        return child_born is not None and good.ages[0] <= months_old(child_born, day) < good.ages[1]

    @cache  # noqa: B019 — a shelf lives as long as its making
    def harmful(self, word: str) -> frozenset[int]:
        """The goods that a warning on this word bars."""
        return frozenset(
            place
            for place, good in enumerate(self.goods)
            if word in good.name or conflicts(word, (good.name, *good.words))
        )

    def fit_for(self, barred: Collection[str], gender: str | None, *, taster: bool) -> Weighted[int]:
        """The goods for her, as often as they sell: nothing she is allergic to or avoids, made for her."""
        out = frozenset[int]().union(*(self.harmful(word) for word in barred))
        return Weighted(
            (place, good.weight * (_TASTER if taster and good.tasters else 1))
            for place, good in enumerate(self.goods)
            if place not in out and (not good.gender or gender in (None, good.gender))
        )


class Buyer:
    """One customer at the shelf: her favourites and how she fills a basket."""

    def __init__(self, shelf: Shelf, persona: Persona, dice: Random, child_born: int | None) -> None:
        """Take who she is; `choose` must follow before she buys."""
        self._shelf = shelf
        self._persona = persona
        self._dice = dice
        self._child_born = child_born
        self._lines = counted(persona.lines)
        self._pieces = counted(persona.quantities)
        self._channel = weighted(persona.channels) if persona.channels else shelf.channel
        self._pay = shelf.pay.draw(dice)
        self._owned: set[int] = set()
        self.favourites: list[list[int]] = []

    def choose(self, barred: Collection[str], gender: str | None) -> None:
        """Find her favourites among what is fit for her."""
        self._fit = self._shelf.fit_for(barred, gender, taster=self._persona.taster)
        groups: list[str] = []
        for _ in range(_TRIES * self._persona.favourites):
            good = self._shelf.goods[self._fit.draw(self._dice)]
            if len(groups) < self._persona.favourites and good.group not in groups and self._may_love(good):
                groups.append(good.group)
        self.prefer(groups)

    def _may_love(self, good: Good) -> bool:
        likes = self._persona.likes
        return not (good.tasters or good.durable) and (not likes or good.category in likes)

    def prefer(self, groups: Sequence[str]) -> None:
        """Set her favourites, most loved first."""
        goods = self._shelf.goods
        self.favourites = [[p for p, good in enumerate(goods) if good.group == group] for group in groups]

    def sale(self, visit: Visit, store: int) -> Sale | None:
        """What she buys at a visit; None where nothing is to be had for her."""
        dice, found = self._dice, list[int]()
        wanted = self._lines.draw(dice)
        for _ in range(_TRIES + wanted):
            place = self._pick(visit.day)
            if place is not None and place not in found and place not in self._owned:
                found.append(place)
                if len(found) == wanted:
                    break
        if not found:
            return None
        self._owned.update(place for place in found if self._shelf.goods[place].durable)
        pay = self._pay if dice.random() < _KEEPS_PAY else self._shelf.pay.draw(dice)
        return Sale(visit, store, [self.line(place) for place in sorted(found)], pay, self._channel.draw(dice))

    def usual_sale(self, visit: Visit, store: int) -> Sale | None:
        """Her favourite and nothing else; None where it is not to be had."""
        open_now = [p for p in self.favourites[0] if self._shelf.is_open(p, visit.day, self._child_born)]
        if not open_now:
            return None
        return Sale(visit, store, [self.line(open_now[0])], self._pay, self._channel.draw(self._dice))

    def _pick(self, day: int) -> int | None:
        dice = self._dice
        if self.favourites and dice.random() < self._persona.loyalty:
            rank = int(len(self.favourites) * dice.random() ** 2)
            places = self.favourites[rank]
        else:
            places = [self._fit.draw(dice)]
        return next((p for p in places if self._shelf.is_open(p, day, self._child_born)), None)

    def line(self, place: int) -> Line:
        """A line of one good: pieces, or a weight where it is weighed."""
        good = self._shelf.goods[place]
        pieces = 1000 * self._pieces.draw(self._dice)
        if good.by_weight:
            pieces = 50 * int(self._dice.triangular(5, 50, 14))
        return Line(place, pieces, good.price_fen * pieces // 1000)


def taken_back(sale: Sale, place: int, visit: Visit) -> Sale:
    """The refund of one line of the sale at this place of her list."""
    good, quantity_milli, amount_fen = sale.lines[0]
    line = Line(good, -quantity_milli, -amount_fen)
    return Sale(visit, sale.store, [line], sale.pay, sale.channel, refund_of=place)
