"""Whatever is given, used and taken back, in whatever order: counters are true after each step, and all comes back."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.db.core.engine import Database
from bot.db.tables import changes, coupons, units
from bot.db.tables import offers as offers_table
from bot.domain.errors import ConflictError
from tests.offers.issuing import a_customer, an_offer, give, take_back

BOUNDS = (
    {"cap": 3, "cap_each": 2},
    {"budget_fen": 1500, "cost_fen": 500},
    {"cap": 2, "budget_fen": 600, "cap_each": 3},
)
STEP = st.tuples(st.sampled_from(["give", "give", "back", "use"]), st.integers(0, 2), st.integers(0, 2))


@pytest.fixture
def shop(database, people, now):
    xiaowang = people("小王")
    database.transact(lambda conn: conn.execute(offers_table.delete()))
    made = [an_offer(database, now, f"{number}号", **bound) for number, bound in enumerate(BOUNDS)]
    return database, xiaowang, made, [a_customer(database, now, xiaowang) for _ in range(3)]


@given(steps=st.lists(STEP, max_size=12))
@settings(max_examples=25)
def test_counters_are_true_after_each_step_and_taking_all_back_leaves_nothing(shop, now, steps):
    database, xiaowang, made, crowd = shop
    before = _offers(database)
    for action, one, other in steps:
        with suppress(ConflictError):
            if action == "give":
                give(database, xiaowang, crowd[one], made[other], now)
            elif action == "back":
                _back(database, xiaowang, now, one)
            else:
                _set_used(database, crowd[one], used=True)
        _check(database, now)

    for her in crowd:
        _set_used(database, her, used=False)
    while _units(database):
        take_back(database, xiaowang, now)
        _check(database, now)
    assert _offers(database) == before
    assert _rows(database, coupons) == []
    database.transact(lambda conn: [conn.execute(table.delete()) for table in (changes, units)])


def _back(database: Database, who, now, turn: int) -> None:
    if turn < _units(database):
        take_back(database, who, now, turn)


def _check(database: Database, now) -> None:
    rows = _rows(database, coupons)
    given_out, held = Counter(row.offer_id for row in rows), Counter((row.offer_id, row.customer_id) for row in rows)
    live = Counter((row.offer_id, row.customer_id) for row in rows if row.state == "live")
    for offer in _rows(database, offers_table):
        assert (offer.issued, offer.committed_fen) == (given_out[offer.id], given_out[offer.id] * offer.cost_fen)
        assert offer.cap is None or offer.issued <= offer.cap
        assert offer.budget_fen is None or offer.committed_fen <= offer.budget_fen
        assert all(count <= offer.cap_each for (offer_id, _), count in held.items() if offer_id == offer.id)
    assert all(count == 1 for count in live.values())
    assert all(row.ends_on == now.date() + timedelta(days=13) for row in rows)


def _set_used(database: Database, customer_id: int, *, used: bool) -> None:
    state = {"state": "used", "uses_left": 0} if used else {"state": "live", "uses_left": 1}
    change = update(coupons).where(coupons.c.customer_id == customer_id).values(state)
    database.transact(lambda conn: conn.execute(change))


def _offers(database: Database) -> list:
    return _rows(database, offers_table)


def _units(database: Database) -> int:
    wanted = select(units.c.id).where(units.c.undone_at.is_(None))
    return len(database.transact(lambda conn: conn.execute(wanted).all()))


def _rows(database: Database, table) -> list:
    return database.transact(lambda conn: conn.execute(select(table).order_by(table.c.id)).all())
