"""An offer out of a draft: the goods it names found, what one may cost worked out, words for the customer made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from bot.domain.errors import UsageError
from bot.domain.selling.costs import at_most
from bot.domain.selling.drafts.reading import said_percent
from bot.domain.selling.drafts.values import Draft
from bot.domain.selling.offers import Offer, Terms
from bot.domain.words import join

VALID_DAYS = 7
_EVERYTHING = ("茶饮", "服装", "珠宝", "超市", "美妆", "母婴", "全部", "所有", "都可以", "不限")
_NEAREST = 3
_NOT_YET = 0
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Good:
    """Something on sale: what it is called, its category and price; the price may be unknown."""

    id: int
    name: str
    category: str | None
    price_fen: int | None


def settled(draft: Draft, goods: Mapping[str, Good], store_id: int | None) -> Offer:
    """The offer a draft asks for, not yet written; raises UsageError for goods there are not, with the nearest."""
    categories = {good.category for good in goods.values() if good.category}
    items, kinds = _limits(draft, goods, categories)
    gift = _gift(draft, goods)
    terms = replace(
        draft.terms,
        items=tuple(goods[name].id for name in items),
        categories=tuple(kinds),
        gift_id=gift.id if gift else None,
    )
    inside = [good for good in goods.values() if not (items or kinds) or good.name in items or good.category in kinds]
    cost = _cost(draft, gift, max((good.price_fen or 0 for good in inside), default=0))
    return Offer(
        id=_NOT_YET,
        number=_NOT_YET,
        name=draft.name,
        kind=draft.kind,
        terms=replace(terms, words=_words(draft, [*items, *kinds], gift)),
        store_id=store_id,
        state="live",
        valid_days=draft.valid_days or VALID_DAYS,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        cap=draft.cap,
        cap_each=draft.cap_each or 1,
        budget_fen=draft.budget_fen,
        cost_fen=cost,
        issued=0,
        committed_fen=0,
    )


def _limits(draft: Draft, goods: Mapping[str, Good], categories: set[str]) -> tuple[list[str], list[str]]:
    """The items and the categories it may be spent on."""
    items, kinds = [], []
    for word in draft.goods:
        if word in goods:
            items.append(word)
        elif word in categories:
            kinds.append(word)
        elif word not in _EVERYTHING:
            raise UsageError(_unknown(word, [*goods, *sorted(categories)]))
    return items, kinds


def _gift(draft: Draft, goods: Mapping[str, Good]) -> Good | None:
    if not draft.gift:
        return None
    if draft.gift not in goods:
        raise UsageError(_unknown(draft.gift, list(goods)))
    return goods[draft.gift]


def _unknown(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=_NEAREST, cutoff=0.3)
    near += [name for name in known if name not in near and word in name]
    if not near:
        return f"没看懂「{word[:12]}」：不是商品，也不是品类。商品名请写全，或去掉它。"
    return f"没有「{word[:12]}」这个商品或品类，是不是：{join(near[:_NEAREST])}？"


def _cost(draft: Draft, gift: Good | None, dearest: int) -> int:
    """What one may cost at most; a cost that was stated can only raise it, or stand where no price is known."""
    known = at_most(draft.kind, draft.terms, (gift.price_fen or 0) if gift else dearest, draft.most_fen or 0)
    if not known and draft.terms.percent < _WHOLE:
        raise UsageError("打折的券要写最多减多少，比如：95折 封顶20")
    cost = max(known, draft.cost_fen or 0)
    if not cost:
        raise UsageError("算不出一张最多花多少，请写上，比如：成本8")
    return cost


def _words(draft: Draft, names: list[str], gift: Good | None) -> str:
    """What it gives, as the customer may read it."""
    terms = draft.terms
    gives = _gives(terms, draft.kind, gift.name if gift else "")
    most = f"，最多减{draft.most_fen / 100:g}元" if draft.most_fen else ""
    return f"{gives}{most}{f'（限{join(names)}）' if names else ''}"


def _gives(terms: Terms, kind: str, gift: str) -> str:
    if gift:
        return f"送一份{gift}"
    if terms.buy:
        return f"买{terms.buy}另送{terms.get}"
    if kind == "second_half":
        return "第二件半价"
    how = {"pickup": "到店自提，", "next_visit": "下次来，"}.get(kind, "")
    if terms.off_fen:
        least = f"满{terms.least_fen / 100:g}元" if terms.least_fen else ""
        return f"{how}{least}减{terms.off_fen / 100:g}元"
    return f"{how}{said_percent(terms.percent)}" if terms.percent < 100 else how.rstrip("，")
