"""Writes that can be taken back: each keeps the row as it was, and undo puts exactly that row back.

A unit is what one 撤 takes back: a sentence and the answers it led to. The rows' images are sealed; a row that
somebody changed since is not overwritten, the undo is refused instead.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.db import refusals
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_ids
from bot.db.core.prepared import Prepared
from bot.db.tables import changes, inbox, metadata, sealed_columns, units
from bot.domain.errors import ConflictError

Key = dict[str, int]
_DIGEST = "changes"


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that was written and may be taken back."""

    id: int
    staff_id: int
    store_id: int | None
    customer_id: int | None
    command: str
    summary: str
    at: datetime
    undone_at: datetime | None


_RENAME = Prepared(update(units).where(units.c.id == bindparam("unit")).values(summary=bindparam("words")))
_ADD_UNIT, _ADD_CHANGE = Prepared(insert(units)), Prepared(insert(changes))


class Recorder:
    """Writes of one message; `close` files them under their unit."""

    def __init__(self, conn: Connection, unit_id: int) -> None:
        """Begin (or go on with) the unit of this id."""
        self.conn = conn
        self.unit_id = unit_id
        self._made: list[tuple[str, Any, bytes]] = []

    @property
    def wrote(self) -> bool:
        """Whether anything was written since the last `close`."""
        return bool(self._made)

    def insert(self, table: Table, values: dict[str, Any]) -> None:
        """Insert a row."""
        self.conn.execute(insert(table).values(**values))
        self._note(table, _key(table, values), None)

    def update(self, table: Table, row_id: int, **values: Any) -> None:  # noqa: ANN401 — columns of the table
        """Change a row that has an id."""
        key = {"id": row_id}
        before = _image(self.conn, table, key)
        self.conn.execute(update(table).where(table.c.id == row_id).values(**values))
        self._note(table, key, before)

    def delete(self, table: Table, key: Key) -> None:
        """Delete a row."""
        before = _image(self.conn, table, key)
        self.conn.execute(table.delete().where(_at(table, key)))
        self._note(table, key, before)

    def move(self, table: Table, column: str, old: int, new: int) -> int:
        """Point every row that names `old` in a column at `new`; gives how many."""
        ids = [row.id for row in self.conn.execute(select(table.c.id).where(table.c[column] == old))]
        if ids:
            self.conn.execute(update(table).where(table.c[column] == old).values({column: new}))
            self._made.append((f"move:{table.name}", {"column": column, "old": old, "new": new, "ids": ids}, b""))
        return len(ids)

    def claim(self, table: Table, row_id: int, was: str, **values: Any) -> bool:  # noqa: ANN401 — columns of the table
        """Change a row whose state is still `was`; False where somebody was quicker."""
        before = _image(self.conn, table, {"id": row_id})
        claimed = update(table).where(table.c.id == row_id, table.c.state == was).values(**values)
        if not self.conn.execute(claimed).rowcount:
            return False
        self._note(table, {"id": row_id}, before)
        return True

    def made(self, table: Table, row_id: int) -> None:
        """Note a row that a statement of its own has inserted."""
        self._note(table, {"id": row_id}, None)

    def counted(self, table: Table, row_id: int, **by: int) -> None:
        """Note counters that a statement of its own has raised: others raise them too, so undo takes off just these."""
        self._made.append((f"count:{table.name}", {"id": row_id, "by": by}, b""))

    def _note(self, table: Table, key: Key, before: dict[str, Any] | None) -> None:
        after = _image(self.conn, table, key)
        digest = keys_of(self.conn).blind(_DIGEST, _canonical(self.conn, table, after))
        self._made.append((table.name, {"key": key, "row": before}, digest))

    def close(self, unit: Unit) -> None:
        """File the changes; an answer's changes join the unit of the sentence it answers."""
        keys = keys_of(self.conn)
        summary = keys.seal("units.summary", unit.id, unit.summary, note=True)
        if not _RENAME.run(self.conn, unit=unit.id, words=summary):
            said = {
                name: getattr(unit, name) for name in ("id", "staff_id", "store_id", "customer_id", "command", "at")
            }
            _ADD_UNIT.run(self.conn, **said, summary=summary)
        rows = []
        for row_id, (target, before, digest) in zip(new_ids(len(self._made)), self._made, strict=True):
            sealed = keys.seal_json("changes.before", row_id, before)
            rows.append({"id": row_id, "unit_id": unit.id, "target": target, "before": sealed, "after_digest": digest})
        _ADD_CHANGE.run_many(self.conn, rows)
        self._made = []


def redact(conn: Connection, unit_id: int, summary: str) -> None:
    """Let a unit and its message say no more of what she did not agree to."""
    sealed = keys_of(conn).seal("units.summary", unit_id, summary, note=True)
    conn.execute(update(units).where(units.c.id == unit_id).values(summary=sealed))
    conn.execute(update(inbox).where(inbox.c.id == unit_id).values(body=None))


def unit_at(conn: Connection, staff_id: int, customer_id: int, at: datetime) -> int | None:
    """The unit in which a person wrote of a customer at a moment."""
    wanted = (units.c.staff_id == staff_id, units.c.customer_id == customer_id, units.c.at == at)
    return conn.execute(select(units.c.id).where(*wanted)).scalar()


_UNIT = (
    units.c.id, units.c.staff_id, units.c.store_id, units.c.customer_id, units.c.command, units.c.summary,
    units.c.at, units.c.undone_at,
)  # fmt: skip


def _unit(conn: Connection, row: Sequence[Any]) -> Unit:
    unit_id, staff_id, store_id, customer_id, command, summary, at, undone_at = row
    text = keys_of(conn).unseal("units.summary", unit_id, summary)
    return Unit(unit_id, staff_id, store_id, customer_id, command, text, at, undone_at)


def unit_of(conn: Connection, unit_id: int) -> Unit | None:
    """The unit of this id, undone or not."""
    row = conn.execute(select(*_UNIT).where(units.c.id == unit_id)).first()
    return _unit(conn, row) if row else None


def recent(conn: Connection, staff_id: int, since: datetime, limit: int = 20) -> list[Unit]:
    """What this person wrote since a moment and has not taken back, newest first."""
    return _recent(conn, units.c.staff_id == staff_id, since, limit)


def recent_in_store(conn: Connection, store_id: int, since: datetime, limit: int = 20) -> list[Unit]:
    """What anybody wrote in a store since a moment and was not taken back, newest first."""
    return _recent(conn, units.c.store_id == store_id, since, limit)


def _recent(conn: Connection, whose: ColumnElement[bool], since: datetime, limit: int) -> list[Unit]:
    wanted = select(*_UNIT).where(whose, units.c.at >= since, units.c.undone_at.is_(None))
    return [_unit(conn, row) for row in conn.execute(wanted.order_by(units.c.id.desc()).limit(limit))]


def undo(conn: Connection, unit: Unit, staff_id: int, now: datetime) -> set[int]:
    """Put every row of a unit back as it was; gives the customers whose orders moved.

    Raises ConflictError where a row was changed since: what came later must be taken back first.
    """
    marked = conn.execute(
        update(units)
        .where(units.c.id == unit.id, units.c.undone_at.is_(None))
        .values(undone_at=now, undone_by=staff_id)
    ).rowcount
    if not marked:
        raise ConflictError("这条已经撤过了。")
    rows = conn.execute(
        select(changes.c.id, changes.c.target, changes.c.before, changes.c.after_digest)
        .where(changes.c.unit_id == unit.id)
        .order_by(changes.c.id.desc())
    ).all()
    moved: set[int] = set()
    try:
        for row in rows:
            before = keys_of(conn).unseal_json("changes.before", row.id, row.before)
            moved |= _restore(conn, row.target, before, row.after_digest)
    except IntegrityError as error:
        raise ConflictError("撤不了：之后又有别的改动用到了它，请先撤后面的。") from error
    return moved


def _restore(conn: Connection, target: str, before: Any, after_digest: bytes) -> set[int]:  # noqa: ANN401 — JSON
    if target.startswith("move:"):
        table = metadata.tables[target.removeprefix("move:")]
        column = table.c[before["column"]]
        ids = before["ids"]
        back = conn.execute(
            update(table).where(table.c.id.in_(ids), column == before["new"]).values({column.name: before["old"]})
        )
        if back.rowcount != len(ids):
            raise ConflictError("撤不了：之后又合并过，请先撤后面的。")
        return {before["old"], before["new"]}
    if target.startswith("count:"):
        table = metadata.tables[target.removeprefix("count:")]
        less = {name: table.c[name] - by for name, by in before["by"].items()}
        conn.execute(update(table).where(table.c.id == before["id"]).values(less))
        return set()
    table = metadata.tables[target]
    key, old = before["key"], before["row"]
    now_there = _image(conn, table, key)
    if old is None and now_there is None:  # what she did not agree to is gone for good
        return set()
    if after_digest not in keys_of(conn).blinds(_DIGEST, _canonical(conn, table, now_there)):
        raise ConflictError(refusals.of(table.name, str((now_there or {}).get("state"))))
    conn.execute(table.delete().where(_at(table, key))) if old is None else _put_back(conn, table, key, old)
    return set()


def _put_back(conn: Connection, table: Table, key: Key, old: dict[str, Any]) -> None:
    values = {name: _thaw(value) for name, value in old.items()}
    if not conn.execute(update(table).where(_at(table, key)).values(**values)).rowcount:
        conn.execute(insert(table).values(**values))


def _key(table: Table, values: dict[str, Any]) -> Key:
    return {column.name: values[column.name] for column in table.primary_key}


def _at(table: Table, key: Key) -> Any:  # noqa: ANN401 — a condition
    return and_(*(table.c[name] == value for name, value in key.items()))


def _image(conn: Connection, table: Table, key: Key) -> dict[str, Any] | None:
    names = [column.name for column in table.columns]
    for row in _row(table).rows(conn, **{f"key_{name}": value for name, value in key.items()}):
        return dict(zip(names, map(_freeze, row), strict=True))
    return None


@cache
def _row(table: Table) -> Prepared:
    return Prepared(select(table).where(*(column == bindparam(f"key_{column.name}") for column in table.primary_key)))


def _freeze(value: Any) -> Any:  # noqa: ANN401 — any column's value
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"bytes": bytes(value).hex()}
    return value


def _thaw(value: Any) -> Any:  # noqa: ANN401 — any column's value
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    if kind == "moment":
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if kind == "day" else bytes.fromhex(text)


def _canonical(conn: Connection, table: Table, image: dict[str, Any] | None) -> str:
    """A row as it means, whatever key seals it now; blind indexes follow from the rest and are left out."""
    if image is None:
        return ""
    keys, row_id = keys_of(conn), sealed_to(image)
    seals = {column.name for column in sealed_columns(table)}
    plain = {
        name: keys.unseal(f"{table.name}.{name}", row_id, bytes.fromhex(value["bytes"]))
        if name in seals and value
        else value
        for name, value in image.items()
        if not name.endswith("_index")
    }
    return json.dumps([table.name, plain], sort_keys=True)


def sealed_to(image: Mapping[str, Any]) -> int:
    """The id that a row's seals are bound to."""
    return int(image.get("id") or image.get("staff_id") or 0)


def inserted(conn: Connection, unit_id: int, table: str) -> list[int]:
    """The ids of the rows of a table that a unit made."""
    rows = conn.execute(
        select(changes.c.id, changes.c.before).where(changes.c.unit_id == unit_id, changes.c.target == table)
    )
    images = [keys_of(conn).unseal_json("changes.before", row.id, row.before) for row in rows]
    return [image["key"]["id"] for image in images if image["row"] is None]
