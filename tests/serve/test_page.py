"""The page of phones with the real bot behind it, in a real browser: `zhanggui sandbox` as anybody starts it."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser

from tests.support.browser import Table, browsing
from tests.support.cast import ZONE
from tests.support.command_line import environment, make_demo

WANG, LI, BOSS = "xiaowang", "xiaoli", "dianzhang"
WARNING = "⚠️ 芒果过敏"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is; at the end the sandbox and its service stop by themselves."""
    folder = make_demo(tmp_path_factory.mktemp("sandbox"))
    words = [sys.executable, "-m", "bot", "sandbox", "--port", "0"]
    with subprocess.Popen(words, cwd=folder, env=environment(), stdout=subprocess.PIPE, encoding="utf-8") as sandbox:
        assert sandbox.stdout
        found = next(found for line in sandbox.stdout if (found := re.search(r"网页手机：(\S+)", line)))
        yield found[1]
        sandbox.send_signal(signal.SIGTERM)
        assert sandbox.wait(30) == 0


@pytest.fixture
def table(browser: Browser, address: str) -> Iterator[Table]:
    opened = Table.open(browser, address)
    yield opened
    assert opened.complaints == []
    opened.close()


@pytest.mark.parametrize(("platform", "talk"), [("telegram", "private"), ("wecom", "app"), ("wecom", "bot")])
def test_a_guide_looks_a_customer_up_and_presses_what_she_is_offered(table: Table, platform: str, talk: str) -> None:
    phone, other = table.phone(WANG, platform, talk), table.phone(LI, platform, talk)
    before = other.bubbles()

    phone.say("查 8000")
    card = phone.answer(WARNING)
    assert "（尾号8000）· " in card
    assert re.search(r"\d 记一句　\d 全部", card)
    phone.press("全部")
    assert "（尾号8000）" in phone.answer("女 · 生日")
    assert other.bubbles() == before


def test_a_slip_is_told_and_a_note_is_taken_back(table: Table) -> None:
    phone = table.phone(BOSS, "wecom", "app")

    phone.say("查8000啊")
    phone.answer("王*（尾号8000）")
    phone.say("她不吃香菜 三分糖去兵")
    phone.answer("给 王*（尾号8000）记下")
    phone.say("撤")
    assert "已撤回" in phone.answer("已撤回")


def test_what_a_group_asks_is_answered_to_the_guide_alone(table: Table) -> None:
    private = table.phone(WANG, "wecom", "bot")
    private.say("嗯")
    group = table.phone(WANG, "wecom", "group")
    group.say("@掌柜 查 8000")
    group.answer("已私信你")
    assert not any(WARNING in text for text in group.bubbles())
    private = table.phone(WANG, "wecom", "bot")
    assert WARNING in private.answer(WARNING)


def test_whoever_moves_the_clock_finds_what_was_sold_meanwhile(table: Table, address: str) -> None:
    tomorrow = datetime.now(ZONE) + timedelta(days=1)
    httpx.post(f"{address}/sandbox/clock", json={"to": f"{tomorrow:%Y-%m-%d}T08:30"}, timeout=60)
    phone = table.phone(BOSS, "wecom", "app")

    assert "早，徐汇店。昨天¥" in phone.answer("早，徐汇店。")
    phone.say("今天")
    assert "数据到昨" in phone.answer("徐汇店。昨天¥")
    httpx.post(f"{address}/sandbox/clock", json={"reset": True})
