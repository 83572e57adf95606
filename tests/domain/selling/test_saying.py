"""No line names what she must not have, whatever the catalogue holds and whoever wrote the line.

What is barred is known from how each case was made, never from the test of ingredients that is being tested.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.db.offers.offers import draft
from bot.domain.customers import Fact
from bot.domain.selling import gate
from bot.domain.selling.offers import Offer, Terms
from bot.domain.selling.plays import TONES, preset
from bot.domain.selling.plays.saying import hurts, promises, sayable
from bot.domain.selling.plays.words import CALLED, LIKED, NEWS, SHOP, WHO, scenes
from bot.domain.shop import VERTICALS, Product

SUBSTANCES = ("芒果", "花生", "虾", "鸡蛋", "羊毛", "麸质")  # none is of another's family
NAMES = ("云朵一号", "晚风小满", "山海之间", "听雨轩", "青团子", "白日梦想家", "月光宝盒")  # tell nothing
TEMPLATES = (
    "【称呼】，{} 上新啦，回来尝尝！", "【称呼】，您爱的{}第二杯半价", "{}给您留着",
    "【称呼】，【我】说{}好，来【店名】坐坐",
    "【称呼】，新出的大份{}（限量），来看看",
)  # fmt: skip
PLAIN = "【称呼】，好久不见，来坐坐。"
KNOWN = {CALLED: "王女士", SHOP: "芒果花生店", WHO: "芒果花生店的小虾", LIKED: "", NEWS: ""}


def fact(value: str, kind: str = "allergy", state: str = "live", of: str | None = None) -> Fact:
    return Fact(1, 1, kind, value, None, of, state, "chat", None, "", datetime(2025, 5, 20, tzinfo=UTC))


def product(number: int, name: str, category: str | None, *ingredients: str) -> Product:
    return Product(number, f"T{number}", name, category, None, ingredients, None, None)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[list[Product], Fact, list[str], set[str]]:
    """A catalogue, what she must not have, lines, which of them are barred."""
    bad = draw(st.sampled_from(SUBSTANCES))
    others = [one for one in SUBSTANCES if one != bad]
    goods, holds = [], {}
    for number, name in enumerate(draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)), 1):
        holds[name] = draw(st.booleans())
        mixed = [*draw(st.lists(st.sampled_from(others), max_size=2)), *([bad] if holds[name] else [])]
        within = draw(st.booleans()) or not mixed
        goods.append(product(number, name, None if within else mixed[-1], *(mixed if within else mixed[:-1])))
    lines, barred = [], set()
    for template in TEMPLATES:
        thing = draw(st.sampled_from([*holds, *SUBSTANCES]))
        line = template.format(thing)
        lines.append(line)
        if holds.get(thing, thing == bad):
            barred.add(line)
    state, kind = draw(st.sampled_from(("live", "pending"))), draw(st.sampled_from(gate.KINDS))
    return goods, fact(bad, kind, state), lines, barred


@settings(max_examples=300)
@given(_cases())
def test_every_line_that_names_what_is_barred_is_left_out_and_no_other(case) -> None:
    goods, hers, lines, barred = case

    said = sayable([*lines, PLAIN], KNOWN, [hers], goods)

    assert said == sayable([line for line in lines if line not in barred] + [PLAIN], KNOWN)


@settings(max_examples=100)
@given(st.sampled_from(SUBSTANCES), st.sampled_from(VERTICALS))
def test_the_lines_a_chain_begins_with_hurt_nobody_who_must_not_have_something_else(bad: str, vertical: str) -> None:
    lines = [line for play in preset(vertical).values() for line in play.words]
    lines += [line for one in scenes() for tone in one.lines.values() for line in tone]

    assert sayable(lines, KNOWN, [fact(bad)], ()) == sayable(lines, KNOWN)


MANGO = product(1, "杨枝甘露", "果茶", "芒果", "西柚")
SLUSH = product(2, "芒果冰沙 大杯", None)


@pytest.mark.parametrize(
    ("line", "hurt"),
    [
        ("芒果上新啦", True),
        ("芒 果上新啦", False),  # nobody can read everything; a person wrote it
        ("杨枝甘露第二杯半价", True),
        ("满杯杨枝甘露来啦", True),
        ("杨枝 甘露", True),
        ("杨枝甘新品", True),  # three characters are enough
        ("热带水果季", True),  # a family names it
        ("葡萄冻冻来啦", False),
        ("来坐坐", False),
    ],
)
def test_a_line_is_judged_by_its_words_and_by_the_products_it_names(line: str, *, hurt: bool) -> None:
    assert hurts(line, [fact("芒果")], [MANGO, SLUSH]) is hurt


@pytest.mark.parametrize(
    ("known", "hurt"),
    [
        (fact("芒果", "avoid"), True),
        (fact("芒果", state="pending"), True),
        (fact("芒果", state="void"), False),
        (fact("芒果", "preference"), False),
        (fact("芒果", of="child"), False),
    ],
)
def test_which_facts_count(known: Fact, *, hurt: bool) -> None:
    assert hurts("芒果上新啦", [known], ()) is hurt


def test_what_a_child_must_not_have_counts_where_the_line_speaks_of_her() -> None:
    assert hurts("带孩子来吃芒果冰", [fact("芒果", of="child")], ()) is True


def test_what_is_to_be_had_is_told_from_a_greeting() -> None:
    assert [promises(f"送您{what}") for what in ("一张生日券", "一杯")] == [True, True]
    gentle = [line for one in scenes() for line in one.lines.get("feeling", ()) if promises(line)]
    assert gentle == ["【称呼】，您是老朋友，我不跟您绕：【喜欢】用料一直没变，您用着放心，比便宜两块更要紧。"]
    benefits = [line for play in preset("tea").values() if play.offer for line in play.words if "券" in line]
    assert [line for line in benefits if not promises(line)] == []
    assert set(TONES) == {"feeling", "benefit", "care"}


@st.composite
def _offers(draw: st.DrawFn) -> tuple[list[Product], Fact, Offer, set[int], bool]:
    """A catalogue, what she must not have, an offer, the products that hold it, and whether its words name it."""
    goods, hers, *_ = draw(_cases())
    bad = {one.id for one in goods if hers.value in (*one.ingredients, one.category)}
    ids = st.sampled_from([one.id for one in goods])
    items = tuple(draw(st.lists(ids, min_size=1, max_size=3, unique=True)))
    thing = draw(st.sampled_from(("随便什么", *SUBSTANCES)))
    gift = draw(st.none() | ids)
    terms = Terms(items=items, gift_id=gift, words=f"来试{thing}")
    return goods, hers, draft("新品券", "cut", terms, 14, 600), bad, thing == hers.value


@settings(max_examples=300)
@given(_offers())
def test_an_offer_is_barred_as_it_was_made(case) -> None:
    goods, hers, offer, bad, says_it = case

    found = gate.barred(offer, [hers], goods)

    items, gift = set(offer.terms.items), offer.terms.gift_id
    if gift in bad or items <= bad:
        assert found is not None
        assert found.whole
    elif items & bad or says_it:
        assert found is not None
        assert (found.whole, found.words) == (False, says_it)
        assert {one.name for one in goods if one.id in items & bad} <= set(found.things)
    else:
        assert found is None
