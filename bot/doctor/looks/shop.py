"""The shop in its database: who works there, who is let in, what waits. Reads only, and makes no file."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from bot.db import decisions, people, shop
from bot.db.core import schema
from bot.db.core.crypto import Keyring
from bot.db.core.engine import Database, open_database
from bot.db.decisions import Decision
from bot.doctor.looks.clockwork import Clockwork, look_at_jobs
from bot.doctor.looks.people import Accounts, look_at_accounts, writers
from bot.doctor.looks.pushes import lost_pushes
from bot.domain.errors import UnavailableError
from bot.web.state import Look, look

_PATIENCE = 5  # seconds for PostgreSQL to answer
_CAUSES = {
    "password authentication failed": "password",
    "no password supplied": "password",
    "does not exist": "name",
    "not a database": "damaged",
    "malformed": "damaged",
}


@dataclass(frozen=True, slots=True)
class Shop:
    """What was found; only `open` has all of it.

    absent   no file, or nothing in the database: nobody ran init
    older    the schema is of an earlier version, `newer` of a later
    address, password, name, unreached, damaged, unreadable   why it does not open
    """

    state: Literal[
        "open", "absent", "older", "newer", "address", "password", "name", "unreached", "damaged", "unreadable"
    ]
    engine: str = ""
    postgresql: int = 0
    schema: tuple[str, str] = ("", "")  # the database's and the program's
    chain: str = ""
    stores: int = 0
    accounts: Accounts = field(default_factory=Accounts)
    decision: Decision | None = None
    decided_on: str = ""
    fits_keys: bool = True
    waiting: Look = field(default_factory=Look)
    lost: Mapping[str, int] = field(default_factory=dict)  # pushes that did not get through, by their state
    clockwork: Clockwork = field(default_factory=Clockwork)
    writers: int = 0  # people who ever wrote to the smart bot in private


def look_at_shop(url: str, ring: Keyring | None, now: datetime) -> Shop:
    """Open the database as it is and read; without keys what is sealed stays so."""
    try:
        target = make_url(url)
    except (ArgumentError, ValueError):
        return Shop("address")
    engine = target.get_backend_name()
    if engine == "sqlite" and not Path(target.database or "").is_file():
        return Shop("absent", engine)
    try:
        database = open_database(_hurried(target), ring or Keyring({1: bytes(32)}))
        try:
            with database.reading() as conn:
                return _read(conn, database, engine, now, has_keys=ring is not None)
        finally:
            database.close()
    except (ArgumentError, NoSuchModuleError):
        return Shop("address", engine)
    except (SQLAlchemyError, OSError, UnavailableError) as error:
        return Shop(_why(error, engine), engine)


def _hurried(target: URL) -> str:
    """The same address, with an end to waiting."""
    if target.get_backend_name() != "sqlite":
        target = target.update_query_dict({"connect_timeout": str(_PATIENCE)})
    return target.render_as_string(hide_password=False)


def _why(error: Exception, engine: str) -> Literal["password", "name", "unreached", "damaged", "unreadable"]:
    words = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    known: Mapping[str, Literal["password", "name", "damaged"]] = _CAUSES  # type: ignore[assignment]
    found = next((cause for part, cause in known.items() if part in words), None)
    return found or ("unreadable" if engine == "sqlite" else "unreached")


def _read(conn: Connection, database: Database, engine: str, now: datetime, *, has_keys: bool) -> Shop:
    found, newest = schema.version(conn), schema.revisions()[-1]
    server = 0 if database.is_sqlite else int(conn.execute(text("SHOW server_version_num")).scalar_one())
    if found is None:
        return Shop("absent", engine, server)
    if found != newest:
        state: Literal["older", "newer"] = "older" if found in schema.revisions() else "newer"
        return Shop(state, engine, server, (found, newest))
    chain = shop.chain_settings(conn)
    if chain is None:
        return Shop("absent", engine, server)
    decision, waiting = None, look(database, now)
    with suppress(UnavailableError):  # sealed under other keys: fits_keys says so
        decision = decisions.last(conn, decisions.TELEGRAM)
    return Shop(
        state="open",
        engine=engine,
        postgresql=server,
        schema=(found, newest),
        chain=chain.name,
        stores=len(shop.all_stores(conn)),
        accounts=look_at_accounts(conn),
        decision=decision,
        decided_on=f"{decision.at.astimezone(people.zone(chain.timezone)):%Y-%m-%d}" if decision else "",
        fits_keys=waiting.keys or not has_keys,
        waiting=waiting,
        lost=lost_pushes(conn, now),
        clockwork=look_at_jobs(conn, now, people.zone(chain.timezone)),
        writers=writers(conn) if has_keys else 0,
    )
