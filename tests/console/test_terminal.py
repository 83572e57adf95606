"""A person at a keyboard: what she sees, what only a terminal can do, and that nothing typed is kept in the open."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.console.render import CYAN, OFF, RED
from tests.support.command_line import AT, make_demo
from tests.support.terminal import READY, Terminal

REFRESH = ("segments", "zhanggui.db-refresh")
"""What the nightly refresh keeps of its run: numbers, no words anyone typed."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    return make_demo(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def sits(shop) -> Iterator[Callable[..., Terminal]]:
    """`sits("chat", …)` is a terminal with the command running and its prompt shown."""
    opened: list[Terminal] = []

    def sit(*words: str) -> Terminal:
        opened.append(Terminal(shop, *words, "--at", AT))
        opened[-1].reads(READY)
        return opened[-1]

    yield sit
    for terminal in opened:
        terminal.close()


def test_a_person_at_a_terminal_sees_a_coloured_card_and_leaves_with_ctrl_d(sits):
    terminal = sits("demo", "--no-phones")

    card = terminal.asks("查 13800138000", "记一句")

    assert f"{RED}⚠️ 芒果过敏" in card
    assert re.search(re.escape(CYAN) + r"\d" + re.escape(OFF) + " 记一句", card)
    assert terminal.leaves("\x04") == 0


def test_the_demo_says_what_to_type_first(sits):
    assert "查 8000" in sits("demo", "--no-phones").screen


def test_a_slash_offers_the_commands_with_their_help(sits):
    terminal = sits("chat", "--as", "xiaowang")

    terminal.types("/给")

    terminal.reads("可以转过手机给客人看的一张")
    assert terminal.leaves("\x03\x03") == 0


def test_at_a_terminal_one_changes_person_and_place(sits):
    terminal = sits("chat", "--as", "xiaowang")

    terminal.asks("/我是", "waidian")
    terminal.asks("/我是 nobody", "没有「nobody」")
    terminal.asks("我是 店长", "现在是 ")
    terminal.asks("我是谁", "店长")
    terminal.asks("/到 群 999", "没有门店 999")
    terminal.asks("/到", "到哪里")
    terminal.asks("到 群 001", "徐汇店 的群里")
    terminal.asks("13800138000", "只发给你本人")
    terminal.asks("/到 私聊", "回到私聊")
    assert terminal.leaves("退出\r") == 0


def test_what_was_typed_is_kept_nowhere_in_the_open(sits, shop):
    terminal = sits("chat", "--as", "xiaowang")
    terminal.asks("13800138000", "芒果过敏")
    terminal.leaves("\x04")

    kept = [path for path in shop.rglob("*") if path.is_file()]
    assert [path.name for path in kept if b"13800138000" in path.read_bytes()] == []
    assert [path.name for path in kept if path.suffix == ".db"] == ["zhanggui.db"]
    others = {path.name for path in kept if path.parent.name != "keys" and path.suffix != ".db"}
    assert {name for name in others if not name.startswith(REFRESH)} == set(), "a history, a log or a copy"
