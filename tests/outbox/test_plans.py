"""What the sender asks each second is answered by indexes, whatever a month of messages has left behind."""

from datetime import timedelta

import pytest
from sqlalchemy import event, insert, text

from bot.db import people
from bot.db.core.ids import new_ids
from bot.db.tables import outbox as table
from bot.db.talk import outbox, pushing, settling
from tests.support.post_office import Office

MONTH = 20_000
EVERYWHERE = ("wecom_bot", "wecom", "telegram", outbox.WEBHOOK)


@pytest.fixture
def full(office: Office) -> Office:
    """A month of messages that are at their ends, a few people with two digests today, and what is due."""

    def fill(conn):
        codes = ("xiaoli", "xiaowang", "dianzhang", "hq")
        staff = [people.staff_id_of(conn, code) for code in codes]
        rows = [
            {
                "id": row_id,
                "key": f"old:{number}",
                "staff_id": staff[number % 4],
                "state": "sent",
                "delivery": "once",
                "urgent": False,
                "word": False,
                "tries": 1,
                "rung": "wecom",
                "created_at": office.now - timedelta(minutes=number),
                "sent_at": office.now - timedelta(minutes=number),
            }
            for number, row_id in enumerate(new_ids(MONTH))
        ]
        conn.execute(insert(table), rows)

    office.database.transact(fill)
    for code in ("xiaoli", "xiaowang", "dianzhang", "001"):
        for number in range(3):
            office.push(code, f"{code} {number}")
    office.database.transact(lambda conn: conn.execute(text("ANALYZE")))
    return office


def plans(office: Office) -> dict[str, str]:
    """Every statement of fetching what is to be sent, with how the engine answers it."""
    asked = []

    def listen(_conn, _cursor, statement, parameters, _context, many):
        if not many and statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            asked.append((statement, parameters))

    desk = settling.Desk("here", EVERYWHERE)
    event.listen(office.database.engine, "before_cursor_execute", listen)
    try:
        found = office.database.transact(lambda conn: pushing.claim(conn, desk, office.now))
    finally:
        event.remove(office.database.engine, "before_cursor_execute", listen)
    assert found
    prefix = "EXPLAIN QUERY PLAN " if office.database.is_sqlite else "EXPLAIN "

    def explain(conn):
        told = {}
        for statement, parameters in asked:
            rows = conn.exec_driver_sql(prefix + statement, parameters).all()
            told[statement] = "\n".join(str(row[-1]) for row in rows)
        return told

    return office.database.transact(explain)


def test_nothing_is_looked_for_by_reading_all_of_the_outbox(full):
    read = {
        statement: plan
        for statement, plan in plans(full).items()
        if any(
            ("SCAN outbox" in line and "INDEX" not in line) or "Seq Scan on outbox" in line for line in plan.split("\n")
        )
    }

    assert read == {}


def test_how_many_digests_somebody_had_today_is_counted_by_its_index(full):
    (plan,) = [
        plan
        for statement, plan in plans(full).items()
        if "GROUP BY outbox.staff_id" in statement and "sum(" in statement
    ]

    assert "ix_outbox_sent" in plan
