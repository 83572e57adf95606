"""Which finished lines may be said to a customer: none that names what she must not have, no promise she declined.

When in doubt a line is not said: a word that hits is enough, be it her substance, its family, or three characters
in a row of the name of a product that holds it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from bot.domain import words
from bot.domain.customers import Fact
from bot.domain.language import conflicts
from bot.domain.selling.gate import KINDS
from bot.domain.selling.plays.words import CALLED, SHOP, WHO, fill
from bot.domain.shop import Product
from bot.domain.text import normal

_PROMISE = re.compile(
    r"券|优惠|折|半价|减|满[\d一二两三四五六七八九十百]|送|赠|免费|划算|礼|心意|积分|特价|活动|便宜|红包|福利|抽奖"
)
_APART = re.compile(r"[\s·•\-_/（）()【】\[\]]")
_ENOUGH = 3


def promises(line: str) -> bool:
    """Whether a line speaks of something to be had: what she does not hear who wants no offers."""
    return _PROMISE.search(normal(line)) is not None


def sayable(
    lines: Iterable[str], known: Mapping[str, str], facts: Sequence[Fact] = (), goods: Sequence[Product] = ()
) -> list[str]:
    """Every line that can be said with what is known and does not hurt, filled, each once.

    What she, the shop and the speaker are called is no offer, and bars nothing.
    """
    bare = {**known, CALLED: "您", SHOP: "店", WHO: "我"}
    found = (
        said
        for line in lines
        if (said := fill(line, known)) and not (facts and hurts(fill(line, bare) or "", facts, goods))
    )
    return list(dict.fromkeys(found))


def barring(facts: Iterable[Fact]) -> list[Fact]:
    """The facts that bar something, those that wait for her yes among them."""
    return [fact for fact in facts if fact.kind in KINDS and fact.state != "void"]


def hurts(line: str, facts: Iterable[Fact], goods: Sequence[Product]) -> bool:
    """Whether a line names what she must not have; `goods` are all there are.

    What a relative must not have counts where the line speaks of that relative.
    """
    hers = [fact for fact in barring(facts) if not fact.of or words.whose(fact.of) in line]
    if not hers:
        return False
    made_of = [word for good in goods if _names(good.name, line) for word in holding(good)]
    return any(conflicts(fact.value, (line, *made_of)) for fact in hers)


def holding(good: Product) -> tuple[str, ...]:
    """What a product is judged by: its name, its ingredients and its category."""
    return (good.name, *good.ingredients, *([good.category] if good.category else ()))


def _names(name: str, line: str) -> bool:
    """Whether a line names a product, whole or in part."""
    name, line = _plain(name), _plain(line)
    if len(name) <= _ENOUGH:
        return bool(name) and name in line
    return any(name[place : place + _ENOUGH] in line for place in range(len(name) - _ENOUGH + 1))


@lru_cache(maxsize=4096)  # a catalogue is asked for each line of each customer
def _plain(text: str) -> str:
    return _APART.sub("", normal(text)).lower()
