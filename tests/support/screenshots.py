"""The pictures of docs/pictures: the page of phones with the real service behind it, as a shop would use it.

`.venv/bin/python -m tests.support.screenshots` makes them anew; look at each before it is kept.
"""

import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.browser import LAPTOP, PHONE, Table, browsing
from tests.support.command_line import ROOT, environment

FOLDER = ROOT / "docs" / "pictures"
MOST_BYTES = 300_000


@contextmanager
def _sandbox() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "bot", "sandbox", "--port", "0"]
        with subprocess.Popen(words, cwd=folder, env=environment(), stdout=subprocess.PIPE, encoding="utf-8") as one:
            assert one.stdout
            try:
                yield next(found[1] for line in one.stdout if (found := re.search(r"网页手机：(\S+)", line)))
            finally:
                one.send_signal(signal.SIGTERM)


def _talk(table: Table) -> None:
    """A quarter of an hour in a shop."""
    wang = table.phone("xiaowang", "telegram")
    wang.say("查 8000")
    wang.answer("⚠️")
    wang.say("她对花生也过敏 三分糖去冰")
    wang.answer("给 王*")
    wang.press("同意")
    wang.answer("好，")
    wang.say("2203")
    wang.answer("陈*")
    private = table.phone("xiaoli", "wecom", "bot")
    private.say("帮助")
    private.answer("查")
    boss = table.phone("dianzhang", "wecom")
    boss.say("查 7715")
    boss.answer("周*")
    boss.say("播报 明天上新：桂花乌龙，请大家试饮")
    boss.answer("好，正在发到")
    group = table.phone("xiaoli", "wecom", "group")
    group.answer("明天上新")
    group.say("@掌柜 查 2203")
    group.answer("已私信你")


def _shoot(table: Table, name: str) -> None:
    table.page.mouse.move(0, 0)
    table.page.locator("body").evaluate("() => document.activeElement?.blur()")
    table.page.wait_for_timeout(400)
    path = FOLDER / f"{name}.png"
    table.page.screenshot(path=path)
    assert path.stat().st_size < MOST_BYTES, f"{path.name} is too large"


def _laptop(browser: Browser, address: str, *, dark: bool) -> None:
    table = Table.open(browser, address, LAPTOP, dark=dark)
    table.phone("xiaowang", "telegram")
    table.phone("dianzhang", "wecom")
    table.phone("xiaoli", "wecom", "group")
    _shoot(table, "sandbox-laptop-dark" if dark else "sandbox-laptop")
    if not dark:
        table.page.get_by_role("button", name="制造故障").click()
        _shoot(table, "sandbox-faults")
    table.close()


def _phone(browser: Browser, address: str, *, dark: bool) -> None:
    table = Table.open(browser, address, PHONE, dark=dark)
    table.phone("xiaowang", "telegram")
    _shoot(table, "sandbox-phone-dark" if dark else "sandbox-phone")
    if not dark:
        table.page.get_by_role("tab", name="店长").click()
        table.phone("dianzhang", "wecom")
        _shoot(table, "sandbox-phone-wecom")
    table.close()


def main() -> None:
    """Make every picture."""
    Path(FOLDER).mkdir(exist_ok=True)
    with _sandbox() as address, browsing() as browser:
        table = Table.open(browser, address, LAPTOP)
        _talk(table)
        table.close()
        for dark in (False, True):
            _laptop(browser, address, dark=dark)
            _phone(browser, address, dark=dark)


if __name__ == "__main__":
    main()
