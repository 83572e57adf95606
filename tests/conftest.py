"""Fixtures every test may ask for: a fresh database on each engine, the keys, the moment, the cast."""

import gc
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.db.core.crypto import Keyring
from bot.db.core.engine import Database, open_database
from bot.domain.shop import Staff
from tests.support import cast, engines, order, postgres
from tests.support.nest import Nest, nest

_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture], "print_blob": True}
settings.register_profile("ci", max_examples=300, derandomize=True, database=None, **_COMMON)
# HYPOTHESIS_PROFILE=wide looks further, and elsewhere each time.
settings.register_profile("wide", max_examples=5000, database=None, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="write what the bot answers into the dialogue files")


def pytest_configure(config: pytest.Config) -> None:
    sys.addaudithook(_stay_home)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes are started here, of the same modules
    if not hasattr(config, "workerinput"):
        postgres.begin()
        os.environ["SSL_CERT_DIR"] = str(postgres.run_folder())  # no certificates: loading them takes 20 ms a client


@pytest.hookimpl(trylast=True)  # after pytest's own order, which brings together what shares a fixture
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    order.spread(items, getattr(config, "workerinput", {}).get("workercount", 1))


def pytest_collection() -> None:
    gc.disable()  # while everything is imported there is no garbage worth looking for


def pytest_collection_finish() -> None:
    gc.freeze()  # all of that stays: whoever collects garbage need not look through it again and again
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    is_first = not hasattr(config, "workerinput")
    if is_first:
        engines.clear()
    engines.close()
    if is_first:
        postgres.end()


def _stay_home(event: str, details: tuple[object, ...]) -> None:
    """Refuse to leave this machine, whichever library tries."""
    if event == "socket.connect" and isinstance(details[1], tuple):
        host = details[1][0]
    elif event == "socket.getaddrinfo":
        host = details[0]
    else:
        return
    if host not in (None, "localhost", "::1") and not str(host).startswith("127."):
        raise PermissionError(f"a test tried to reach {host}")


@pytest.fixture(scope="session")
def keys() -> Keyring:
    return engines.KEYS


@pytest.fixture(scope="session")
def brood() -> Iterator[Nest]:
    """Starts services quickly: the process that forks them, one for all tests of a worker."""
    with nest() as one:
        yield one


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 20, 15, tzinfo=cast.ZONE)


@pytest.fixture(params=engines.ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The engine a test runs on; whoever asks runs on each."""
    return str(request.param)


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """A folder in memory where the machine has room: most tests ask what is written, not whether the disk keeps it."""
    with tempfile.TemporaryDirectory(dir=postgres.quick_folder()) as folder:
        yield Path(folder)


@pytest.fixture
def empty_url(engine: str, quick_folder: Path) -> Iterator[str]:
    """The address of a database without a schema."""
    url = engines.empty(engine, quick_folder)
    yield url
    engines.drop(url)


@pytest.fixture
def database_url(engine: str, quick_folder: Path) -> Iterator[str]:
    """The address of a fresh database, for tests that start processes of their own."""
    url = engines.fresh(engine, quick_folder)
    yield url
    engines.drop(url)


@pytest.fixture
def database(database_url: str, keys: Keyring) -> Iterator[Database]:
    """A fresh database with the newest schema and nothing in it."""
    opened = open_database(database_url, keys)
    yield opened
    opened.close()


@pytest.fixture
def people(database: Database, now: datetime) -> Callable[[str], Staff]:
    """The cast in a fresh database: `people("小王")` is the guide of store 001."""
    database.transact(lambda conn: cast.add_cast(conn, now))
    return lambda name: cast.staff(database, name)
