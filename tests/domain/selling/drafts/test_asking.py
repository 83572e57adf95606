"""Only a plain imperative gives a coupon; a no, a question, a report and a plan are told apart, doubt is doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.selling.drafts.asking import Asked, read


@pytest.mark.parametrize(
    ("text", "whom", "which"),
    [
        ("给她发张满减", "", "张满减"),
        ("给她发个6块的吧", "", "个6块的吧"),
        ("给她发张第二杯半价 她说好", "", "张第二杯半价 她说好"),
        ("先给她发张满减", "", "张满减"),
        ("麻烦再给她补发一张回归券", "", "一张回归券"),
        ("发给她满减", "", "满减"),
        ("把满减发给她", "", "满减"),
        ("送她一张满减", "", "一张满减"),
        ("给她发张不限门槛的券", "", "张不限门槛的券"),
        ("给她发满减,下次券", "", "满减,下次券"),
        ("给周姐发张自提券", "周姐", "张自提券"),
        ("给尾号8000发张满减", "8000", "张满减"),
        ("发给王姐一张满减", "王姐", "一张满减"),
        ("发张满减给王姐", "王姐", "张满减"),
        ("给小李发张满减", "小李", "张满减"),
        ("给她老公发张满减", "她老公", "张满减"),
        ("给她和周姐发张满减", "她和周姐", "张满减"),
    ],
)
def test_an_order_says_to_whom_and_which(text: str, whom: str, which: str) -> None:
    assert read(text) == Asked("gives", whom, which)


@pytest.mark.parametrize(
    ("mood", "texts"),
    [
        ("refuses", "别给她发回归券了|不用给她发满减|先不发回归券|不给她发满减|今天别给她发券"),
        ("asks", "能给她发回归券吗|给她发满减了吗|可以给她发个50的吧|要不要给她发张满减|给她发什么券好|给她发满减?"),
        (
            "told",
            (
                "昨天给她发过回归券了|已经给她发了满减|刚给她发了回归券 她很开心|忘了给她发满减|不小心给她发了满减|"
                "她说上次发的满减没收到|没给她发券|给她发过满减|她要张满减"
            ),
        ),
        ("later", "明天给她发满减|下周给她发张回归券|改天给她发满减|等她来了给她发满减|周五再给她发满减"),
        ("unclear", "王姐来了 给她发张满减|给她满减"),
    ],
)
def test_what_is_no_order_is_told_apart(mood: str, texts: str) -> None:
    assert {text: read(text).mood for text in texts.split("|")} == dict.fromkeys(texts.split("|"), mood)


@pytest.mark.parametrize("text", ["能给她发回归券吗", "别给她发回归券了", "昨天给她发过回归券了", "明天给她发回归券"])
def test_which_coupon_is_talked_of_is_read_all_the_same(text: str) -> None:
    assert read(text).which == "回归券"


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert read(text).mood
