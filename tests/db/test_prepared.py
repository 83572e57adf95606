"""A prepared statement gives what SQLAlchemy's own execution gives, types both ways."""

from datetime import UTC, date, datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from bot.db.core.engine import Database
from bot.db.core.prepared import Prepared
from bot.db.tables import stores

OPENED = date(2020, 2, 29)
REACH = datetime(2026, 11, 19, 13, 5, 7, 89_000, tzinfo=UTC)
ROWS = [
    {"id": 1, "code": "001", "name": "徐汇店", "city": "上海", "opened_on": OPENED, "data_at": REACH},
    {"id": 2, "code": "002", "name": "静安店", "city": None, "opened_on": None, "data_at": None},
]
ADD = Prepared(insert(stores).values({name: bindparam(name) for name in ROWS[0]}))
ALL = select(stores.c.id, stores.c.code, stores.c.name, stores.c.city, stores.c.opened_on, stores.c.data_at)


def test_rows_are_those_of_core(database: Database) -> None:
    database.transact(lambda conn: ADD.run_many(conn, ROWS))
    query = ALL.order_by(stores.c.id)

    prepared = database.transact(lambda conn: Prepared(query).rows(conn))

    assert prepared == [tuple(row.values()) for row in ROWS]
    assert prepared == database.transact(lambda conn: [tuple(row) for row in conn.execute(query)])


def test_run_gives_how_many_rows_it_touched(database: Database) -> None:
    database.transact(lambda conn: ADD.run_many(conn, ROWS))
    rename = Prepared(update(stores).where(stores.c.city.is_(None)).values(city=bindparam("new")))
    remove = Prepared(delete(stores).where(stores.c.id > bindparam("after")))

    touched = database.transact(lambda conn: (rename.run(conn, new="北京"), remove.run(conn, after=0)))

    assert touched == (1, 2)


def test_given_values_go_through_their_types(database: Database) -> None:
    database.transact(lambda conn: ADD.run_many(conn, ROWS))
    on = Prepared(
        select(stores.c.code).where(stores.c.opened_on == bindparam("day"), stores.c.data_at <= bindparam("at"))
    )

    found = database.transact(
        lambda conn: [on.rows(conn, day=OPENED, at=at) for at in (REACH, datetime(2026, 1, 1, tzinfo=UTC))]
    )

    assert found == [[("001",)], []]


def test_fixed_values_need_not_be_given(database: Database) -> None:
    database.transact(lambda conn: ADD.run_many(conn, ROWS))
    fixed = Prepared(select(func.count()).where(stores.c.code == "001", stores.c.id < bindparam("below")))

    assert database.transact(lambda conn: fixed.rows(conn, below=9)) == [(1,)]


def test_a_parameter_used_twice_is_given_once(database: Database) -> None:
    database.transact(lambda conn: ADD.run_many(conn, ROWS))
    twice = Prepared(
        select(stores.c.id).where((stores.c.code == bindparam("word")) | (stores.c.name == bindparam("word")))
    )

    found = database.transact(lambda conn: [twice.rows(conn, word=word) for word in ("001", "静安店", "无")])

    assert found == [[(1,)], [(2,)], []]


def test_no_rows_is_an_empty_list(database: Database) -> None:
    assert database.transact(lambda conn: Prepared(ALL).rows(conn)) == []


def test_run_many_of_nothing_is_nothing(database: Database) -> None:
    database.transact(lambda conn: ADD.run_many(conn, []))

    assert database.transact(lambda conn: Prepared(ALL).rows(conn)) == []
