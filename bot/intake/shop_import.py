"""Files of stores, staff and products into the database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.db import products
from bot.db.ids import new_ids
from bot.db.orders import Counts
from bot.db.records import PRODUCTS, STAFF, STORES, Records
from bot.intake.desk import Desk
from bot.intake.places import NO_STORE, store_ids
from bot.intake.rows import Table, Wanted
from bot.intake.storing import Plan, Work, store

Row = Wanted[str]
Defaults = Callable[[str], dict[str, Any]]

_UNKNOWN_STORE = "没有这家门店：请先导入门店，或去掉 --unknown refuse"
_UNKNOWN_PRODUCT = "被替代的商品没有建档：请先导入它，或把这一格清空"


def import_stores(desk: Desk, table: Table[str], plan: Plan) -> Counts:
    """Add and change stores."""
    return _import(desk, table, plan, STORES, lambda code: {"name": code, "last_complaint": 0})


def import_staff(desk: Desk, table: Table[str], plan: Plan) -> Counts:
    """Add and change staff; whoever left stays away."""
    default = desk.options.store or NO_STORE
    named = {row.more[0] or default for row in table.wanted if _in_a_store(row)}
    ids = store_ids(desk, named)
    settled = []
    for row in table.wanted:
        store_id = ids.get(row.more[0] or default)
        if not _in_a_store(row):
            settled.append(row)
        elif store_id is None:
            table.refused[row.number] = _UNKNOWN_STORE
        else:
            said = {"store_id": store_id} if row.more[0] or desk.options.store else {}
            settled.append(replace(row, values=row.values | said, more=(store_id,)))
    table.wanted = settled
    defaults = {"role": "guide", "active": True, "created_at": desk.options.now}
    return _import(desk, table, plan, STAFF, lambda code: defaults | {"name": code})
