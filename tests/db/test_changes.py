"""Undo puts rows back exactly, and refuses where somebody changed them since."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.db import changes, customers
from bot.db.changes import Recorder, Unit
from bot.db.core.engine import Database
from bot.db.tables import accounts, staff, stores
from bot.domain.errors import ConflictError


def rows(database: Database, table) -> list[tuple]:
    return database.transact(lambda conn: [tuple(row) for row in conn.execute(select(table).order_by(table.c.id))])


def filed(database: Database, who, now: datetime, work) -> Unit:
    """Run some writes as one unit."""

    def run(conn):
        unit_id = 10_000 + len(rows_of_units(conn))
        recorder = Recorder(conn, unit_id)
        work(recorder)
        unit = Unit(unit_id, who.id, who.store_id, None, "试", "试一下", now, None)
        recorder.close(unit)
        return unit

    return database.transact(run)


def rows_of_units(conn) -> list:
    return conn.execute(select(changes.units.c.id)).all()


def take_back(database: Database, unit: Unit, now: datetime):
    return database.transact(lambda conn: changes.undo(conn, unit, unit.staff_id, now))


def test_undo_restores_inserted_changed_and_deleted_rows(database, people, now):
    who, other = people("小王"), people("小李")
    account = {"id": 7, "staff_id": who.id, "channel": "wecom", "account": "w", "bound_at": now}
    database.transact(lambda conn: Recorder(conn, 1).insert(accounts, account))
    before = rows(database, accounts), rows(database, staff)

    def work(recorder: Recorder) -> None:
        recorder.delete(accounts, {"id": 7})
        recorder.insert(accounts, {**account, "id": 8, "staff_id": other.id})
        recorder.update(staff, other.id, active=False, left_at=now)
        recorder.update(staff, other.id, role="manager")

    unit = filed(database, who, now, work)
    changed = rows(database, accounts), rows(database, staff)
    take_back(database, unit, now)

    assert changed != before
    assert (rows(database, accounts), rows(database, staff)) == before


def test_undo_twice_is_refused(database, people, now):
    who = people("小王")
    unit = filed(database, who, now, lambda recorder: recorder.update(staff, who.id, scope="own"))
    take_back(database, unit, now)

    with pytest.raises(ConflictError, match="已经撤过"):
        take_back(database, unit, now)


def test_undo_never_overwrites_a_later_change(database, people, now):
    who = people("小王")
    first = filed(database, who, now, lambda recorder: recorder.update(staff, who.id, scope="own"))
    second = filed(database, who, now, lambda recorder: recorder.update(staff, who.id, role="manager"))
    middle = rows(database, staff)

    with pytest.raises(ConflictError, match="先撤后面的"):
        take_back(database, first, now)

    assert rows(database, staff) == middle
    take_back(database, second, now)
    take_back(database, first, now)
    assert people_scope(database, who.id) == (None, "guide")


def people_scope(database, staff_id):
    return database.transact(
        lambda conn: tuple(conn.execute(select(staff.c.scope, staff.c.role).where(staff.c.id == staff_id)).one())
    )


def test_a_move_is_undone_row_by_row(database, people, now):
    who = people("小王")
    one, two = (row[0] for row in rows(database, stores))
    before = rows(database, staff)
    unit = filed(database, who, now, lambda recorder: recorder.move(staff, "store_id", one, two))

    assert {row[5] for row in rows(database, staff)} == {two, None}
    assert take_back(database, unit, now) == {one, two}
    assert rows(database, staff) == before


def test_an_answer_joins_the_unit_it_answers(database, people, now):
    who = people("小王")
    unit = filed(database, who, now, lambda recorder: recorder.update(staff, who.id, scope="own"))

    def answer(conn):
        recorder = Recorder(conn, unit.id)
        recorder.update(staff, who.id, scope="chain")
        known = changes.unit_of(conn, unit.id)
        recorder.close(known)

    database.transact(answer)
    mine = database.transact(lambda conn: changes.recent(conn, who.id, now - timedelta(hours=1)))
    take_back(database, unit, now)

    assert mine == [unit]
    assert people_scope(database, who.id)[0] is None


def test_images_of_rows_are_sealed(database, people, now):
    who = people("小王")
    unit = filed(
        database,
        who,
        now,
        lambda recorder: recorder.insert(
            customers.customers,
            {
                "id": 5,
                "store_id": who.store_id,
                "state": "active",
                "created_at": now,
                "changed_at": now,
                "source": "秘密来源",
            },
        ),
    )
    filed(database, who, now, lambda recorder: recorder.update(customers.customers, 5, source="别的"))
    kept = database.transact(lambda conn: conn.execute(select(changes.changes.c.before)).scalars().all())

    assert len(kept) == 2
    assert all("秘密来源".encode() not in bytes(image) for image in kept)
    assert unit.summary == "试一下"
