"""A chain of two stores for refreshes: tells orders, merges, moves days on, and says what the layers ought to be."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update

from bot.actions import archive, undoing
from bot.actions.notes import Writer
from bot.db import customers as read
from bot.db.bulk import newcomers
from bot.db.bulk.orders import Order, store_orders
from bot.db.changes import Recorder, Unit
from bot.db.core.engine import Database
from bot.db.core.ids import new_id
from bot.db.segments import bought, flows, rules, silence, stale
from bot.db.tables import (
    chain,
    changes,
    coupons,
    customer_segments,
    customer_stats,
    customer_stores,
    customers,
    order_lines,
    orders,
    refreshes,
    segment_flows,
    segment_rules,
    segment_sizes,
    stale_segments,
    stores,
    units,
)
from bot.domain.errors import ConflictError
from bot.domain.segments import layering
from bot.domain.segments.labels import SCHEMES, Labels
from bot.domain.segments.measures import Measures, measure
from bot.domain.segments.presets import preset
from bot.domain.segments.rules import Rules
from bot.domain.stats import Line
from bot.refresh.run import Refreshed, refresh
from tests.support import cast

START = datetime(2026, 1, 1, 4, tzinfo=UTC)
DAY = date(2026, 1, 1)
PEOPLE = "ABCDE"
TEA = replace(preset("tea"), fewest=2)
RULES: tuple[Rules | None, ...] = (
    TEA,
    replace(TEA, among="chain"),
    replace(TEA, spend=preset("jewellery").spend, asleep_days=20, usual_days=5),
    replace(preset("fashion"), fewest=3),
    None,
)
_EMPTIED = (
    changes, units, coupons, order_lines, orders, customer_stats, customer_segments, customer_stores, customers,
    segment_flows, segment_sizes, segment_rules, stale_segments, refreshes,
)  # fmt: skip


@dataclass
class Village:
    """The chain, how many days have passed, and who has been in which layer since when."""

    database: Database
    data: Path
    days: int = 60
    since: dict[int, tuple[str, date]] = field(default_factory=dict)
    undoable: list[Unit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.database.transact(self._empty)
        with self.database.reading() as conn:
            self.stores = list(conn.execute(select(stores.c.id).order_by(stores.c.code)).scalars())
        self.manager = cast.staff(self.database, "店长")
        self.add(*PEOPLE)

    def _empty(self, conn: Connection) -> None:
        conn.execute(update(customers).values(merged_into=None))
        for table in _EMPTIED:
            conn.execute(delete(table))
        conn.execute(update(chain).values(segments_on=None, data_at=None))

    @property
    def today(self) -> date:
        return DAY + timedelta(days=self.days)

    @property
    def at(self) -> datetime:
        return START + timedelta(days=self.days)

    def add(self, *words: str) -> None:
        """New customers, whose homes are the stores in turn."""
        rows = [{"customer_no": word, "phone": "", "store_id": self.stores[ord(word[-1]) % 2]} for word in words]
        self.database.transact(lambda conn: newcomers.add(conn, rows, START))

    def her(self, who: str | None) -> int | None:
        with self.database.reading() as conn:
            return conn.scalar(select(customers.c.id).where(customers.c.customer_no == who))

    def tell(self, *told: tuple) -> None:
        """Orders as (number, who or None, days, fen, refund of or None, store)."""
        batch = []
        for number, who, days, fen, of, store in told:
            at = START + timedelta(days=days)
            kind = "sale" if of is None and (fen or 0) >= 0 else "refund"
            line = [Line(None, 1000, fen)]
            batch.append(Order(number, self.stores[store], self.her(who), at, at.date(), kind, line, of))
        batch.sort(key=lambda one: (one.customer_id or 0, one.ordered_at, one.order_no))
        self.database.transact(lambda conn: store_orders(conn, batch))

    def merge(self, kept: str, gone: str) -> None:
        """As a manager does; nothing where either is merged already."""
        self.database.transact(lambda conn: self._merge(conn, self.her(kept), self.her(gone)))

    def _merge(self, conn: Connection, kept: int | None, gone: int | None) -> None:
        recorder = Recorder(conn, new_id())
        one, other = [row_id and read.by_id(conn, row_id, seen_by=self.manager) for row_id in (kept, gone)]
        if not one or not other or one.customer.id == other.customer.id:
            return
        archive.merge(Writer(recorder, self.manager, START), one.customer, other.customer)
        unit = Unit(recorder.unit_id, self.manager.id, self.manager.store_id, one.customer.id, "并", "并", START, None)
        recorder.close(unit)
        self.undoable.append(unit)

    def take_back(self) -> None:
        """The newest merge, if nothing came after it that forbids it."""
        with suppress(IndexError, ConflictError):
            unit = self.undoable.pop()
            self.database.transact(lambda conn: undoing.take_back(conn, self.manager, START, unit))

    def move(self, who: str, store: int) -> None:
        """Another home store."""
        row_id = self.her(who)
        self.database.transact(lambda conn: self._move(conn, row_id, store))

    def _move(self, conn: Connection, row_id: int | None, store: int) -> None:
        conn.execute(update(customers).where(customers.c.id == row_id).values(store_id=self.stores[store]))
        stale.mark(conn, [row_id] if row_id else [])

    def rule(self, said: Rules | None, store: int | None) -> None:
        """Rules that wait for the next refresh."""
        values = {
            "id": new_id(), "store_id": None if store is None else self.stores[store],
            "content": said.pack() if said else "" if store is not None else TEA.pack(), "state": "waiting",
            "change": "改", "staff_id": self.manager.id, "made_at": START,
        }  # fmt: skip
        self.database.transact(lambda conn: self._rule(conn, values))

    def _rule(self, conn: Connection, values: dict) -> None:
        same = segment_rules.c.store_id.is_not_distinct_from(values["store_id"])
        waiting = update(segment_rules).where(same, segment_rules.c.state == "waiting")
        conn.execute(waiting.values(state="dropped"))
        conn.execute(insert(segment_rules).values(**values))

    def lose(self) -> None:
        """The newest customer who never bought is removed, as 撤 of 建 does."""
        self.database.transact(self._lose)

    def _lose(self, conn: Connection) -> None:
        bought_ever = select(orders.c.customer_id).where(orders.c.customer_id.is_not(None))
        row_id = conn.scalar(
            select(func.max(customers.c.id)).where(
                customers.c.id.not_in(bought_ever), customers.c.customer_no.like("Z%")
            )
        )
        for column in (customer_segments.c.customer_id, customer_stores.c.customer_id, customers.c.id):
            conn.execute(delete(column.table).where(column == row_id))

    def refresh(self, *, full: bool = False) -> Refreshed:
        """Of this day."""
        return refresh(self.database, self.data, self.at, full=full)

    def stored(self) -> dict[int, tuple[int, Labels, date]]:
        """What customer_segments has: the store, the labels, since when."""
        with self.database.reading() as conn:
            return {
                row.customer_id: (
                    row.store_id,
                    Labels(row.stage, row.layer, row.spend, row.frequency, row.r, row.f, row.m),
                    row.since_on,
                )
                for row in conn.execute(select(customer_segments))
            }

    def expected(self) -> dict[int, tuple[int, Labels, date]]:
        """The same by the definitions, one customer at a time."""
        with self.database.reading() as conn:
            labels = self._labels(conn)
        self.since = {row_id: self._since(row_id, its.layer) for row_id, (_, its) in labels.items()}
        return {row_id: (home, its, self.since[row_id][1]) for row_id, (home, its) in labels.items()}

    def _since(self, row_id: int, layer: str) -> tuple[str, date]:
        was = self.since.get(row_id)
        return was if was and was[0] == layer else (layer, self.today)

    def _labels(self, conn: Connection) -> dict[int, tuple[int, Labels]]:
        homes = dict(
            conn.execute(select(customers.c.id, customers.c.store_id).where(customers.c.state != "merged")).all()
        )
        of = {store: rules.in_force(conn).of(store) for store in self.stores}
        silent = {store: silence.silent_days(conn, store, self.today) for store in self.stores}
        measured = {
            row_id: measure(bought.of(conn, row_id, self.today), of[home], self.today, silent[home])
            for row_id, home in homes.items()
        }
        cuts = {store: layering.cut(_buyers(measured, homes, store, said), said) for store, said in of.items()}
        return {
            row_id: (home, layering.label(measured[row_id], of[home], cuts[home])) for row_id, home in homes.items()
        }

    def sizes(self) -> dict[tuple[int, str, str], int]:
        """How many each label holds, by store and scheme, as the table of sizes has it."""
        with self.database.reading() as conn:
            return {
                (store, scheme, label): people
                for store in self.stores
                for scheme in SCHEMES
                for label, people in flows.sizes(conn, store, scheme).items()
            }

    def counted(self) -> dict[tuple[int, str, str], int]:
        """The same, counted."""
        found: Counter[tuple[int, str, str]] = Counter()
        for store, labels, _ in self.stored().values():
            found.update((store, scheme, getattr(labels, scheme)) for scheme in SCHEMES)
        return dict(found)

    def flowed(self) -> dict[tuple[int, str, str], int]:
        """What came less what went, over all days."""
        found: Counter[tuple[int, str, str]] = Counter()
        with self.database.reading() as conn:
            for row in conn.execute(select(segment_flows)):
                found[row.store_id, row.scheme, row.after] += row.people
                found[row.store_id, row.scheme, row.before] -= row.people
        return {key: people for key, people in found.items() if people and key[2]}


def _buyers(
    measured: dict[int, Measures], homes: dict[int, int], store: int, said: Rules
) -> list[tuple[int, int, int]]:
    return [
        (one.since_days, one.purchase_days, one.spent_fen)
        for row_id, one in measured.items()
        if one.since_days is not None and (said.among == "chain" or homes[row_id] == store)
    ]
