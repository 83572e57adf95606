"""Installations to be examined: an empty folder, a shop, platforms on this machine, and a service that runs."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.db.core.engine import Database, open_database
from bot.doctor import Finding, examine
from bot.doctor.looks.machine import this_machine
from bot.settings import Settings
from tests.support import engines
from tests.support.command_line import environment
from tests.support.engines import KEYS
from tests.support.nest import Nest
from tests.support.platforms import SECRETS, Platforms, platforms
from tests.support.service import PHONE, Service, free_port, install, let_in, settled
from tests.support.world import world

NOW = datetime.now().astimezone()


def put_key(folder: Path) -> Path:
    """The folder with the key of a test's chain in it."""
    folder.mkdir(mode=0o700, parents=True)
    key = folder / "01.key"
    key.touch(mode=0o600)
    key.write_text(bytes(range(32)).hex(), encoding="ascii")
    return folder


def refused(where: Platforms, seconds: float = 30) -> None:
    """Wait until the smart bot's secret was refused."""
    until = time.monotonic() + seconds
    while not any(call.path == "ws/aibot_subscribe" and call.code for call in list(where.wecom.calls)):
        assert time.monotonic() < until, "the smart bot did not try"
        time.sleep(0.02)


@dataclass(slots=True)
class Clinic:
    """Where an installation is examined: a folder and settings, both to be spoilt by the test."""

    monkeypatch: pytest.MonkeyPatch
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def findings(self, machine: dict[str, Any] | None = None, **changed: str) -> dict[str, Finding]:
        """What is found, by check; settings by their short names, facts of the machine instead of the real ones."""
        told = self.settings | {f"ZHANGGUI_{name.upper()}": value for name, value in changed.items()}
        with self.monkeypatch.context() as here:
            here.chdir(self.folder)
            for name in os.environ.keys() - environment().keys():
                here.delenv(name)
            for name, value in told.items():
                here.setenv(name, value)
            seen = this_machine()
            facts = {name: getattr(seen, name) for name in seen.__dataclass_fields__} | (machine or {})
            found = examine(Settings, type(seen)(**facts))
        text = "\n".join(one.say for one in found)
        assert [secret for secret in SECRETS if secret in text] == []
        assert PHONE.findall(text) == []
        return {one.check: one for one in found}


@pytest.fixture
def clinic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clinic:
    """An empty folder with a port of its own."""
    tmp_path.chmod(0o700)
    return Clinic(monkeypatch, tmp_path, {"ZHANGGUI_HTTP": f"127.0.0.1:{free_port()}"})


@pytest.fixture
def shop(clinic: Clinic, database: Database, database_url: str, now: datetime) -> Database:
    """A database of that installation, with the newest schema and nothing else."""
    clinic.settings |= {
        "ZHANGGUI_DATABASE_URL": database_url,
        "ZHANGGUI_KEYS": str(put_key(clinic.folder / "keys")),
    }
    return database


@pytest.fixture
def where(tmp_path: Path) -> Iterator[Platforms]:
    """Platforms of a test's own."""
    with platforms(tmp_path) as both:
        yield both


@dataclass(frozen=True, slots=True)
class Running:
    """A service with every door open, the platforms, and its database; whoever spoils it mends it."""

    service: Service
    where: Platforms
    database: Database


@pytest.fixture(scope="module")
def opened(brood: Nest, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., AbstractContextManager[Running]]:
    """Opens an installation with these doors, and starts it."""
    return partial(_running, brood, tmp_path_factory)


@contextmanager
def _running(
    brood: Nest, folders: pytest.TempPathFactory, *doors: str, start: bool = True, **more: str
) -> Iterator[Running]:
    folder = folders.mktemp("shop")
    folder.chmod(0o700)
    url = engines.fresh("sqlite", folder)
    database = open_database(url, KEYS)
    try:
        world(database, NOW)
        with platforms(folder) as where:
            let_in(database, where, NOW)
            service = install(folder, url, where, doors, brood)
            service.settings |= {"ZHANGGUI_PUBLIC_URL": f"http://{service.settings['ZHANGGUI_HTTP']}", **more}
            if start:
                service.start()
            try:
                yield Running(service, where, database)
            finally:
                service.stop()
    finally:
        database.close()


@pytest.fixture(scope="module")
def running(opened: Callable[..., AbstractContextManager[Running]]) -> Iterator[Running]:
    """A service with Telegram, the app and the smart bot, and two people who wrote to it."""
    with opened("telegram", "app", "bot") as one:
        for number, person in enumerate(("xiaowang", "xiaoli"), 1):
            one.where.do("say", "wecom", person, "bot", text="帮助")
            settled(one.database, number)
        backups = Path(one.service.settings["ZHANGGUI_DATA"]) / "backups"
        backups.mkdir(parents=True, mode=0o700)
        backups.parent.chmod(0o700)
        (backups / "today.db").write_bytes(b"a copy")
        yield one


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch, running: Running) -> Iterator[Clinic]:
    """The clinic beside that service; every fault is cleared afterwards."""
    yield Clinic(monkeypatch, running.service.folder, dict(running.service.settings))
    running.where.telegram.faults.clear()
    running.where.wecom.clear_faults()
