"""What import tests share: a shop, `take` to import a text, and `dump` to compare databases whatever their ids."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import people
from bot.db.bulk import members
from bot.db.core.engine import Database
from bot.db.tables import (
    customer_stats,
    customer_stores,
    customers,
    order_lines,
    orders,
    products,
    stores,
)
from bot.domain.stats import unpack
from bot.intake.options import Options, Report
from bot.intake.run import run

Take = Callable[..., Report]
Dump = Callable[[], dict[str, Any]]


@pytest.fixture
def shop(database: Database) -> Database:
    """A chain with nothing in it."""
    database.transact(lambda conn: people.make_chain(conn, "茶", "tea", "store", "Asia/Shanghai"))
    return database


@pytest.fixture
def take(shop: Database, tmp_path: Path, now: datetime) -> Take:
    """Import a text (or bytes) as a file of a kind."""

    def taken(kind: Any, content: str | bytes, **options: Any) -> Report:
        path = tmp_path / "file"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return run(shop, kind, path, Options(tmp_path / "data", now, **options))

    return taken


@pytest.fixture
def dump(shop: Database) -> Dump:
    """Everything an import writes, by what things are called instead of their ids."""
    return lambda: dump_of(shop)


def dump_of(database: Database) -> dict[str, Any]:
    return database.transact(_dump)


def _dump(conn: Any) -> dict[str, Any]:
    def rows(table: Any, *columns: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in conn.execute(select(*[table.c[name] for name in columns]))]

    store = dict(rows(stores, "id", "code"))
    good = dict(rows(products, "id", "code")) | {None: None}
    ids = [row[0] for row in rows(customers, "id")]
    her = {
        row_id: member.values["customer_no"] or member.values["phone"]
        for row_id, member in members.read(conn, ids).items()
    } | {None: None}
    lines: dict[int, list[tuple[Any, ...]]] = {}
    for order_id, place, product, milli, fen in sorted(
        rows(order_lines, "order_id", "position", "product_id", "quantity_milli", "amount_fen"), key=lambda r: r[:2]
    ):
        lines.setdefault(order_id, []).append((place, good[product], milli, fen))
    head = ("store_id", "customer_id", "ordered_at", "ordered_on", "kind", "refund_of", "total_fen", "pay_method")
    return {
        "stores": sorted(rows(stores, "code", "name", "data_at")),
        "products": sorted(rows(products, "code", "name", "category"), key=str),
        "customers": sorted(
            (her[row_id], m.values["phone"], m.values["name"], store[m.values["store_id"]], m.values["created_at"])
            for row_id, m in members.read(conn, ids).items()
        ),
        "seen": sorted((store[s], her[c]) for s, c in rows(customer_stores, "store_id", "customer_id")),
        "orders": {
            order_no: (store[store_id], her[customer_id], *rest, lines.get(order_id))
            for order_id, order_no, store_id, customer_id, *rest in rows(orders, "id", "order_no", *head)
        },
        "stats": {
            her[row[0]]: (
                *row[1:7],
                store.get(row[7]),
                *row[8:12],
                [(line.on, good[line.product_id], line.quantity_milli) for line in unpack(row[12])],
            )
            for row in rows(customer_stats, *customer_stats.c.keys())
        },
    }
