"""What her body, her wish and her complaint bar: no barred item is ever offered, and the guide hears what is left."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.db.offers.offers import draft
from bot.domain.customers import Fact
from bot.domain.language import conflicts
from bot.domain.selling import gate
from bot.domain.selling.gate import Barred
from bot.domain.selling.offers import Offer, Terms
from bot.domain.selling.presets import presets
from bot.domain.shop import VERTICALS, Product

LONG_AGO = datetime(2025, 5, 20, tzinfo=UTC)


def fact(value: str, kind: str = "allergy", number: int = 1, **more) -> Fact:
    plain = Fact(number, 1, kind, value, None, None, "live", "chat", None, "", LONG_AGO)
    return replace(plain, **more)


def product(number: int, name: str, category: str | None = None, *ingredients: str) -> Product:
    return Product(number, f"T{number}", name, category, None, ingredients, None, None)


GOODS = (
    product(1, "杨枝甘露", "果茶", "芒果", "西柚", "椰奶"),
    product(2, "芋泥波波", "奶茶", "芋泥", "牛奶"),
    product(3, "芒果冰沙", "冰沙"),  # nobody wrote down what is in it
    product(4, "葡萄冻冻", "果茶", "葡萄"),
)


def offer(name: str = "新品券", kind="cut", **terms) -> Offer:
    return draft(name, kind, Terms(**terms), 14, 600)


MANGO = fact("芒果")


@pytest.mark.parametrize(
    ("given_", "facts", "found"),
    [
        (offer(items=(1, 3)), [MANGO], Barred((MANGO,), ("杨枝甘露", "芒果冰沙"), whole=True)),
        (offer(items=(1, 4)), [MANGO], Barred((MANGO,), ("杨枝甘露",), whole=False)),
        (offer(items=(4,)), [MANGO], None),
        (offer(categories=("果茶",)), [MANGO], Barred((MANGO,), ("杨枝甘露",), whole=False)),
        (offer(categories=("冰沙",)), [MANGO], Barred((MANGO,), ("芒果冰沙",), whole=True)),
        (offer(kind="gift", gift_id=3), [MANGO], Barred((MANGO,), ("芒果冰沙",), whole=True)),
        (offer(kind="gift", gift_id=3, items=(4,)), [MANGO], Barred((MANGO,), ("芒果冰沙",), whole=True)),
        (offer(kind="gift", gift_id=4), [MANGO], None),
        (offer("尝鲜", "gift", words="送一杯杨枝甘露"), [MANGO], Barred((MANGO,), ("送一杯杨枝甘露",), whole=True)),
        (offer("通用满30减6"), [MANGO], None),
        (offer("芒果新品券"), [MANGO], Barred((MANGO,), ("芒果新品券",), whole=True)),
        (
            offer("通用满30减6", words="新出的芒果冰也能用"),
            [MANGO],
            Barred((MANGO,), ("新出的芒果冰也能用",), whole=False, words=True),
        ),
        (offer(items=(99,)), [MANGO], None),
        (offer("芒果季", items=(99,)), [MANGO], Barred((MANGO,), ("芒果季",), whole=True)),
        (offer(items=(1,)), [fact("水果")], Barred((fact("水果"),), ("杨枝甘露",), whole=True)),
        (offer(items=(2,)), [fact("乳糖")], Barred((fact("乳糖"),), ("芋泥波波",), whole=True)),
    ],
)
def test_an_offer_is_barred_by_what_it_gives_and_what_it_may_be_spent_on(given_, facts, found):
    assert gate.barred(given_, facts, GOODS) == found


@pytest.mark.parametrize(
    ("known", "bars"),
    [
        (fact("芒果", "avoid"), True),
        (fact("芒果", state="pending"), True),
        (fact("芒果", state="void"), False),
        (fact("芒果", "preference"), False),
        (fact("芒果", of="女儿"), False),
    ],
)
def test_which_facts_bar(known, bars):
    assert (gate.barred(offer(items=(1,)), [known], GOODS) is not None) == bars


def test_what_a_relative_must_not_have_bars_only_a_gift_that_is_for_her():
    hers = fact("芒果", of="child")

    assert gate.barred(offer("回归礼", "gift", gift_id=3), [hers], GOODS) is None
    assert gate.barred(offer("孩子的小礼物", "gift", gift_id=3), [hers], GOODS) == Barred((hers,), ("芒果冰沙",), True)
    assert gate.barred(offer("孩子的小礼物", "gift", gift_id=4), [hers], GOODS) is None


def test_the_offers_a_chain_begins_with_are_barred_only_where_they_name_what_is_barred():
    plain = [fact("青霉素"), fact("芒果", number=2), fact("香菜", "avoid", number=3)]
    for vertical in VERTICALS:
        for one in presets(vertical):
            assert gate.barred(draft(one.name, one.kind, one.terms, 1, 0), plain, ()) is None


SUBSTANCES = (
    "芒果",
    "牛奶",
    "花生",
    "坚果",
    "虾",
    "海鲜",
    "鸡蛋",
    "麸质",
    "水果",
    "乳糖",
    "羊毛",
    "镍",
    "香精",
    "桃子",
)
MADE_OF = (
    *SUBSTANCES,
    "珍珠",
    "红豆",
    "糯米",
    "冰",
    "糖",
    "杨枝甘露",
    "拿铁",
    "蛋糕",
    "面粉",
    "椰奶",
    "虾滑",
    "榛果酱",
    "棉",
)
CATEGORIES = ("奶茶", "果茶", "面包", "海鲜", "配饰")


@st.composite
def _catalogues(draw: st.DrawFn) -> list[Product]:
    count = draw(st.integers(1, 5))
    return [
        product(
            number,
            draw(st.sampled_from(MADE_OF)) + draw(st.sampled_from(("", "杯", "礼盒"))),
            draw(st.sampled_from((None, *CATEGORIES))),
            *draw(st.lists(st.sampled_from(MADE_OF), max_size=3)),
        )
        for number in range(1, count + 1)
    ]


@st.composite
def _cases(draw: st.DrawFn) -> tuple[list[Product], list[Fact], Offer]:
    goods = draw(_catalogues())
    some = draw(st.lists(st.sampled_from(SUBSTANCES), min_size=1, max_size=3, unique=True))
    facts = [
        fact(value, draw(st.sampled_from(gate.KINDS)), number, state=draw(st.sampled_from(("live", "pending"))))
        for number, value in enumerate(some, 1)
    ]
    ids = st.sampled_from([one.id for one in goods])
    terms = {"items": tuple(draw(st.lists(ids, max_size=3, unique=True)))}
    if draw(st.booleans()):
        terms["gift_id"] = draw(ids)
    if draw(st.booleans()):
        terms["categories"] = (draw(st.sampled_from(CATEGORIES)),)
    return goods, facts, offer("新品券", **terms)


def _bad(one: Product, facts: list[Fact]) -> bool:
    """Written apart from the gate: any allergen hits any word of a product."""
    words = [one.name, one.category or "", *one.ingredients]
    return any(conflicts(fact.value, [word]) for fact in facts for word in words if word)


def test_no_barred_item_is_offered_whatever_the_catalogue():
    pairs = {True: 0, False: 0}

    @given(case=_cases())
    def run(case) -> None:
        goods, facts, one = case
        bad = {good.id for good in goods if _bad(good, facts)}
        found = gate.barred(one, facts, goods)
        limited = {good.id for good in goods if good.id in one.terms.items or good.category in one.terms.categories}
        pairs[bool(bad & (limited | {one.terms.gift_id}))] += 1
        offered = found is None or not found.whole
        named = set(found.things) if found else set()

        assert not (offered and one.terms.gift_id in bad)
        assert not (offered and limited and limited <= bad and not _open_category(one, goods))
        if offered:
            assert {good.name for good in goods if good.id in limited & bad} <= named
        if not bad & (limited | {one.terms.gift_id}) and not _open_category(one, goods):
            assert found is None

    run()
    assert pairs[True] >= 0.2 * sum(pairs.values())


def _open_category(one: Offer, goods: list[Product]) -> bool:
    """Whether it may be spent on a category of which the catalogue holds nothing."""
    return bool(set(one.terms.categories) - {good.category for good in goods})
