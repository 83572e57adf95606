"""Much to write, a little at a time: beside a service that answers, a look-up waits for one small batch at most.

While others write, a batch holds the write lock for a thousandth of a second or two, whatever the machine, and leaves
it alone for longer. While nobody does, batches grow. Nobody waits for the disk: after a power failure the last batches
may be missing, never any before them, and the next refresh writes them again (bot/refresh/snapshot.py).
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from bot.db.core.engine import Database, sqlite_module
from bot.refresh.collecting import Step

_POLITE, _ALONE, _PAUSE = 0.0015, 0.025, 0.003  # seconds of a batch among others and alone, and between two
_REMEMBERED = 1.0  # seconds for which others count after one of them wrote
_EMPTYING = 0.02  # seconds between two looks at SQLite's log
_PATIENCE, _ASK_AGAIN = 30.0, 0.001  # seconds
_FIRST, _LEAST, _MOST = 60, 30, 5_000
_UNHURRIED = {
    "sqlite": (
        "PRAGMA synchronous=NORMAL",
        "PRAGMA busy_timeout=0",
        "PRAGMA wal_autocheckpoint=0",
        "PRAGMA cache_size=-16384",
    ),
    "postgresql": ("SET synchronous_commit = off",),
}


Work = Callable[[Connection], None]


def silently(_done: int, _total: int) -> None:
    """Tell nobody how far it is."""


class Writer:
    """A connection of its own to write through, a transaction at a time."""

    def __init__(self, conn: Connection) -> None:
        """Take a connection that nobody else uses."""
        self._conn = conn
        self._driver: Any = conn.connection.driver_connection
        self._is_sqlite = conn.dialect.name == "sqlite"  # only there a writer keeps others out
        self._version, self._met_at = self._versions(), time.monotonic() - _REMEMBERED

    def run(self, work: Work) -> float:
        """One transaction; gives the seconds of the work itself, without what was waited for."""
        if self._is_sqlite:
            self._take_lock()
            self._look_around()
        began = time.perf_counter()
        work(self._conn)
        took = time.perf_counter() - began
        (self._conn if self._conn.in_transaction() else self._driver).commit()
        return took

    def _look_around(self) -> None:
        """Whether somebody else wrote since the last time."""
        version = self._versions()
        if version != self._version:
            self._version, self._met_at = version, time.monotonic()

    def _versions(self) -> int:
        """A number that another connection's commit changes, and none of ours."""
        return int(self._driver.execute("PRAGMA data_version").fetchone()[0]) if self._is_sqlite else 0

    @property
    def _is_alone(self) -> bool:
        return not self._is_sqlite or time.monotonic() > self._met_at + _REMEMBERED

    def _take_lock(self) -> None:
        """SQLite's own waiting pauses for so long that it misses the moments between look-ups."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._driver.execute("BEGIN IMMEDIATE")
            except sqlite_module().OperationalError as error:
                if not str(error).startswith("database is locked") or time.monotonic() >= until:
                    raise
                time.sleep(_ASK_AGAIN)
            else:
                return

    def write(self, total: int, prepare: Callable[[slice], Work], step: Step) -> None:
        """Write so many items; `prepare` makes what writes a slice of them, before the lock is asked for."""
        size, done = _FIRST, 0
        while done < total:
            took = self.run(prepare(slice(done, done + size)))
            done += size
            step(min(done, total), total)
            target = _ALONE if self._is_alone else _POLITE
            size = int(min(max(size * target / max(took, 1e-6), _LEAST), 2 * size, _MOST))
            if done < total and not self._is_alone:
                time.sleep(_PAUSE)


@contextmanager
def writer(database: Database) -> Iterator[Writer]:
    """A connection to write through without haste."""
    name = database.engine.dialect.name
    with database.engine.connect() as conn, _emptied(database):
        driver: Any = conn.connection.driver_connection
        for setting in _UNHURRIED[name]:
            driver.execute(setting)
        driver.commit()
        try:
            yield Writer(conn)
        finally:
            conn.rollback()
            driver.rollback()
            if name == "postgresql":  # the connection goes back to others
                driver.execute("RESET synchronous_commit")
                driver.commit()


@contextmanager
def _emptied(database: Database) -> Iterator[None]:
    """Meanwhile a thread empties SQLite's log into the file: it waits for the disk in our place, and in others'."""
    if not database.is_sqlite:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_empty, args=(database, over), name="emptying the log")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _empty(database: Database, over: threading.Event) -> None:
    with database.engine.connect() as conn:
        driver: Any = conn.connection.driver_connection
        last = False
        while not last:
            last = over.wait(_EMPTYING)
            driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
