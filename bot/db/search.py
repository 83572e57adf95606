"""The names of each store, kept in memory: seals cannot be searched, and pinyin is in no column.

Every search first holds what it keeps against the sealed bytes of the store's rows. A row written again has other
bytes, so whatever any process wrote, took back or rolled back shows at once, and only rows that differ are opened.
Whoever is found is read once more by `customers.by_id`, which says who looks: what is kept here is never shown.
"""

import threading
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, bindparam, select

from bot.db import customers as people
from bot.db.crypto import Keyring
from bot.db.engine import keys_of
from bot.db.loading import Among
from bot.db.prepared import Prepared
from bot.db.tables import customer_phones, customer_stats, customer_stores, customers
from bot.domain import names
from bot.domain.customers import Sight
from bot.domain.errors import UsageError
from bot.domain.names.keys import EXACT, TITLE_MAYBE, understand
from bot.domain.shop import Staff

MOST = 30
"""More than anybody reads; a query that fits more is too wide."""
_KEPT_NAMES = 60_000
"""How many names a process keeps before it drops the stores that were asked longest ago (about 3 KB each)."""

_ROWS = Prepared(
    select(customers.c.id, customers.c.guide_id, customers.c.gender, customers.c.name, customers.c.alias)
    .select_from(customer_stores.join(customers, customers.c.id == customer_stores.c.customer_id))
    .where(customer_stores.c.store_id == bindparam("store"), customers.c.state != "merged")
)
_LAST = Among(select(customer_stats.c.customer_id, customer_stats.c.last_at), customer_stats.c.customer_id)
_OWNED = (
    select(customer_phones.c.customer_id)
    .where(customer_phones.c.phone_index.in_((bindparam("one"), bindparam("two"))))
    .order_by(customer_phones.c.until_at.desc())
)
_FORMER = Prepared(_OWNED)
_FORMER_HERE = Prepared(
    _OWNED.join(customer_stores, customer_stores.c.customer_id == customer_phones.c.customer_id).where(
        customer_stores.c.store_id == bindparam("store")
    )
)


class Match(NamedTuple):
    """Somebody a query fits, and how well (the ranks of bot/domain/names)."""

    sight: Sight
    rank: int


class Known(NamedTuple):
    """What is kept of somebody in scope: by what she is found (None: she has no name), and whether she is the asker's."""

    keys: names.Keys | None
    mine: bool


class _Names:
    """The people of one store, findable by name and by alias."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._rows: Sequence[tuple[Any, ...]] = ()
        self._by_id: dict[int, tuple[Any, ...]] = {}
        self._keys: dict[tuple[int, int], names.Keys] = {}
        self._index: names.Index[tuple[int, int]] = names.Index()

    def __len__(self) -> int:
        return len(self._index)

    def renew(self, keys: Keyring, rows: Sequence[tuple[Any, ...]]) -> None:
        """Become what the database holds now."""
        if rows == self._rows:
            return
        fresh = {row[0]: row for row in rows}
        for row_id in self._by_id.keys() - fresh.keys():
            self._file(row_id, "", "", None)
        for row_id, row in fresh.items():
            if self._by_id.get(row_id) != row:
                name = keys.unseal("customers.name", row_id, row[3])
                self._file(row_id, name, keys.unseal("customers.alias", row_id, row[4]), row[2])
        self._rows, self._by_id = rows, fresh

    def _file(self, row_id: int, name: str, alias: str, gender: str | None) -> None:
        for which, text in enumerate((name, alias)):
            self._index.remove((row_id, which))
            self._keys.pop((row_id, which), None)
            if text:
                found = names.keys(text, gender if gender in ("female", "male") else None)
                self._keys[row_id, which] = found
                self._index.add((row_id, which), found)

    def known(self, row_id: int, person: Staff) -> Known | None:
        """Somebody of the store, unless she is outside this person's scope."""
        row = self._by_id.get(row_id)
        if row is None or (person.scope == "own" and row[1] not in (None, person.id)):
            return None
        return Known(self._keys.get((row_id, 0)) or self._keys.get((row_id, 1)), row[1] == person.id)

    def fitting(self, query: str, person: Staff) -> list[tuple[int, bool, int]]:
        """Rank, whether she is not the asker's, and id of everybody in scope whom the query fits, best first."""
        best: dict[int, int] = {}
        for (row_id, _), rank in names.find(self._index, query, len(self._index)):
            best.setdefault(row_id, rank)
        return sorted((rank, not who.mine, row_id) for row_id, rank in best.items() if (who := self.known(row_id, person)))


_stores: WeakKeyDictionary[Engine, dict[int, _Names]] = WeakKeyDictionary()
_guard = threading.Lock()


def forget(store_id: int | None = None) -> None:
    """Let go of the names of a store, or of all."""
    with _guard:
        for kept in _stores.values():
            if store_id is None:
                kept.clear()
            else:
                kept.pop(store_id, None)


def _names(engine: Engine, store_id: int) -> _Names:
    """The names of a store; those asked longest ago make room."""
    with _guard:
        kept = _stores.setdefault(engine, {})
        found = kept[store_id] = kept.pop(store_id, None) or _Names()
        while len(kept) > 1 and sum(map(len, kept.values())) > _KEPT_NAMES:
            del kept[next(iter(kept))]
        return found


def home(person: Staff) -> int:
    """The store a person searches in; refuses who has none: sloppy words never sweep the chain."""
    if person.store_id is None:
        raise UsageError("总部没有自己的门店，不能按姓名或后四位找。请发完整的11位手机号，或「号」加客户号。")
    return person.store_id


def matching(conn: Connection, query: str, *, seen_by: Staff, limit: int = MOST) -> list[Match]:
    """Whom a name fits in the asker's store: the best rank first, then the asker's own, then the latest visit.

    Where somebody is called exactly so, those less alike are left out.
    """
    store_id = home(seen_by)
    kept = _names(conn.engine, store_id)
    with kept.lock:
        kept.renew(keys_of(conn), _ROWS.rows(conn, store=store_id))
        found = kept.fitting(query, seen_by)
    rows = _nearest(conn, _as_typed(query, found), limit)
    sights = ((people.by_id(conn, row_id, seen_by=seen_by), rank) for rank, _, row_id in rows)
    return [Match(sight, rank) for sight, rank in sights if sight]


def by_name(conn: Connection, query: str, *, seen_by: Staff, limit: int = MOST) -> list[Sight]:
    """The customers whom a name fits in the asker's store, likeliest first."""
    return [match.sight for match in matching(conn, query, seen_by=seen_by, limit=limit)]


def known(conn: Connection, ids: Iterable[int], *, seen_by: Staff) -> dict[int, Known]:
    """Of these customers, those of the asker's store and in scope."""
    store_id = home(seen_by)
    kept = _names(conn.engine, store_id)
    with kept.lock:
        kept.renew(keys_of(conn), _ROWS.rows(conn, store=store_id))
        return {row_id: who for row_id in ids if (who := kept.known(row_id, seen_by))}


def _as_typed(query: str, found: list[tuple[int, bool, int]]) -> list[tuple[int, bool, int]]:
    if not found or found[0][0] > TITLE_MAYBE:
        return found
    last = TITLE_MAYBE if found[0][0] > EXACT or understand(query).called else EXACT
    return [row for row in found if row[0] <= last]


def _nearest(conn: Connection, found: list[tuple[int, bool, int]], limit: int) -> list[tuple[int, bool, int]]:
    """The first `limit`, equals by their latest visit; visits are read only of those who may be among them."""
    if len(found) > limit:
        found = [row for row in found if row[:2] <= found[limit - 1][:2]]
    last = dict(_LAST.rows(conn, [row_id for _, _, row_id in found])) if len(found) > 1 else {}
    visits = {row_id: at.timestamp() for row_id, at in last.items() if at}
    return sorted(found, key=lambda row: (*row[:2], -visits.get(row[2], 0.0), row[2]))[:limit]


def by_former_phone(conn: Connection, e164: str, *, seen_by: Staff) -> list[Sight]:
    """Whoever had this number before, if she is in scope; the latest to give it up first."""
    one, two = keys_of(conn).blinds(people.PHONE, e164)
    if seen_by.scope == "chain":
        rows = _FORMER.rows(conn, one=one, two=two)
    else:
        rows = _FORMER_HERE.rows(conn, one=one, two=two, store=seen_by.store_id or 0)
    ids = dict.fromkeys(row[0] for row in rows)
    return [sight for row_id in ids if (sight := people.by_id(conn, row_id, seen_by=seen_by))]
