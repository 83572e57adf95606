"""Which schema a database has, and bringing it to the newest. Only `upgrade` imports Alembic.

A revision's id is the number its file begins with (`0001_first.py` is 0001), so that the newest is known from
the names alone.
"""

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from bot.db.core.engine import Database
from bot.domain.errors import UnavailableError

_PACKAGE = Path(__file__).resolve().parent.parent.parent
_UPGRADE_LOCK = 0x7A68616E67677569  # "zhanggui": any constant, the same in every version


@cache
def folder() -> Path:
    """Where the migrations are: inside the package when installed, beside it in the source tree."""
    inside = _PACKAGE / "migrations"
    return inside if inside.is_dir() else _PACKAGE.parent / "migrations"


@cache
def revisions() -> tuple[str, ...]:
    """The ids of all revisions, oldest first."""
    return tuple(sorted(path.name.split("_")[0] for path in (folder() / "versions").glob("[0-9]*.py")))


def version(conn: Connection) -> str | None:
    """The revision this database has; None before the first."""
    if not conn.dialect.has_table(conn, "alembic_version"):
        return None
    found: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def at_head(conn: Connection) -> bool:
    """Whether the schema is the one this program was written for."""
    return version(conn) == revisions()[-1]


def ensure(database: Database) -> None:
    """Upgrade unless the schema is the newest already; refuses a schema newer than the program."""
    with database.reading() as conn:
        ready = at_head(conn)
    if not ready:
        upgrade(database)


def upgrade(database: Database) -> list[str]:
    """Bring the schema to the newest in one transaction; gives the revisions applied, none the second time.

    Whoever comes while another process upgrades waits for it, and then finds nothing to do.
    """
    with database.engine.connect() as conn:
        if database.is_sqlite:  # altered tables are copied while others refer to them; no-op once begun
            _driver(conn).execute("PRAGMA foreign_keys=OFF")
        with conn.begin():
            if not database.is_sqlite:
                conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
            applied = _missing(version(conn))
            if applied:
                _run(conn)
            if applied and database.is_sqlite:
                _check_references(conn)
    return applied


def _missing(found: str | None) -> list[str]:
    known = revisions()
    if found is None:
        return list(known)
    if found not in known:
        raise UnavailableError(f"数据库比程序新（数据库 {found}，程序到 {known[-1]}）：请先升级程序，再启动。")
    return list(known[known.index(found) + 1 :])


def _run(conn: Connection) -> None:
    from alembic import command  # noqa: PLC0415 — only an upgrade pays for Alembic
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    command.upgrade(config, "head")


def _check_references(conn: Connection) -> None:
    broken = conn.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken:
        raise UnavailableError(f"升级停下了：表 {broken[0]} 里有指向不存在记录的行，数据没有改动，请联系管理员。")


def _driver(conn: Connection) -> Any:  # noqa: ANN401 — any DBAPI connection
    return conn.connection.driver_connection
