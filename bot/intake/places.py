"""The stores and products that order files name, found or made."""

from collections.abc import Iterable, Sequence
from functools import partial

from sqlalchemy import Connection

from bot.db.bulk import branches, products
from bot.db.bulk.products import NewProduct
from bot.intake.desk import Desk
from bot.intake.options import Options
from bot.intake.reading.lines import Gathered

NO_STORE = "000"
_MAIN = "总店"
_UNKNOWN_STORE = "没有这家门店：请先导入门店，或去掉 --unknown refuse"
_OTHER_STORE = "这一行是别的门店的：店长只能导入自己门店的，请交给那家店的店长或总部"


def own_store(conn: Connection, options: Options) -> int:
    """The id of the store that an import with `only_store` is for; 0 where there is none."""
    return branches.ids_of(conn, [options.store]).get(options.store, 0) if options.store else 0


def no_store(options: Options) -> str:
    """Why a row's store cannot be taken."""
    return _OTHER_STORE if options.only_store else _UNKNOWN_STORE


def store_ids(desk: Desk, words: Iterable[str]) -> dict[str, int]:
    """The ids of stores by code or name; unknown ones are made, or left out where they may not be."""
    wanted = sorted(set(words))
    with desk.reading() as conn:
        found = branches.ids_of(conn, wanted)
        if desk.options.only_store:
            own = own_store(conn, desk.options)
            return {word: row_id for word, row_id in found.items() if row_id == own}
    missing = [word for word in wanted if word not in found]
    if not missing or desk.options.unknown == "refuse":
        return found
    if desk.options.dry_run:
        return found | {word: desk.pretend_id() for word in missing}
    return found | desk.write(partial(_add_stores, words=missing))


def _add_stores(conn: Connection, words: Iterable[str]) -> dict[str, int]:
    wanted = list(words)
    found = branches.ids_of(conn, wanted)
    return {
        word: found.get(word) or branches.add_store(conn, word, _MAIN if word == NO_STORE else word) for word in wanted
    }


def product_ids(desk: Desk, gathered: Gathered) -> dict[str, int]:
    """The ids of products by code or name; unknown ones are made, with that word as code."""
    wanted = sorted(word for word in gathered.products if word)
    with desk.reading() as conn:
        found = products.ids_of(conn, wanted)
    missing = [word for word in wanted if word not in found]
    if not missing or desk.options.unknown == "refuse":
        return found
    if desk.options.dry_run:
        return found | {word: desk.pretend_id() for word in missing}
    for _, some in desk.pace.batches(missing, lambda _: 1):
        found |= desk.write(partial(_add_products, words=some, gathered=gathered))
    return found


def _add_products(conn: Connection, words: Sequence[str], gathered: Gathered) -> dict[str, int]:
    there = products.ids_of(conn, words)
    new = [
        NewProduct(word, gathered.names.get(word, word), gathered.categories.get(word))
        for word in words
        if word not in there
    ]
    products.add_products(conn, new)
    return products.ids_of(conn, words)
