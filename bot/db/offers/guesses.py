"""Codes that are none, as tills posted them: in the audit, so that a restart forgets none; never the code itself."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.core.types import Moment
from bot.db.offers.coupons import CODE
from bot.db.tables import audit

_COMMAND, _OUTCOME = "till", "not_found"
_TRIED = Prepared(
    select(audit.c.id, audit.c.reason).where(
        audit.c.staff_id.is_(None),
        audit.c.at >= bindparam("since", type_=Moment()),
        audit.c.store_id == bindparam("store"),
        audit.c.command == _COMMAND,
        audit.c.outcome == _OUTCOME,
    )
)
_ADD = Prepared(insert(audit))


def tried(conn: Connection, store_id: int, since: datetime) -> frozenset[str]:
    """The marks of the codes a store tried in vain since a moment; the same code again is the same."""
    rows = _TRIED.rows(conn, store=store_id, since=since)
    return frozenset(keys_of(conn).unseal("audit.reason", row_id, reason) for row_id, reason in rows)


def note(conn: Connection, store_id: int, code: str, now: datetime, known: frozenset[str]) -> None:
    """One more, unless it is `known`."""
    keys, row_id = keys_of(conn), new_id()
    if known.isdisjoint(mark.hex() for mark in keys.blinds(CODE, code)):
        reason = keys.seal("audit.reason", row_id, keys.blind(CODE, code).hex())
        _ADD.run(
            conn, id=row_id, at=now, staff_id=None, role=None, store_id=store_id, command=_COMMAND,
            outcome=_OUTCOME, customer_id=None, reason=reason, inbox_id=None,
        )  # fmt: skip
