"""Which offer a guide means, as loosely as she types it; a sum that no offer has is no other offer."""

from dataclasses import replace

import pytest

from bot.domain.selling.drafts.picking import amount, nearest, picked, row
from bot.domain.selling.offers import Offer
from bot.domain.selling.presets import presets

OFFERS = [
    Offer(number, number, one.name, one.kind, one.terms, None, "live", one.valid_days, None, None, one.cap,
          one.cap_each, one.budget_fen, one.cost_fen, 0, 0)
    for number, one in enumerate(presets("tea"), start=1)
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("满减", ["满30减6"]),
        ("满30减6", ["满30减6"]),
        ("一张满减券吧", ["满30减6"]),
        ("6块的吧", ["满30减6"]),
        ("6", ["满30减6", "到店自提券"]),
        ("6号", ["到店自提券"]),
        ("#6", ["到店自提券"]),
        ("编号 6", ["到店自提券"]),
        ("18元的券", ["回归券"]),
        ("满减 回归券", ["回归券", "满30减6"]),
        ("满减,下次券", ["满30减6", "下次券"]),
        ("满减回归券", ["回归券", "满30减6"]),
        ("半价还有自提", ["第二件半价", "到店自提券"]),
        ("满减 6元的", ["满30减6"]),
        ("第二杯半价 她说好", ["第二件半价"]),
        ("回归", ["回归券"]),
        ("张回归券", ["回归券"]),
        ("第二杯半价", ["第二件半价"]),
        ("半价", ["第二件半价"]),
        ("生日", ["生日券"]),
        ("自提", ["到店自提券"]),
        ("免单", ["回归券", "生日券"]),
        ("下次", ["下次券"]),
        ("50的吧 挺重要的", []),
        ("50", []),
        ("加湿器", []),
    ],
)
def test_words_find_the_offers_they_may_mean(text: str, names: list[str]) -> None:
    assert [one.name for one in picked(text, OFFERS)] == names


@pytest.mark.parametrize("text", ["", "券", "张券吧", "优惠券"])
def test_words_that_name_none_leave_all(text: str) -> None:
    assert picked(text, OFFERS) == OFFERS


def test_the_nearest_to_a_sum_comes_first() -> None:
    assert amount("给她50块的吧") == 5000
    assert [one.name for one in nearest("5块的", OFFERS)][:2] == ["满30减6", "下次券"]


def test_a_name_as_it_is_written_comes_before_the_money_it_speaks_of() -> None:
    worth_ten = replace(OFFERS[2], id=8, number=8, terms=replace(OFFERS[2].terms, off_fen=1000))
    called_ten = replace(OFFERS[2], id=9, number=9, name="10元券")

    assert picked("10元券", [worth_ten, called_ten]) == [called_ten]
    assert picked("10元的", [worth_ten, called_ten]) == [worth_ten]


def test_the_longer_of_two_names_is_meant() -> None:
    second = replace(OFFERS[2], id=8, number=8, name="满30减6·2")

    assert picked("那张满30减6·2", [*OFFERS, second]) == [second]


@pytest.mark.parametrize(("text", "wanted"), [("3", 3), ("3号", 3), ("第3张", 3), ("#3", None), ("3元", None)])
def test_a_bare_number_is_a_row(text: str, wanted: int | None) -> None:
    assert row(text) == wanted
