"""Questions that every message asks must be answered by their index, whatever else the tables hold."""

import pytest
from sqlalchemy import Connection

from bot.db import facts
from bot.db.core.engine import Database
from bot.db.talk import outbox


def plan(conn: Connection, prepared) -> str:
    """How SQLite would answer a prepared query."""
    compiled = prepared._for(conn.dialect)
    rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled.sql}", tuple(0 for _ in range(compiled.sql.count("?"))))
    return " / ".join(row[3] for row in rows)


@pytest.mark.parametrize(("prepared", "index"), [(facts._EXPIRED, "ix_facts_pending"), (outbox._DUE, "ix_outbox_due")])
def test_what_every_message_asks_uses_its_partial_index(database: Database, prepared, index):
    if not database.is_sqlite:
        return

    assert index in database.transact(lambda conn: plan(conn, prepared))
