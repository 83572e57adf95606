"""The composition root: settings, keys, database, dispatcher, in this order; whatever runs begins here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

import bot.handlers
from bot.commands import PICTURES, Commands, collect
from bot.db import people
from bot.db.core import retention, schema
from bot.db.core.crypto import Keyring, make_key, open_keys
from bot.db.core.engine import Database, open_database
from bot.dispatch import Dispatcher
from bot.domain.errors import ConflictError, UnavailableError
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Bot:
    """What answers messages, with what it answers from."""

    database: Database
    commands: Commands
    dispatcher: Dispatcher


def assemble(database: Database, pictures: Path = PICTURES) -> Bot:
    """The bot over an open database, with every command there is; what need not be kept any more goes first."""
    database.transact(lambda conn: retention.tidy(conn, datetime.now(UTC)))
    commands = collect(bot.handlers)
    return Bot(database, commands, Dispatcher(database, commands, pictures))


def open_shop(settings: Settings) -> Database:
    """The database of a shop that `init` made, brought to the newest schema; refuses without keys or shop."""
    database = _open(settings, open_keys(settings.keys))
    if _is_new(database):
        database.close()
        raise UnavailableError("这里还没有建店：请先运行 zhanggui init（演示：zhanggui demo）。")
    schema.ensure(database)
    return database


def prepare(settings: Settings) -> tuple[Database, list[str]]:
    """Open the database, making keys and schema where there are none; also says in words what it made.

    Never makes keys for a database that has rows sealed under others.
    """
    made = []
    try:
        keys = open_keys(settings.keys)
    except UnavailableError:
        if settings.keys.is_dir() and any(settings.keys.glob("*.key")):
            raise
        _refuse_to_replace(settings)
        try:
            make_key(settings.keys)
        except OSError as error:
            raise UnavailableError(f"密钥写不进去：{error}") from error
        keys = open_keys(settings.keys)
        made.append(f"密钥：{settings.keys}（请另存一份，丢了资料就打不开）")
    database = _open(settings, keys)
    if _is_new(database):
        made.append("数据库")
    schema.ensure(database)
    with database.reading() as conn:
        people.everyone(conn)  # opens their names: with another database's keys this refuses at once
    return database, made


def _refuse_to_replace(settings: Settings) -> None:
    database = _open(settings, Keyring({1: bytes(32)}))
    try:
        if not _is_new(database):
            raise ConflictError(f"数据库已有资料，但 {settings.keys} 里没有密钥：请拷回原来的，新的打不开旧资料。")
    finally:
        database.close()


def _is_new(database: Database) -> bool:
    with database.reading() as conn:
        return schema.version(conn) is None


def _open(settings: Settings, keys: Keyring) -> Database:
    try:
        database = open_database(settings.database_url, keys, tells_till=bool(settings.pos_webhook))
        with database.engine.connect():
            return database
    except (ArgumentError, NoSuchModuleError) as error:
        raise UnavailableError(f"数据库地址不对：{error}") from error
    except (DBAPIError, OSError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise UnavailableError(f"数据库打不开：{reason}") from error
