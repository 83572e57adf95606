"""Opening the database, and the one way to run a transaction in it.

SQLite: one transaction at a time in the process. Whoever arrives while another runs waits in line; the next to
hold the lock runs all that wait, a savepoint each, and commits once for all (docs/decisions/0003). PostgreSQL: a
connection each.
"""

import importlib
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from bot.db.core.crypto import Keyring
from bot.domain.errors import UnavailableError

T = TypeVar("T")

SAFE_SQLITE = (3, 51, 3)  # the WAL-reset fix; earlier ones can lose commits
_MOST_TOGETHER = 64
_BEGIN = "BEGIN IMMEDIATE"
_BUSY_SECONDS, _ASK_SOON, _ASK_AGAIN = 5.0, 0.00025, 0.002

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA journal_size_limit=67108864",
)


def sqlite_module() -> ModuleType:
    """The SQLite library to use: bundled, else sqlcipher's, else the interpreter's if it is recent enough."""
    for name in ("pysqlite3.dbapi2", "sqlcipher3.dbapi2"):
        with suppress(ImportError):
            return importlib.import_module(name)
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        return sqlite3
    raise UnavailableError(
        f"SQLite {sqlite3.sqlite_version} 太旧（需要 3.51.3 以上，旧版会丢数据）："
        "请运行 pip install pysqlite3，或改用 PostgreSQL。"
    )


class Database:
    """An engine, its keys, and `transact`."""

    def __init__(self, engine: Engine, keys: Keyring, *, tells_till: bool = False) -> None:
        """Take an engine made by `open_database`; `tells_till`: what becomes of coupons is owed to a till's system."""
        self.keys = keys
        self.engine = engine.execution_options(zhanggui_keys=keys, zhanggui_tells_till=tells_till)
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._line: _Line | None = _Line(self.engine) if self.is_sqlite else None

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction; when this returns, its effects are durable. An error rolls back its own."""
        if self._line:
            return self._line.run(work)
        with self.engine.begin() as conn:
            return work(conn)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for long reads that must not hold up the writers."""
        with self.engine.connect().execution_options(zhanggui_reads=True) as conn:
            yield conn

    def close(self) -> None:
        """Give back every connection."""
        if self._line:
            self._line.close()
        self.engine.dispose()


class _Slot(Generic[T]):
    """One piece of work in the line, and what became of it."""

    __slots__ = ("done", "error", "leads", "result", "turn", "work")

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.leads = False
        self.turn = threading.Lock()  # free once the work is done, or its thread is to lead
        self.turn.acquire()
        self.done = False
        self.result: T | None = None
        self.error: BaseException | None = None


class _Line:
    """Everyone who wants SQLite's one write lock: the first who comes leads, and runs what waits as well.

    Who is served goes at once, without waiting for the next to finish; the lead passes on to who waits longest.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._guard = threading.Lock()  # over the line itself
        self._waiting: deque[_Slot[Any]] = deque()
        self._is_led = False
        self._leader = 0
        self._lock = threading.Lock()  # over the connection
        self._conn: Connection | None = None

    def run(self, work: Callable[[Connection], T]) -> T:
        if self._leader == threading.get_ident():
            raise RuntimeError("transact inside transact: pass the connection on instead")
        slot = _Slot(work)
        with self._guard:
            self._waiting.append(slot)
            slot.leads, self._is_led = not self._is_led, True
        if not slot.leads:
            self._wait(slot)
        if not slot.done:
            self._lead(slot)
        if slot.error is not None:
            raise slot.error
        return slot.result  # type: ignore[return-value]  # done without error means set

    def _wait(self, slot: _Slot[Any]) -> None:
        try:
            slot.turn.acquire()
        except BaseException:  # an interrupt: the work is left undone if nobody has taken it up yet
            with self._guard:
                if slot in self._waiting:
                    self._waiting.remove(slot)
                if slot.leads:
                    self._pass_on()
            raise

    def _lead(self, slot: _Slot[Any]) -> None:
        with self._lock:
            self._leader = threading.get_ident()
            try:
                while not slot.done:
                    self._serve()
            finally:
                self._leader = 0
                with self._guard:
                    self._pass_on()

    def _pass_on(self) -> None:
        """Let whoever waits longest lead; the guard is held."""
        self._is_led = bool(self._waiting)
        if self._is_led:
            self._waiting[0].leads = True
            self._waiting[0].turn.release()

    def _serve(self) -> None:
        with self._guard:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_TOGETHER))]
        try:
            self._conn = self._conn or self._connected()
            self._together(batch, self._conn)
        except BaseException as error:  # noqa: BLE001 — handed to everyone whose work was not committed
            for slot in batch:
                slot.error = slot.error or error
            self._back_out(error)
        finally:
            for slot in batch:
                slot.done = True
                if not slot.leads:
                    slot.turn.release()

    def _connected(self) -> Connection:
        """The line's own connection; it waits for other processes by itself (`_begun`)."""
        conn = self._engine.connect()
        driver: Any = conn.connection.driver_connection
        driver.execute("PRAGMA busy_timeout=0")
        return conn

    def _together(self, batch: list[_Slot[Any]], conn: Connection) -> None:
        """One transaction; SQLAlchemy's own begin, savepoint and commit would cost a message 60 µs more."""
        driver: Any = conn.connection.driver_connection
        _begun(driver)
        for slot in batch:
            self._try(slot, conn, alone=len(batch) == 1)
        (conn if conn.in_transaction() else driver).commit()

    def _back_out(self, error: BaseException) -> None:
        """Roll back; after an error of the engine's own the connection may be broken, and goes."""
        conn = self._conn
        if conn is None:
            return
        if isinstance(error, DBAPIError | sqlite_module().Error):
            self._conn = None
            conn.close()
            return
        conn.rollback()
        driver: Any = conn.connection.driver_connection
        driver.rollback()

    @staticmethod
    def _try(slot: _Slot[Any], conn: Connection, *, alone: bool) -> None:
        if alone:
            slot.result = slot.work(conn)
            return
        driver: Any = conn.connection.driver_connection
        driver.execute("SAVEPOINT one")
        try:
            slot.result = slot.work(conn)
        except BaseException as error:  # noqa: BLE001 — it is raised again in its own thread
            slot.error = error
            driver.execute("ROLLBACK TO one")
        driver.execute("RELEASE one")

    def close(self) -> None:
        with self._lock:
            if self._conn is not None:
                self._conn.close()
                self._conn = None


def open_database(url: str, keys: Keyring, *, tells_till: bool = False) -> Database:
    """Open `sqlite:///…` or `postgresql://…`; makes the folder of a new SQLite file (0700)."""
    target = make_url(url)
    if target.get_backend_name() != "sqlite":
        return Database(create_engine(url, pool_pre_ping=True, hide_parameters=True), keys, tells_till=tells_till)
    path = Path(target.database or "")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        target.set(drivername="sqlite+pysqlite"),
        module=sqlite_module(),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    if not path.exists():
        path.touch(mode=0o600)
    return Database(engine, keys, tells_till=tells_till)


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 — any DBAPI connection
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(conn: Connection) -> None:
    """SQLAlchemy begins at its own first statement: here, unless the line has begun already."""
    driver: Any = conn.connection.driver_connection
    if not driver.in_transaction:
        driver.execute("BEGIN" if conn.get_execution_options().get("zhanggui_reads") else _BEGIN)


def _begun(driver: Any) -> None:  # noqa: ANN401 — any DBAPI connection
    """Take the write lock. SQLite's own waiting pauses up to 0.1 s, and misses the moments between import batches."""
    until, pause = time.monotonic() + _BUSY_SECONDS, _ASK_SOON
    while True:
        try:
            driver.execute(_BEGIN)
        except sqlite_module().OperationalError as error:
            if not str(error).startswith("database is locked") or time.monotonic() >= until:
                raise
            time.sleep(pause)
            pause = min(2 * pause, _ASK_AGAIN)
        else:
            return


def keys_of(conn: Connection) -> Keyring:
    """The keys that came with this connection's engine."""
    keyring: Keyring = conn.get_execution_options()["zhanggui_keys"]
    return keyring
