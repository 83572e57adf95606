"""How an answer looks on a terminal and as JSON; who is meant; when and where it is said."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.chat import SILENCE, Address, Choice, Outcome, Reply
from bot.console.cast import Person, meant
from bot.console.render import CYAN, DIM, OFF, RED, YELLOW, as_json, columns, render
from bot.console.talk import seat, ticking

CARD = Reply(
    "⚠️ 芒果过敏\n📌 答应过：留燕麦奶\n王*（尾号8000） · 常客\n1 记一句　2 全部　0 不用　· 数据到昨晚22:10",
    (Choice("记一句", "记 #ab", takes_text=True), Choice("全部", "全 #ab"), Choice("不用", "算了")),
    ("var/菜单.png",),
)


def test_plain_text_is_the_card_and_the_paths_of_its_pictures():
    assert render(Outcome(CARD), colour=False) == f"{CARD.text}\n🖼 var/菜单.png"


def test_a_list_too_wide_for_the_terminal_is_folded_between_its_choices():
    assert render(Outcome(CARD), colour=False, width=20).splitlines()[3:6] == [
        "1 记一句　2 全部",
        "0 不用",
        "· 数据到昨晚22:10",
    ]


def test_a_warning_is_red_and_digits_stand_out():
    assert render(Outcome(CARD), colour=True).splitlines() == [
        f"{RED}⚠️ 芒果过敏{OFF}",
        f"{YELLOW}📌 答应过：留燕麦奶{OFF}",
        "王*（尾号8000） · 常客",
        f"{CYAN}1{OFF} 记一句　{CYAN}2{OFF} 全部　{CYAN}0{OFF} 不用　· 数据到昨晚22:10",
        "🖼 var/菜单.png",
    ]


def test_silence_is_shown_as_silence():
    assert render(Outcome(SILENCE), colour=False) == "（不回话）"
    assert render(Outcome(SILENCE), colour=True) == f"{DIM}（不回话）{OFF}"


def test_what_goes_to_the_private_chat_is_shown_as_such():
    group = Reply("已私信你。", private=Reply("王*（尾号8000）"))

    assert render(Outcome(group), colour=False) == "已私信你。\n〔只发给你本人〕\n王*（尾号8000）"


def test_a_note_cannot_steer_the_terminal():
    nasty = Reply("已记：\x1b[2J\x1b]0;x\x07好\x9b31m的", pictures=("\x1b[1A.png",))

    assert render(Outcome(nasty), colour=False) == "已记：[2J]0;x好31m的\n🖼 [1A.png"


def test_json_has_the_keys_that_are_relied_on():
    group = Reply("已私信你。", private=CARD)

    assert json.loads(as_json(Outcome(group))) == {
        "text": "已私信你。",
        "choices": [],
        "pictures": [],
        "private": {
            "text": CARD.text,
            "choices": [
                {"label": "记一句", "command": "记 #ab"},
                {"label": "全部", "command": "全 #ab"},
                {"label": "不用", "command": "算了"},
            ],
            "pictures": ["var/菜单.png"],
        },
        "error": None,
    }
    assert json.loads(as_json(Outcome(SILENCE, "not_allowed"))) == {
        "text": "",
        "choices": [],
        "pictures": [],
        "private": None,
        "error": "not_allowed",
    }


@pytest.mark.parametrize("sign", ["\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x1c"])
def test_json_stays_on_one_line_for_every_reader(sign):
    line = as_json(Outcome(Reply(f"一{sign}二")))

    assert len(line.splitlines()) == 1
    assert json.loads(line)["text"] == f"一{sign}二"


def test_chinese_and_signs_take_two_columns():
    assert [columns(text) for text in ("abc", "王芳", "⚠️", "é", "１")] == [3, 4, 1, 1, 2]


def test_seats_are_private_chats_and_store_groups():
    assert seat("xiaowang") == Address("console", "xiaowang", "xiaowang")
    assert seat("xiaowang", "001") == Address("console", "xiaowang", "store:001", private=False, store="001")


def test_the_clock_of_a_rehearsal_moves_a_second_a_line():
    start = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    clock = ticking(start)

    assert [clock(), clock(), clock()] == [start, start + timedelta(seconds=1), start + timedelta(seconds=2)]


CAST = [
    Person("xiaowang", "小王", "guide", "徐汇店"),
    Person("xiaoli", "小李", "guide", "徐汇店"),
    Person("dianzhang", "赵店长", "manager", "徐汇店"),
    Person("li2", "小李", "guide", "静安店"),
    Person("dianzhang002", "钱店长", "manager", "静安店"),
]


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("xiaoli", ["xiaoli"]),
        ("小王", ["xiaowang"]),
        (" 店长 ", ["dianzhang", "dianzhang002"]),
        ("manager", ["dianzhang", "dianzhang002"]),
        ("小李", ["xiaoli", "li2"]),
        ("小张", []),
        ("", []),
    ],
)
def test_people_are_meant_by_code_name_or_role(said, codes):
    assert [one.code for one in meant(CAST, said)] == codes


@pytest.mark.parametrize(("said", "code"), [("小李", "li2"), ("店长", "dianzhang002"), ("xiaoli", "xiaoli")])
def test_a_colleague_of_ones_own_store_is_meant_first(said, code):
    assert [one.code for one in meant(CAST, said, "静安店")] == [code]
