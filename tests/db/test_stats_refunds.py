"""What refunds leave of sales, at its borders; an emptied sale is no purchase; and any sequence of telling agrees."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text, update

from bot.actions import archive, undoing
from bot.actions.notes import Writer
from bot.db import customers, stats
from bot.db.bulk import newcomers, recompute
from bot.db.bulk.orders import Order, store_orders
from bot.db.changes import Recorder, Unit
from bot.db.core.engine import Database, open_database
from bot.db.core.ids import new_id
from bot.db.segments import stale
from bot.db.tables import customer_stats, orders, stores
from bot.domain.errors import ConflictError
from bot.domain.shop import Staff
from bot.domain.stats import Line, Stats
from tests.support import cast, engines

START = datetime(2026, 1, 1, 4, tzinfo=UTC)
DAY = date(2026, 1, 1)


class TakenBackError(Exception):
    """Ends an example."""


def _opened(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    url = engines.fresh(engine, tmp_path_factory.mktemp("refunds"))
    database = open_database(url, engines.KEYS)
    database.transact(_set_up)
    yield database
    database.close()
    engines.drop(url)


def _set_up(conn: Connection) -> None:
    cast.add_cast(conn, START)
    store_id = conn.execute(select(stores.c.id).where(stores.c.code == "001")).scalar_one()
    newcomers.add(conn, [{"customer_no": word, "phone": "", "store_id": store_id} for word in "ABC"], START)
    stale.settle(conn, stale.pending(conn, 10))


@pytest.fixture(scope="module", params=engines.ENGINES)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all examples: each runs in a transaction that is taken back."""
    yield from _opened(request.param, tmp_path_factory)


class Till:
    """Tells orders of three customers, by letter, and reads what became of them."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.her = dict(conn.execute(text("SELECT customer_no, id FROM customers")).all())
        self.store = conn.execute(select(stores.c.id).where(stores.c.code == "001")).scalar_one()

    def order(self, number: str, who: str | None, days: int, fen: int | None, of: str | None = None, **more) -> Order:
        at = START + timedelta(days=days)
        kind = more.pop("kind", "sale" if of is None else "refund")
        lines = [Line(None, 1000, fen)]
        return Order(number, self.store, who and self.her[who], at, at.date(), kind, lines, of, **more)

    def tell(self, *told: tuple) -> None:
        """Each order in a transaction's call of its own, and all is as a recompute says."""
        for one in told:
            store_orders(self.conn, [self.order(*one)])
            assert recompute.verify(self.conn)[1] == 0

    def nets(self) -> dict[str, int | None]:
        return dict(self.conn.execute(select(orders.c.order_no, orders.c.net_fen)).all())

    def of(self, who: str) -> tuple[int, int, int, int, int]:
        """Orders, refunds, purchase days, spent and best ticket."""
        found = stats.get(self.conn, self.her[who])
        return found.orders, found.refunds, found.purchase_days, found.spent_fen, found.best_ticket_fen


@pytest.fixture(scope="module")
def manager(shared: Database) -> Staff:
    return cast.staff(shared, "店长")


@pytest.fixture
def till(shared: Database) -> Iterator[Till]:
    """A till in a transaction that is taken back."""
    with shared.engine.connect() as conn, conn.begin() as transaction:
        yield Till(conn)
        transaction.rollback()


SALE = ("N1", "A", 0, 900)


def test_a_full_refund_leaves_no_purchase(till):
    till.tell(SALE, ("R1", "A", 3, -900, "N1"))

    assert till.nets() == {"N1": 0, "R1": 0}
    assert stats.get(till.conn, till.her["A"]) == Stats(till.her["A"], refunds=1)


def test_a_fen_less_leaves_a_purchase_of_a_fen(till):
    till.tell(SALE, ("R1", "A", 3, -899, "N1"))

    assert till.nets() == {"N1": 1, "R1": 0}
    assert till.of("A") == (1, 1, 1, 1, 1)


def test_more_than_was_paid_leaves_nothing_and_never_less(till):
    till.tell(SALE, ("N2", "A", 1, 300), ("R1", "A", 3, -901, "N1"))

    assert till.nets() == {"N1": 0, "N2": 300, "R1": 0}
    assert till.of("A") == (1, 1, 1, 300, 300)


def test_a_partial_refund_lowers_the_best_ticket(till):
    till.tell(SALE, ("N2", "A", 1, 700), ("R1", "A", 3, -400, "N1"))

    assert till.of("A") == (2, 1, 2, 1200, 700)


def test_two_partial_refunds_add_up_to_a_full_one(till):
    till.tell(SALE, ("R1", "A", 3, -400, "N1"))
    assert till.of("A") == (1, 1, 1, 500, 500)

    till.tell(("R2", "A", 4, -500, "N1"))
    assert till.nets() == {"N1": 0, "R1": 0, "R2": 0}
    assert till.of("A") == (0, 2, 0, 0, 0)


def test_the_purchase_before_is_the_last_again(till):
    till.tell(SALE, ("N2", "A", 5, 200), ("N3", "A", 9, 100), ("R1", "A", 10, -100, "N3"))

    found = stats.get(till.conn, till.her["A"])
    assert (found.last_on, found.gap_sum_days, found.gap_square_sum) == (DAY + timedelta(days=5), 5, 25)
    assert [line.on for line in found.recent] == [DAY + timedelta(days=5), DAY]


def test_a_refund_before_its_sale_counts_once_the_sale_is_told(till):
    till.tell(("R1", "A", 3, -900, "N1"))
    assert (till.nets(), till.of("A")) == ({"R1": -900}, (0, 1, 0, -900, 0))

    till.tell(SALE)
    assert (till.nets(), till.of("A")) == ({"N1": 0, "R1": 0}, (0, 1, 0, 0, 0))


def test_a_refund_and_its_sale_in_one_batch(till):
    batch = [till.order("R1", "A", 3, -400, "N1"), till.order(*SALE), till.order("N2", "A", 1, 100)]
    store_orders(till.conn, batch)

    assert recompute.verify(till.conn) == (3, 0)
    assert till.of("A") == (2, 1, 2, 600, 500)


@pytest.mark.parametrize("of", [None, "X", "R1", "R0"])
def test_a_refund_of_no_known_sale_is_its_own_total(till, of):
    till.tell(SALE, ("R0", "A", 2, -50, "N1"), ("R1", "A", 3, -900, of) if of else ("R1", "A", 3, -900))
    if not of:
        store_orders(till.conn, [till.order("R1", "A", 3, -900, kind="refund")])

    assert till.nets() == {"N1": 850, "R0": 0, "R1": -900}
    assert till.of("A") == (1, 2, 1, -50, 850)


def test_a_refund_of_somebody_elses_sale_is_not_against_it(till):
    till.tell(SALE, ("R1", "B", 3, -900, "N1"))

    assert till.nets() == {"N1": 900, "R1": -900}
    assert (till.of("A"), till.of("B")) == ((1, 0, 1, 900, 900), (0, 1, 0, -900, 0))


@pytest.mark.parametrize(("buyer", "left"), [("A", (0, 0, 0, 0, 0)), (None, (0, 0, 0, 0, 0))])
def test_a_refund_of_nobody_known_counts_against_the_sale_it_names(till, buyer, left):
    till.tell(("N1", buyer, 0, 900), ("R1", None, 3, -900, "N1"))

    assert till.nets() == {"N1": 0, "R1": 0}
    assert till.of("A") == left


def test_a_known_customers_refund_is_not_against_a_sale_of_nobody(till):
    till.tell(("N1", None, 0, 900), ("R1", "A", 3, -900, "N1"))

    assert till.nets() == {"N1": 900, "R1": -900}


def test_a_refund_told_again_counts_once(till):
    till.tell(SALE, ("R1", "A", 3, -400, "N1"), ("R1", "A", 3, -400, "N1"))
    store_orders(till.conn, [till.order("R1", None, 3, -400, kind="refund")])  # neither her nor the sale said again

    assert recompute.verify(till.conn) == (3, 0)
    assert till.nets() == {"N1": 500, "R1": 0}


def test_a_refund_told_otherwise_counts_as_it_was_told_last(till):
    till.tell(SALE, ("N2", "A", 1, 300), ("R1", "A", 3, -400, "N1"), ("R1", "A", 3, -300, "N2"))

    assert till.nets() == {"N1": 900, "N2": 0, "R1": 0}
    assert till.of("A") == (1, 1, 1, 900, 900)


def test_a_refund_that_was_a_sale_after_all_counts_no_more(till):
    till.tell(SALE, ("R1", "A", 3, -400, "N1"))
    store_orders(till.conn, [till.order("R1", "A", 3, 400, kind="sale")])

    assert recompute.verify(till.conn) == (3, 0)
    assert till.nets() == {"N1": 900, "R1": 400}


@pytest.mark.parametrize(
    ("again", "nets", "hers"),
    [
        (("N1", "A", 0, 400), {"N1": 0, "R1": 0}, (0, 1, 0, 0, 0)),
        (("N1", "A", 0, 1000), {"N1": 600, "R1": 0}, (1, 1, 1, 600, 600)),
        (("N1", "A", 0, None), {"N1": None, "R1": 0}, (1, 1, 1, 0, 0)),
        (("N1", "B", 0, 900), {"N1": 900, "R1": -400}, (0, 1, 0, -400, 0)),
        (("N1", "A", 0, -900, "N0"), {"N1": -900, "R1": -400}, (0, 2, 0, -1300, 0)),
    ],
)
def test_a_sale_told_otherwise_after_its_refund(till, again, nets, hers):
    till.tell(SALE, ("R1", "A", 3, -400, "N1"), again)

    assert till.nets() == nets
    assert till.of("A") == hers


@pytest.mark.parametrize("fen", [0, None])
def test_a_sale_that_cost_nothing_or_nobody_knows_what_stays_a_purchase(till, fen):
    till.tell(("N1", "A", 0, fen), ("R1", "A", 3, -400, "N1"))

    assert till.nets() == {"N1": fen, "R1": 0}
    assert till.of("A") == (1, 1, 1, 0, 0)


def test_whom_a_refund_touches_is_looked_at_again(till):
    till.tell(SALE, ("N2", "B", 0, 5))
    stale.settle(till.conn, stale.pending(till.conn, 10))
    till.tell(("R1", None, 3, -900, "N1"))

    assert [who for who, _ in stale.pending(till.conn, 10)] == [till.her["A"]]


@pytest.mark.parametrize("wrong", ["N1", "R1", "0"])
def test_verify_finds_a_wrong_net(till, wrong):
    till.tell(SALE, ("R1", "A", 3, -400, "N1"), ("0", None, 3, 700))
    till.conn.execute(update(orders).where(orders.c.order_no == wrong).values(net_fen=1))

    assert recompute.verify(till.conn) == (3, 1)


class Desk:
    """Merges customers as a manager does, and takes it back."""

    def __init__(self, conn: Connection, staff: Staff) -> None:
        self.conn = conn
        self.staff = staff
        self.units: list[Unit] = []

    def merge(self, kept: int, gone: int) -> None:
        recorder = Recorder(self.conn, new_id())
        one, other = [customers.by_id(self.conn, row_id, seen_by=self.staff) for row_id in (kept, gone)]
        if one is None or other is None or one.customer.id == other.customer.id:
            return
        archive.merge(Writer(recorder, self.staff, START), one.customer, other.customer)
        unit = Unit(recorder.unit_id, self.staff.id, self.staff.store_id, kept, "并", "并", START, None)
        recorder.close(unit)
        self.units.append(unit)

    def take_back(self) -> None:
        """Refused, with nothing changed, where a till gave an order to somebody else since."""
        if self.units:
            with suppress(ConflictError), self.conn.begin_nested():
                undoing.take_back(self.conn, self.staff, START, self.units.pop())


@pytest.fixture
def desk(manager: Staff, till: Till) -> Desk:
    return Desk(till.conn, manager)


def test_merged_customers_refunds_count_against_each_others_sales_until_that_is_undone(till, desk):
    till.tell(SALE, ("R1", "B", 3, -900, "N1"))
    desk.merge(till.her["A"], till.her["B"])
    assert till.nets() == {"N1": 0, "R1": 0}
    assert (till.of("A"), till.of("B")) == ((0, 1, 0, 0, 0), (0, 0, 0, 0, 0))
    assert recompute.verify(till.conn) == (3, 0)

    desk.take_back()
    assert till.nets() == {"N1": 900, "R1": -900}
    assert (till.of("A"), till.of("B")) == ((1, 0, 1, 900, 900), (0, 1, 0, -900, 0))
    assert recompute.verify(till.conn) == (3, 0)


def test_a_refund_after_a_merge_counts_against_what_came_along(till, desk):
    till.tell(("N1", "B", 0, 900))
    desk.merge(till.her["A"], till.her["B"])
    till.tell(("R1", "A", 3, -900, "N1"))

    assert till.of("A") == (0, 1, 0, 0, 0)
    assert sorted(who for who, _ in stale.pending(till.conn, 9)) == sorted([till.her["A"], till.her["B"]])


numbers = st.integers(0, 5)
told = st.fixed_dictionaries(
    {
        "number": numbers,
        "who": st.sampled_from([None, "A", "A", "B", "C"]),
        "days": st.integers(0, 4),
        "fen": st.sampled_from([None, 0, 100, 100, 200]),
        "of": st.sampled_from([None, None, 0, 1, 2, 3]),
        "kind": st.sampled_from(["sale", "sale", "refund"]),
    }
)
steps = st.lists(
    st.one_of(
        st.lists(told, min_size=1, max_size=5, unique_by=lambda order: order["number"]),
        st.lists(told, min_size=1, max_size=5, unique_by=lambda order: order["number"]),
        st.permutations("ABC").map(tuple),
        st.none(),
    ),
    min_size=2,
    max_size=8,
)


def _by_definition(conn: Connection) -> dict[str, int | None]:
    """The net of every order, from the words of the definition."""
    found = conn.execute(select(orders)).all()
    sales = {order.order_no: order for order in found if order.kind == "sale"}
    left = {order.order_no: order.total_fen for order in found}
    for order in found:
        sale = sales.get(order.refund_of) if order.kind == "refund" else None
        if sale and order.customer_id in (sale.customer_id, None):
            left[order.order_no] = 0
            if sale.total_fen is not None:
                left[sale.order_no] += order.total_fen or 0
    return {number: fen and max(fen, 0) if number in sales else fen for number, fen in left.items()}


def _counted(conn: Connection) -> dict[int, tuple]:
    return {row.customer_id: tuple(row) for row in conn.execute(select(customer_stats))}


def _take(step: object, till: Till, desk: Desk) -> None:
    if step is None:
        desk.take_back()
    elif isinstance(step, tuple):
        desk.merge(till.her[step[0]], till.her[step[1]])
    else:
        batch = [
            till.order(
                f"N{one['number']}", one["who"], one["days"],
                one["fen"] and (one["fen"] if one["kind"] == "sale" else -one["fen"]),
                None if one["of"] is None else f"N{one['of']}", kind=one["kind"],
            )
            for one in step
        ]  # fmt: skip
        store_orders(till.conn, sorted(batch, key=lambda one: (one.customer_id or 0, one.ordered_at, one.order_no)))


def _example(database: Database, manager: Staff, taken: list) -> None:
    with database.engine.connect() as conn, conn.begin() as transaction:
        till, desk = Till(conn), Desk(conn, manager)
        for step in taken:
            before = _counted(conn)
            _take(step, till, desk)
            after, marked = _counted(conn), stale.pending(conn, 10)
            assert till.nets() == _by_definition(conn)
            assert recompute.verify(conn) == (3, 0)
            assert {who for who in before.keys() | after.keys() if before.get(who) != after.get(who)} <= {
                who for who, _ in marked
            }
            stale.settle(conn, marked)
            assert stale.pending(conn, 10) == []
        transaction.rollback()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], SimpleNamespace]]:
    """A database of an engine with the manager of its store."""
    made: list[Iterator[Database]] = []

    def open_(engine: str) -> SimpleNamespace:
        made.append(_opened(engine, tmp_path_factory))
        database = next(made[-1])
        return SimpleNamespace(database=database, manager=cast.staff(database, "店长"))

    yield open_
    for one in made:
        next(one, None)


@pytest.mark.parametrize(("engine", "of"), [("sqlite", 1), ("postgresql", 10)])
def test_any_sequence_of_orders_refunds_changes_and_merges_agrees_with_a_recompute(opened, engine, of):
    here = opened(engine)

    @settings(max_examples=settings().max_examples // of)
    @given(taken=steps)
    def agrees(taken: list) -> None:
        _example(here.database, here.manager, taken)

    agrees()
