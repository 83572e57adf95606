"""A fresh database for each test, on both engines: copies of one that the migrations made once a run."""

import os
import secrets
import shutil
from collections import deque
from functools import cache
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from bot.db.core import schema
from bot.db.core.crypto import Keyring
from bot.db.core.engine import open_database
from tests.support import postgres

ENGINES = ("sqlite", "postgresql")
KEYS = Keyring({1: bytes(range(32))})
"""The chain's keys in tests: always the same, so that derived keys are made once."""
_KEPT = 3
_left: deque[str] = deque()


def empty(engine: str, folder: Path) -> str:
    """The address of a database without a schema."""
    if engine == "sqlite":
        return f"sqlite:///{folder}/{secrets.token_hex(4)}.db"
    name = f"zhanggui_{secrets.token_hex(6)}"
    _administer(f"CREATE DATABASE {name}")
    return _of(name)


def fresh(engine: str, folder: Path) -> str:
    """The address of a database that has the newest schema and nothing in it."""
    if engine == "sqlite":
        path = folder / f"{secrets.token_hex(4)}.db"
        shutil.copyfile(_sqlite_template(), path)
        return f"sqlite:///{path}"
    name = f"zhanggui_{secrets.token_hex(6)}"
    _administer(f"CREATE DATABASE {name} TEMPLATE {_postgresql_template()} STRATEGY FILE_COPY")
    return _of(name)


def drop(url: str) -> None:
    """Remove a database and whatever is still connected to it; in PostgreSQL it is the turn of the last but three.

    A server asked at once, while a connection is just ending, looks again a tenth of a second later.
    """
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        for path in Path(str(target.database)).parent.glob(f"{Path(str(target.database)).name}*"):
            path.unlink()
    else:
        _left.append(str(target.database))
        _drop_all_but(_KEPT)


def _drop_all_but(many: int) -> None:
    while len(_left) > many:
        _administer(f"DROP DATABASE IF EXISTS {_left.popleft()} WITH (FORCE)")


def _sqlite_template() -> Path:
    path = postgres.run_folder() / "template.db"
    with postgres.one_at_a_time():
        if not path.exists():
            making = path.with_name("making.db")
            _make(f"sqlite:///{making}")
            making.rename(path)
    return path


def _postgresql_template() -> str:
    name = f"zhanggui_template_{postgres.run_folder().name.rpartition('-')[2]}"
    done = postgres.run_folder() / "template"
    postgres.address()
    with postgres.one_at_a_time():
        if not done.exists():
            _administer(f"CREATE DATABASE {name}")
            _make(_of(name))
            done.write_text(name)
    return name


def _make(url: str) -> None:
    database = open_database(url, KEYS)
    schema.upgrade(database)
    database.close()


def _of(name: str) -> str:
    return make_url(postgres.address()).set(database=name).render_as_string(hide_password=False)


@cache
def _administrator() -> psycopg.Connection:
    """This process's connection for making and dropping databases: a new one each time costs more than the copy."""
    return psycopg.connect(postgres.address(), autocommit=True)


def _administer(statement: str) -> None:
    _administrator().execute(statement)


def close() -> None:
    """Leave the server, at the end of this process's part of the run."""
    if _administrator.cache_info().currsize:
        _drop_all_but(0)
        _administrator().close()
        _administrator.cache_clear()


def clear() -> None:
    """Remove the template from a server that is not ours; ours goes as a whole."""
    done = postgres.run_folder() / "template"
    if os.environ.get(postgres.GIVEN) and done.exists():
        _administer(f"DROP DATABASE {done.read_text()}")
