"""What refunds leave of the sales they name: `orders.net_fen`, kept in the transaction that stores or moves orders.

Of a sale it is the total less what the refunds that count against it gave back, never below 0 and unknown where the
total is. A refund counts against the sale it names where both are of one customer, or where the refund has none:
tills often forget who brings something back, and the goods are back all the same. Such a refund is 0 itself; any
other, which names nothing, what is not known yet, no sale or somebody else's, is its own (negative) total.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from bot.db.bulk.loading import Among
from bot.db.core.prepared import Prepared
from bot.db.tables import orders
from bot.domain.stats import net_of_sale

_COLUMNS = (orders.c.id, orders.c.customer_id, orders.c.total_fen, orders.c.net_fen)
_REFUNDS = Among(select(orders.c.refund_of, *_COLUMNS).where(orders.c.kind == "refund"), orders.c.refund_of)
_SALES = Among(select(orders.c.order_no, *_COLUMNS).where(orders.c.kind == "sale"), orders.c.order_no)
_NAMED = Among(
    select(orders.c.refund_of).where(orders.c.kind == "refund", orders.c.refund_of.is_not(None)), orders.c.customer_id
)
_WRITE = Prepared(update(orders).where(orders.c.id == bindparam("order")).values(net_fen=bindparam("net_fen")))


class _Order(NamedTuple):
    id: int
    customer_id: int | None
    total_fen: int | None
    net_fen: int | None


def settle(conn: Connection, told: Iterable[str], named: Collection[str]) -> set[int]:
    """Bring nets up to date; gives the customers of orders whose net is another now.

    `told` are numbers of orders that are new or changed, `named` those that refunds among them name or named before.
    """
    refunds: dict[str, list[_Order]] = {number: [] for number in named}
    for number, *order in _REFUNDS.rows(conn, sorted({*told, *named})):
        refunds.setdefault(number, []).append(_Order(*order))
    if not refunds:
        return set()
    sales = {number: _Order(*order) for number, *order in _SALES.rows(conn, sorted(refunds))}
    changed = [
        (order, net_fen)
        for number, its in refunds.items()
        for order, net_fen in _nets(sales.get(number), its)
        if net_fen != order.net_fen
    ]
    _WRITE.run_many(conn, [{"order": order.id, "net_fen": net_fen} for order, net_fen in changed])
    return {order.customer_id for order, _ in changed if order.customer_id}


def settle_of(conn: Connection, customer_ids: Iterable[int]) -> set[int]:
    """Settle what the refunds of these customers name, once orders went from one of them to another."""
    named = {number for (number,) in _NAMED.rows(conn, sorted(customer_ids))}
    return settle(conn, (), named)


def _nets(sale: _Order | None, refunds: list[_Order]) -> Iterator[tuple[_Order, int | None]]:
    """The orders of one number, a sale and the refunds that name it, with the net of each."""
    refunded_fen = 0
    for refund in refunds:
        if sale and refund.customer_id in (None, sale.customer_id):
            refunded_fen -= min(refund.total_fen or 0, 0)
            yield refund, 0
        else:
            yield refund, refund.total_fen
    if sale:
        yield sale, net_of_sale(sale.total_fen, refunded_fen)
