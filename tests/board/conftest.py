"""A store with people in every layer, a rota, and its messages as they are queued."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Connection, select, update

from bot.chat import Choice
from bot.commands import Context
from bot.db import people, shop
from bot.db.bulk.orders import Order, sort_lines, store_orders
from bot.db.bulk.products import ids_of
from bot.db.core.engine import Database, keys_of, open_database
from bot.db.core.ids import new_id
from bot.db.jobs import CHAIN
from bot.db.tables import complaints, customers, followups, menus, outbox, staff, stores
from bot.domain.stats import Line
from bot.refresh.run import refresh
from bot.schedule import Job, JobContext
from tests.support import engines
from tests.support.cast import CAST, ZONE, address
from tests.support.cast import staff as as_staff
from tests.support.layered import layered_world

TODAY = date(2026, 11, 20)


class Queued(NamedTuple):
    """A message in the outbox: to whom, its words, as they may be said abroad, what its digits say."""

    to: str
    text: str
    discreet: str
    commands: tuple[str, ...]
    key: str
    urgent: bool


def at(clock: str, day: int = 20) -> datetime:
    return datetime.strptime(f"2026-11-{day} {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


class Undone:
    """A database in one transaction that is taken back after the test: the world is made once an engine."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def transact(self, work: Callable[[Connection], Any]) -> Any:
        return work(self._conn)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        yield self._conn


@pytest.fixture(scope="session", params=engines.ENGINES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The layered world, its layers of last night; 小王 and 店长 are on the rota; tills told all of yesterday."""
    folder = tmp_path_factory.mktemp("board")
    url = engines.fresh(request.param, folder)
    opened = open_database(url, engines.KEYS)
    _make(opened, folder)
    yield opened
    opened.close()
    engines.drop(url)


@pytest.fixture
def shop_of(made: Database) -> Iterator[Undone]:
    with made.engine.connect() as conn:
        conn.begin()
        yield Undone(conn)
        conn.rollback()


def _make(database: Database, tmp_path: Path) -> None:
    layered_world(database, at("22:10", 19))
    database.transact(_sold)
    refresh(database, tmp_path, at("02:00"))
    database.transact(lambda conn: on_the_rota(conn, {"小王": (540, 1020), "店长": (510, 1080)}))
    database.transact(lambda conn: conn.execute(update(stores).values(data_at=at("22:10", 19))))


def _sold(conn: Connection) -> None:
    """Yesterday twelve tickets of 20 yuan by nobody known, twelve of 25 a week before."""
    store = people.store_by_code(conn, "001")
    product = ids_of(conn, ["葡萄冻冻"])["葡萄冻冻"]
    assert store
    orders = [
        Order(f"T{day}-{turn}", store.id, None, at(f"{10 + turn}:05", day), at("00:00", day).date(), "sale",
              sort_lines([Line(product, 1000, fen)]))
        for day, fen in ((19, 2000), (12, 2500))
        for turn in range(12)
    ]  # fmt: skip
    store_orders(conn, orders)


def on_the_rota(conn: Connection, hours: dict[str, tuple[int, int]], on: date = TODAY) -> None:
    for name, (starts, ends) in hours.items():
        person = CAST[name]
        store = people.store_by_code(conn, str(person.store))
        assert store
        row = {"staff_id": people.staff_id_of(conn, person.code), "store_id": store.id, "work_on": on}
        people.add_shift(conn, [{**row, "starts_minute": starts, "ends_minute": ends}])


def till_told(conn: Connection, until: datetime | None) -> None:
    """Every till reaches so far."""
    conn.execute(update(stores).values(data_at=until))


def customer(conn: Connection, name: str) -> int:
    """The customer of this full name."""
    unseal = keys_of(conn).unseal
    rows = conn.execute(select(customers.c.id, customers.c.name).where(customers.c.name.is_not(None)))
    return next(row.id for row in rows if unseal("customers.name", row.id, row.name) == name)


def complain(
    conn: Connection, name: str, due_at: datetime, owner: str | None = "小王", number: int = 101, *, urgent: bool = True
) -> int:
    row_id = new_id()
    content = keys_of(conn).seal_json("complaints.content", row_id, {"text": "排队20分钟", "facets": ["等待"]})
    store = people.store_by_code(conn, "001")
    assert store
    conn.execute(
        complaints.insert().values(
            id=row_id, number=number, store_id=store.id, customer_id=customer(conn, name), content=content,
            urgent=urgent, state="open", owner_id=owner and people.staff_id_of(conn, CAST[owner].code),
            opened_at=due_at - timedelta(hours=6), due_at=due_at,
        )
    )  # fmt: skip
    return row_id


def promise(conn: Connection, name: str, kind: str, text: str, due_at: datetime) -> None:
    row_id = new_id()
    store = people.store_by_code(conn, "001")
    assert store
    conn.execute(
        followups.insert().values(
            id=row_id, number=12, store_id=store.id, customer_id=customer(conn, name), kind=kind, state="open",
            content=keys_of(conn).seal_json("followups.content", row_id, {"text": text}),
            owner_id=people.staff_id_of(conn, "xiaowang"), opened_at=due_at - timedelta(days=1), due_at=due_at,
        )
    )  # fmt: skip


def gone(conn: Connection, *names: str) -> None:
    """These left."""
    for name in names:
        conn.execute(update(staff).where(staff.c.code == CAST[name].code).values(active=False))


def run(database: Undone, job: Job, slot: datetime, *codes: str, now: datetime | None = None) -> list[Queued]:
    """What a slot of a job queues, for store 001 or these; as many as it says."""
    before = {one.key for one in queued(database)}
    said = database.transact(lambda conn: _run(conn, job, slot, codes or ("001",), now or slot))
    found = [one for one in queued(database) if one.key not in before]
    assert len(found) == said
    return found


def _run(conn: Connection, job: Job, slot: datetime, codes: Sequence[str], now: datetime) -> int:
    settings = shop.chain_settings(conn)
    assert settings
    some = tuple(one for one in shop.all_stores(conn) if one.code in codes and job.each == "store")
    write = job.run(JobContext(conn, settings, some, slot, now))
    return sum(write(conn, {one.code for one in some} or {CHAIN}).values())


def queued(database: Undone) -> list[Queued]:
    with database.reading() as conn:
        codes = {row.id: f"staff:{row.code}" for row in conn.execute(select(staff.c.id, staff.c.code))}
        codes |= {row.id: f"store:{row.code}" for row in conn.execute(select(stores.c.id, stores.c.code))}
        found = []
        for row in conn.execute(select(outbox).order_by(outbox.c.id)):
            text, _, discreet = keys_of(conn).unseal("outbox.body", row.id, row.body).partition("\x1f")
            commands = _commands(conn, row.menu_id)
            found.append(Queued(codes[row.staff_id or row.store_id], text, discreet, commands, row.key, row.urgent))
        return found


def _commands(conn: Connection, menu_id: int | None) -> tuple[str, ...]:
    if menu_id is None:
        return ()
    row = conn.execute(select(menus).where(menus.c.id == menu_id)).one()
    choices = [Choice(*one) for one in keys_of(conn).unseal_json("menus.choices", row.id, row.choices)]
    return tuple(one.command for one in choices)


def context(conn: Connection, database: Undone, name: str, now: datetime, veil: str = "none") -> Context:
    return Context(conn, replace(as_staff(database, name), veil=veil), now, address(name), None, 0)  # type: ignore[arg-type]
