"""What the tills of the demo chain sell after its day: last week's sales once more, for as long as somebody plays."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot.db import people
from bot.db.tables import customers, order_lines, orders, products, stores

_WEEK = timedelta(days=7)
_MOST_DAYS = 14  # of those gone by in one leap, the newest
_MOST = 5000  # sales of a week: a larger chain is for measuring, not for playing
_POST = 400


class _Sale(NamedTuple):
    """A sale of last week, as a till posts it, without its number and time."""

    at: time
    body: Mapping[str, Any]


class Sales:
    """A week of sales that comes again; nothing where the chain sells too much for that."""

    def __init__(self, week: Mapping[int, Sequence[_Sale]], reach: datetime) -> None:
        """Take the sales by weekday, and the local moment up to which everything is known."""
        self._week = week
        self._reach = reach

    def until(self, moment: datetime) -> list[bytes]:
        """The posts of all that is sold from what is known up to a moment."""
        local = moment.astimezone(self._reach.tzinfo)
        since = max(self._reach, local - timedelta(days=_MOST_DAYS))
        found = list(self._between(since, local))
        return [_posted(found[start : start + _POST]) for start in range(0, len(found), _POST)]

    def known(self, moment: datetime) -> None:
        """What was sold up to a moment is known now."""
        self._reach = max(self._reach, moment.astimezone(self._reach.tzinfo))

    def _between(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        day = since.date()
        while day <= until.date():
            for number, sale in enumerate(self._week.get(day.weekday(), ())):
                at = datetime.combine(day, sale.at, since.tzinfo)
                if since < at <= until:
                    yield {**sale.body, "order_no": f"A{day:%y%m%d}{number:04}", "ordered_at": at.isoformat()}
            day += timedelta(days=1)


def _posted(some: list[dict[str, Any]]) -> bytes:
    return json.dumps({"orders": some}, ensure_ascii=False).encode()


def sales(conn: Connection) -> Sales:
    """Last week's sales of the chain there is."""
    zone = people.chain_zone(conn)
    newest = conn.execute(select(orders.c.ordered_at).order_by(orders.c.ordered_at.desc()).limit(1)).scalar()
    if newest is None:
        return Sales({}, datetime.now(zone))
    week = _week(conn, newest.astimezone(zone).date(), zone)
    return Sales(week if sum(map(len, week.values())) <= _MOST else {}, newest.astimezone(zone))


def _week(conn: Connection, last: date, zone: ZoneInfo) -> dict[int, list[_Sale]]:
    found = conn.execute(
        select(orders, stores.c.code, customers.c.customer_no)
        .join(stores, stores.c.id == orders.c.store_id)
        .outerjoin(customers, customers.c.id == orders.c.customer_id)
        .where(orders.c.ordered_on > last - _WEEK, orders.c.kind == "sale")
        .order_by(orders.c.ordered_at, orders.c.id)
        .limit(_MOST + 1)
    ).all()
    lines = _lines(conn, last - _WEEK)
    week: dict[int, list[_Sale]] = defaultdict(list)
    for row in found:
        local = row.ordered_at.astimezone(zone)
        body = {"store": row.code, "pay_method": row.pay_method, "sales_channel": row.sales_channel}
        body |= {"customer_no": row.customer_no} if row.customer_no else {}
        week[local.weekday()].append(_Sale(local.time(), {**body, "lines": lines[row.id]}))
    return week


def _lines(conn: Connection, since: date) -> Mapping[int, list[dict[str, Any]]]:
    found = conn.execute(
        select(order_lines, products.c.name)
        .join(orders, orders.c.id == order_lines.c.order_id)
        .join(products, products.c.id == order_lines.c.product_id)
        .where(orders.c.ordered_on > since, orders.c.kind == "sale")
        .order_by(order_lines.c.order_id, order_lines.c.position)
    ).all()
    lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        line = {"product": row.name, "quantity": row.quantity_milli / 1000, "amount": row.amount_fen / 100}
        lines[row.order_id].append(line)
    return lines
