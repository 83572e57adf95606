"""The service as an installer runs it: `zhanggui run` in a process of its own, to be stopped, killed, started again."""

import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from bot.db import decisions, people
from bot.db.core.engine import Database
from bot.db.tables import inbox
from bot.demo.phones import hand_out
from tests.support.cast import CAST, ZONE
from tests.support.nest import Nest
from tests.support.platforms import GROUPS, PEOPLE, SECRETS, TOKEN, Platforms, platforms
from tests.support.world import world

READY = "掌柜在岗"
DOORS = ("telegram", "webhook", "app", "bot", "callback")
CALM = datetime(2026, 11, 20, 15, 0, 1, tzinfo=ZONE)
"""A Friday when the lists of the morning are over, the evening is far and nobody is left in peace."""
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


@dataclass(slots=True)
class Service:
    """One installation: its settings, and the process while there is one."""

    folder: Path
    settings: dict[str, str]
    where: Platforms
    nest: Nest
    pid: int = 0
    port: int = 0

    @property
    def log(self) -> Path:
        """What the process wrote, all its lives in one."""
        return self.folder / "service.log"

    def start(self, *, wait: bool = True) -> None:
        """Start it; with `wait` until it says that it works."""
        said = self.folder / "service.out"
        said.unlink(missing_ok=True)
        self.pid = self.nest.hatch(["run"], self.settings, self.folder)
        if wait:
            self.ready()

    def ready(self, seconds: float = 60) -> None:
        """Wait until it says that it works."""
        until = time.monotonic() + seconds
        said = ""
        while time.monotonic() < until:
            with suppress(FileNotFoundError):
                said = (self.folder / "service.out").read_text(encoding="utf-8")
            if READY in said:
                found = re.search(r"HTTP 在 \S+:(\d+)", said)
                self.port = int(found[1]) if found else 0
                return self._connected(until)
            time.sleep(0.02)
        raise AssertionError(f"the service did not start: {said} {self.log.read_text(encoding='utf-8')[-2000:]}")

    def _connected(self, until: float) -> None:
        """Wait for the smart bot's long connection too: WeCom drops what is said before."""
        while "ZHANGGUI_WECOM_BOT_SECRET" in self.settings and not self.where.wecom.connected:
            assert time.monotonic() < until, "the smart bot did not connect"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self._ended()

    def stop(self) -> int:
        """End it in order; gives its exit code. Its log must hold no secret."""
        code = 0
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)
            code = self._ended()
        self.check_log()
        return code

    def _ended(self) -> int:
        pid, self.pid = self.pid, 0
        return self.nest.wait(pid)

    def check_log(self) -> None:
        """No token, key or full phone number was ever written."""
        text = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
        assert [secret for secret in SECRETS if secret in text] == []
        assert PHONE.findall(text) == []
        assert "Traceback" not in text, text[-4000:]


def install(folder: Path, url: str, where: Platforms, doors: tuple[str, ...], nest: Nest) -> Service:
    """The settings of an installation that has these doors to the local platforms, told where its own are.

    Where nobody has set the clock it is `CALM`: no job has its time while a test asks about something else.
    """
    if not where.clock.offset:
        where.clock.move_to(CALM.timestamp())
    port = free_port()
    where.wecom.callback_url = f"http://127.0.0.1:{port}/wecom/callback" if "app" in doors else ""
    where.wecom.bot_callback_url = f"http://127.0.0.1:{port}/wecom/bot" if "callback" in doors else ""
    keys = folder / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    key = keys / "01.key"
    key.touch(mode=0o600)
    key.write_text(bytes(range(32)).hex(), encoding="ascii")
    settings = {
        "ZHANGGUI_DATABASE_URL": url,
        "ZHANGGUI_DATA": str(folder / "data"),
        "ZHANGGUI_KEYS": str(keys),
        "ZHANGGUI_HTTP": f"127.0.0.1:{port}",
        "ZHANGGUI_CLOCK": str(where.clock.path),
        "ZHANGGUI_REFRESH_AT": "off",
        "ZHANGGUI_WECOM_API": where.base,
        "ZHANGGUI_WECOM_CORP_ID": where.setup.corp_id,
    }
    if "telegram" in doors or "webhook" in doors:
        settings |= {"ZHANGGUI_TELEGRAM_TOKEN": TOKEN, "ZHANGGUI_TELEGRAM_API": where.base}
    if "webhook" in doors:
        settings |= {
            "ZHANGGUI_TELEGRAM_MODE": "webhook",
            "ZHANGGUI_TELEGRAM_SECRET": "test-hook-secret",
            "ZHANGGUI_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
    if "app" in doors:
        settings |= {
            "ZHANGGUI_WECOM_AGENT_ID": str(where.setup.agent_id),
            "ZHANGGUI_WECOM_SECRET": where.setup.secret,
            "ZHANGGUI_WECOM_TOKEN": where.setup.token,
            "ZHANGGUI_WECOM_AES_KEY": where.setup.aes_key,
        }
    if "bot" in doors:
        settings |= {
            "ZHANGGUI_WECOM_BOT_ID": where.setup.bot_id,
            "ZHANGGUI_WECOM_BOT_SECRET": where.setup.bot_secret,
            "ZHANGGUI_WECOM_BOT_WS": f"{where.base.replace('http', 'ws', 1)}/wecom/ws",
        }
    if "callback" in doors:
        settings |= {
            "ZHANGGUI_WECOM_BOT_ID": where.setup.bot_id,
            "ZHANGGUI_WECOM_BOT_TOKEN": where.setup.bot_token,
            "ZHANGGUI_WECOM_BOT_AES_KEY": where.setup.bot_aes_key,
        }
    return Service(folder, settings, where, nest)


def free_port() -> int:
    """A port nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def let_in(database: Database, where: Platforms, now: datetime, *, groups: bool = True) -> None:
    """Give everyone of the cast who works there an account on both platforms, and the stores their groups."""
    working = [person.id for person in PEOPLE if any(one.code == person.id and one.role for one in CAST.values())]
    accounts = {
        "telegram": {code: str(where.telegram.user_id_of(code)) for code in working},
        "wecom": {code: code for code in working},
    }
    chats = {
        "telegram": {group.id: str(where.telegram.chat_id_of(group.id)) for group in GROUPS},
        "wecom_bot": {group.id: where.wecom.chat_id_of(group.id) for group in GROUPS},
    }

    def allow(conn: Connection) -> None:
        hand_out(conn, accounts, chats if groups else {}, {}, now)
        decisions.decide(conn, "telegram", allowed=True, staff_id=people.staff_id_of(conn, "hq") or 0, now=now)

    database.transact(allow)


def settled(database: Database, messages: int, seconds: float = 30) -> None:
    """Wait until so many messages are kept, handled and answered."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError), database.reading() as conn:
            states = dict(conn.execute(select(inbox.c.state, func.count()).group_by(inbox.c.state)).all())
        if sum(states.values()) >= messages and states.get("done", 0) == sum(states.values()):
            return
        time.sleep(0.04)  # each look costs a connection, and a service beside it needs the time
    raise AssertionError(f"after {seconds} s the inbox is {states}, not {messages} done")


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


@contextmanager
def at_work(
    database: Database,
    url: str,
    folder: Path,
    nest: Nest,
    doors: tuple[str, ...],
    now: datetime,
    clock: datetime = CALM,
) -> Iterator[tuple[Platforms, Service]]:
    """A service with these doors in the small world as of `now`, beside the local platforms; its clock at `clock`."""
    world(database, now)
    with platforms(folder) as where:
        where.clock.move_to(clock.timestamp())
        let_in(database, where, now)
        service = install(folder, url, where, doors, nest)
        service.start()
        try:
            yield where, service
        finally:
            service.stop()
