"""How far each file got: written in the transaction that stores a batch, so that a crash in the middle resumes."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.db.bulk.orders import Counts
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import imports

_NOTHING = Counts()


@dataclass(frozen=True, slots=True)
class Cursor:
    """An import under way: `done` items of its plan are stored, `counts` says what became of their lines."""

    id: int
    started_at: datetime
    done: int = 0
    counts: Counts = _NOTHING


_FIND = Prepared(
    select(imports.c.id, imports.c.started_at, imports.c.done, imports.c.report, imports.c.finished_at).where(
        imports.c.kind == bindparam("kind"),
        imports.c.file_digest == bindparam("file_digest"),
        imports.c.options == bindparam("options"),
    )
)
_START = Prepared(insert(imports))
_MOVE = Prepared(
    update(imports)
    .where(imports.c.id == bindparam("import"))
    .values({name: bindparam(name) for name in ("started_at", "finished_at", "done", "report")})
)


def begin(conn: Connection, kind: str, digest: bytes, options: str, now: datetime) -> Cursor:
    """Go on with an import that was broken off, or start one; a finished one is examined again from the start."""
    rows = _FIND.rows(conn, kind=kind, file_digest=digest, options=options)
    if not rows:
        cursor = Cursor(new_id(), now)
        _START.run(
            conn,
            id=cursor.id,
            kind=kind,
            file_digest=digest,
            options=options,
            started_at=now,
            finished_at=None,
            done=0,
            report=_report(cursor.counts),
        )
        return cursor
    row_id, started_at, done, report, finished_at = rows[0]
    if finished_at is None:
        return Cursor(row_id, started_at, done, Counts(**json.loads(report)))
    cursor = Cursor(row_id, now)
    save(conn, cursor)
    return cursor


def save(conn: Connection, cursor: Cursor, finished_at: datetime | None = None) -> None:
    """Keep how far an import is."""
    values = {"started_at": cursor.started_at, "done": cursor.done, "report": _report(cursor.counts)}
    _MOVE.run(conn, **{"import": cursor.id}, finished_at=finished_at, **values)


def _report(counts: Counts) -> str:
    return json.dumps(counts._asdict())
