"""Texts in WeCom's sizes, and cards made of choices."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom.cards import button_card, label
from bot.channels.wecom.text import plain, shorten, split_bytes
from bot.chat import LET_GO, Choice, Press

FAMILY, FLAGS, KEYCAP = "👩‍👩‍👧", "🇨🇳🇭🇰", "1️⃣"
SIGNS = st.sampled_from(["好", "a", "。", " ", "\n", "\n\n", "é", "e\u0301", "👍🏽", "🇨🇳", FAMILY, KEYCAP, "𠮷"])
RUNS = st.lists(SIGNS, max_size=60).map("".join)


def test_a_text_that_fits_stays_whole():
    assert split_bytes("好" * 682, 2048) == ["好" * 682]
    assert split_bytes("", 2048) == []
    assert split_bytes(" \n ", 2048) == []


def test_2049_bytes_are_two_valid_parts():
    parts = split_bytes("好" * 683, 2048)

    assert parts == ["好" * 682, "好"]
    assert [len(part.encode()) for part in parts] == [2046, 3]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("一二三\n四五六\n\n七八九", ["一二三\n四五六", "七八九"]),
        ("一二三四\n五六七八九", ["一二三四", "五六七八九"]),
        ("题\n\n一二三四五六七八九", ["题\n\n一二三四五六", "七八九"]),
        ("一二三四。五六七八九", ["一二三四。", "五六七八九"]),
        ("abcdef ghijklm nopqrstuv", ["abcdef ghijklm", "nopqrstuv"]),
        ("一二三四五六七\n", ["一二三四五六七"]),
        ("一二三四五六七\n\n\n八", ["一二三四五六七", "八"]),
    ],
)
def test_cuts_are_between_paragraphs_then_lines_then_sentences_then_signs(text, parts):
    assert split_bytes(text, 23) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"好{FAMILY}了", ["好", FAMILY, "了"]),
        (FLAGS, ["🇨🇳🇭🇰"]),
        (f"好{FLAGS}", ["好🇨🇳", "🇭🇰"]),
        ("e\u0301" * 7, ["e\u0301" * 6, "e\u0301"]),
        ("a" + "\u0301" * 12, ["a" + "\u0301" * 8, "\u0301" * 4]),
    ],
)
def test_a_sign_is_cut_only_where_it_alone_is_too_large(text, parts):
    assert split_bytes(text, 18) == parts


@given(RUNS | st.text(max_size=200), st.integers(4, 60))
def test_parts_fit_and_only_white_space_at_the_cuts_is_lost(text, most):
    parts = split_bytes(text, most)

    assert all(part.strip() and len(part.encode()) <= most for part in parts)
    place = 0
    for part in parts:
        found = text.index(part, place)
        assert not text[place:found].strip()
        place = found + len(part)
    assert not text[place:].strip()


@given(st.lists(SIGNS.filter(str.strip), max_size=60), st.integers(20, 60))
def test_signs_stay_whole(signs, most):
    whole = [
        sign
        for part in split_bytes("".join(signs), most)
        for sign in re.findall(f"{FAMILY}|🇨🇳|👍🏽|{KEYCAP}|e\u0301|.", part)
    ]

    assert whole == signs


def test_halves_of_characters_are_joined_or_replaced():
    assert split_bytes("\ud83d\udc4d好\ud83d", 2048) == ["👍好\ufffd"]


def test_there_must_be_room_for_one_character():
    with pytest.raises(ValueError, match="no room for one character in 3 bytes"):
        split_bytes("好", 3)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("<@all> 大家好", "＜@all> 大家好"),
        ("<@xiaowang>", "＜@xiaowang>"),
        ('<a href="http://evil">领券</a>', '＜a href="http://evil">领券＜/a>'),
        ("[点击领券](http://evil)", "[点击领券]（http://evil)"),
        ('<font color="info">x</font>', '＜font color="info">x＜/font>'),
        ("< @all", "＜ @all"),
        ("3 < 5，5 > 3", "3 < 5，5 > 3"),
        ("第一行\n第二行\t尾", "第一行\n第二行\t尾"),
        ("a\0b\x1b[31mc\r\n", "ab[31mc\n"),
    ],
)
def test_what_people_write_mentions_nobody_and_links_nowhere(typed, shown):
    assert plain(typed) == shown


@given(st.text())
def test_no_tag_and_no_link_is_left(text):
    made = plain(text)

    assert re.findall(r"<\s*[@/!A-Za-z]|\]\s*\(", made) == []
    assert plain(made) == made


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("一二三", 3, "一二三"),
        ("一二三四", 3, "一二…"),
        (f"一{FAMILY}", 4, "一…"),
        ("一 二三", 3, "一…"),
        (FAMILY, 2, "…"),
    ],
)
def test_shorten(text, most, short):
    assert shorten(text, most) == short


CHOICES = (Choice("记一句", "记 #a1", takes_text=True), Choice("全部", "全 #a1"), Choice("算了", LET_GO))


def test_choices_are_a_card():
    assert button_card("没有找到这位客户。", "1 记一句　2 全部　0 算了", CHOICES, 0xBEEF) == {
        "card_type": "button_interaction",
        "main_title": {"title": "没有找到这位客户。"},
        "sub_title_text": "1 记一句　2 全部　0 算了",
        "task_id": "menu-beef",
        "button_list": [
            {"text": "记一句", "style": 1, "key": "beef.1"},
            {"text": "全部", "style": 2, "key": "beef.2"},
            {"text": "算了", "style": 2, "key": "beef.0"},
        ],
    }


def test_a_card_is_in_wecoms_limits_whatever_it_is_made_of():
    card = button_card("长" * 50, "长" * 200, [Choice("标签很长很长很长很长", "查")] * 6, (1 << 63) - 1, mark="0f-_")

    assert card is not None
    assert card["main_title"] == {"title": "长" * 35 + "…"}
    assert card["sub_title_text"] == "长" * 159 + "…"
    assert re.fullmatch(r"[0-9A-Za-z_\-@]{1,128}", card["task_id"])
    assert [Press.read(button["key"]) for button in card["button_list"]] == [
        Press((1 << 63) - 1, digit) for digit in range(1, 7)
    ]


@pytest.mark.parametrize("count", [0, 7])
def test_choices_that_do_not_fit_are_no_card(count):
    assert button_card("选一个", "", [Choice("查", "查")] * count, 1) is None


def test_a_card_needs_a_title():
    assert button_card(" ", "", CHOICES, 1) is None


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("记一句", "记一句"),
        ("十个字正好能放得下的", "十个字正好能放得下的"),
        ("建档（先问她：愿意留号码收优惠吗）", "3 建档"),
        ("确认是王女士，尾号8000的那位", "3 确认是王女士"),
        ("这句话没有可以断开的地方啊", "3 这句话没有可以…"),
        ("<@all>", "＜@all>"),
        ("两行\n字", "两行 字"),
        ("", "3"),
    ],
)
def test_a_cut_label_begins_with_its_digit(said, shown):
    assert label(3, Choice(said, "查")) == shown
    assert len(shown) <= 10


@given(st.text(max_size=40), st.integers(0, 9))
def test_a_label_fits_a_button(said, digit):
    assert 1 <= len(label(digit, Choice(said, "查"))) <= 10
