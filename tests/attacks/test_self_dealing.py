"""A guide who puts her own number on file as a customer gets no coupon that costs anything without somebody else's yes.

Elsewhere: limits, caps and approvals themselves in tests/offers and tests/dialogues/approval.txt.
"""

import pytest
from sqlalchemy import func, select

from bot.db import tables
from tests.attacks.conftest import Shop

NUMBER = "13911113391"
WAYS = {
    "by name": ("发 3391 回归券",),
    "by its number on the list": ("发 3391", "1"),
    "from her card": (f"查 {NUMBER}", "1"),
    "in a sentence": (f"查 {NUMBER}", "给她发个回归券"),
    "after an undo and another try": ("发 3391 回归券", "撤", f"建 愿意 {NUMBER} 王小明", "发 3391 回归券"),
    "for her birthday": ("改 生日 11-20", "发 3391 生日券"),
    "insisting": ("发 3391 回归券 坚持 她一定要",),
}


def given(shop: Shop) -> int:
    """How many coupons there are."""
    with shop.database.reading() as conn:
        return int(conn.execute(select(func.count()).select_from(tables.coupons)).scalar_one())


@pytest.fixture
def herself(shop: Shop) -> Shop:
    """A shop where a guide has just made a customer of her own."""
    assert shop.say("小王", f"建 愿意 {NUMBER} 王小明").error is None
    return shop


def test_a_customer_she_has_just_made_gets_no_coupon_from_her(herself: Shop) -> None:
    answers = {way: [herself.say("小王", words) for words in said][-1] for way, said in WAYS.items()}

    assert given(herself) == 0
    assert {way: one.error for way, one in answers.items() if one.error == "bug"} == {}


def test_she_cannot_say_yes_to_herself_and_her_manager_can(herself: Shop) -> None:
    asked = herself.say("小王", "发 3391 回归券").reply.text
    own = herself.say("小王", "批 1")
    assert (given(herself), own.error) == (0, "not_allowed")
    assert "请店长批" in asked

    herself.say("店长", "批")
    herself.say("店长", "1")

    assert given(herself) == 1


def test_a_customer_who_buys_here_is_given_hers_at_once(herself: Shop) -> None:
    assert herself.say("小王", "发 8000 回归券").error is None
    assert given(herself) == 1
