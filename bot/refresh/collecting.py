"""Rows of the database as columns, and everybody measured from all orders, a page of customers at a time."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import Connection

from bot.db.segments import measured
from bot.domain.analytics import measuring
from bot.domain.analytics.book import LABELS, NO_STORE, RANKS, Book, Column, blank, joined
from bot.domain.analytics.labelling import LAYER_CODES, STAGE_CODES, Codes
from bot.domain.analytics.measuring import Bought
from bot.refresh.shops import Shops

BEFORE_ALL = -(1 << 62)

Step = Callable[[int, int], None]
Rows = Sequence[tuple[Any, ...]]


def everybody(conn: Connection, shops: Shops, codes: Codes, step: Step) -> Book:
    """All customers and their measures, with the labels that customer_segments has."""
    total, _ = measured.census(conn)
    books, done, after = [blank(0)], 0, BEFORE_ALL
    while rows := measured.page(conn, after):
        upto = rows[-1][0]
        book = blank(len(rows))
        book["id"], book["store"] = homes(rows, shops)
        orders = bought(measured.orders(conn, after, upto, shops.today.toordinal()), book["id"])
        put(book, slice(None), measuring.life(orders, len(rows)))
        put(book, slice(None), windows(orders, book["store"], shops))
        its, labels = standings(measured.standings(conn, after, upto), shops, codes)
        put(book, np.searchsorted(book["id"], its), labels)
        books.append(book)
        done, after = done + len(rows), upto
        step(done, max(total, done))
    book = joined(books)
    ahead = measured.ahead(conn, shops.ids, shops.today.toordinal()) if shops.is_past else set()
    book["ahead"] = np.isin(book["id"], np.array(sorted(ahead), "i8"))
    return book


def put(book: Book, rows: Any, values: Mapping[str, Column]) -> None:  # noqa: ANN401 — whatever numpy takes for rows
    """Set columns of some rows."""
    for name, column in values.items():
        book[name][rows] = column


def numbers(rows: Rows, width: int) -> Column:
    """Rows of whole numbers as columns: `width` arrays."""
    flat = np.fromiter(chain.from_iterable(rows), "i8", len(rows) * width)
    return np.ascontiguousarray(flat.reshape(-1, width).T)


def homes(rows: Rows, shops: Shops) -> tuple[Column, Column]:
    """Ids and places of the home stores; who was merged into another has none."""
    ids = np.fromiter((row[0] for row in rows), "i8", len(rows))
    place = shops.place
    stores = [NO_STORE if state == "merged" else place.get(store, NO_STORE) for _, store, state in rows]
    return ids, np.array(stores, "i4")


def bought(rows: Rows, ids: Column) -> Bought:
    """Orders of these customers, who are sorted."""
    customer, on, net_fen, sale = numbers(rows, 4)
    return measuring.bought(np.searchsorted(ids, customer), on.astype("i4"), net_fen, sale)


def windows(orders: Bought, store: Column, shops: Shops) -> dict[str, Column]:
    """The measures of both schemes, by the rules of each customer's store."""
    return {**window(orders, store, shops, "spend"), **window(orders, store, shops, "visits")}


def window(orders: Bought, store: Column, shops: Shops, scheme: str) -> dict[str, Column]:
    """The measure of one scheme: orders since the first day of any window at least."""
    first_on = shops.first_days(scheme)[store]
    bases = shops.bases(scheme)
    measure, oldest = np.zeros(len(store), "i8"), np.zeros(len(store), "i4")
    for basis in dict.fromkeys(bases):
        values, days = measuring.window(orders, first_on, basis)
        its = shops.by_place([one == basis for one in bases], basis == bases[0], "?")[store]
        measure[its], oldest[its] = values[its], days[its]
    return {scheme: measure, f"{scheme}_oldest": oldest}


def standings(rows: Rows, shops: Shops, codes: Codes) -> tuple[Column, dict[str, Column]]:
    """Rows of customer_segments: the ids, and the columns of their labels."""
    place = shops.place
    columns = list(zip(*rows, strict=True)) or [()] * 10
    ids, store, stage, layer, spend, frequency, *ranks = columns
    labels = {
        "home": [place.get(one, NO_STORE) for one in store],
        "stage": list(map(STAGE_CODES.index, stage)),
        "layer": list(map(LAYER_CODES.index, layer)),
        "spend_band": list(map(codes.number, spend)),
        "frequency": list(map(codes.number, frequency)),
        **dict(zip(RANKS, ranks, strict=False)),
    }
    found = {name: np.array(values, LABELS[name]) for name, values in labels.items()}
    return np.array(ids, "i8"), found | {"since_on": np.array(ranks[3], "i4")}
