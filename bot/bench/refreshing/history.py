"""A long past for a filled shop, worked out inside the database: orders without lines, and the statistics they make.

Customer n of the filled shop gets from none to twice `extra` older orders, as far apart as her three newer ones.
"""

from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection, text

from bot.db.core.engine import Database
from bot.db.core.ids import new_ids
from bot.demo.rising import ORDERS, PRICE_FEN

_BATCH = 50_000  # customers of one transaction
_PRIME = 7919  # spreads how many orders there are over neighbours
_FEN = f"{PRICE_FEN} + (number * {_PRIME} + k * 104729) % 9973"
_INDEXES = {
    "ix_orders_store_day": "orders (store_id, ordered_on)",
    "ix_orders_customer_day": "orders (customer_id, ordered_on, kind, total_fen, net_fen)",
}

# A customer's number stands in her customer_no: B0000017. The oldest of her newer orders is in her statistics.
_HERS = """
SELECT c.id AS customer_id, c.store_id, s.first_on, s.last_on, s.last_at, s.gap_sum_days / {newer} AS gap,
       CAST(SUBSTR(c.customer_no, 2) AS BIGINT) AS number
FROM customers AS c JOIN customer_stats AS s ON s.customer_id = c.id
WHERE c.customer_no >= :low AND c.customer_no < :high
"""
_ORDERS = """
WITH RECURSIVE turns (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM turns WHERE k < {most}), hers AS ({hers})
INSERT INTO orders (id, order_no, store_id, customer_id, ordered_at, ordered_on, kind, total_fen, net_fen,
                    pay_method, sales_channel, digest)
SELECT :first + (number - :start) * {most} + k, 'H' || (number * {most} + k), store_id, customer_id,
       last_at - (CAST(last_on - first_on AS BIGINT) + gap * k) * 86400000, first_on - gap * k, 'sale',
       {fen}, {fen}, NULL, NULL, :digest
FROM hers JOIN turns ON k <= number * {prime} % {most1}
ORDER BY number, k
"""
_STATS = """
WITH hers AS ({hers}), more AS (
  SELECT customer_id, gap, number * {prime} % {most1} AS many, :first + (number - :start) * {most} AS before FROM hers
)
UPDATE customer_stats SET
  orders = orders + many, purchase_days = purchase_days + many, first_on = first_on - gap * many,
  gap_sum_days = gap_sum_days + gap * many, gap_square_sum = gap_square_sum + gap * gap * many,
  spent_fen = spent_fen + (SELECT SUM(o.total_fen) FROM orders AS o WHERE o.id > before AND o.id <= before + many),
  best_ticket_fen = (
    SELECT MAX(fen) FROM (
      SELECT o.total_fen AS fen FROM orders AS o WHERE o.id > before AND o.id <= before + many
      UNION ALL SELECT best_ticket_fen
    ) AS tickets
  )
FROM more WHERE more.customer_id = customer_stats.customer_id AND many > 0
"""


def lengthen(database: Database, customers: int, orders: int) -> None:
    """Give so many customers so many orders in all, as nearly as it comes out; what is there already counts."""
    extra = round(orders / customers) - ORDERS
    if extra <= 0:
        return
    sizes: dict[str, int | str] = {
        "newer": ORDERS - 1,
        "most": 2 * extra,
        "most1": 2 * extra + 1,
        "prime": _PRIME,
        "fen": _FEN,
    }
    words = {"hers": _HERS.format(**sizes), **sizes}
    for name in _INDEXES:
        _run(database, f"DROP INDEX {name}")
    for start in range(0, customers, _BATCH):
        database.transact(partial(_lengthen, words=words, start=start))
    for name, columns in _INDEXES.items():
        _run(database, f"CREATE INDEX {name} ON {columns}")


def _run(database: Database, statement: str) -> None:
    database.transact(lambda conn: conn.execute(text(statement)))


def _lengthen(conn: Connection, words: Mapping[str, int | str], start: int) -> None:
    among = {"low": f"B{start:07}", "high": f"B{start + _BATCH:07}"}
    ids = new_ids((_BATCH + 1) * int(words["most"]))
    ids_from = {"start": start, "first": ids[0]}
    conn.execute(text(_ORDERS.format(**words)), {**among, **ids_from, "digest": bytes(16)})
    conn.execute(text(_STATS.format(**words)), {**among, **ids_from})
