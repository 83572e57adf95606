"""Two customers who are one: their coupons become one customer's, none too many, and come apart again."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.core.engine import Database
from bot.db.tables import approvals, coupons
from bot.db.tables import offers as offers_table
from bot.domain.selling.offers import Offer, Terms
from tests.offers.issuing import a_customer, an_offer, give
from tests.offers.test_redeeming import redeemed, say  # noqa: F401 — a fixture

Rows = list[tuple[Any, ...]]


@pytest.fixture
def pair(database, people, now):
    """王芳, who stays (she has a number), and a 王芳 without one."""
    who = people("小王")
    stays = a_customer(database, now, who, phone="+8613800138000")
    goes = a_customer(database, now, who, alias="红衣大姐", name="", state="temporary")
    return who, stays, goes


def rows(database: Database) -> Rows:
    """Every coupon: whose, which of the offer, state, uses left; and every approval."""
    found = select(coupons.c.id, coupons.c.customer_id, coupons.c.nth, coupons.c.state, coupons.c.uses_left)
    asked = select(approvals.c.number, approvals.c.customer_id).order_by(approvals.c.id)
    both = (found.order_by(coupons.c.id), asked)
    return database.transact(lambda conn: [tuple(row) for one in both for row in conn.execute(one)])


def merged(say, database: Database) -> Rows:  # noqa: F811 — the fixture
    for text in ("查 红衣大姐", "并 8000"):
        answer = say("店长", text)
    while answer.reply.choices:
        answer = say("店长", "1")
    assert answer.error is None, answer.reply.text
    return rows(database)


def issued(database: Database, offer: Offer) -> int:
    return database.transact(
        lambda conn: conn.execute(select(offers_table.c.issued).where(offers_table.c.id == offer.id)).scalar_one()
    )


def test_an_unused_coupon_that_would_be_one_too_many_becomes_void_and_comes_back(database, say, pair, now):  # noqa: F811
    who, stays, goes = pair
    offer = an_offer(database, now, "回归券")
    hers, other = (give(database, who, one, offer, now) for one in (stays, goes))
    before = rows(database)

    after = merged(say, database)

    assert after == [(hers.id, stays, 1, "live", 1), (other.id, stays, 2, "void", 1)]
    assert say("小王", f"核 {other.code}").reply.text == "「回归券」这张已经作废，不能核。"
    assert issued(database, offer) == 2
    assert say("店长", "撤").error is None
    assert rows(database) == before


def test_the_one_coupon_of_whoever_goes_stays_live(database, say, pair, now):  # noqa: F811
    who, stays, goes = pair
    other = give(database, who, goes, an_offer(database, now, "回归券"), now)

    assert merged(say, database) == [(other.id, stays, 1, "live", 1)]
    assert say("小王", f"核 {other.code}").error is None


@pytest.mark.parametrize("whose", ["who stays", "who goes"])
def test_a_used_one_is_kept_and_an_unused_one_beyond_her_share_is_not(database, say, pair, now, whose):  # noqa: F811
    who, stays, goes = pair
    offer = an_offer(database, now, "回归券")
    hers, other = (give(database, who, one, offer, now) for one in (stays, goes))
    redeemed(database, hers if whose == "who stays" else other, who, now)

    after = merged(say, database)

    kept = {"who stays": [("used", 0), ("void", 1)], "who goes": [("void", 1), ("used", 0)]}[whose]
    assert after == [(hers.id, stays, 1, *kept[0]), (other.id, stays, 2, *kept[1])]
    assert say("店长", "撤").error is None
    back = {"who stays": [("used", 0), ("live", 1)], "who goes": [("live", 1), ("used", 0)]}[whose]
    assert rows(database) == [(hers.id, stays, 1, *back[0]), (other.id, goes, 1, *back[1])]


def test_a_card_of_pieces_is_paid_for_and_gives_way_to_nothing(database, say, pair, now):  # noqa: F811
    who, stays, goes = pair
    offer = an_offer(database, now, "买2送1", kind="counted", terms=Terms(buy=2, get=1))
    hers, other = (give(database, who, one, offer, now) for one in (stays, goes))

    assert merged(say, database) == [(hers.id, stays, 1, "live", 3), (other.id, stays, 2, "live", 3)]


def test_where_she_may_have_several_a_second_live_one_still_is_one_too_many(database, say, pair, now):  # noqa: F811
    who, stays, goes = pair
    offer = an_offer(database, now, "满30减6", cap_each=3)
    first = give(database, who, goes, offer, now)
    redeemed(database, first, who, now)
    second, hers = give(database, who, goes, offer, now), give(database, who, stays, offer, now)

    assert merged(say, database) == [
        (first.id, stays, 3, "used", 0), (second.id, stays, 2, "void", 1), (hers.id, stays, 1, "live", 1),
    ]  # fmt: skip


def test_what_was_asked_for_her_is_asked_for_whoever_stays(database, say, pair, now):  # noqa: F811
    who, stays, goes = pair
    dear = an_offer(database, now, "满500减50", cost_fen=5000)
    say("小王", "查 红衣大姐")
    values = {"id": 7, "store_id": who.store_id, "number": 1, "customer_id": goes, "offer_id": dear.id,
              "content": b"", "state": "waiting", "asked_by": who.id, "asked_at": now}  # fmt: skip
    database.transact(lambda conn: conn.execute(approvals.insert().values(**values)))

    assert merged(say, database) == [(1, stays)]
    say("店长", "撤")
    assert rows(database) == [(1, goes)]


def test_a_card_of_pieces_that_was_begun_is_kept_beside_hers(database, say, pair, now):  # noqa: F811
    who, stays, goes = pair
    offer = an_offer(database, now, "买2送1", kind="counted", terms=Terms(buy=2, get=1))
    hers, other = (give(database, who, one, offer, now) for one in (stays, goes))
    redeemed(database, other, who, now)

    assert merged(say, database) == [(hers.id, stays, 1, "live", 3), (other.id, stays, 2, "live", 2)]


def test_a_redemption_after_the_merge_keeps_it_from_being_taken_back(database, say, pair, now):  # noqa: F811
    who, stays, goes = pair
    offer = an_offer(database, now, "回归券", cap_each=2)
    hers, other = (give(database, who, one, offer, now) for one in (stays, goes))
    redeemed(database, other, who, now)
    merged(say, database)
    redeemed(database, hers, who, now)

    undone = say("店长", "撤")

    assert undone.error is None  # hers was hers before and after
    assert rows(database) == [(hers.id, stays, 1, "used", 0), (other.id, goes, 1, "used", 0)]
