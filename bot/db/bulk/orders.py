"""Orders into the database, from files and from the till alike: new, changed or seen before, with all that follows.

What follows an order, in its own transaction: what refunds leave of it (bot/db/bulk/refunds.py), the running
statistics, where the customer may be seen, and how far the data reach. An order seen again replaces its earlier
lines; a blank never erases what is known.
"""

import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, text, update

from bot.db import stats
from bot.db.bulk import reach, refunds
from bot.db.bulk.loading import Among, Insert
from bot.db.core.ids import new_ids
from bot.db.core.prepared import Prepared
from bot.db.tables import order_lines, orders
from bot.domain.stats import Line, Purchase, net_of_sale

_UNKNOWN = -(1 << 63)
_LOCK = 0x6F7264657273  # the name PostgreSQL knows our turn by


class Counts(NamedTuple):
    """Lines by what became of them."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def plus(self, *others: "Counts") -> "Counts":
        """All together."""
        return Counts(*[sum(column) for column in zip(self, *others, strict=True)])


@dataclass(slots=True)
class Order:
    """An order as a file or a till tells it; `store_said` and `time_said` are false where a default stands in.

    Lines are kept sorted, so that the same order told in another sequence is the same order.
    """

    order_no: str
    store_id: int
    customer_id: int | None
    ordered_at: datetime
    ordered_on: date
    kind: Literal["sale", "refund"]
    lines: Sequence[Line]
    refund_of: str | None = None
    pay_method: str | None = None
    sales_channel: str | None = None
    store_said: bool = True
    time_said: bool = True

    total_fen: int | None = field(init=False)  # None: no line has an amount
    net_fen: int | None = field(init=False)  # while no other order belongs to it
    digest: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Sort the lines and sum them up, outside of any transaction."""
        self.lines = sort_lines(self.lines)
        known = [amount for _, _, amount in self.lines if amount is not None]
        self.total_fen = sum(known) if known else None
        self.net_fen = net_of_sale(self.total_fen) if self.kind == "sale" else self.total_fen
        self.digest = digest_of(self.lines)


class Head(NamedTuple):
    """What an order says of itself, as it is stored."""

    store_id: int
    customer_id: int | None
    ordered_at: datetime
    ordered_on: date
    kind: Literal["sale", "refund"]
    refund_of: str | None
    pay_method: str | None
    sales_channel: str | None


class _Stored(NamedTuple):
    id: int
    digest: bytes
    head: Head


class Verdict(NamedTuple):
    """What storing an order would do; `head` has its blanks filled from what is stored, if anything is."""

    order: Order
    head: Head | None
    stored: _Stored | None
    counts: Counts


_AT = attrgetter("at")
_KNOWN = Among(
    select(orders.c.order_no, orders.c.id, orders.c.digest, *[orders.c[name] for name in Head._fields]),
    orders.c.order_no,
)
_LINES = Among(
    select(order_lines.c.order_id, order_lines.c.product_id, order_lines.c.quantity_milli, order_lines.c.amount_fen),
    order_lines.c.order_id,
)
_ADD = Insert(orders)
_ADD_LINES = Insert(order_lines)
_CHANGE = Prepared(
    update(orders)
    .where(orders.c.id == bindparam("order"))
    .values({name: bindparam(name) for name in (*Head._fields, "total_fen", "net_fen", "digest")})
)
_DROP_LINES = Prepared(delete(order_lines).where(order_lines.c.order_id == bindparam("order")))


def sort_lines(lines: Iterable[Line]) -> list[Line]:
    """Lines in the one sequence they are kept in; what is unknown comes first."""
    found = list(lines)
    try:
        found.sort()
    except TypeError:  # None beside a number
        found.sort(key=_with_unknown)
    return found


def _with_unknown(line: Line) -> tuple[int, ...]:
    return tuple([_UNKNOWN if value is None else value for value in line])


def digest_of(lines: Sequence[Line]) -> bytes:
    """The digest of sorted lines: equal lines, equal digest."""
    try:
        packed = _packer(len(lines)).pack(*chain.from_iterable(lines))
    except struct.error:
        packed = _packer(len(lines)).pack(*chain.from_iterable(map(_with_unknown, lines)))
    return blake2b(packed, digest_size=16).digest()


@lru_cache(maxsize=256)
def _packer(lines: int) -> struct.Struct:
    return struct.Struct(f"<{3 * lines}q")


def examine(conn: Connection, batch: Sequence[Order]) -> list[Verdict]:
    """What storing these orders would do, without doing it; order numbers in a batch are different."""
    found = _KNOWN.rows(conn, [order.order_no for order in batch])
    known = {order_no: _Stored(row_id, digest, Head(*head)) for order_no, row_id, digest, *head in found}
    verdicts = [_judge(order, known.get(order.order_no)) for order in batch]
    altered = [v.stored.id for v in verdicts if v.stored and v.order.digest != v.stored.digest]
    before: dict[int, list[Line]] = {order_id: [] for order_id in altered}
    for order_id, *line in _LINES.rows(conn, altered):
        before[order_id].append(Line(*line))
    return [
        v._replace(counts=_compare(v.order.lines, before[v.stored.id]))
        if v.stored and v.stored.id in before and not v.counts.changed
        else v
        for v in verdicts
    ]


def _judge(order: Order, stored: _Stored | None) -> Verdict:
    if stored is None:
        return Verdict(order, None, None, Counts(len(order.lines), 0, 0))
    head = _filled(order, stored)
    if head != stored.head:
        return Verdict(order, head, stored, Counts(0, len(order.lines), 0))
    return Verdict(order, head, stored, Counts(0, 0, len(order.lines)))


def _filled(order: Order, stored: _Stored) -> Head:
    """The head with its blanks filled: what a file does not say is still known."""
    before = stored.head
    same_day = not order.time_said and order.ordered_on == before.ordered_on
    return Head(
        order.store_id if order.store_said else before.store_id,
        order.customer_id or before.customer_id,
        before.ordered_at if same_day else order.ordered_at,
        order.ordered_on,
        order.kind,
        order.refund_of or before.refund_of,
        order.pay_method or before.pay_method,
        order.sales_channel or before.sales_channel,
    )


def _compare(lines: Sequence[Line], before: Sequence[Line]) -> Counts:
    """Lines against the earlier ones, whatever their sequence; a line that went marks one that stayed."""
    same = (Counter(lines) & Counter(before)).total()
    gone, come = len(before) - same, len(lines) - same
    marked = min(same, max(0, gone - come))
    return Counts(new=max(0, come - gone), changed=min(come, gone) + marked, unchanged=same - marked)


def store_orders(conn: Connection, batch: Sequence[Order]) -> Counts:
    """Store orders with all that follows; gives what became of their lines.

    Ids rise in the sequence given, and where times are equal the higher id counts as the later order: give
    the orders of one customer oldest first.
    """
    in_turn(conn)
    verdicts = examine(conn, batch)
    new = [v for v in verdicts if v.stored is None]
    altered = [v for v in verdicts if v.stored and (v.counts.new or v.counts.changed)]
    ids = new_ids(len(new))
    _add(conn, new, ids)
    for verdict in altered:
        _change(conn, verdict)
    _follow(conn, new, altered, _settle(conn, new, altered))
    return Counts().plus(*[verdict.counts for verdict in verdicts])


def in_turn(conn: Connection) -> None:
    """One transaction stores orders at a time: two would each count from what the other has not committed.

    On SQLite there is only one at a time anyway.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:store_orders)"), {"store_orders": _LOCK})


def _add(conn: Connection, new: Sequence[Verdict], ids: Sequence[int]) -> None:
    _ADD.run(
        conn,
        [
            (
                order_id, o.order_no, o.store_id, o.customer_id, o.ordered_at, o.ordered_on, o.kind,
                o.refund_of, o.total_fen, o.net_fen, o.pay_method, o.sales_channel, o.digest,
            )
            for order_id, o in zip(ids, [v.order for v in new], strict=True)
        ],
    )  # fmt: skip
    _ADD_LINES.run(conn, _numbered(zip(ids, [v.order.lines for v in new], strict=True)))


def _numbered(lines: Iterable[tuple[int, Sequence[Line]]]) -> list[tuple[Any, ...]]:
    return [(order_id, position, *line) for order_id, its in lines for position, line in enumerate(its)]


def _change(conn: Connection, verdict: Verdict) -> None:
    if verdict.stored is None or verdict.head is None:
        return
    order_id, order = verdict.stored.id, verdict.order
    amounts = {"total_fen": order.total_fen, "net_fen": order.net_fen}
    _CHANGE.run(conn, order=order_id, digest=order.digest, **amounts, **verdict.head._asdict())
    if verdict.order.digest != verdict.stored.digest:
        _DROP_LINES.run(conn, order=order_id)
        _ADD_LINES.run(conn, _numbered([(order_id, verdict.order.lines)]))


def _settle(conn: Connection, new: Sequence[Verdict], altered: Sequence[Verdict]) -> set[int]:
    """Settle the sales that these orders are, or name, or named before; gives whose nets are others now."""
    told = [verdict.order.order_no for verdict in (*new, *altered)]
    named = {verdict.order.refund_of for verdict in new}
    named.update(head.refund_of for v in altered for head in (v.head, v.stored and v.stored.head) if head)
    return refunds.settle(conn, told, {number for number in named if number})


def _follow(conn: Connection, new: Sequence[Verdict], altered: Sequence[Verdict], refunded: set[int]) -> None:
    """The statistics, the stores she is seen in and the reach of the data; `refunded` have other nets."""
    touched: list[reach.Sale] = [v.order for v in new]
    touched += [v.head for v in altered if v.head]
    reach.show_buyers(conn, touched)
    reach.extend_data(conn, touched)
    bought: dict[int, list[Purchase]] = {}
    for verdict in new:  # in the sequence of their ids, which sorting by time keeps where times are equal
        if verdict.order.customer_id:
            bought.setdefault(verdict.order.customer_id, []).append(_purchase(verdict.order))
    for purchases in bought.values():
        purchases.sort(key=_AT)
    moved = {head.customer_id for v in altered for head in (v.head, v.stored and v.stored.head) if head}
    stats.record(conn, bought, refunded.union(customer_id for customer_id in moved if customer_id))


def _purchase(order: Order) -> Purchase:
    return Purchase(order.ordered_at, order.ordered_on, order.store_id, order.kind, order.net_fen, order.lines)
