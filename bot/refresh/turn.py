"""One refresh at a time for a database, whoever starts it and wherever; a killed one gives up its turn."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from bot.db.core.engine import Database
from bot.domain.errors import ConflictError

_LOCK = 0x72656672657368  # the name PostgreSQL knows it by
_TAKEN = "另一个 refresh 正在算分层：等它算完再来，或者就用它的结果。"


@contextmanager
def taken(database: Database) -> Iterator[None]:
    """Hold the turn, or refuse."""
    with _by_file(Path(str(database.engine.url.database))) if database.is_sqlite else _by_server(database):
        yield


@contextmanager
def _by_file(path: Path) -> Iterator[None]:
    with path.with_name(f"{path.name}-refresh.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConflictError(_TAKEN) from error
        yield


@contextmanager
def _by_server(database: Database) -> Iterator[None]:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        if not conn.scalar(text("SELECT pg_try_advisory_lock(:turn)"), {"turn": _LOCK}):
            raise ConflictError(_TAKEN)
        try:
            yield
        finally:
            conn.execute(text("SELECT pg_advisory_unlock(:turn)"), {"turn": _LOCK})
