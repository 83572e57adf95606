"""The names of each store, kept in memory: seals cannot be searched, and pinyin is in no column.

Every search first holds what it keeps against the sealed bytes of the store's rows. A row written again has other
bytes, so whatever any process wrote, took back or rolled back shows at once, and only rows that differ are opened.
Whoever is found is read once more by `customers.by_id`, which says who looks: what is kept here is never shown.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, bindparam, select

from bot.db import customers as people
from bot.db.bulk.loading import Among
from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.tables import customer_phones, customer_stats, customer_stores, customers
from bot.domain import names
from bot.domain.customers import Sight
from bot.domain.errors import UsageError
from bot.domain.names.keys import EXACT, PART, TITLE_MAYBE, understand
from bot.domain.shop import Staff

MOST = 30
"""More than anybody reads; a query that fits more is too wide."""
_KEPT_NAMES = 60_000
"""How many names a process keeps before it drops the stores that were asked longest ago (about 2 KB each)."""

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
    """What is kept of somebody in scope: what she is found by (None: no name), and how many words she is known by."""

    keys: names.Keys | None
    mine: bool
    words: int = 0


class _Names:
    """The people of one store, findable by name and by alias."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: Sequence[tuple[Any, ...]] = ()
        self._by_id: dict[int, tuple[Any, ...]] = {}
        self._keys: dict[tuple[int, int], names.Keys] = {}
        self._index: names.Index[tuple[int, int]] = names.Index()

    def __len__(self) -> int:
        return len(self._index)

    @contextmanager
    def renewed(self, keys: Keyring, rows: Sequence[tuple[Any, ...]]) -> Iterator["_Names"]:
        """Become what these rows say, and stay so while this is held."""
        with self._lock:
            if rows != self._rows:
                self._renew(keys, rows)
            yield self

    def _renew(self, keys: Keyring, rows: Sequence[tuple[Any, ...]]) -> None:
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

    def ranks(self, query: str) -> dict[int, int]:
        """Everybody whom a query fits, by name or alias, with the better rank."""
        best: dict[int, int] = {}
        for (row_id, _), rank in names.find(self._index, query, len(self._index)):
            best.setdefault(row_id, rank)
        return best


_stores: WeakKeyDictionary[Engine, dict[int, _Names]] = WeakKeyDictionary()
_guard = threading.Lock()


def mentioned(conn: Connection, text: str, *, seen_by: Staff) -> list[Sight]:
    """Everybody of the asker's store whose full name stands in a text: no pinyin, no guess, nothing kept."""
    rows = _ROWS.rows(conn, store=seen_by.store_id) if seen_by.store_id else []
    keys = keys_of(conn)
    named = [row[0] for row in rows if len(name := keys.unseal("customers.name", row[0], row[3])) > 1 and name in text]
    return [sight for row_id in named[:MOST] if (sight := people.by_id(conn, row_id, seen_by=seen_by))]


def forget(store_id: int | None = None) -> None:
    """Let go of the names of a store, or of all."""
    with _guard:
        for kept in _stores.values():
            for store in list(kept) if store_id is None else {store_id} & kept.keys():
                del kept[store]


def _names(engine: Engine, store_id: int) -> _Names:
    """The names of a store; those asked longest ago make room."""
    with _guard:
        kept = _stores.setdefault(engine, {})
        found = kept.pop(store_id) if store_id in kept else _Names()
        kept[store_id] = found
        while len(kept) > 1 and sum(map(len, kept.values())) > _KEPT_NAMES:
            del kept[next(iter(kept))]
        return found


def home(person: Staff) -> int:
    """The store a person searches in; refuses who has none: sloppy words never sweep the chain."""
    if person.store_id is None:
        raise UsageError("你不属于某一家店，不能按姓名或后四位找。请发完整的11位手机号，或「号」加客户号。")
    return person.store_id


def _current(conn: Connection, store_id: int) -> AbstractContextManager[_Names]:
    """The names of a store as the database holds them now, nobody else's while they are used."""
    rows = _ROWS.rows(conn, store=store_id)
    return _names(conn.engine, store_id).renewed(keys_of(conn), rows)


def matching(conn: Connection, query: str, *, seen_by: Staff, limit: int = MOST) -> list[Match]:
    """Whom a name fits in the asker's store: the best rank first, then the asker's own, then the latest visit.

    Where somebody is called exactly so, those less alike are left out.
    """
    with _current(conn, home(seen_by)) as kept:
        known = {row_id: (rank, kept.known(row_id, seen_by)) for row_id, rank in kept.ranks(query).items()}
    found = sorted((rank, not who.mine, row_id) for row_id, (rank, who) in known.items() if who)
    rows = _nearest(conn, _as_typed(query, found), limit)
    sights = ((people.by_id(conn, row_id, seen_by=seen_by), rank) for rank, _, row_id in rows)
    return [Match(sight, rank) for sight, rank in sights if sight]


def by_name(conn: Connection, query: str, *, seen_by: Staff, limit: int = MOST) -> list[Sight]:
    """The customers whom a name fits in the asker's store, likeliest first."""
    return [match.sight for match in matching(conn, query, seen_by=seen_by, limit=limit)]


def acquainted(
    conn: Connection, ids: Iterable[int], surnames: Sequence[str], words: Sequence[str], *, seen_by: Staff
) -> dict[int, Known]:
    """Of the asker's store and scope: these customers, all of these surnames, and all known by one of the words."""
    with _current(conn, home(seen_by)) as kept:
        told = Counter(row_id for word in words for row_id, rank in kept.ranks(word).items() if rank <= PART)
        called = [row_id for surname in surnames for row_id in kept.ranks(_any_of(surname))]
        found = ((row_id, kept.known(row_id, seen_by)) for row_id in {*ids, *told, *called})
        return {row_id: who._replace(words=told[row_id]) for row_id, who in found if who}


def _any_of(surname: str) -> str:
    """A query that fits everybody of a surname, however well: a title that tells no gender, or its pinyin."""
    return surname if surname.isascii() else f"{surname}老师"


def _as_typed(query: str, found: list[tuple[int, bool, int]]) -> list[tuple[int, bool, int]]:
    if not found or found[0][0] > TITLE_MAYBE:
        return found
    last = TITLE_MAYBE if found[0][0] > EXACT or understand(query).called else EXACT
    return [row for row in found if row[0] <= last]


def _nearest(conn: Connection, found: list[tuple[int, bool, int]], limit: int) -> list[tuple[int, bool, int]]:
    """The first `limit`, equals by their latest visit; visits are read only of those who may be among them."""
    if len(found) > limit:
        found = [row for row in found if row[:2] <= found[limit - 1][:2]]
    ids = [row_id for _, _, row_id in found] if len(found) > 1 else []
    visits = {row_id: at.timestamp() for row_id, at in _LAST.rows(conn, ids) if at}
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
