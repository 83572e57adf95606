import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text import join_digits, normal, number, spoken_digits

ANY = st.text(st.characters(codec=None, categories=None), max_size=60)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("１３８　００１３　８０００", "138 0013 8000"),
        ("龔小姐對蓮藕過敏，微辣", "龚小姐对莲藕过敏,微辣"),
        ("後來頭髮乾了 裡面鬆緊帶", "后来头发干了 里面松紧带"),
        ("她\u200b芒\u2060果\ufeff过敏\u202e", "她芒果过敏"),
        ("a\x00b\ud800c", "abc"),
        ("  两   空格\t换行\n后  ", "两 空格 换行 后"),
        ("plain ascii", "plain ascii"),
        ("", ""),
    ],
)
def test_normal_makes_text_plain(typed: str, expected: str) -> None:
    assert normal(typed) == expected


@given(ANY)
def test_normal_never_raises_and_is_stable(typed: str) -> None:
    once = normal(typed)

    assert normal(once) == once
    assert once.isprintable() or once == ""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("幺三八零零幺三八零零零", "13800138000"),
        ("幺三八 零零幺三 八零零零", "138 0013 8000"),
        ("尾号洞洞八拐", "尾号0087"),
        ("洞拐两勾", "0729"),
        ("三三两两来的", "三三两两来的"),
        ("一五一十", "一五一十"),
        ("二三十个", "二三十个"),
        ("三八", "三八"),
    ],
)
def test_spoken_digits_are_read_from_four_on(said: str, expected: str) -> None:
    assert spoken_digits(said) == expected


@given(ANY)
def test_spoken_digits_keep_the_length(said: str) -> None:
    assert len(spoken_digits(said)) == len(said)


def test_join_digits_closes_gaps_between_figures_only() -> None:
    assert join_digits("138-0013 8000 的 王 姐 1.5") == "13800138000 的 王 姐 15"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("三十八", 38),
        ("十二", 12),
        ("一百二", 120),
        ("两百零五", 205),
        ("三八", 38),
        ("38", 38),
        ("八千", 8000),
        ("苹果", None),
        ("", None),
        ("9" * 13, None),
    ],
)
def test_number_reads_chinese_and_figures(words: str, expected: int | None) -> None:
    assert number(words) == expected
