"""The columns of all customers at once: what is measured of each, and her labels; a row each, sorted by id.

Days are ordinals, money is fen. Codes of labels are places in lists of words, 0 for none: who has no stage has no
row in the database.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]
Book = dict[str, Column]

NO_STORE = -1  # merged into another: no labels
GONE = -2  # removed since the snapshot before: no labels, and no row in the next one
NEVER = 0  # the day of what did not happen
FAR = 1 << 24  # a day after all others

LIFE = {
    "purchase_days": "i4",
    "first_on": "i4",
    "last_on": "i4",
    "gap_sum_days": "i4",
    "gap_square_sum": "i8",
    "spent_fen": "i8",
}
"""Of all her purchases, as in the running statistics."""

WINDOWS = {"spend": "i8", "spend_oldest": "i4", "visits": "i8", "visits_oldest": "i4"}
"""Of the windows of the two schemes: the measures, and the first day in each that counts (FAR: none)."""

RANKS = ("r", "f", "m")
LABELS = {
    "home": "i4",
    "stage": "u1",
    "layer": "u1",
    "spend_band": "u1",
    "frequency": "u1",
    **dict.fromkeys(RANKS, "u1"),
}
"""A row of customer_segments as it is written: `home` is the store it was written for."""

KINDS = {"id": "i8", "store": "i4", **LIFE, **WINDOWS, **LABELS, "since_on": "i4", "ahead": "?"}
"""Every column; `store` is her home store, its place in the list of stores; `ahead`: she has orders after the day."""


def blank(count: int) -> Book:
    """Customers of whom nothing is known yet."""
    book = {name: np.zeros(count, kind) for name, kind in KINDS.items()}
    for name in ("store", "home"):
        book[name][:] = NO_STORE
    for name in ("spend_oldest", "visits_oldest"):
        book[name][:] = FAR
    return book


def joined(books: Sequence[Book]) -> Book:
    """Several books as one; they are taken apart column by column, so that there are never two of everything."""
    return {name: np.concatenate([book.pop(name) for book in books]) for name in KINDS}


def kept(book: Book, rows: Column) -> Book:
    """Some of its rows."""
    return {name: column[rows] for name, column in book.items()}
