"""The snapshot brought up to date: who changed is measured anew, whom time alone moved only in her windows."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection

from bot.db.segments import measured
from bot.domain.analytics import measuring
from bot.domain.analytics.book import GONE, LABELS, LIFE, NO_STORE, Book, Column, blank, joined, kept
from bot.domain.analytics.labelling import Codes
from bot.refresh.collecting import BEFORE_ALL, Rows, bought, homes, numbers, put, standings, window
from bot.refresh.shops import Shops
from bot.refresh.snapshot import Head, Snapshot

_CHUNK = 4_000  # customers whose orders are in memory at once


class Stored(NamedTuple):
    """What customer_segments really has of some rows of the book."""

    rows: Column
    labels: dict[str, Column]


def nothing(rows: Column) -> Stored:
    """No row of these in customer_segments."""
    labels = {name: np.zeros(len(rows), kind) for name, kind in LABELS.items()}
    labels["home"][:] = NO_STORE
    return Stored(rows, {**labels, "since_on": np.zeros(len(rows), "i4")})


def caught_up(
    conn: Connection, snapshot: Snapshot, marked: Iterable[int], shops: Shops, codes: Codes
) -> tuple[Book, Stored]:
    """The book of today, and what is stored of those who were looked at."""
    book = _at_home(snapshot, shops)
    book = kept(book, book["store"] != GONE) if (book["store"] == GONE).any() else book
    ahead = measured.ahead(conn, shops.ids, shops.today.toordinal()) if shops.is_past else set()
    dirty = {*marked, *ahead, *book["id"][book["ahead"]].tolist(), *measured.later(conn, _last(book))}
    book, rows = _brought_in(conn, book, dirty, shops)
    unsure = _stored(conn, book, np.flatnonzero(np.isin(book["id"], snapshot.unsure)), shops, codes)
    put(book, unsure.rows, unsure.labels)
    book["ahead"] = np.isin(book["id"], np.array(sorted(ahead), "i8"))
    _live_again(conn, book, rows, shops)
    others = _other_windows(snapshot.head, shops)[book["store"]]
    for scheme in ("spend", "visits"):
        again = others | (book[f"{scheme}_oldest"] < shops.first_days(scheme)[book["store"]])
        again[rows] = True
        _window_again(conn, book, np.flatnonzero(again), shops, scheme)
    return book, _stored(conn, book, rows, shops, codes)


def with_the_gone(book: Book, snapshot: Snapshot, shops: Shops) -> tuple[Book, Stored]:
    """A book of everybody, and those whom the snapshot knows who are not there any more: they leave their labels."""
    known = _at_home(snapshot, shops)
    gone = kept(known, ~np.isin(known["id"], book["id"]) & (known["stage"] > 0))
    gone["store"][:] = GONE
    if not len(gone["id"]):
        return book, nothing(np.zeros(0, "i8"))
    together = joined([book, gone])
    book = kept(together, np.argsort(together["id"], kind="stable"))
    return book, nothing(np.flatnonzero(book["store"] == GONE))


def _last(book: Book) -> int:
    return int(book["id"][-1]) if len(book["id"]) else BEFORE_ALL


def _at_home(snapshot: Snapshot, shops: Shops) -> Book:
    """The snapshot's book by the places the stores have now."""
    book = snapshot.book
    if snapshot.head.stores != shops.ids:
        places = shops.place
        now = np.array([*[places[store] for store in snapshot.head.stores], GONE, NO_STORE], "i4")
        book["store"], book["home"] = now[book["store"]], now[book["home"]]
    return book


def _stored(conn: Connection, book: Book, rows: Column, shops: Shops, codes: Codes) -> Stored:
    stored = nothing(rows)
    ids = book["id"][rows]
    found, values = standings(measured.standings_of(conn, ids.tolist()), shops, codes)
    put(stored.labels, np.searchsorted(ids, found), values)
    return stored


def _brought_in(conn: Connection, book: Book, dirty: Collection[int], shops: Shops) -> tuple[Book, Column]:
    """The book with those who are new, and the rows of everyone dirty, who have their homes of today."""
    found = measured.customers_of(conn, sorted(dirty))
    book = _admitted(book, found, dirty)
    lost = _unknown(conn, book)
    if lost:
        more = measured.customers_of(conn, sorted(lost))
        book, found = _admitted(book, more, lost), found + more
    ids, store = homes(sorted(found), shops)
    rows = np.searchsorted(book["id"], ids)
    book["store"][rows] = store
    return book, np.union1d(rows, np.flatnonzero(book["store"] == GONE))


def _admitted(book: Book, found: Rows, wanted: Collection[int]) -> Book:
    """Rows for those found who have none; of those wanted, who was not found is gone."""
    there = np.array(sorted(row[0] for row in found), "i8")
    new = np.setdiff1d(there, book["id"], assume_unique=True)
    missing = np.setdiff1d(np.array(sorted(wanted), "i8"), there, assume_unique=True)
    book["store"][np.isin(book["id"], missing)] = GONE
    if not len(new):
        return book
    fresh = blank(len(new))
    fresh["id"] = new
    order = np.argsort(np.concatenate([book["id"], new]), kind="stable")
    return kept(joined([book, fresh]), order)


def _unknown(conn: Connection, book: Book) -> set[int]:
    """Who was added or removed without a trace: all customers are counted, and read only where the count is off."""
    ids = book["id"][book["store"] != GONE]
    if measured.census(conn) == (len(ids), int((ids % measured.CHECKED).sum())):
        return set()
    return set(measured.later(conn, BEFORE_ALL)) ^ set(ids.tolist())


def _live_again(conn: Connection, book: Book, rows: Column, shops: Shops) -> None:
    """The statistics of some: the running ones, and where they know of later orders already, from the orders."""
    put(book, rows, {name: np.zeros(len(rows), kind) for name, kind in LIFE.items()})
    early = book["ahead"][rows]
    ids = book["id"][rows[~early]]
    its, *columns = numbers(measured.stats_of(conn, ids.tolist()), 1 + len(LIFE))
    put(book, np.searchsorted(book["id"], its), dict(zip(LIFE, columns, strict=True)))
    for some in _chunks(rows[early]):
        ids = book["id"][some]
        orders = measured.orders_of(conn, ids.tolist(), 0, shops.today.toordinal())
        put(book, some, measuring.life(bought(orders, ids), len(some)))


def _other_windows(head: Head, shops: Shops) -> Column:
    """By place, which stores have windows that measure otherwise than before, or reach further back."""
    before = dict(zip(head.stores, head.windows, strict=True))
    others = [
        then is None or then[0] != now[0] or then[2] != now[2] or now[1] < then[1] or now[3] < then[3]
        for now, then in ((now, before.get(store)) for store, now in zip(shops.ids, shops.windows, strict=True))
    ]
    return shops.by_place(others, False, "?")


def _window_again(conn: Connection, book: Book, rows: Column, shops: Shops, scheme: str) -> None:
    """The measure of a scheme, of whom an order has left its window, or whose window is another."""
    since = int(shops.first_days(scheme).min())
    for some in _chunks(rows):
        ids = book["id"][some]
        orders = measured.orders_of(conn, ids.tolist(), since, shops.today.toordinal())
        put(book, some, window(bought(orders, ids), book["store"][some], shops, scheme))


def _chunks(rows: Column) -> Iterable[Column]:
    return (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))
