"""Products by what files call them: a code, or a name that only one product has."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select

from bot.db.bulk.loading import Among, Insert
from bot.db.core.ids import new_ids
from bot.db.tables import products

_BY_CODE = Among(select(products.c.code, products.c.id), products.c.code)
_BY_NAME = Among(select(products.c.name, products.c.id), products.c.name)
_ADD = Insert(products)


class NewProduct(NamedTuple):
    """A product to add, as its row without the id."""

    code: str
    name: str
    category: str | None = None
    price_fen: int | None = None
    ingredients: str | None = None
    new_on: date | None = None
    replaces_id: int | None = None
    active: bool = True


def ids_of(conn: Connection, words: Iterable[str]) -> dict[str, int]:
    """The ids of products by code, else by a name that is nobody else's; unknown words are left out."""
    wanted = set(words)
    found: dict[str, int] = dict(_BY_CODE.rows(conn, sorted(wanted)))
    named: dict[str, set[int]] = {}
    for name, row_id in _BY_NAME.rows(conn, sorted(wanted - found.keys())):
        named.setdefault(name, set()).add(row_id)
    return found | {name: ids.pop() for name, ids in named.items() if len(ids) == 1}


def add_products(conn: Connection, new: Sequence[NewProduct]) -> None:
    """Add products, ids rising in the sequence given."""
    _ADD.run(conn, [(row_id, *product) for row_id, product in zip(new_ids(len(new)), new, strict=True)])
