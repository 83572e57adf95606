"""The demo chain read back whole, everything unsealed and without ids, so that two worlds can be compared."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Row, Table, select

from bot import demo
from bot.db import tables as t
from bot.db.core.crypto import Keyring
from bot.db.core.engine import Database, keys_of, open_database
from bot.domain.stats import unpack
from tests.support import engines

AT = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass
class Order:
    number: str
    store: str
    at: datetime
    on: date
    kind: str
    refund_of: str | None
    total_fen: int
    pay: str
    channel: str
    lines: list[tuple[str, int, int]]


@dataclass
class Person:
    told: dict[str, Any]
    facts: list[dict[str, Any]] = field(default_factory=list)
    consents: dict[str, bool] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    matters: list[dict[str, Any]] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)

    @property
    def warnings(self) -> list[str]:
        return [fact["value"] for fact in self.facts if fact["kind"] in ("allergy", "avoid")]


@dataclass
class World:
    chain: dict[str, Any]
    stores: dict[str, dict[str, Any]]
    staff: dict[str, tuple[str, str, str | None]]
    shifts: list[tuple[str, str, date, int, int]]
    goods: dict[str, dict[str, Any]]
    people: list[Person]
    walk_ins: list[Order]

    def person(self, name: str) -> Person:
        (found,) = [one for one in self.people if one.told["name"] == name]
        return found


class _Reader:
    def __init__(self, conn: Connection) -> None:
        self.conn, self.keys = conn, keys_of(conn)
        self.stores = {row.id: row.code for row in self.rows(t.stores)}
        self.staff = {row.id: row.code for row in self.rows(t.staff)}
        self.goods = {row.id: row.code for row in self.rows(t.products)}
        self.people = {row.id: Person(self.told(row)) for row in self.rows(t.customers)}
        self.named = {key: one.told["phone"] or one.told["alias"] for key, one in self.people.items()}
        for person in self.people.values():
            person.told["referrer"] = self.named.get(person.told.pop("referrer_id"))

    def rows(self, table: Table) -> list[Row[Any]]:
        return list(self.conn.execute(select(table).order_by(*table.primary_key)))

    def told(self, row: Row[Any]) -> dict[str, Any]:
        sealed = ("phone", "name", "alias", "birthday", "email", "address")
        opened = {name: self.keys.unseal(f"customers.{name}", row.id, getattr(row, name)) for name in sealed}
        plain = (
            "customer_no",
            "gender",
            "source",
            "referrer_id",
            "level",
            "points",
            "state",
            "created_at",
            "changed_at",
        )
        return {
            **opened,
            **{name: getattr(row, name) for name in plain},
            "store": self.stores[row.store_id],
            "guide": self.staff.get(row.guide_id),
        }

    def world(self) -> World:
        walk_ins = self.orders()
        self.remarks()
        self.statistics()
        return World(
            chain=self.but(self.rows(t.chain)[0], "id", "holdout_salt"),  # the salt follows the ids
            stores={row.code: self.but(row, "id") for row in self.rows(t.stores)},
            staff={
                row.code: (self.keys.unseal("staff.name", row.id, row.name), row.role, self.stores.get(row.store_id))
                for row in self.rows(t.staff)
            },
            shifts=sorted(
                (self.stores[row.store_id], self.staff[row.staff_id], row.work_on, row.starts_minute, row.ends_minute)
                for row in self.rows(t.shifts)
            ),
            goods={
                row.code: self.but(row, "id", "replaces_id") | {"replaces": self.goods.get(row.replaces_id)}
                for row in self.rows(t.products)
            },
            people=list(self.people.values()),
            walk_ins=walk_ins,
        )

    def orders(self) -> list[Order]:
        lines: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
        for row in self.rows(t.order_lines):
            lines[row.order_id].append((self.goods[row.product_id], row.quantity_milli, row.amount_fen))
        walk_ins: list[Order] = []
        for row in self.rows(t.orders):
            its = self.people[row.customer_id].orders if row.customer_id else walk_ins
            its.append(
                Order(
                    row.order_no, self.stores[row.store_id], row.ordered_at, row.ordered_on, row.kind, row.refund_of,
                    row.total_fen, row.pay_method, row.sales_channel, lines[row.id],
                )
            )  # fmt: skip
        return walk_ins

    def remarks(self) -> None:
        for row in self.rows(t.facts):
            said = self.keys.unseal_json("facts.content", row.id, row.content)
            more = {
                "author": self.staff.get(row.author_id),
                "at": row.said_at,
                "state": row.state,
                "source": row.source,
            }
            self.people[row.customer_id].facts.append({"facet": None, "of": None, **said, **more})
        for row in self.rows(t.consents):
            self.people[row.customer_id].consents[row.kind] = row.given
        for table in (t.complaints, t.followups):
            for row in self.rows(table):
                said = self.keys.unseal_json(f"{table.name}.content", row.id, row.content)
                ending = getattr(row, "resolution", None)
                closed = self.keys.unseal_json("complaints.resolution", row.id, ending)
                more = self.but(
                    row, "id", "customer_id", "content", "resolution", "store_id", "owner_id", "opened_by", "closed_by"
                )
                people = {"store": self.stores[row.store_id], "owner": self.staff[row.owner_id]}
                found = {"table": table.name, **said, "closing": closed, **more, **people}
                self.people[row.customer_id].matters.append(found)

    def statistics(self) -> None:
        for row in self.rows(t.customer_stores):
            self.people[row.customer_id].stores.append(self.stores[row.store_id])
        for one in self.people.values():
            one.stores.sort()
        for row in self.rows(t.customer_stats):
            recent = [(on, self.goods[product or 0], milli) for on, product, milli in unpack(row.recent)]
            kept = self.but(row, "customer_id", "last_store_id", "recent")
            self.people[row.customer_id].stats = {
                **kept,
                "last_store": self.stores.get(row.last_store_id),
                "recent": recent,
            }

    @staticmethod
    def but(row: Row[Any], *names: str) -> dict[str, Any]:
        return {name: value for name, value in row._mapping.items() if name not in names}


def read(database: Database) -> World:
    with database.reading() as conn:
        return _Reader(conn).world()


@pytest.fixture
def read_back() -> Callable[[Database], World]:
    """Read a demo from a database."""
    return read


@pytest.fixture
def shown(database: Database) -> Callable[..., World]:
    """Make a demo in this test's database and read it back."""

    def show(vertical: str = "tea", seed: int = 7, customers: int = 150, at: datetime = AT) -> World:
        demo.make(database, vertical=vertical, seed=seed, customers=customers, at=at)
        return read(database)

    return show


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, keys: Keyring) -> Callable[..., World]:
    """A demo on SQLite, made once a run for each vertical, seed and size."""
    return cache(partial(_made, tmp_path_factory, keys))


def _made(
    folders: pytest.TempPathFactory, keys: Keyring, vertical: str = "tea", seed: int = 7, customers: int = 300
) -> World:
    database = open_database(engines.fresh("sqlite", folders.mktemp("demo")), keys)
    demo.make(database, vertical=vertical, seed=seed, customers=customers, at=AT)
    found = read(database)
    database.close()
    return found
