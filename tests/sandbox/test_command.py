"""`zhanggui sandbox` as a process: run twice over one shop, killed in its parts, and cut off with its terminal."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.command_line import environment, make_demo
from tests.support.terminal import READY, Terminal

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel which processes there are")
DOORS = (("telegram", "private"), ("wecom", "app"), ("wecom", "bot"))
ADDRESS = re.compile(r"网页手机：(http://127\.0\.0\.1:\d+)")


class Running:
    """The command at work, and hands on its phones."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.address = self._reads(ADDRESS)

    def _reads(self, words: re.Pattern[str]) -> str:
        assert self.process.stdout
        found = next(found for line in self.process.stdout if (found := words.search(line)))
        return found[found.re.groups]

    def reads(self, words: str) -> None:
        """Wait for these words on its output."""
        self._reads(re.compile(words))

    def post(self, act: str, **told: str) -> Any:
        """What the page would ask for."""
        return httpx.post(f"{self.address}/sandbox/{act}", json=told, timeout=20).raise_for_status().json()

    def asks(self, person: str, text: str, door: tuple[str, str], beginning: str) -> str:
        """Say something, as soon as the bot is there to hear it, and wait for the answer; gives it."""
        platform, talk = door
        where = {"platform": platform, "person": person, "talk": talk}
        _until(lambda: self.post("say", **where, text=text)["flash"] == "")
        return _until(lambda: next((html for html in self._theirs(platform, person, talk) if beginning in html), ""))

    def _theirs(self, platform: str, person: str, talk: str) -> list[str]:
        talks = httpx.get(f"{self.address}/sandbox/phones/{platform}/{person}").json()["talks"]
        bubbles = next(one["bubbles"] for one in talks if one["id"] == talk)
        return [bubble["html"] for bubble in bubbles if not bubble["mine"]]


def _until(found: Any) -> Any:
    end = time.monotonic() + 40
    while not (it := found()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)
    return it


@contextmanager
def sandbox(folder: Path) -> Iterator[Running]:
    words = [sys.executable, "-m", "bot", "sandbox", "--port", "0"]
    with subprocess.Popen(words, cwd=folder, env=environment(), stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            yield Running(process)
        finally:
            process.terminate()


def at_work(folder: Path) -> list[str]:
    """The processes that stand in this folder, by what they do."""
    return sorted(what for one in Path("/proc").glob("[0-9]*") if (what := _does(one, folder)))


def _does(process: Path, folder: Path) -> str:
    """The command it was started with; nothing where it is not ours, or has ended."""
    try:
        ours = (process / "cwd").readlink().is_relative_to(folder)
        words = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return words[3].decode() if ours and words[1:3] == [b"-m", b"bot"] else ""


def leader(folder: Path, what: str) -> int:
    """The process in this folder that does this."""
    return next(int(one.name) for one in Path("/proc").glob("[0-9]*") if _does(one, folder) == what)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_demo(tmp_path_factory.mktemp("shop"))


def test_a_second_run_over_the_same_shop_hears_its_first_words(folder: Path) -> None:
    for _ in range(2):
        with sandbox(folder) as one:
            for door in DOORS:
                assert "（尾号8000）" in one.asks("xiaowang", "查 8000", door, "芒果过敏")


def test_a_bot_that_is_killed_comes_back_and_the_page_stays(folder: Path) -> None:
    with sandbox(folder) as one:
        one.asks("xiaowang", "查 8000", DOORS[0], "芒果过敏")
        assert one.post("faults", platform="bot", kind="kill") == {"ok": True}
        one.reads("机器人停了，1 秒后再起来。")
        one.reads("机器人又在岗了。")

        one.asks("dianzhang", "查 8000", DOORS[0], "芒果过敏")
        one.process.terminate()
        assert one.process.wait(30) == 0


def test_the_newcomer_is_bound_to_nobody_and_the_admin_is_known(folder: Path) -> None:
    with sandbox(folder) as one:
        assert "绑定" in one.asks("xinren", "查 8000", DOORS[0], "绑定")
        assert "管理员" in one.asks("admin", "我的", DOORS[0], "管理员")


@ON_LINUX
@pytest.mark.parametrize("end", [signal.SIGHUP, signal.SIGKILL])
def test_a_sandbox_that_loses_its_terminal_or_its_life_leaves_nothing_behind(folder: Path, end: signal.Signals) -> None:
    with sandbox(folder) as one:
        assert at_work(folder) == ["run", "sandbox"]
        one.process.send_signal(end)
        one.process.wait(30)

    _until(lambda: at_work(folder) == [])


@ON_LINUX
@pytest.mark.parametrize("end", [signal.SIGHUP, signal.SIGKILL])
def test_a_demo_that_loses_its_terminal_or_its_life_leaves_nothing_behind(folder: Path, end: signal.Signals) -> None:
    terminal = Terminal(folder, "demo")
    try:
        terminal.reads(READY)
        assert at_work(folder) == ["demo", "run", "sandbox"]
        os.kill(leader(folder, "demo"), end)
        _until(lambda: at_work(folder) == [])
    finally:
        terminal.close()
