"""What a preview of a rule says is what the refresh that applies it does, to the person."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, select

from bot.actions import segmenting
from bot.actions.notes import Writer
from bot.db import shop
from bot.db.bulk.newcomers import add
from bot.db.bulk.orders import Order, store_orders
from bot.db.changes import Recorder
from bot.db.core.engine import Database
from bot.db.core.ids import new_id
from bot.db.segments import moving, rules
from bot.db.segments.rules import Change
from bot.db.segments.steps import Step
from bot.db.tables import segment_flows, segment_rules
from bot.domain.segments import wishes
from bot.domain.stats import Line
from bot.refresh.run import refresh
from tests.support.cast import ZONE, add_cast, staff

WISHES = (
    ("高频 改 一周2次", None),
    ("偶尔 改 2天", "001"),
    ("频次 窗口 56天", None),
    ("大客 改 150", None),
    ("消费 按单笔", "002"),
    ("消费 窗口 30天", None),
    ("沉睡 改 90天", None),
    ("新客 14天", None),
    ("周期 30天", "002"),
    ("五等分 按全链", None),
    ("五等分 满10人", None),
    ("沉睡 45天，高频 5天", "001"),
)


def _fill(conn: Connection, dice: Random, now: datetime) -> None:
    """Some ninety customers of two stores with all kinds of habits: refunds, never bought, a week without the till."""
    add_cast(conn, now)
    today, stores = now.date(), shop.all_stores(conn)
    joined = now - timedelta(days=500)
    people = [{"store_id": dice.choice(stores).id, "created_at": joined, "name": ""} for _ in range(90)]
    quiet = {today - timedelta(days=days) for days in range(3, 10)}
    orders: list[Order] = []
    for number, customer_id in enumerate(add(conn, people, joined)):
        day, gap = (
            today - timedelta(days=dice.choice((5, 29, 30, 31, 60, 61, 200, 400))),
            dice.choice((1, 3, 7, 14, 40)),
        )
        while day <= today and number % 9 and dice.random() < 0.97:
            store_id = people[number]["store_id"] if dice.random() < 0.9 else dice.choice(stores).id
            fen = dice.choice((500, 1800, 10000, 15000, 40000))
            sale = _order(f"{number}-{day}", store_id, customer_id, day, fen)
            if day not in quiet:
                orders += [sale, *_refunds(sale, dice)]
            day += timedelta(days=dice.randint(1, 2 * gap))
    store_orders(conn, sorted(orders, key=lambda one: one.ordered_at))


def _order(number: str, store_id: int, customer_id: int, day: date, fen: int, refund_of: str | None = None) -> Order:
    at = datetime.combine(day, time(15 if fen > 0 else 16), ZONE)
    kind = "sale" if fen > 0 else "refund"
    return Order(number, store_id, customer_id, at, day, kind, [Line(None, 1000, fen)], refund_of)


def _refunds(sale: Order, dice: Random) -> list[Order]:
    """Now and then one of all or half of a sale, which it names or not."""
    if dice.random() > 0.1:
        return []
    fen = -(sale.total_fen or 0) // dice.choice((1, 2))
    named = sale.order_no if dice.random() < 0.7 else None
    return [_order(f"R{sale.order_no}", sale.store_id, sale.customer_id or 0, sale.ordered_on, fen, named)]


def _flows(conn: Connection, today: date) -> Counter[Step]:
    """Everybody who has gone from one label to another today, whoever came from nowhere left out."""
    rows = conn.execute(
        select(segment_flows).where(
            segment_flows.c.on == today, segment_flows.c.before != "", segment_flows.c.after != ""
        )
    )
    return Counter({Step(row.store_id, row.scheme, row.before, row.after): row.people for row in rows})


@pytest.mark.parametrize("seed", [1, 2])
def test_a_preview_says_what_the_refresh_does(database: Database, tmp_path: Path, now: datetime, seed: int) -> None:
    today = now.date()
    database.transact(lambda conn: _fill(conn, Random(seed), now))
    refresh(database, tmp_path, now)
    seen: Counter[str] = Counter()

    for wish, code in WISHES:
        with database.reading() as conn:
            before = _flows(conn, today)
            store = next((one for one in shop.all_stores(conn) if one.code == code), None)
            planned = segmenting.plan(conn, wish, store, today)
            known = rules.in_force(conn)
            told = moving.moves(conn, known.now, known.coming({planned.change.store_id: planned.change.rules}), today)
        database.transact(partial(_decide, planned=planned, who=staff(database, "总部"), now=now))
        refresh(database, tmp_path, now)
        with database.reading() as conn:
            done = _flows(conn, today)
            done.subtract(before)

        assert +done == told, wish
        by_name: Counter[str] = Counter()
        for step, people in told.items():
            by_name[step.scheme] += people
        shown: Counter[str] = Counter()
        for move in planned.foreseen.moves:
            shown[move.scheme] += move.people
        assert shown <= by_name  # two labels of one name are not told apart
        seen += by_name

    assert set(seen) == {"frequency", "spend", "stage", "layer"}


def _decide(conn: Connection, planned: segmenting.Planned, who: object, now: datetime) -> None:
    segmenting.decide(Writer(Recorder(conn, new_id()), who, now), planned, planned.mark)  # type: ignore[arg-type]


def _wait(conn: Connection, wish: str, place: int | None, who: int, now: datetime) -> None:
    known = rules.in_force(conn)
    wanted = wishes.read(wish, known.coming().of(place))
    live = known.live.get(place)
    rules.wait(Recorder(conn, new_id()), Change(place, wanted.rules, wanted.words, live.id if live else None), who, now)


def test_versions_wait_live_pass_and_come_back(database: Database, people, now: datetime) -> None:
    who, today = people("总部").id, now.date()

    def states() -> list[tuple[str, bool]]:
        with database.reading() as conn:
            rows = conn.execute(select(segment_rules).order_by(segment_rules.c.id))
            return [(row.state, row.applied_on == today) for row in rows]

    with database.reading() as conn:
        store = shop.all_stores(conn)[0].id
        preset = rules.in_force(conn).of(store)
        assert rules.earlier(conn, None) is None
    for wish, place in (("高频 10天", None), ("高频 8天", None), ("高频 6天", store)):
        database.transact(lambda conn: _wait(conn, wish, place, who, now))  # noqa: B023 — run before the next turn
    assert states() == [("dropped", False), ("waiting", False), ("waiting", False)]

    assert database.transact(lambda conn: rules.apply_waiting(conn, today)) == 2
    assert database.transact(lambda conn: rules.apply_waiting(conn, today)) == 0
    assert states() == [("dropped", False), ("live", True), ("live", True)]
    with database.reading() as conn:
        known = rules.in_force(conn)
        other = next(one.id for one in shop.all_stores(conn) if one.id != store)
        assert [known.of(place).frequency.bands[0].least for place in (store, other, None)] == [6, 8, 8]

    for place in (store, None):
        with database.reading() as conn:
            back = rules.earlier(conn, place)
        assert back is not None
        database.transact(lambda conn: rules.wait(Recorder(conn, new_id()), back, who, now))  # noqa: B023
    database.transact(lambda conn: rules.apply_waiting(conn, today))
    assert states() == [("dropped", False), ("past", True), ("past", True), ("past", True), ("live", True)]
    with database.reading() as conn:
        known = rules.in_force(conn)
        assert (known.now.chain, dict(known.now.pilots)) == (preset, {})
        assert [rules.earlier(conn, place) for place in (store, None)] == [None, None]
