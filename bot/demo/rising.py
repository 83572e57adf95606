"""Orders and statistics worked out inside the database, from each customer's running number.

Customer n bought three times, `7 + n % 24` days apart, the last time `1 + n % 60` days ago (or over as many days as
are asked for); her k-th order has one or two lines of goods that n + k picks.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    String,
    Table,
    case,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy import cast as sql_cast

from bot.db.bulk.orders import digest_of
from bot.db.segments import stale
from bot.db.tables import customer_stats, customers, order_lines, orders
from bot.domain.stats import ONE_PIECE, Line

GOODS, PRICE_FEN, ORDERS = 8, 1800, 3
_KINDS = 2 * (GOODS - 1)  # which good comes first, and one line or two
_DAY_MS, _MINUTE_MS = 86_400_000, 60_000
_ZONE = ZoneInfo("Asia/Shanghai")

Number = ColumnElement[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Customers with consecutive ids and numbers, the ids of their orders and of the first good.

    `over_days`: the days over which their last purchases are spread.
    """

    first_customer: int
    count: int
    first_number: int
    first_order: int
    first_good: int
    over_days: int = 60


def write(conn: Connection, batch: Batch, at: datetime) -> None:
    """Write the orders, lines and statistics of these customers, who are written already."""
    made = _Made(batch, at)
    turns = union_all(*[select(literal(k).label("k")) for k in range(ORDERS)]).subquery("turns")
    among = customers.c.id.between(batch.first_customer, batch.first_customer + batch.count - 1)
    pairs = customers.join(turns, literal(1) == 1)
    k = sql_cast(turns.c.k, BigInteger)
    _insert(conn, orders, made.order(k), pairs, among)
    _insert(conn, order_lines, made.line(k, 0), pairs, among)
    _insert(conn, order_lines, made.line(k, 1), pairs, among & (made.kind(k) % 2 == 1))
    _insert(conn, customer_stats, made.stats(), customers, among)
    stale.mark(conn, range(batch.first_customer, batch.first_customer + batch.count))


def _insert(
    conn: Connection, table: Table, values: dict[str, Any], source: FromClause, among: ColumnElement[bool]
) -> None:
    chosen = select(*values.values()).select_from(source).where(among)
    conn.execute(insert(table).from_select(list(values), chosen))


class _Made:
    """The columns of a customer's orders as expressions of her number."""

    def __init__(self, batch: Batch, at: datetime) -> None:
        self._batch = batch
        today = at.astimezone(_ZONE)
        self._today = literal(today.toordinal(), BigInteger)
        midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
        self._midnight_ms = literal(int(midnight.timestamp()) * 1000, BigInteger)
        self._place: Number = customers.c.id - batch.first_customer
        self._number: Number = self._place + batch.first_number
        self._gap: Number = 7 + self._number % 24

    def kind(self, k: Number) -> Number:
        """Which of the kinds of order the k-th is."""
        return (self._number + k) % _KINDS

    def order(self, k: Number) -> dict[str, Any]:
        """A row of orders."""
        ago = self._ago(k)
        digests = {kind: self._digest(kind) for kind in range(_KINDS)}
        return {
            "id": self._order_id(k),
            "order_no": literal("B") + sql_cast(self._number * ORDERS + k, String),
            "store_id": customers.c.store_id,
            "customer_id": customers.c.id,
            "ordered_at": self._at(ago),
            "ordered_on": self._today - ago,
            "kind": literal("sale"),
            "total_fen": PRICE_FEN * (1 + self.kind(k) % 2),
            "net_fen": PRICE_FEN * (1 + self.kind(k) % 2),
            "pay_method": literal("微信"),
            "sales_channel": literal("门店"),
            "digest": case(digests, value=self.kind(k)),
        }

    def line(self, k: Number, position: int) -> dict[str, Any]:
        """A row of order_lines."""
        return {
            "order_id": self._order_id(k),
            "position": literal(position),
            "product_id": self._good(k, position),
            "quantity_milli": literal(ONE_PIECE),
            "amount_fen": literal(PRICE_FEN),
        }

    def stats(self) -> dict[str, Any]:
        """A row of customer_stats; `test_bulk` proves that it is what the orders add up to."""
        turns = [literal(k, BigInteger) for k in range(ORDERS)]
        lines = [1 + self.kind(k) % 2 for k in turns]
        return {
            "customer_id": customers.c.id,
            "orders": literal(ORDERS),
            "refunds": literal(0),
            "purchase_days": literal(ORDERS),
            "first_on": self._today - self._ago(turns[0]),
            "last_on": self._today - self._ago(turns[-1]),
            "last_at": self._at(self._ago(turns[-1])),
            "last_store_id": customers.c.store_id,
            "spent_fen": PRICE_FEN * (lines[0] + lines[1] + lines[2]),
            "best_ticket_fen": case((lines[0] + lines[1] + lines[2] > ORDERS, 2 * PRICE_FEN), else_=PRICE_FEN),
            "gap_sum_days": 2 * self._gap,
            "gap_square_sum": 2 * self._gap * self._gap,
            "recent": self._recent(turns[2]) + " " + self._recent(turns[1]) + " " + self._recent(turns[0]),
        }

    def _recent(self, k: Number) -> ColumnElement[str]:
        """The lines of one order as bot/domain/stats.py packs them."""
        day = sql_cast(self._today - self._ago(k), String)
        one, two = [day + ":" + sql_cast(self._good(k, place), String) + f":{ONE_PIECE}" for place in (0, 1)]
        return case((self.kind(k) % 2 == 1, one + " " + two), else_=one)

    def _ago(self, k: Number) -> Number:
        return 1 + self._number % self._batch.over_days + (ORDERS - 1 - k) * self._gap

    def _at(self, ago: Number) -> Number:
        return self._midnight_ms - ago * _DAY_MS + (600 + self._number * 37 % 660) * _MINUTE_MS

    def _order_id(self, k: Number) -> Number:
        return self._batch.first_order + self._place * ORDERS + k

    def _good(self, k: Number, position: int) -> Number:
        return self._batch.first_good + position + self.kind(k) // 2

    def _digest(self, kind: int) -> bytes:
        first = self._batch.first_good + kind // 2
        return digest_of([Line(first + place, ONE_PIECE, PRICE_FEN) for place in range(1 + kind % 2)])
