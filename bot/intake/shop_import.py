"""Files of stores, staff and products into the database."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Connection

from bot.db.board import rota
from bot.db.bulk import products
from bot.db.bulk.orders import Counts
from bot.db.bulk.records import PRODUCTS, STAFF, STORES, Records, Stored
from bot.db.core.ids import new_ids
from bot.db.tables import FIRST_COMPLAINT
from bot.domain.board import shifts
from bot.domain.board.shifts import Hours
from bot.intake.desk import Desk
from bot.intake.places import NO_STORE, no_store, store_ids
from bot.intake.reading.rows import Table, Wanted
from bot.intake.storing import Plan, Work, counted, store

_UNKNOWN_PRODUCT = "被替代的商品没有建档：请先导入它，或把这一格清空"
_NO_ROTA = "班次看不懂：请写「周一到周五 9-17:30，周六 休」这样"
_LOOKED_AT = 500  # rows a dry run looks at together

Defaults = dict[str, Any]
Rotas = Mapping[str, Mapping[date, Hours]]


class _What(NamedTuple):
    """What a file is of: its table, what a new row has that the file leaves out, the hours of staff by code."""

    records: Records
    defaults: Defaults
    rotas: Rotas = MappingProxyType({})


def import_stores(desk: Desk, table: Table[str], plan: Plan) -> Counts:
    """Add and change stores."""
    defaults = {"last_complaint": FIRST_COMPLAINT, "last_approval": 0, "last_followup": 0}
    return _import(desk, table, plan, _What(STORES, defaults))


def import_staff(desk: Desk, table: Table[str], plan: Plan) -> Counts:
    """Add and change staff; whoever left stays away, and head office has no store."""
    default = desk.options.store or NO_STORE
    ids = store_ids(desk, {row.more[0] or default for row in table.wanted if row.more[1]})
    today = desk.options.now.astimezone(desk.zone()).date()
    rotas: dict[str, dict[date, Hours]] = {}
    for row in table.wanted:
        named, has_store, hours = row.more
        store_id = ids.get(named or default)
        if not has_store:
            row.more = ()
        elif store_id is None:
            table.refuse(row, no_store(desk.options))
        else:
            row.values |= {"store_id": store_id} if named or desk.options.store else {}
            row.more = (("store_id", store_id),)
            if hours and (week := shifts.plan(hours, today)):
                rotas[row.key] = week
            elif hours:
                table.refuse(row, _NO_ROTA)
    defaults = {"role": "guide", "active": True, "created_at": desk.options.now}
    return _import(desk, table, plan, _What(STAFF, defaults, rotas))


def import_products(desk: Desk, table: Table[str], plan: Plan) -> Counts:
    """Add and change products; one may replace another of the same file."""
    codes = [row.key for row in table.wanted]
    with desk.reading() as conn:
        ids = {code: stored.id for code, stored in PRODUCTS.find(conn, codes).items()}
        replaced_ids = products.ids_of(conn, {row.more[0] for row in table.wanted if row.more[0]})
    missing = [code for code in codes if code not in ids]
    ids |= dict(zip(missing, new_ids(len(missing)), strict=True))
    replaced_ids |= ids
    for row in table.wanted:
        replaced = row.more[0]
        row.more = (("id", ids[row.key]),)
        if replaced in replaced_ids:
            row.values["replaces_id"] = replaced_ids[replaced]
        elif replaced:
            table.refuse(row, _UNKNOWN_PRODUCT)
    return _import(desk, table, plan, _What(PRODUCTS, {"active": True}))


def _import(desk: Desk, table: Table[str], plan: Plan, what: _What) -> Counts:
    """Store the rows that are not refused; `more` of a row is what only a new one takes."""
    wanted = [row for row in table.wanted if row.numbers[0] not in table.refused]
    if not desk.options.dry_run:
        prepare = partial(_prepare, what=what)
        return store(desk, plan.with_refused(len(table.refused)), wanted, lambda row: len(row.numbers), prepare)
    total = Counts()
    with desk.reading() as conn:
        for start in range(0, len(wanted), _LOOKED_AT):
            total = total.plus(*[counts for _, _, counts in _judge(conn, what, wanted[start : start + _LOOKED_AT])])
    return total


def _prepare(batch: Sequence[Wanted[str]], what: _What) -> Work:
    return partial(_save, batch=batch, what=what)


def _save(conn: Connection, batch: Sequence[Wanted[str]], what: _What) -> Counts:
    judged = _judge(conn, what, batch)
    new = [row for row, stored, _ in judged if stored is None]
    rows = []
    for row_id, row in zip(new_ids(len(new)), new, strict=True):
        values = {"code": row.key, "name": row.key} | what.defaults | dict(row.more) | row.values
        rows.append((values.pop("id", row_id), values))
    what.records.add(conn, rows)
    for row, stored, counts in judged:
        if stored is not None and counts.changed and (values := _changes(row.values, stored.values)):
            what.records.change(conn, stored.id, values)
    if any(row.key in what.rotas for row in batch):
        _put_rotas(conn, what, batch)
    return Counts().plus(*[counts for _, _, counts in judged])


def _judge(
    conn: Connection, what: _What, batch: Sequence[Wanted[str]]
) -> list[tuple[Wanted[str], Stored | None, Counts]]:
    found = what.records.find(conn, [row.key for row in batch])
    judged = []
    for row in batch:
        stored = found.get(row.key)
        hours = what.rotas.get(row.key, {})
        changed = stored is not None and bool(
            _changes(row.values, stored.values) or (hours and rota.differs(conn, stored.id, hours))
        )
        judged.append((row, stored, counted(len(row.numbers), new=stored is None, changed=changed)))
    return judged


def _changes(wanted: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if stored[name] != value}


def _put_rotas(conn: Connection, what: _What, batch: Sequence[Wanted[str]]) -> None:
    """The hours of the staff of a batch, who are there now."""
    for code, stored in what.records.find(conn, [row.key for row in batch if row.key in what.rotas]).items():
        rota.put(conn, stored.id, stored.values["store_id"], what.rotas[code])
