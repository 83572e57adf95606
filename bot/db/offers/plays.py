"""The plays of this chain: those of its vertical, with what head office changed; only the changes are kept."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from bot.db.changes import Recorder
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import plays
from bot.domain.selling.plays import Play, preset, unpack

_CHANGED = Prepared(select(plays.c.key, plays.c.content))
_ROW = Prepared(select(plays.c.id).where(plays.c.key == bindparam("key")))


def of(conn: Connection, vertical: str) -> dict[str, Play]:
    """Every play by key, as this chain has them, in the order they are shown."""
    found = dict(preset(vertical))
    for key, content in _CHANGED.rows(conn):
        if key in found:
            found[key] = unpack(found[key], content)
    return found


def changed(conn: Connection) -> frozenset[str]:
    """The keys of the plays that are not as the vertical has them."""
    return frozenset(key for key, _ in _CHANGED.rows(conn))


def keep(recorder: Recorder, play: Play, staff_id: int, now: datetime) -> None:
    """Keep a play as head office wants it."""
    values = {"content": play.pack(), "staff_id": staff_id, "changed_at": now}
    row = _ROW.rows(recorder.conn, key=play.key)
    if row:
        recorder.update(plays, row[0][0], **values)
    else:
        recorder.insert(plays, {"id": new_id(), "key": play.key, **values})


def restore(recorder: Recorder, key: str) -> bool:
    """Let a play be as its vertical has it again; False where it is."""
    row = _ROW.rows(recorder.conn, key=key)
    if row:
        recorder.delete(plays, {"id": row[0][0]})
    return bool(row)
