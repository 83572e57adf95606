"""What an allergy or an avoidance bars of an offer. When in doubt it bars: a word that hits is enough.

A product is taken by its name, its ingredients and its category. Barred is an offer whose gift she must not have, or
that can be spent only on what she must not have; where something else is left, what is barred is named.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.domain import words
from bot.domain.customers import Fact
from bot.domain.language import conflicts
from bot.domain.selling.offers import Offer
from bot.domain.shop import Product

KINDS = ("allergy", "avoid")
"""Facts that bar; those that wait for her yes bar too."""


@dataclass(frozen=True, slots=True)
class Barred:
    """What stands against an offer: her facts, and what of the offer they hit.

    `whole`: it must not be given. Else `things` are to be named with it, and where `words` is set the offer's own
    words hold one of them and must not be sent to her.
    """

    facts: tuple[Fact, ...]
    things: tuple[str, ...]
    whole: bool
    words: bool = False


def touching(offer: Offer, goods: Iterable[Product]) -> tuple[list[Product], list[Product]]:
    """The gift (one or none) and what an offer is limited to, among goods that hold at least these."""
    terms = offer.terms
    known = list(goods)
    limited = [one for one in known if one.id in terms.items or (one.category and one.category in terms.categories)]
    return [one for one in known if one.id == terms.gift_id], limited


def barred(offer: Offer, facts: Iterable[Fact], goods: Iterable[Product]) -> Barred | None:
    """What stands against giving her this offer; None where nothing does. `goods` hold what the offer touches."""
    against = [fact for fact in facts if fact.kind in KINDS and fact.state != "void"]
    hers = [fact for fact in against if not fact.of]
    theirs = [fact for fact in against if fact.of and words.whose(fact.of) in offer.name + offer.terms.words]
    if not hers and not theirs:
        return None
    gift, limited = touching(offer, goods)
    hits = _Hits()
    whole = _gift(offer, gift, [*hers, *theirs], hits)
    whole = _spending(offer, limited, hers, hits) or whole
    said = hits.of(offer.terms.words, (offer.terms.words,), hers) if offer.terms.words and not whole else False
    return hits.result(whole=whole, words=said)


def _gift(offer: Offer, gift: Sequence[Product], facts: Sequence[Fact], hits: "_Hits") -> bool:
    """A gift that is a product, or one that only words describe."""
    if offer.terms.gift_id is not None and gift:
        return hits.of(gift[0].name, (*_words(gift[0]), offer.name), facts)
    if offer.kind == "gift" or offer.terms.gift_id is not None:
        return hits.of(offer.terms.words or offer.name, (offer.name, offer.terms.words), facts)
    return False


def _spending(offer: Offer, limited: Sequence[Product], facts: Sequence[Fact], hits: "_Hits") -> bool:
    """Whether everything it may be spent on is barred; without a limit its name alone can bar it."""
    if not offer.terms.items and not offer.terms.categories:
        return hits.of(offer.name, (offer.name,), facts, again=False)
    if not limited:  # the catalogue knows none of it
        return hits.of(offer.name, (offer.name, *offer.terms.categories), facts)
    found = [hits.of(one.name, _words(one), facts) for one in limited]
    held = {one.category for one in limited}
    found += [hits.of(name, (name,), facts) for name in offer.terms.categories if name not in held]
    return all(found)


def _words(product: Product) -> tuple[str, ...]:
    return (product.name, *product.ingredients, *([product.category] if product.category else ()))


class _Hits:
    """The facts that hit, and what they hit, each once."""

    def __init__(self) -> None:
        self._facts: dict[int, Fact] = {}
        self._things: dict[str, None] = {}

    def of(self, thing: str, words: Iterable[str], facts: Iterable[Fact], *, again: bool = True) -> bool:
        """Whether a thing of these words is barred by one of the facts; it is remembered.

        Not `again`: where something was hit before, this thing is but another name for it.
        """
        held = [word for word in words if word]
        found = list(_hitting(held, facts))
        named = again or not self._things
        for fact in found:
            self._facts[fact.id] = fact
            if named:
                self._things[thing] = None
        return bool(found)

    def result(self, *, whole: bool, words: bool) -> Barred | None:
        """All of it together; None where nothing was hit."""
        if not self._facts:
            return None
        return Barred(tuple(self._facts.values()), tuple(self._things), whole, words)


def _hitting(words: Sequence[str], facts: Iterable[Fact]) -> Iterator[Fact]:
    return (fact for fact in facts if conflicts(fact.value, words))
