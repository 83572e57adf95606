"""Order files into the database: stores, products and customers first, then the orders in short batches."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from bot.actions.redeeming import restore_for
from bot.db.bulk.orders import Counts, Order, examine, store_orders
from bot.domain.stats import Line
from bot.intake.coupons import Used, spend
from bot.intake.desk import Desk
from bot.intake.fence import NOT_HERS, OTHERS_ORDER, orders_elsewhere, strangers
from bot.intake.options import Options, Progress
from bot.intake.people import First, People
from bot.intake.places import NO_STORE, no_store, product_ids, store_ids
from bot.intake.reading.orders import OrderFile, ReadOrder
from bot.intake.reading.texts import Who
from bot.intake.storing import Plan, Work, store

_UNKNOWN_PRODUCT = "没有这个商品：请先导入商品，或去掉 --unknown refuse"
_LOOKED_AT = 500  # orders a dry run looks at together
_LEAST = 1000  # lines of a batch: some ten milliseconds


class _Placed(NamedTuple):
    """An order whose store and customer are known."""

    read: ReadOrder
    store_id: int
    customer_id: int | None


def import_orders(desk: Desk, file: OrderFile, digest: bytes, progress: Progress) -> Counts:
    """Store what a file says; rows that cannot be stored are added to its refusals."""
    _refuse_others(desk, file)
    names, gathered = _Names(desk, file), file.gathered
    stores = [names.store_of(read, gathered.refused) for read in file.orders]
    buyers = _buyers(desk, file.orders, stores)
    placed = [_placed(*order, buyers, gathered.refused) for order in zip(file.orders, stores, strict=True)]
    if desk.options.dry_run:
        return _look(desk, [order for order in placed if order], names, gathered.remarks)
    plan = Plan("orders", digest, gathered.rows, len(gathered.refused), progress, _LEAST)
    prepare = partial(_prepare, names=names, desk=desk, remarks=gathered.remarks)
    return store(desk, plan, placed, lambda order: len(order[0].lines) if order else 0, prepare)


def _prepare(batch: Sequence[_Placed | None], names: "_Names", desk: Desk, remarks: dict[int, str]) -> Work:
    placed = [order for order in batch if order]
    stored = [names.order(*order) for order in placed]
    used = [used for order in placed if (used := names.used(order))]
    return partial(_store, batch=stored, used=used, options=desk.options, remarks=remarks)


def _store(
    conn: Connection, batch: Sequence[Order], used: Sequence[Used], options: Options, remarks: dict[int, str]
) -> Counts:
    """Store orders with the coupons used in them; what a refund leaves nothing of gives its coupons back."""
    counts = store_orders(conn, batch)
    _remark(conn, used, options, remarks)
    back = [order.order_no for order in batch if order.kind == "refund"]
    restore_for(conn, [*back, *(one.order_no for one in used)], options.now)
    return counts


def _remark(conn: Connection, used: Sequence[Used], options: Options, remarks: dict[int, str]) -> None:
    """Redeem the coupons of some orders; why one could not be is remarked of every row of its order."""
    for one in used:
        if said := spend(conn, one, options):
            remarks.update(dict.fromkeys(one.rows, said))


class _Names:
    """What the names in a file stand for in the database."""

    def __init__(self, desk: Desk, file: OrderFile) -> None:
        default = desk.options.store or NO_STORE
        self._stores = store_ids(desk, {read.head.store or default for read in file.orders})
        self._stores[""] = self._stores.get(default, 0)
        self._options = desk.options
        self._chosen = bool(desk.options.store)
        ids = product_ids(desk, file.gathered)
        products = [ids.get(name) for name in file.gathered.products]
        self._lines = [Line(products[place or 0], milli, fen) for place, milli, fen in file.gathered.lines]
        unknown = {place for place, row_id in enumerate(products) if place and row_id is None}
        self._absent = {place for place, line in enumerate(file.gathered.lines) if line.product_id in unknown}

    def store_of(self, read: ReadOrder, refused: dict[int, str]) -> int:
        """The id of its store; 0 where it is refused, whoever bought."""
        store_id = self._stores.get(read.head.store, 0)
        if not store_id:
            _refuse(read, no_store(self._options), refused)
        elif self._absent and not self._absent.isdisjoint(read.lines):
            _refuse(read, _UNKNOWN_PRODUCT, refused)
            return 0
        return store_id

    def used(self, placed: _Placed) -> Used | None:
        """The coupons a sale says were used in it."""
        read, store_id, customer_id = placed
        head = read.head
        if not head.coupon or read.kind == "refund":
            return None
        at = head.at if head.time_said else None
        return Used(read.order_no, store_id, customer_id, head.on, at, head.coupon, tuple(read.numbers))

    def order(self, read: ReadOrder, store_id: int, customer_id: int | None) -> Order:
        """The order as the database keeps it."""
        head, lines = read.head, self._lines
        return Order(
            read.order_no,
            store_id,
            customer_id,
            head.at,
            head.on,
            read.kind,
            [lines[place] for place in read.lines],
            head.refund_of or None,
            head.pay_method or None,
            head.sales_channel or None,
            store_said=bool(head.store) or self._chosen,
            time_said=head.time_said,
        )


def _refuse_others(desk: Desk, file: OrderFile) -> None:
    """Leave out what the one store has no business with, before anybody is found or made."""
    if not desk.options.only_store:
        return
    others = strangers(desk, {read.head.who for read in file.orders})
    elsewhere = orders_elsewhere(desk, [read.order_no for read in file.orders])
    for read in file.orders:
        if read.order_no in elsewhere:
            _refuse(read, OTHERS_ORDER, file.gathered.refused)
        elif read.head.who in others:
            _refuse(read, NOT_HERS, file.gathered.refused)
    file.orders[:] = [read for read in file.orders if read.order_no not in elsewhere and read.head.who not in others]


def _refuse(read: ReadOrder, reason: str, refused: dict[int, str]) -> None:
    for number in read.numbers:
        refused.setdefault(number, reason)


def _buyers(desk: Desk, orders: Sequence[ReadOrder], stores: Sequence[int]) -> dict[Who, int | str]:
    """The ids of all who bought, or why there is none; the orders are sorted by time, refused ones introduce nobody."""
    met: dict[Who, First] = {}
    for read, store_id in zip(orders, stores, strict=True):
        head = read.head
        if store_id and head.who not in met:
            met[head.who] = First(head.at, store_id, head.customer_name)
    met.pop(Who(), None)
    people = People(desk)
    people.settle(met)
    return {person: people.id_of(person) for person in met}


def _placed(read: ReadOrder, store_id: int, buyers: Mapping[Who, int | str], refused: dict[int, str]) -> _Placed | None:
    buyer = buyers.get(read.head.who)
    if isinstance(buyer, str):
        _refuse(read, buyer, refused)
    elif store_id:
        return _Placed(read, store_id, buyer)
    return None


def _look(desk: Desk, wanted: Sequence[_Placed], names: _Names, remarks: dict[int, str]) -> Counts:
    """What storing would do."""
    total = Counts()
    with desk.reading() as conn:
        for start in range(0, len(wanted), _LOOKED_AT):
            verdicts = examine(conn, [names.order(*order) for order in wanted[start : start + _LOOKED_AT]])
            total = total.plus(*[verdict.counts for verdict in verdicts])
        _remark(conn, [used for order in wanted if (used := names.used(order))], desk.options, remarks)
    return total
