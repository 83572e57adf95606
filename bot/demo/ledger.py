"""From people of the demo to rows: sealed, numbered, counted, written a batch at a time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Literal

from sqlalchemy import Connection, Table

from bot.db import customers as customer_db
from bot.db import facts as fact_db
from bot.db.bulk.loading import Insert, Row
from bot.db.bulk.orders import digest_of, sort_lines
from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_ids
from bot.db.segments import stale
from bot.db.tables import (
    consents,
    customer_stats,
    customer_stores,
    customers,
    facts,
    order_lines,
    orders,
)
from bot.demo.baskets import Sale
from bot.demo.days import Calendar
from bot.demo.people import Person
from bot.demo.preset import Preset
from bot.demo.shop import Shop
from bot.domain.language.consent import consents as consents_for
from bot.domain.language.values import Statement
from bot.domain.stats import Line, Purchase, Stats, extend, net_of_sale, pack, seen_as

_TABLES = (customers, customer_stores, consents, facts, orders, order_lines, customer_stats)
_INSERT = {table.name: Insert(table) for table in _TABLES}
_STATS = attrgetter(*[column.name for column in customer_stats.columns if column.name != "recent"])
_POINTS_KEPT = (100, 60, 35, 80)  # percent of what she earned that she has not spent yet


@dataclass(slots=True)
class _Batch:
    """Rows by table, and ids still to give away."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {table.name: [] for table in _TABLES})

    def add(self, table: Table, values: dict[str, Any]) -> None:
        """One row from values by column name."""
        self.rows[table.name].append(tuple([values.get(column.name) for column in table.columns]))


class Ledger:
    """Writes people; remembers only counters and how far each store's orders reach."""

    def __init__(self, shop: Shop, preset: Preset, calendar: Calendar) -> None:
        """Take what rows refer to."""
        self._shop = shop
        self._preset = preset
        self._calendar = calendar
        self._numbers: Counter[tuple[int, int]] = Counter()
        self.reach: dict[int, datetime] = {}

    def write(self, conn: Connection, people: Sequence[Person], ids: Sequence[int], referrers: dict[int, int]) -> None:
        """Write people under these ids; `referrers` are ids by a person's number."""
        keys, batch = keys_of(conn), _Batch()
        for person, customer_id in zip(people, ids, strict=True):
            self._customer(keys, batch, person, customer_id, referrers.get(person.number))
            self._facts(keys, batch, person, customer_id)
            self._orders(batch, person, customer_id)
        for table in _TABLES:
            _INSERT[table.name].run(conn, batch.rows[table.name])
        stale.mark(conn, ids)

    def _customer(
        self, keys: Keyring, batch: _Batch, person: Person, customer_id: int, referrer_id: int | None
    ) -> None:
        place = self._shop.places[person.store]
        joined_at = self._calendar.moment(person.joined.day, person.joined.minute - 3)
        told = [note.visit for note in person.notes]
        paid = person.paid_fen
        plain = {
            "phone": person.phone,
            "name": person.name,
            "alias": person.alias,
            "birthday": person.birthday,
            "address": person.address,
        }
        batch.add(
            customers,
            {
                "id": customer_id,
                **customer_db.sealed(keys, customer_id, plain),
                "customer_no": f"V{100_000 + person.number}" if person.phone else None,
                "gender": person.gender,
                "source": person.source,
                "store_id": place.id,
                "guide_id": None if person.guide is None else place.guides[person.guide],
                "referrer_id": referrer_id,
                "level": self._level(paid) if person.phone else None,
                "points": paid // 100 * _POINTS_KEPT[person.number % 4] // 100 if person.phone else None,
                "state": "active" if person.phone else "temporary",
                "created_at": joined_at,
                "changed_at": max([joined_at, *(self._calendar.moment(*visit) for visit in told)]),
            },
        )
        self._stores(keys, batch, person, customer_id, joined_at)

    def _stores(self, keys: Keyring, batch: _Batch, person: Person, customer_id: int, joined_at: datetime) -> None:
        """Where she may be seen: where she joined, and wherever she bought."""
        since = {person.store: joined_at}
        for sale in person.sales:
            since.setdefault(sale.store, self._calendar.moment(*sale.visit))
        for store, at in since.items():
            store_id = self._shop.places[store].id
            indexes = customer_db.store_indexes(keys, store_id, person.phone, first7=False)
            batch.add(customer_stores, {"store_id": store_id, "customer_id": customer_id, "since_at": at, **indexes})

    def _level(self, paid_fen: int) -> str:
        return [name for name, yuan in self._preset.levels if paid_fen >= yuan * 100 or not yuan][-1]

    def _facts(self, keys: Keyring, batch: _Batch, person: Person, customer_id: int) -> None:
        guides = self._shop.places[person.store].guides
        notes = sorted(person.notes, key=attrgetter("visit"))
        asked: dict[str, tuple[datetime, int | None]] = {}
        joined_at = self._calendar.moment(person.joined.day, person.joined.minute - 2)
        if person.phone:
            asked["contact"] = joined_at, None if person.guide is None else guides[person.guide]
        for note, fact_id in zip(notes, new_ids(len(notes)), strict=True):
            at, author = self._calendar.moment(*note.visit), guides[note.by]
            said = {"kind": note.kind, "value": note.value, "facet": note.facet, "of": note.of}
            plain = {"state": "live", "source": "demo", "author_id": author, "said_at": at}
            batch.add(facts, fact_db.row(keys, fact_id, customer_id, said, **plain))
            for kind in sorted(consents_for(Statement(note.kind, note.value, note.facet, note.of))):
                if note.asked:
                    asked.setdefault(kind, (at, author))
        for (kind, (when, who)), consent_id in zip(asked.items(), new_ids(len(asked)), strict=True):
            given = kind != "contact" or person.number % 9 != 4
            row = {"id": consent_id, "customer_id": customer_id, "kind": kind, "given": given}
            batch.add(consents, {**row, "staff_id": who, "at": when})

    def _orders(self, batch: _Batch, person: Person, customer_id: int) -> None:
        bought = self.sell(batch.rows, person.sales, customer_id)
        stats = extend(Stats(customer_id), bought) if bought else None
        if stats:
            batch.rows["customer_stats"].append((*_STATS(stats), pack(stats.recent)))

    def sell(self, rows: dict[str, list[Row]], sales: Sequence[Sale], customer_id: int | None) -> list[Purchase]:
        """Rows of these sales with their lines; gives them as the statistics see them."""
        goods, calendar = self._shop.goods, self._calendar
        numbers: list[str] = []
        bought = []
        for sale, net, order_id in zip(sales, _nets(sales), new_ids(len(sales)), strict=True):
            lines = sort_lines([Line(goods[good], quantity, amount) for good, quantity, amount in sale.lines])
            at, on = calendar.moment(*sale.visit), date.fromordinal(sale.visit.day)
            total = sum([line.amount_fen for line in sale.lines])
            store_id = self._shop.places[sale.store].id
            kind: Literal["sale", "refund"] = "sale" if sale.refund_of is None else "refund"
            numbers.append(self._number(sale))
            rows["orders"].append(
                (
                    order_id, numbers[-1], store_id, customer_id, at, on, kind,
                    None if sale.refund_of is None else numbers[sale.refund_of], total, net, sale.pay, sale.channel,
                    digest_of(lines),
                )
            )  # fmt: skip
            rows["order_lines"].extend([(order_id, place, *line) for place, line in enumerate(lines)])
            bought.append(Purchase(at, on, store_id, seen_as(kind, total, net), net, lines))
            if at > self.reach.get(sale.store, at) or sale.store not in self.reach:
                self.reach[sale.store] = at
        return bought

    def _number(self, sale: Sale) -> str:
        """The till's number: store, day and a counter."""
        key = (sale.store, sale.visit.day)
        self._numbers[key] += 1
        return f"{self._shop.places[sale.store].code}{date.fromordinal(sale.visit.day):%y%m%d}{self._numbers[key]:04}"

    def write_walk_ins(self, conn: Connection, sales: Sequence[Sale]) -> None:
        """Orders of nobody known."""
        rows: dict[str, list[Row]] = {"orders": [], "order_lines": []}
        self.sell(rows, sales, None)
        for table in (orders, order_lines):
            _INSERT[table.name].run(conn, rows[table.name])


def _nets(sales: Sequence[Sale]) -> list[int | None]:
    """What is left of each sale after its refunds; of a refund nothing, for it names a sale of the same person."""
    refunded: Counter[int] = Counter()
    for sale in sales:
        if sale.refund_of is not None:
            refunded[sale.refund_of] -= sum([line.amount_fen for line in sale.lines])
    return [
        0 if sale.refund_of is not None else net_of_sale(sum([line.amount_fen for line in sale.lines]), refunded[place])
        for place, sale in enumerate(sales)
    ]
