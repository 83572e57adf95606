"""One transaction a message: what is acknowledged lasts, what fails leaves nothing, nobody waits for a reader."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.db.core.engine import SAFE_SQLITE, Database, keys_of, open_database, sqlite_module
from bot.db.tables import inbox, metadata
from bot.domain.errors import UnavailableError
from tests.support import engines

AT = datetime(2026, 11, 20, 7, tzinfo=UTC)

_WRITER = """
import sys
from tests.db.test_engine import write
from tests.support import engines
from bot.db.core.engine import open_database

database = open_database(sys.argv[1], engines.KEYS)
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    database.transact(write(number))
    print(number, flush=True)
"""


def write(number: int, *, fails: bool = False) -> Callable[[Connection], int]:
    def work(conn: Connection) -> int:
        row = {"id": number, "channel": "test", "key": str(number), "chat": "c", "received_at": AT, "state": "new"}
        conn.execute(insert(inbox).values(row))
        if fails:
            raise LookupError(number)
        return number

    return work


def written(database: Database) -> list[int]:
    return sorted(database.transact(lambda conn: conn.execute(select(inbox.c.id)).scalars().all()))


def writer(url: str, first: int, beyond: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, url, str(first), str(beyond)]
    environment = {**os.environ, "PYTHONPATH": "."}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_transact_gives_what_the_work_gives(database: Database) -> None:
    assert (database.transact(write(1)), written(database)) == (1, [1])


def test_an_error_leaves_nothing_and_reaches_its_caller(database: Database) -> None:
    with pytest.raises(LookupError, match="2"):
        database.transact(write(2, fails=True))

    assert written(database) == []
    assert database.transact(write(2)) == 2


def test_the_keys_travel_with_the_connection(database: Database) -> None:
    assert database.transact(keys_of) is engines.KEYS


def test_many_threads_each_get_their_own_result_or_error(database: Database) -> None:
    def one(number: int) -> int | str:
        try:
            return database.transact(write(number, fails=number % 3 == 0))
        except LookupError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(one, range(1, 201)))

    assert results == [str(number) if number % 3 == 0 else number for number in range(1, 201)]
    assert written(database) == [number for number in range(1, 201) if number % 3]


def test_who_waits_together_commits_together_and_fails_alone(database: Database) -> None:
    database.transact(write(7))
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)
    inside, go_on = threading.Event(), threading.Event()

    def slow(conn: Connection) -> int:
        inside.set()
        assert go_on.wait(10)
        return write(1)(conn)

    def one(work: Callable[[Connection], int]) -> int | str:
        try:
            return database.transact(work)
        except IntegrityError:
            return "taken"

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(one, slow)
        assert inside.wait(10)
        others = [pool.submit(one, write(number)) for number in (5, 6, 7, 8, 9)]
        if database.is_sqlite:
            _until(lambda: len(database._line._waiting) == 5)
        go_on.set()
        results = [each.result(10) for each in (first, *others)]

    assert results == [1, 5, 6, "taken", 8, 9]
    assert len(commits) == (2 if database.is_sqlite else 5)
    assert written(database) == [1, 5, 6, 7, 8, 9]


def _until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if true():
            return
        pause.wait(0.01)
    raise AssertionError("it never came")


def test_a_long_read_does_not_hold_up_a_write(database: Database) -> None:
    database.transact(write(1))

    with database.reading() as conn:
        before = conn.execute(select(func.count()).select_from(inbox)).scalar()
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(database.transact, write(2)).result(2) == 2

    assert before == 1


def test_kill_loses_nothing_that_was_acknowledged(database_url: str) -> None:
    process = writer(database_url, 0, 100_000)
    said = [process.stdout.readline() for _ in range(30)]
    process.send_signal(signal.SIGKILL)
    said += process.stdout.read().splitlines()
    process.wait(10)
    process.stdout.close()

    with closing(open_database(database_url, engines.KEYS)) as database:
        kept = written(database)

    acknowledged = [int(line) for line in said if line.strip()]
    assert kept[: len(acknowledged)] == acknowledged
    assert len(kept) - len(acknowledged) in (0, 1)


def test_two_processes_write_and_none_is_refused(database_url: str) -> None:
    both = [writer(database_url, first, first + 60) for first in (0, 1000)]
    codes = [(process.wait(60), process.stdout.close())[0] for process in both]

    with closing(open_database(database_url, engines.KEYS)) as database:
        assert (codes, written(database)) == ([0, 0], [*range(60), *range(1000, 1060)])


def test_a_new_file_is_nobody_elses(tmp_path: Path) -> None:
    with closing(open_database(f"sqlite:///{tmp_path}/deep/shop.db", engines.KEYS)) as database:
        database.transact(metadata.create_all)

        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep").iterdir()}

    assert {"shop.db", "shop.db-wal"} <= modes.keys()
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700
    assert modes == dict.fromkeys(modes, 0o600)


def test_sqlite_is_set_to_lose_nothing(tmp_path: Path) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")

    with closing(open_database(f"sqlite:///{tmp_path}/shop.db", engines.KEYS)) as database:
        found = database.transact(lambda conn: [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names])

    assert found == ["wal", 2, 1, 1]


def test_sqlite_is_recent_enough_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sqlite_module().sqlite_version_info >= SAFE_SQLITE

    for bundled in ("pysqlite3.dbapi2", "sqlcipher3.dbapi2"):
        monkeypatch.setitem(sys.modules, bundled, None)
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        assert sqlite_module() is sqlite3
    else:
        with pytest.raises(UnavailableError) as refused:
            sqlite_module()
        assert f"SQLite {sqlite3.sqlite_version} 太旧" in refused.value.say


def test_a_transaction_inside_a_transaction_is_refused_not_hung(database):
    if not database.is_sqlite:
        return

    with pytest.raises(RuntimeError, match="transact inside transact"):
        database.transact(lambda _: database.transact(lambda conn: conn))

    assert database.transact(lambda conn: conn.exec_driver_sql("select 1").scalar()) == 1
