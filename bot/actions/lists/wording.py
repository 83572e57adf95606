"""With which words a customer is listed: what her play offers, if she may have it, and what may be said to her."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import chain
from typing import Any

from bot.actions.lists.asking import Asking, ask, of_one
from bot.actions.lists.choosing import Chosen, declines
from bot.actions.lists.place import Place
from bot.actions.profiles import most_bought
from bot.db.lists import known
from bot.db.lists.known import Person
from bot.db.lists.lists import NewRow, Why
from bot.db.offers import coupons
from bot.db.offers import offers as batches
from bot.domain import masks
from bot.domain.language import conflicts
from bot.domain.lists.kinds import Kind
from bot.domain.lists.phrases import APOLOGY, GREETINGS, PHRASES
from bot.domain.selling import gate
from bot.domain.selling.offers import Offer
from bot.domain.selling.plays import Play, choosing, saying
from bot.domain.selling.plays.words import CALLED, LIKED, NEWS, SHOP, WHO, given
from bot.domain.shop import Product

_NEW = timedelta(days=60)
_OFFERING: tuple[Kind, ...] = ("recall", "leaving", "upgrade", "birthday", "replenish")
_PLAIN = "【称呼】，好久不见，路过进来坐坐。"


class Wording:
    """Words for some customers of a store, all that is needed read before."""

    def __init__(self, place: Place, names: Mapping[int, str], read: "Read") -> None:
        """Take what the staff are called, and what was read of the customers."""
        self._place, self._names, self._read = place, names, read
        self._goods = read.goods
        found = (one for one in read.offers if batches.is_on(one, place.today) and batches.is_left(one))
        self._offers = {one.name: one for one in reversed(list(found))}

    @cached_property
    def _offered(self) -> list[Product]:
        names = {play.offer for play in self._place.chain.plays.values()}
        return self._place.chain.touched([one for name, one in self._offers.items() if name in names])

    def row(self, one: Chosen) -> NewRow:
        """Her row."""
        return NewRow(one.due.customer_id, one.staff_id, self._why(one, self._read.people[one.due.customer_id]))

    def _why(self, one: Chosen, person: Person) -> Why:
        due, play = one.due, self._play(one)
        offer = self._fitting(one, person, play)
        reason = due.reason
        said = self._lines(one, person, play, offer)
        return Why(due.kind, reason, due.evidence, offer.name if offer else "", due.care, said)

    def _play(self, one: Chosen) -> Play:
        plays = self._place.chain.plays
        if one.due.kind == "birthday":
            return plays["birthday"]
        layer = one.due.layer or choosing.layer_of("regular")
        return choosing.chosen(plays, layer=layer, frequency="", celebrating=False)

    def _fitting(self, one: Chosen, person: Person, play: Play) -> Offer | None:
        """The offer of her play, if she may be given it now."""
        if one.due.care or one.due.kind not in _OFFERING or (one.due.kind == "recall" and not one.due.layer):
            return None
        offer = self._offers.get(play.offer)
        if offer is None:
            return None
        had = self._read.had.get(person.id, {}).get(offer.id, [])
        if coupons.place(offer, had, self._place.today) is None:
            return None
        bar = gate.barred(offer, one.known.facts, self._offered)
        return None if bar and bar.whole else offer

    def _lines(self, one: Chosen, person: Person, play: Play, offer: Offer | None) -> str:
        due, gaps = one.due, self._gaps(one, person) | given(offer)
        if one.known.complains:
            lines: tuple[str, ...] = (APOLOGY,)
        elif due.said:
            lines = due.said
        elif due.kind in GREETINGS and (offer is None or due.day):
            lines = (GREETINGS[due.kind][bool(due.day)].format(what=due.what or "您", day=due.day),)
        elif due.kind in PHRASES:
            lines = tuple(line.format(what=due.what, day=due.day) for line in PHRASES[due.kind])
        elif play.offer and offer is None:
            lines = (_PLAIN,)
        else:
            lines = play.words
        barring, gifts = saying.barring(one.known.facts), not declines(one.known)
        goods = self._place.chain.catalogue if barring else ()
        heard = (line for line in lines if gifts or not saying.promises(line))
        found = chain.from_iterable(saying.sayable([line], gaps, barring, goods) for line in heard)
        return next(found, "") or next(iter(saying.sayable([_PLAIN], gaps)), "")

    def _gaps(self, one: Chosen, person: Person) -> dict[str, str]:
        called = masks.polite(person.name, person.gender)
        name = self._names.get(one.staff_id or 0, "")
        speaks = f"{self._place.store.name}的{name}" if name else self._place.store.name
        fine, fresh = self._items(one, person)
        return {
            CALLED: "您好" if called.endswith("*") else called,
            SHOP: self._place.store.name,
            WHO: speaks,
            LIKED: next((item for item in fine if item != fresh), ""),
            NEWS: fresh,
        }

    def _items(self, one: Chosen, person: Person) -> tuple[list[str], str]:
        """Her usual products that may be named to her, and a new variant of one of them, which then stands first."""
        against = [fact.value for fact in one.known.facts if fact.kind in gate.KINDS and not fact.of]
        usual = self._read.usual[person.id]

        def fine(product: Product) -> bool:
            return not any(conflicts(word, [product.name, *product.ingredients]) for word in against)

        liked = {one_: self._goods[one_].name for one_ in usual if one_ in self._goods and fine(self._goods[one_])}
        today = self._place.today
        news = (
            product
            for product in self._read.variants
            if product.replaces_id in liked
            and product.new_on
            and today - _NEW <= product.new_on <= today
            and fine(product)
        )
        fresh = next(news, None)
        if fresh is None:
            return list(liked.values()), ""
        older = liked[fresh.replaces_id or 0]
        return [older, *(name for name in liked.values() if name != older)], fresh.name


@dataclass(frozen=True, slots=True)
class Read:
    """What words for some customers need: her coupons by offer, the offers of the store, what she buys mostly."""

    people: Mapping[int, Person]
    had: Mapping[int, Mapping[int, Sequence[tuple[Any, ...]]]]
    offers: Sequence[Offer]
    usual: Mapping[int, Sequence[int]]
    goods: Mapping[int, Product]
    variants: Sequence[Product]


def worded(place: Place, chosen: Sequence[Chosen], names: Mapping[int, str]) -> Asking[tuple[list[NewRow], Read]]:
    """A row for each, in their order, and what was read of them; who is gone meanwhile has none."""
    ids = [one.due.customer_id for one in chosen]
    people = yield from ask(known.people, ids)
    had = yield from ask(known.had, ids)
    offers = yield from of_one(batches.standing_in, place.store.id)
    usual = {one: most_bought(people[one].bought) for one in ids if one in people}
    wanted = set(chain.from_iterable(usual.values()))
    goods = yield from ask(known.goods, wanted)
    variants = [one for one in goods.values() if one.replaces_id in wanted]
    read = Read(people, had, offers or (), usual, goods, variants)
    wording = Wording(place, names, read)
    return [wording.row(one) for one in chosen if one.due.customer_id in people], read
