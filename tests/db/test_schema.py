"""The migrations make exactly what tables.py says, once, whole or not at all."""

import os
import subprocess
import sys
from contextlib import closing
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from bot.db.core import schema
from bot.db.core.engine import Database, open_database
from bot.db.tables import metadata
from bot.domain.errors import UnavailableError
from tests.support import engines

_DIES = """
import os, sys
from sqlalchemy import event
from bot.db.core import schema
from bot.db.core.engine import open_database
from tests.support import engines

database = open_database(sys.argv[1], engines.KEYS)
dies_after = sys.argv[2]

def die(conn, cursor, statement, *rest):
    if dies_after and dies_after in statement:
        os._exit(9)

event.listen(database.engine, "after_cursor_execute", die)
schema.upgrade(database)
"""


def _shape(database: Database) -> object:
    """Every table, column, key and index, as the database itself tells."""
    with database.reading() as conn:
        seen = inspect(conn)
        return {
            table: (
                {column["name"]: {**column, "type": str(column["type"])} for column in seen.get_columns(table)},
                seen.get_pk_constraint(table),
                sorted(seen.get_foreign_keys(table), key=str),
                sorted(seen.get_unique_constraints(table), key=str),
                sorted((_plain(index) for index in seen.get_indexes(table)), key=str),
            )
            for table in seen.get_table_names()
            if table != "alembic_version"
        }


def _plain(index: Any) -> object:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def test_migrations_make_what_the_tables_say(database: Database, empty_url: str) -> None:
    with closing(open_database(empty_url, engines.KEYS)) as made:
        made.transact(metadata.create_all)

        assert _shape(database) == _shape(made)


def test_nothing_is_left_to_migrate(database: Database) -> None:
    with database.reading() as conn:
        context = MigrationContext.configure(conn, opts={"compare_server_default": True})

        assert compare_metadata(context, metadata) == []


def test_upgrade_twice_is_nothing(empty_url: str) -> None:
    with closing(open_database(empty_url, engines.KEYS)) as database:
        applied = schema.upgrade(database), schema.upgrade(database)

        with database.reading() as conn:
            assert schema.at_head(conn)
    assert applied == (list(schema.revisions()), [])


def test_ensure_upgrades_an_empty_database(empty_url: str) -> None:
    with closing(open_database(empty_url, engines.KEYS)) as database:
        with database.reading() as conn:
            assert schema.version(conn) is None

        schema.ensure(database)

        with database.reading() as conn:
            assert schema.version(conn) == schema.revisions()[-1]


def test_newer_schema_is_refused(database: Database) -> None:
    database.transact(lambda conn: conn.execute(text("UPDATE alembic_version SET version_num = '9999'")))

    with pytest.raises(UnavailableError) as refused:
        schema.ensure(database)

    newest = schema.revisions()[-1]
    assert refused.value.say == f"数据库比程序新（数据库 9999，程序到 {newest}）：请先升级程序，再启动。"


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE alembic_version", "CREATE TABLE orders", "INSERT INTO alembic_version"]
)
def test_kill_in_the_middle_leaves_nothing(empty_url: str, statement: str) -> None:
    command = [sys.executable, "-c", _DIES, empty_url, statement]
    died = subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": "."})
    with closing(open_database(empty_url, engines.KEYS)) as database:
        with database.reading() as conn:
            left = inspect(conn).get_table_names()

        applied = schema.upgrade(database)

    assert (died.returncode, left, applied) == (9, [], list(schema.revisions()))


def test_two_processes_upgrade_once(empty_url: str) -> None:
    command = [sys.executable, "-c", _DIES, empty_url, ""]
    both = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": "."}) for _ in range(2)]

    assert [one.wait(60) for one in both] == [0, 0]
