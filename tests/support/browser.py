"""A headless Chromium on the page of phones, and the hands to use it: pick a phone, say, press, drop, look.

The browser is the system's; as root a missing one is installed, otherwise the test skips and says what to install.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk", "fonts-noto-color-emoji")
LAPTOP = (1440, 900)
PHONE = (390, 844)


def executable() -> str:
    """Where the system's browser is."""
    if found := _found():
        return found
    if os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-q"], check=True)  # noqa: S607 — Debian's own place
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-y", "-q", *PACKAGES], check=True, env=quiet)  # noqa: S607
        if found := _found():
            return found
        raise RuntimeError(f"the packages {' '.join(PACKAGES)} brought no browser")
    pytest.skip(f"NO BROWSER: the page of phones is not tested. Run: sudo apt-get install {' '.join(PACKAGES)}")


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser for as long as it is needed; it may speak to this machine only."""
    path = executable()
    playwright: Playwright
    with sync_playwright() as playwright:
        rules = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", f"--host-resolver-rules={rules}", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


class Table:
    """The page with the phones, open in a browser; `faults` are what its console complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @classmethod
    def open(cls, browser: Browser, address: str, size: tuple[int, int] = LAPTOP, *, dark: bool = False) -> Self:
        """A fresh visitor's page, connected."""
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            color_scheme="dark" if dark else "light",
            device_scale_factor=1,
            has_touch=size[0] < 720,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        table = cls(context.new_page())
        table.page.goto(address)
        table.page.locator(".line[data-state=on]").wait_for(state="attached")
        return table

    def phone(self, person: str, platform: str, talk: str = "private") -> "Phone":
        """This person's phone, switched to this platform, with this talk open: private, group, or its id."""
        phone = Phone(self, person)
        if platform != phone.node.get_attribute("data-platform"):
            phone.node.locator(f"[data-side={platform}]").click()
        phone.open(talk)
        return phone

    def close(self) -> None:
        """Done with this visitor."""
        self.page.context.close()


class Phone:
    """One phone on the table; a person who has none there gets one more. On a small screen hers is the one shown."""

    def __init__(self, table: Table, person: str) -> None:
        self.table = table
        self._selector = f".phone[data-person={person}]"
        standing = table.page.locator(self._selector)
        if standing.count() == 0:
            table.page.get_by_role("button", name="加一部手机").click()
            table.page.locator(".phone .pick select").last.select_option(person)
        self.node: Locator = standing.first
        tab = table.page.locator(f".tabs [data-person={person}]").first
        if tab.is_visible():
            tab.click()

    def open(self, talk: str) -> None:
        """Go to the list of chats, and into this one."""
        self.table.page.locator(f"{self._selector}[data-known=true]").first.wait_for()
        if self.node.get_attribute("data-talk"):
            self.node.get_by_role("button", name="所有会话").click()
        chats = self.node.locator(".chats [data-talk]")
        chats.first.wait_for()
        if talk in {"private", "group"}:
            place = (
                0 if talk == "private" else self._titles().index(next(t for t in self._titles() if t.endswith("群")))
            )
            chats.nth(place).click()
        else:
            self.node.locator(f'.chats [data-talk="{talk}"]').click()
        self.node.locator(".in-talk").wait_for()

    def _titles(self) -> list[str]:
        return self.node.locator(".chats .what b").all_inner_texts()

    def say(self, text: str) -> None:
        """Type a line and send it with Enter; returns when it stands there."""
        mine = self.node.locator(".msg.mine[data-id]")
        count = mine.count()
        field = self.node.locator("textarea")
        field.fill(text)
        field.press("Enter")
        mine.nth(count).wait_for()

    def press(self, label: str) -> None:
        """Press the newest key, card button or menu entry with these words."""
        self.node.locator("[data-press]", has_text=label).last.click()

    def drop(self, path: Path) -> None:
        """Choose a file with the clip."""
        self.node.locator("input[type=file]").set_input_files(path)

    def keys(self) -> list[str]:
        """What can be pressed under the newest message that has keys."""
        last = self.node.locator(".msg.theirs:has([data-press])").last
        return last.locator("[data-press]").all_inner_texts()

    def bubbles(self, last: int = 10) -> list[str]:
        """The texts of the newest messages, as they read."""
        return [_text(one) for one in self.node.locator(".msg[data-id]").all()[-last:]]

    def answer(self, beginning: str) -> str:
        """Wait for a message of the other side that begins so; returns the newest one whole."""
        text = self.node.locator(".msg.theirs[data-id] :is(.text, .card)", has_text=beginning).last
        text.wait_for()
        return _text(text.locator("xpath=ancestor::li[1]"))


def _text(message: Locator) -> str:
    """A message without the clock's words and the keys."""
    parts = message.locator(":scope .text, :scope .card").all()
    if not parts:
        return ""
    return str(parts[0].evaluate(_WORDS))


# A message's words, line by line, without the clock's and the keys'.
_WORDS = """(node) => {
    const copy = node.cloneNode(true);
    for (const extra of copy.querySelectorAll(".stamp, [data-press], .card-keys")) extra.remove();
    for (const end of copy.querySelectorAll("br")) end.replaceWith("\\n");
    for (const block of copy.querySelectorAll("blockquote, p, h3, dl > div, legend, label")) block.append("\\n");
    return copy.textContent.trim();
}"""
