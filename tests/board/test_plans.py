"""What is told of a store is read by that store's index: a chain has thousands of them."""

import pytest
from sqlalchemy import Connection

from bot.db.board import outcomes, proposals, watch
from bot.db.core.prepared import Prepared
from bot.db.lists import trials
from tests.board.conftest import Undone


def _plan(conn: Connection, prepared: Prepared) -> list[str]:
    compiled = prepared._for(conn.dialect)
    rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled.sql}", tuple(0 for _ in range(compiled.sql.count("?"))))
    return [row[3] for row in rows]


@pytest.mark.parametrize(
    "prepared",
    [trials._COUNTS_OF[False], trials._USED_OF[False], outcomes._ANSWERS, proposals._WRONG, proposals._NAMED,
     proposals._AWAY, watch._LOOKED],
)  # fmt: skip
def test_no_table_is_walked_for_one_store(shop_of: Undone, prepared: Prepared) -> None:
    with shop_of.reading() as conn:
        if conn.dialect.name != "sqlite":  # which tells how it would do it whatever the tables hold
            return
        steps = _plan(conn, prepared)

    assert [step for step in steps if step.startswith("SCAN")] == []
