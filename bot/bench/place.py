"""Where it is measured: a folder that is removed afterwards, and databases filled for the purpose."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.app import assemble, prepare
from bot.db import shop
from bot.db.core.engine import Database
from bot.demo import bulk
from bot.demo.bulk import Filled
from bot.dispatch import Dispatcher
from bot.domain.errors import ConflictError
from bot.settings import Settings

SEED = 7
STORES = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A shop to measure in: its settings, its open database, the bot over it, and who buys there."""

    settings: Settings
    database: Database
    dispatcher: Dispatcher
    filled: Filled
    seconds: float
    """How long filling took."""

    def guide(self, number: int) -> str:
        """The code of a guide of the store of customer `number`."""
        return f"guide{self.filled.stores.index(self.filled.store_of(number)) + 1:03}"


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on the disk of the system's temporary files."""
    with tempfile.TemporaryDirectory(prefix="zhanggui-bench-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@contextmanager
def filled(data: Path, customers: int, url: str | None = None, over_days: int = 60) -> Iterator[Place]:
    """A chain of a hundred stores; a database that is given must be empty, and is left filled.

    Last purchases are spread over so many days.
    """
    given = {"data": data} if url is None else {"data": data, "database_url": url}
    settings = Settings(**given)
    database, _ = prepare(settings)
    try:
        _refuse_if_used(database)
        began = time.perf_counter()
        stores = min(STORES, max(2, customers // 100))
        made = bulk.fill(database, customers, stores, SEED, at=datetime.now(UTC), over_days=over_days)
        seconds = time.perf_counter() - began
        yield Place(settings, database, assemble(database).dispatcher, made, seconds)
    finally:
        database.close()


def _refuse_if_used(database: Database) -> None:
    with database.reading() as conn:
        if shop.chain_settings(conn):
            raise ConflictError("这个库里已经有一家店了，测量要用空库：请换一个 --db。")
