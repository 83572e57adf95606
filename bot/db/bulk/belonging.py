"""Whose a customer or an order is, many at once.

For loading only: nobody looks at anybody here, and nothing found is ever shown.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from bot.db.bulk.loading import Among
from bot.db.tables import customer_stores, orders

_SEEN = Among(select(customer_stores.c.customer_id, customer_stores.c.store_id), customer_stores.c.customer_id)
_ORDERS = Among(select(orders.c.order_no, orders.c.store_id), orders.c.order_no)


def unseen(conn: Connection, customer_ids: Iterable[int], store_id: int) -> set[int]:
    """Those of these customers who may not be seen in a store."""
    wanted = set(customer_ids)
    return wanted - {customer_id for customer_id, store in _SEEN.rows(conn, sorted(wanted)) if store == store_id}


def orders_elsewhere(conn: Connection, order_nos: Iterable[str], store_id: int) -> set[str]:
    """Those of these order numbers that another store has."""
    return {order_no for order_no, store in _ORDERS.rows(conn, sorted(set(order_nos))) if store != store_id}
