"""How an answer looks on a terminal and as JSON; and a person at a keyboard."""

import codecs
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

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


class Terminal:
    """A terminal of 80 columns with a person at it, who reads before she types."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHANGGUI_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            cwd=folder,
            env={**kept, "TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parent.parent)},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.screen = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def reads(self, words: str) -> str:
        """Wait until the screen shows the words; gives all that came since she typed."""
        until = time.monotonic() + 30
        while words not in self.screen:
            assert time.monotonic() < until, f"no {words!r} in {self.screen!r}"
            assert self._more(), f"ended without {words!r}: {self.screen!r}"
        return self.screen

    def types(self, text: str) -> None:
        """Type, and forget what was on the screen."""
        self.screen = ""
        os.write(self._ours, text.encode())

    def asks(self, text: str, words: str) -> str:
        """Type a line and wait for the words of its answer, and for the next prompt."""
        self.types(f"{text}\r")
        self.reads(words)
        return self.reads(READY)

    def leaves(self, by: str) -> int:
        """Type what ends it, and wait for the end; gives the exit code."""
        self.types(by)
        until = time.monotonic() + 30
        while self._more():
            assert time.monotonic() < until, f"did not end: {self.screen!r}"
        return self._process.wait(10)

    def close(self) -> None:
        """End it, however the test went."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _more(self) -> bool:
        if not select.select([self._ours], [], [], 1)[0]:
            return self._process.poll() is None
        try:
            came = os.read(self._ours, 65536)
        except OSError:  # the other end is closed
            return False
        for _ in range(came.count(b"\x1b[6n")):  # a terminal says where its cursor is when asked
            os.write(self._ours, b"\x1b[1;1R")
        self.screen += self._decode(came)
        return bool(came)


AT = "2026-11-22T10:00"
READY = "结束 Ctrl-D"


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    command = [sys.executable, "-m", "bot", "demo", "--make-only", "--customers", "40", "--at", AT]
    root = str(Path(__file__).parent.parent)
    subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": root}, capture_output=True, check=True)
    return folder


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
    terminal = sits("demo")

    card = terminal.asks("查 13800138000", "记一句")

    assert f"{RED}⚠️ 芒果过敏" in card
    assert f"{CYAN}1{OFF} 记一句" in card
    assert terminal.leaves("\x04") == 0


def test_the_demo_says_what_to_type_first(sits):
    assert "查 8000" in sits("demo").screen


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
    assert [path.name for path in kept if path.parent.name != "keys"] == ["zhanggui.db"]
