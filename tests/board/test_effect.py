"""The effect line: its interval holds a known effect as often as it says, and nothing is said of a few."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import insert, select, update

from bot.actions import archive
from bot.cards.board import week as cards
from bot.commands import Context
from bot.db import customers, people
from bot.db.bulk.orders import Order, sort_lines, store_orders
from bot.db.bulk.products import ids_of
from bot.db.core.ids import new_id
from bot.db.core.retention import tidy
from bot.db.customers import by_id as stored
from bot.db.lists import trials
from bot.db.lists.trials import Arms, Entry
from bot.db.tables import chain, coupons, list_rows, lists, offers, redemptions, stores
from bot.db.tables import trials as table
from bot.domain.board.effect import Effect, difference, effect
from bot.domain.lists import holdout
from bot.domain.stats import Line
from bot.handlers import writing
from bot.jobs.recall import recall
from bot.jobs.week import office_week, week
from tests.board.conftest import Undone, at, context, customer, run
from tests.support.cast import ZONE

SINCE, UNTIL = date(2026, 8, 17), date(2026, 11, 9)
MONDAY = at("09:00", 23)
GIVEN = "安宁平和乐美"


# --- the interval


def _coverage(called: int, left: int, with_call: float, without: float, dice: Random) -> float:
    """Of how many of 3,000 repeats the interval holds the effect that was put in."""
    held = 0
    for _ in range(3_000):
        came = sum(dice.random() < with_call for _ in range(called))
        left_came = sum(dice.random() < without for _ in range(left))
        low, high = difference(came, called, left_came, left)
        held += low <= with_call - without <= high
    return held / 3_000


@pytest.mark.parametrize(
    ("called", "left", "with_call", "without"),
    [(270, 30, 0.20, 0.20), (270, 30, 0.25, 0.15), (400, 45, 0.08, 0.02), (90, 30, 0.6, 0.4), (60, 60, 0.05, 0.05)],
)
def test_the_interval_holds_the_truth_as_often_as_it_says(
    called: int, left: int, with_call: float, without: float
) -> None:
    share = _coverage(called, left, with_call, without, Random(f"{called}-{left}"))

    assert 0.93 <= share <= 0.99, share  # 95 %, give or take chance and small numbers


def test_no_effect_is_seldom_called_one() -> None:
    dice, found = Random("none"), 0
    for _ in range(2_000):
        came = sum(dice.random() < 0.2 for _ in range(270))
        left_came = sum(dice.random() < 0.2 for _ in range(30))
        found += effect(270, came, 30, left_came).sure  # type: ignore[union-attr]  # both are many enough

    assert found / 2_000 <= 0.06


@pytest.mark.parametrize(
    ("given", "low", "high"),
    [  # the published examples of the method: Newcombe 1998, table II, method 10
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 10), -0.2775, 0.2775),
    ],
)
def test_it_agrees_with_the_published_examples(given: tuple[int, int, int, int], low: float, high: float) -> None:
    came, called, left_came, left = given

    assert difference(came, called, left_came, left) == pytest.approx((low, high), abs=0.0001)


def test_a_few_say_nothing() -> None:
    assert effect(29, 9, 60, 6) is None
    assert effect(60, 9, 29, 6) is None
    assert effect(60, 18, 40, 6) == Effect(9, -1, 18)


# --- the words


@pytest.mark.parametrize(
    ("found", "fen", "said"),
    [
        (Effect(6, 1, 12), 18_000, "多带回6位（可能1–12），券花了¥180"),
        (Effect(6, 0, 12), 18_000, "多带回6位（可能0–12），券花了¥180，还不能说有没有用"),
        (Effect(6, -3, 14), 0, "多带回6位（可能−3到14），还不能说有没有用"),
        (Effect(-2, -9, 4), 0, "没有多带回人（可能−9到4），还不能说有没有用"),
        (Effect(-7, -12, -1), 0, "反而少来了7位（可能−12到−1），想想是不是打扰了"),
        (None, 18_000, "人太少，看不出"),
    ],
)
def test_it_is_said_plainly(found: Effect | None, fen: int, said: str) -> None:
    assert cards.effect("08-17至11-08", found, 42, fen) == f"效果（08-17至11-08，和抽签不联系的42位比）：{said}"


def test_without_a_hold_out_nothing_is_said() -> None:
    assert cards.effect("08-17至11-08", None, 0, 0) == ""


# --- how it is counted


def _buys(conn, whose: str, on: date) -> None:
    store, row_id = people.store_by_code(conn, "001"), customer(conn, whose)
    lines = sort_lines([Line(ids_of(conn, ["葡萄冻冻"])["葡萄冻冻"], 1000, 1500)])
    noon = at("12:00").replace(year=on.year, month=on.month, day=on.day)
    store_orders(conn, [Order(f"E{row_id}-{on}", store.id, row_id, noon, on, "sale", lines)])


def _enter(conn, whose: str, on: date, *, listed: bool, last: date = date(2026, 7, 1)) -> None:
    store = people.store_by_code(conn, "001")
    trials.enter(conn, store.id, on, [Entry(customer(conn, whose), last, listed)])


def _uses(conn, whose: str, on: date, cost_fen: int) -> None:
    store, coupon = people.store_by_code(conn, "001"), new_id()
    offer = conn.execute(select(offers.c.id).limit(1)).scalar()
    assert offer
    conn.execute(
        insert(coupons).values(
            id=coupon, offer_id=offer, customer_id=customer(conn, whose), nth=99, store_id=store.id, code=b"x",
            code_index=str(coupon).encode(), tail_index=b"x", state="used", uses=1, uses_left=0, cost_fen=cost_fen,
            starts_on=on, ends_on=on, issued_at=at("12:00"),
        )
    )  # fmt: skip
    noon = at("12:00").replace(year=on.year, month=on.month, day=on.day)
    conn.execute(
        insert(redemptions).values(
            id=new_id(), coupon_id=coupon, use_no=1, store_id=store.id, via="chat", at=noon, state="live",
        )
    )  # fmt: skip


def _arms(shop_of: Undone) -> Arms:
    with shop_of.reading() as conn:
        store = people.store_by_code(conn, "001")
        return trials.arms(conn, store.id, SINCE, UNTIL, ZONE)


def test_who_came_in_the_fortnight_is_counted_in_both_arms(shop_of: Undone) -> None:
    entered = date(2026, 9, 1)

    def happened(conn) -> None:
        for whose in ("冯安", "冯宁", "冯平", "冯和"):
            _enter(conn, whose, entered, listed=True)
        for whose in ("冯乐", "冯美"):
            _enter(conn, whose, entered, listed=False)
        _buys(conn, "冯安", entered)  # on the very day
        _buys(conn, "冯宁", entered + timedelta(days=13))
        _buys(conn, "冯平", entered + timedelta(days=14))  # too late
        _buys(conn, "冯乐", entered + timedelta(days=5))
        _enter(conn, "褚安", UNTIL, listed=True)  # her fortnight is not over

    shop_of.transact(happened)

    assert _arms(shop_of) == Arms(4, 2, 2, 1, 0)


def test_what_the_listed_used_is_what_it_cost(shop_of: Undone) -> None:
    entered = date(2026, 9, 1)

    def happened(conn) -> None:
        _enter(conn, "冯安", entered, listed=True)
        _enter(conn, "冯宁", entered, listed=False)
        _uses(conn, "冯安", entered + timedelta(days=3), 600)
        _uses(conn, "冯宁", entered + timedelta(days=3), 900)  # nobody called her
        _uses(conn, "褚安", entered + timedelta(days=3), 700)  # nor was she due

    shop_of.transact(happened)

    assert _arms(shop_of).fen == 600


def test_one_absence_is_one_entry(shop_of: Undone) -> None:
    def happened(conn) -> None:
        _enter(conn, "冯安", date(2026, 9, 1), listed=True)
        _enter(conn, "冯安", date(2026, 9, 9), listed=True)
        _enter(conn, "冯安", date(2026, 10, 20), listed=True, last=date(2026, 9, 10))  # she came, and stays away again

    shop_of.transact(happened)

    assert _arms(shop_of).listed == 2


def test_whoever_is_joined_with_another_takes_her_entry_along(shop_of: Undone) -> None:
    def happened(conn) -> None:
        store = people.store_by_code(conn, "001")
        customers.add(conn, twin := new_id(), at("08:00", 1), name="冯安", store_id=store.id)
        trials.enter(conn, store.id, date(2026, 9, 1), [Entry(twin, date(2026, 7, 1), listed=False)])
        there = context(conn, shop_of, "店长", at("10:00"))
        work = writing.writer(Context(conn, there.staff, there.now, there.address, None, new_id()))
        one, other = (stored(conn, row_id, seen_by=there.staff) for row_id in (customer(conn, "冯安"), twin))
        archive.merge(work, one.customer, other.customer)

    with shop_of.reading() as conn:
        kept = customer(conn, "冯安")
    shop_of.transact(happened)

    with shop_of.reading() as conn:
        assert conn.execute(select(table.c.customer_id)).scalars().all() == [kept]


def test_entries_go_after_two_hundred_days(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: _enter(conn, "冯安", date(2026, 9, 1), listed=True))
    made = datetime.now(UTC)  # ids rise with the machine's time

    def left(after: timedelta) -> int:
        shop_of.transact(lambda conn: tidy(conn, made + after))
        with shop_of.reading() as conn:
            return len(conn.execute(select(table.c.id)).all())

    assert [left(timedelta(days=199)), left(timedelta(days=201))] == [1, 0]


def test_the_morning_enters_the_listed_and_the_held_out_by_one_rule(shop_of: Undone) -> None:
    with shop_of.reading() as conn:
        leaving = {customer(conn, f"孙{given}") for given in GIVEN}
    salt = next(
        salt for salt in map(str, range(999)) if sum(holdout.held_out(one, salt.encode()) for one in leaving) == 2
    )

    def drawn(conn) -> None:
        conn.execute(update(chain).values(holdout_salt=salt))
        conn.execute(update(stores).values(data_at=at("22:10", 19)))

    shop_of.transact(drawn)
    run(shop_of, recall, at("10:00"))
    run(shop_of, recall, at("10:00", 21))

    with shop_of.reading() as conn:
        rows = conn.execute(select(table)).all()
        called = set(
            conn.execute(
                select(list_rows.c.customer_id).join(lists, lists.c.id == list_rows.c.list_id).where(
                    lists.c.kind == "today"
                )
            ).scalars()
        )  # fmt: skip
    out = {row.customer_id for row in rows if not row.listed}
    assert out & leaving == {one for one in leaving if holdout.held_out(one, salt.encode())}
    assert all(holdout.held_out(one, salt.encode()) for one in out)
    assert {row.customer_id for row in rows if row.listed} == called
    assert out & called == set()
    assert len({(row.customer_id, row.last_on) for row in rows}) == len(rows)


def test_a_tenth_of_those_who_enter_is_held_out(shop_of: Undone) -> None:
    """Neither the order of the list nor its room prefers one arm: over many draws it is the share that was drawn."""
    found = {True: 0, False: 0}
    with shop_of.reading() as conn:
        for salt in range(60):
            there = conn.begin_nested()
            conn.execute(update(chain).values(holdout_salt=f"draw {salt}"))
            run(shop_of, recall, at("10:00"))
            for listed in conn.execute(select(table.c.listed)).scalars():
                found[listed] += 1
            there.rollback()

    assert found[True] == 300
    assert 0.03 <= found[False] / sum(found.values()) <= 0.18, found  # ids differ in every run: over four deviations


def test_a_known_effect_is_found_by_the_weeks_message(shop_of: Undone) -> None:
    """Of 310 who stayed away 40 were left alone; of those a tenth comes anyway, of the called three in ten more."""
    dice, day = Random("a known effect"), date(2026, 10, 15)
    came = {True: 0, False: 0}

    def happened(conn) -> None:
        store = people.store_by_code(conn, "001")
        lines = sort_lines([Line(ids_of(conn, ["葡萄冻冻"])["葡萄冻冻"], 1000, 1500)])
        entries, orders = [], []
        for turn in range(310):
            customers.add(conn, row_id := new_id(), at("08:00", 1), name="段落", store_id=store.id)
            listed = turn >= 40
            entries.append(Entry(row_id, date(2026, 8, 1), listed))
            if dice.random() < (0.4 if listed else 0.1):
                came[listed] += 1
                on = day + timedelta(days=dice.randrange(14))
                noon = at("12:00").replace(month=on.month, day=on.day)
                orders.append(Order(f"K{turn}", store.id, row_id, noon, on, "sale", lines))
        trials.enter(conn, store.id, day, entries)
        store_orders(conn, orders)

    shop_of.transact(happened)
    found = effect(270, came[True], 40, came[False])

    assert found
    assert found.least <= 270 * 0.3 <= found.most
    for job, span in ((week, "08-17至11-08"), (office_week, "10-12至11-08")):
        (told,) = run(shop_of, job, MONDAY)
        line = f"效果（{span}，和抽签不联系的40位比）：多带回{found.more}位（可能{found.least}–{found.most}）"
        assert line in told.text.splitlines()
