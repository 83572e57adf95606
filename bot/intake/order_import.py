"""Order files into the database: stores, products and customers first, then the orders in short batches."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from bot.db import imports
from bot.db.imports import Cursor
from bot.db.orders import Counts, Order, examine, store_orders
from bot.domain.stats import Line
from bot.intake.desk import Desk
from bot.intake.options import Progress
from bot.intake.orders import OrderFile, ReadOrder
from bot.intake.people import First, People
from bot.intake.places import NO_STORE, product_ids, store_ids
from bot.intake.texts import Who

_UNKNOWN_STORE = "没有这家门店：请先导入门店，或去掉 --unknown refuse"
_UNKNOWN_PRODUCT = "没有这个商品：请先导入商品，或去掉 --unknown refuse"
_LOOKED_AT = 500  # orders a dry run looks at together


def import_orders(desk: Desk, file: OrderFile, digest: bytes, progress: Progress) -> Counts:
    """Store what a file says; rows that cannot be stored are added to its refusals."""
    names = _Names(desk, file)
    names.people.settle(_met(file.orders, names))
    storable = [_accept(read, names, file.gathered.refused) for read in file.orders]
    if desk.options.dry_run:
        return _look(desk, file.orders, storable, names)
    cursor = desk.write(partial(imports.begin, kind="orders", digest=digest, options=desk.options.key, now=desk.options.now))
    return _store(desk, _trusted(cursor, file.orders, storable), file, storable, names, progress)


class _Names:
    """What the names in a file stand for in the database."""

    def __init__(self, desk: Desk, file: OrderFile) -> None:
        default = desk.options.store or NO_STORE
        self._stores = store_ids(desk, {read.store or default for read in file.orders})
        self._stores[""] = self._stores.get(default, 0)
        self._chosen = bool(desk.options.store)
        ids = product_ids(desk, file.gathered)
        products = [ids.get(name) for name in file.gathered.products]
        self._lines = [
            Line(products[place or 0], milli, fen) for place, milli, fen in file.gathered.lines
        ]
        unknown = {place for place, row_id in enumerate(products) if place and row_id is None}
        self._absent = {place for place, line in enumerate(file.gathered.lines) if line.product_id in unknown}
        self.people = People(desk)

    def store_of(self, read: ReadOrder) -> int:
        """The id of its store, 0 where there is none."""
        return self._stores.get(read.store, 0)

    def why_not(self, read: ReadOrder) -> str:
        """Why it cannot be stored, whoever bought; empty where it can."""
        if not self.store_of(read):
            return _UNKNOWN_STORE
        if self._absent and not self._absent.isdisjoint(read.lines):
            return _UNKNOWN_PRODUCT
        return ""

    def order(self, read: ReadOrder) -> Order:
        """An order that can be stored, as the database keeps it."""
        buyer = self.people.id_of(read.who) if any(read.who) else None
        lines = self._lines
        return Order(
            read.order_no,
            self.store_of(read),
            buyer if isinstance(buyer, int) else None,
            read.at,
            read.on,
            read.kind,
            [lines[place] for place in read.lines],
            read.refund_of,
            read.pay_method,
            read.sales_channel,
            store_said=bool(read.store) or self._chosen,
            time_said=read.time_said,
        )


def _met(orders: Sequence[ReadOrder], names: _Names) -> Mapping[Who, First]:
    """When and where a file first meets each customer; orders that are refused anyway introduce nobody. The orders are sorted by time."""
    met: dict[Who, First] = {}
    for read in orders:
        if any(read.who) and not names.why_not(read):
            if read.who not in met:
                met[read.who] = First(read.at, names.store_of(read), read.customer_name or "")
    return met


def _accept(read: ReadOrder, names: _Names, refused: dict[int, str]) -> bool:
    reason: int | str | None = names.why_not(read) or (names.people.id_of(read.who) if any(read.who) else None)
    if not isinstance(reason, str):
        return True
    for number in read.numbers:
        refused.setdefault(number, reason)
    return False


def _look(desk: Desk, orders: Sequence[ReadOrder], storable: Sequence[bool], names: _Names) -> Counts:
    """What storing would do."""
    total = Counts()
    wanted = [read for read, can in zip(orders, storable, strict=True) if can]
    with desk.reading() as conn:
        for start in range(0, len(wanted), _LOOKED_AT):
            verdicts = examine(conn, [names.order(read) for read in wanted[start : start + _LOOKED_AT]])
            total = total.plus(*[verdict.counts for verdict in verdicts])
    return total


def _trusted(cursor: Cursor, orders: Sequence[ReadOrder], storable: Sequence[bool]) -> Cursor:
    """The cursor of a broken-off import, unless what it counted is not what could be stored today."""
    could = sum(
        len(read.lines) for read, can in zip(orders[: cursor.done], storable[: cursor.done], strict=True) if can
    )
    return cursor if could == sum(cursor.counts) else replace(cursor, done=0, counts=Counts())


def _store(  # noqa: PLR0913 — the whole of an import meets here
    desk: Desk,
    cursor: Cursor,
    file: OrderFile,
    storable: Sequence[bool],
    names: _Names,
    progress: Progress,
) -> Counts:
    for end, batch in desk.pace.batches(file.orders, lambda read: len(read.lines), cursor.done):
        can = storable[cursor.done : end]
        orders = [names.order(read) for read, is_ok in zip(batch, can, strict=True) if is_ok]
        cursor = desk.write(partial(_store_batch, cursor=cursor, end=end, orders=orders))
        progress(sum(cursor.counts) + len(file.gathered.refused), file.gathered.rows)
    desk.write(partial(imports.save, cursor=cursor, finished_at=desk.options.now))
    return cursor.counts


def _store_batch(conn: Connection, cursor: Cursor, end: int, orders: Sequence[Order]) -> Cursor:
    counts = store_orders(conn, orders)
    cursor = replace(cursor, done=end, counts=cursor.counts.plus(counts))
    imports.save(conn, cursor)
    return cursor
