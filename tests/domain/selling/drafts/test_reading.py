"""An offer is read out of a sloppy line, piece by piece; what is not understood is asked about, never guessed."""

from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UsageError
from bot.domain.selling.drafts.offer import Good, settled
from bot.domain.selling.drafts.reading import read
from bot.domain.selling.drafts.values import Draft
from bot.domain.selling.offers import Terms
from bot.domain.selling.presets import presets

TODAY = date(2026, 11, 20)
GOODS = {
    name: Good(number, name, category, price)
    for number, (name, category, price) in enumerate(
        [("芋泥波波", "奶茶", 1800), ("珍珠奶茶", "奶茶", 1500), ("杨枝甘露", "果茶", 2200)], start=1
    )
}
CUT = Terms(off_fen=600, least_fen=3000)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "满30减6 7天 茶饮 限100张 每人1张 预算600 工作日15-17点 001店",
            Draft(
                "满30减6", "cut", replace(CUT, weekdays=(1, 2, 3, 4, 5), from_minute=900, to_minute=1020),
                goods=("茶饮",), valid_days=7, cap=100, cap_each=1, budget_fen=60_000, store="001",
            ),
        ),
        (
            "００１店 工作日 下午3点到5点 满30元减6元 有效7天 共100张",
            Draft(
                "满30减6", "cut", replace(CUT, weekdays=(1, 2, 3, 4, 5), from_minute=900, to_minute=1020),
                valid_days=7, cap=100, store="001",
            ),
        ),
        (
            "第二杯半价 周一到周三 徐汇店",
            Draft("第二件半价", "second_half", Terms(weekdays=(1, 2, 3)), store="徐汇店"),
        ),
        ("买十送三 90天", Draft("买10送3", "counted", Terms(buy=10, get=3), valid_days=90)),
        ("送芋泥波波 两周 每人一张",
         Draft("送芋泥波波券", "gift", Terms(), gift="芋泥波波", valid_days=14, cap_each=1)),
        ("芒果新品券 8折 限杨枝甘露", Draft("芒果新品券", "percent", Terms(percent=80), goods=("杨枝甘露",))),
        ("九五折 周末 封顶20", Draft("95折券", "percent", Terms(percent=95, weekdays=(6, 7)), most_fen=2000)),
        ("老客50元券 7天 限10张", Draft("老客50元券", "cut", Terms(off_fen=5000), valid_days=7, cap=10)),
        ("满100减20 自提 一周", Draft("到店自提券", "pickup", Terms(off_fen=2000, least_fen=10_000), valid_days=7)),
        ("下次来满15减4", Draft("下次券", "next_visit", Terms(off_fen=400, least_fen=1500))),
        (
            "叫圣诞券 满50减10 12-20起 到12月25日 全部门店",
            Draft(
                "圣诞券", "cut", Terms(off_fen=1000, least_fen=5000), of_all_stores=True,
                starts_on=date(2026, 12, 20), ends_on=date(2026, 12, 25),
            ),
        ),
        ("立减5 到1-3", Draft("5元券", "cut", Terms(off_fen=500), ends_on=date(2027, 1, 3))),
    ],
)  # fmt: skip
def test_a_line_is_understood_whole(text: str, wanted: Draft) -> None:
    assert read(text, TODAY) == wanted


@pytest.mark.parametrize(
    "text",
    ["开心一下", "7天 限100张", "满30减30", "满30减60", "到2-30 满30减6", "满30减6 17-15点", "满30减6 15-25点",
     "买0送3", "满30减6 到2026-11-01", "满30减6 0天"],
)  # fmt: skip
def test_what_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read(text, TODAY)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(UsageError):
        settled(read(text, TODAY), GOODS, None)


@pytest.mark.parametrize(
    ("text", "cost_fen", "words"),
    [
        ("满30减6", 600, "满30元减6元"),
        ("8折 奶茶 封顶5", 500, "8折，最多减5元（限奶茶）"),
        ("8折 封顶20 成本1", 2000, "8折，最多减20元"),
        ("1000元券 成本1", 100_000, "减1000元"),
        ("满30减6 成本9", 900, "满30元减6元"),
        ("送珍珠奶茶 成本1", 1500, "送一份珍珠奶茶"),
        ("8折 封顶20", 2000, "8折，最多减20元"),
        ("第二杯半价", 1100, "第二件半价"),
        ("送珍珠奶茶", 1500, "送一份珍珠奶茶"),
        ("买10送3 奶茶", 5400, "买10另送3（限奶茶）"),
        ("买10送3 成本18", 6600, "买10另送3"),
        ("自提 减3元", 300, "到店自提，减3元"),
        ("下次 95折 封顶5", 500, "下次来，95折，最多减5元"),
    ],
)
def test_what_one_may_cost_and_what_she_reads(text: str, cost_fen: int, words: str) -> None:
    offer = settled(read(text, TODAY), GOODS, None)

    assert (offer.cost_fen, offer.terms.words) == (cost_fen, words)


def test_goods_become_items_and_categories() -> None:
    terms = settled(read("8折 封顶5 杨枝甘露、奶茶", TODAY), GOODS, None).terms

    assert (terms.items, terms.categories, terms.gift_id) == ((GOODS["杨枝甘露"].id,), ("奶茶",), None)


@pytest.mark.parametrize(
    ("text", "nearest"), [("8折 芋泥波", "芋泥波波"), ("送珍珠", "珍珠奶茶"), ("8折 果汁", "果茶")]
)
def test_goods_there_are_not_are_asked_about_with_the_nearest(text: str, nearest: str) -> None:
    with pytest.raises(UsageError, match=nearest):
        settled(read(text, TODAY), GOODS, None)


def test_without_a_price_what_one_may_cost_is_asked() -> None:
    with pytest.raises(UsageError, match="成本"):
        settled(read("第二杯半价", TODAY), {}, None)
    assert settled(read("第二杯半价 成本8", TODAY), {}, None).cost_fen == 800


def test_a_share_of_any_bill_needs_the_most_it_takes_off() -> None:
    with pytest.raises(UsageError, match="封顶"):
        settled(read("8折 成本1", TODAY), GOODS, None)


def test_presets_cost_what_the_same_offer_costs_when_it_is_opened() -> None:
    opened = settled(read("买10送3 果茶", TODAY), GOODS, None)

    assert {one.name: one.cost_fen for one in presets("tea")}["买10送3"] == opened.cost_fen == 6600


@pytest.mark.parametrize(
    ("text", "says"),
    [("满30减6 到昨天", "日期要在今天以后"), ("满30减6 叫", "名字叫什么"), ("满30减6 名称", "名字叫什么")],
)
def test_a_past_day_and_an_empty_name_are_asked_about(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read(text, TODAY)


def test_near_days_and_names_are_read() -> None:
    draft = read("满30减6 名称：冬日券 明天起 到后天", TODAY)

    assert (draft.name, draft.starts_on, draft.ends_on) == ("冬日券", date(2026, 11, 21), date(2026, 11, 22))
