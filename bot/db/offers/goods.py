"""The products an offer touches: its gift, the items and the categories it is limited to."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from bot.db.bulk.loading import Among, Row
from bot.db.core.prepared import Prepared
from bot.db.tables import products
from bot.domain.selling.offers import Offer
from bot.domain.shop import Product

_COLUMNS = (
    products.c.id, products.c.code, products.c.name, products.c.category, products.c.price_fen,
    products.c.ingredients, products.c.new_on, products.c.replaces_id,
)  # fmt: skip
_BY_ID = Among(select(*_COLUMNS), products.c.id)
_BY_CATEGORY = Among(select(*_COLUMNS).where(products.c.active), products.c.category)

_ALL = Prepared(select(*_COLUMNS).order_by(products.c.id))


def everything(conn: Connection) -> list[Product]:
    """The whole catalogue, what is sold no longer too: its name may still be spoken."""
    return [_product(row) for row in _ALL.rows(conn)]


def of(conn: Connection, found: Iterable[Offer]) -> list[Product]:
    """Every product that one of these offers gives or is limited to, once; one no longer sold only by its id."""
    ids: set[int] = set()
    categories: set[str] = set()
    for offer in found:
        ids |= {*offer.terms.items, *([offer.terms.gift_id] if offer.terms.gift_id else ())}
        categories |= set(offer.terms.categories)
    rows = [*_BY_ID.rows(conn, sorted(ids)), *_BY_CATEGORY.rows(conn, sorted(categories))]
    return list({row[0]: _product(row) for row in rows}.values())


def _product(row: Row) -> Product:
    row_id, code, name, category, price_fen, ingredients, new_on, replaces_id = row
    return Product(row_id, code, name, category, price_fen, _split(ingredients), new_on, replaces_id)


def _split(ingredients: str | None) -> tuple[str, ...]:
    return tuple(word for word in (ingredients or "").split("、") if word)
