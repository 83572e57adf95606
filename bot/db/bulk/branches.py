"""Stores and staff by what files call them: a code, or a name that only one of them has."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, insert, select

from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.people import zone
from bot.db.tables import chain, staff, stores

_ALL = Prepared(select(stores.c.id, stores.c.code, stores.c.name))
_STAFF = Prepared(select(staff.c.id, staff.c.code, staff.c.name).where(staff.c.active))
_ZONE = Prepared(select(chain.c.timezone))
_ADD = Prepared(insert(stores).values(id=bindparam("store"), code=bindparam("code"), name=bindparam("name")))


def chain_zone(conn: Connection) -> ZoneInfo:
    """The chain's time zone, by a statement that opens no transaction."""
    rows = _ZONE.rows(conn)
    return zone(rows[0][0] if rows else "Asia/Shanghai")


def ids_of(conn: Connection, words: Iterable[str]) -> dict[str, int]:
    """The ids of stores by code, else by a name that is nobody else's; unknown words are left out."""
    rows = _ALL.rows(conn)
    by_code = {code: row_id for row_id, code, _ in rows}
    named: dict[str, set[int]] = {}
    for row_id, _, name in rows:
        named.setdefault(name, set()).add(row_id)
    by_name = {name: min(ids) for name, ids in named.items() if len(ids) == 1}
    return {word: found for word in words if (found := by_code.get(word) or by_name.get(word))}


def staff_ids(conn: Connection) -> dict[str, int]:
    """The ids of active staff by code, and by a name that only one of them has."""
    keys, found = keys_of(conn), {}
    named: dict[str, list[int]] = {}
    for row_id, code, sealed in _STAFF.rows(conn):
        found[code] = row_id
        named.setdefault(keys.unseal("staff.name", row_id, sealed), []).append(row_id)
    return {name: ids[0] for name, ids in named.items() if len(ids) == 1} | found


def add_store(conn: Connection, code: str, name: str) -> int:
    """Add a store of which no more is known; gives its id."""
    row_id = new_id()
    _ADD.run(conn, store=row_id, code=code, name=name)
    return row_id
