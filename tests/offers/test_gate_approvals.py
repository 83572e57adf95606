"""What she may not give alone is asked of who may; the yes gives it, everything checked again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.actions import approving
from bot.actions.gate import NeedsApprovalError
from bot.actions.notes import Writer
from bot.db import changes, customers
from bot.db.bulk.orders import Order, store_orders
from bot.db.changes import Recorder, Unit
from bot.db.core.engine import Database
from bot.db.core.ids import new_id
from bot.db.offers import approvals as stored
from bot.db.offers.approvals import Approval
from bot.db.tables import approvals, coupons
from bot.db.tables import offers as offers_table
from bot.db.talk import outbox
from bot.domain.errors import ConflictError, NotAllowedError, NotFoundError
from bot.domain.selling.offers import Coupon
from bot.domain.shop import Staff
from bot.domain.stats import Line
from tests.offers.issuing import a_customer, an_offer, counts, give, take_back
from tests.support import cast


@pytest.fixture
def staff(people, database) -> dict[str, Staff]:
    people("小王")
    database.transact(lambda conn: conn.execute(offers_table.delete()))
    return {name: cast.staff(database, name) for name in ("小王", "小李", "店长", "外店", "总部")}


def ask(database: Database, who: Staff, her: int, offer, now: datetime) -> Approval | Coupon:
    def work(conn):
        writer = Writer(Recorder(conn, new_id()), who, now)
        sight = customers.by_id(conn, her, seen_by=who)
        assert sight
        found = approving.give_or_ask(writer, sight, offer)
        _file(writer, her)
        return found

    return database.transact(work)


def bought(database: Database, who: Staff, her: int, now: datetime, *, refunded: bool = False) -> None:
    """One purchase of hers two days ago; perhaps taken back whole."""
    at = now - timedelta(days=2)
    sale = Order(f"S{her}", who.store_id or 0, her, at, at.date(), "sale", [Line(None, 1000, 1800)])
    back = Order(f"R{her}", who.store_id or 0, her, at, at.date(), "refund", [Line(None, 1000, -1800)], f"S{her}")
    database.transact(lambda conn: store_orders(conn, [sale, back] if refunded else [sale]))


def decide(database: Database, who: Staff, asked: Approval, now: datetime, **more) -> Coupon | None:
    def work(conn):
        writer = Writer(Recorder(conn, new_id()), who, now)
        made = approving.decide(writer, asked, **{"granted": True, **more})
        _file(writer, asked.customer_id)
        return made

    return database.transact(work)


def _file(writer: Writer, her: int) -> None:
    who = writer.staff
    writer.recorder.close(Unit(writer.recorder.unit_id, who.id, who.store_id, her, "批", "批", writer.now, None))


def told(database: Database, who: Staff) -> list[str]:
    return database.transact(lambda conn: outbox.take(conn, who.id, who.veil))


def state(database: Database) -> list[str]:
    return list(database.transact(lambda conn: conn.execute(select(approvals.c.state)).scalars().all()))


def dear(database: Database, now: datetime, fen: int = 5000, **more):
    return an_offer(database, now, "大礼", cost_fen=fen, **more)


def test_what_costs_more_than_a_guide_may_give_is_asked_of_the_manager(database, staff, now):
    her, offer = a_customer(database, now, staff["小王"], phone="+8613800138000"), dear(database, now)
    with pytest.raises(NeedsApprovalError) as needed:
        give(database, staff["小王"], her, offer, now)
    assert needed.value.say == "这张券最多值¥50，超过能直接发的额度，要先请示。"

    asked = ask(database, staff["小王"], her, offer, now)

    assert isinstance(asked, Approval)
    assert (asked.number, asked.state, asked.asker, asked.offer) == (1, "waiting", "小王", offer)
    said = (
        "🔔 小王 请示：给王*（尾号8000）发「大礼」（这张券最多值¥50，超过能直接发的额度）。"
        "回「批 1」同意，「批 1 不」不同意。"
    )
    assert told(database, staff["店长"]) == [said]
    assert told(database, staff["总部"]) == []
    assert counts(database, offer) == (0, 0, 0)

    made = decide(database, staff["店长"], asked, now)

    assert made
    assert (made.customer_id, made.offer.id, made.store_id) == (her, offer.id, staff["小王"].store_id)
    issued_by = database.transact(lambda conn: conn.execute(select(coupons.c.issued_by)).scalar())
    assert (counts(database, offer), state(database), issued_by) == ((1, 5000, 1), ["granted"], staff["小王"].id)
    assert told(database, staff["小王"]) == [
        f"🔔 店长 同意了1号请示：王*（尾号8000），「大礼」已发，尾码 {made.tail}。"
    ]


def test_a_no_gives_nothing_and_is_told_with_its_reason(database, staff, now):
    asked = ask(database, staff["小王"], a_customer(database, now, staff["小王"]), dear(database, now), now)

    assert decide(database, staff["店长"], asked, now, granted=False, reason="上周刚送过") is None

    assert (state(database), counts(database, asked.offer)) == (["refused"], (0, 0, 0))
    assert told(database, staff["小王"]) == ["🔔 店长 没同意1号请示（上周刚送过）：王*，「大礼」没发。"]


def test_what_the_manager_may_not_give_either_goes_to_head_office_which_has_no_limit(database, staff, now):
    her, offer = a_customer(database, now, staff["小王"]), dear(database, now, 20_001)
    asked = ask(database, staff["小王"], her, offer, now)

    assert (len(told(database, staff["店长"])), len(told(database, staff["总部"]))) == (0, 1)
    with pytest.raises(NotAllowedError, match=r"^这张要别人来批：请找总部$"):
        decide(database, staff["店长"], asked, now)
    with pytest.raises(NeedsApprovalError):
        give(database, staff["店长"], her, offer, now)
    assert decide(database, staff["总部"], asked, now)
    other = a_customer(database, now, staff["小王"])
    assert give(database, staff["总部"], other, offer, now).store_id == staff["小王"].store_id


@pytest.mark.parametrize(("cost", "asks"), [(2000, False), (2001, True)])
def test_a_guides_limit_itself_may_be_given(database, staff, now, cost, asks):
    her = a_customer(database, now, staff["小王"])
    found = ask(database, staff["小王"], her, dear(database, now, cost), now)
    assert isinstance(found, Approval) == asks


def test_only_a_leader_of_that_store_decides_and_nobody_for_herself(database, staff, now):
    asked = ask(database, staff["小王"], a_customer(database, now, staff["小王"]), dear(database, now), now)
    for name in ("小王", "小李", "外店"):
        with pytest.raises(NotAllowedError, match=r"^这张要别人来批：请找店长$"):
            decide(database, staff[name], asked, now)

    def listed(who: Staff) -> list[int]:
        return database.transact(
            lambda conn: [one.number for one, _ in approving.waiting(Writer(Recorder(conn, 1), who, now))]
        )

    assert {name: listed(who) for name, who in staff.items()} == {
        "小王": [], "小李": [], "店长": [1], "外店": [], "总部": [1]
    }  # fmt: skip


def test_it_is_decided_once_and_asked_once(database, staff, now):
    her, offer = a_customer(database, now, staff["小王"]), dear(database, now)
    asked = ask(database, staff["小王"], her, offer, now)
    with pytest.raises(ConflictError, match=r"^这张已经请示过了（1号），还在等答复。$"):
        ask(database, staff["小李"], her, offer, now)

    decide(database, staff["店长"], asked, now)

    with pytest.raises(ConflictError, match=r"^1号已经有答复了。$"):
        decide(database, staff["总部"], asked, now, granted=False)
    assert (counts(database, offer), state(database)) == ((1, 5000, 1), ["granted"])


def test_a_yes_that_comes_too_late_gives_nothing_and_leaves_it_waiting(database, staff, now):
    one, other = (a_customer(database, now, staff["小王"]) for _ in range(2))
    offer = dear(database, now, cap=1)
    asked = ask(database, staff["小王"], one, offer, now)
    give(database, staff["店长"], other, offer, now)

    with pytest.raises(ConflictError, match=r"^「大礼」已发完，没发。$"):
        decide(database, staff["店长"], asked, now)
    database.transact(lambda conn: conn.execute(update(offers_table).values(state="stopped")))
    with pytest.raises(ConflictError, match=r"^「大礼」已经结束了，没发。$"):
        decide(database, staff["店长"], asked, now)
    assert (counts(database, offer), state(database)) == ((1, 5000, 1), ["waiting"])


def test_a_customer_a_guide_made_today_who_never_bought_gets_nothing_without_a_second_pair_of_eyes(
    database, staff, now
):
    fresh = {"joined_at": now - timedelta(hours=23)}
    mine = a_customer(database, now, staff["小王"], **fresh)
    known = a_customer(database, now, staff["小王"], joined_at=now - timedelta(hours=25))
    offer, invitation = an_offer(database, now), an_offer(database, now, "品鉴会", cost_fen=0)

    asked = ask(database, staff["小王"], mine, offer, now)

    assert isinstance(asked, Approval)
    assert asked.why == "她的档案建了不到一天，还没有消费过"
    assert isinstance(ask(database, staff["小王"], mine, invitation, now), Coupon)
    assert isinstance(ask(database, staff["小王"], known, offer, now), Coupon)
    assert isinstance(decide(database, staff["店长"], asked, now), Coupon)


def test_who_never_bought_gets_alone_only_what_is_meant_for_newcomers(database, staff, now):
    """Whoever made the file; where no orders are kept nobody is known to have bought, and the later rule rests."""
    guide, theirs = staff["小王"], a_customer(database, now, staff["小李"], joined_at=now - timedelta(hours=2))
    old, buyer = a_customer(database, now, guide), a_customer(database, now, guide)
    offer, newcomers = an_offer(database, now, "回归礼"), an_offer(database, now, "满30减6")
    assert isinstance(ask(database, guide, theirs, newcomers, now), Approval)
    assert isinstance(ask(database, guide, a_customer(database, now, guide), offer, now), Coupon)

    bought(database, guide, buyer, now)
    gave_back = a_customer(database, now, guide)
    bought(database, guide, gave_back, now, refunded=True)

    assert isinstance(ask(database, guide, gave_back, offer, now), Approval)
    asked = ask(database, guide, old, offer, now)
    assert isinstance(asked, Approval)
    assert asked.why == "她还没有消费过"
    assert isinstance(ask(database, guide, old, newcomers, now), Coupon)
    assert isinstance(ask(database, guide, buyer, offer, now), Coupon)
    assert isinstance(ask(database, staff["店长"], a_customer(database, now, guide), offer, now), Coupon)


def test_taking_back_a_yes_takes_the_coupon_and_taking_back_the_question_ends_it(database, staff, now):
    her, offer = a_customer(database, now, staff["小王"]), dear(database, now)
    asked = ask(database, staff["小王"], her, offer, now)
    decide(database, staff["店长"], asked, now)
    with pytest.raises(ConflictError, match=r"^撤不了：之后又改过，请先撤后面的。$"):
        take_back(database, staff["小王"], now)

    take_back(database, staff["店长"], now)
    assert (counts(database, offer), state(database)) == ((0, 0, 0), ["waiting"])
    assert told(database, staff["小王"]) == []

    take_back(database, staff["小王"], now)
    assert state(database) == []
    assert told(database, staff["店长"]) == []


def test_a_number_is_found_in_its_store_alone(database, staff, now):
    asked = ask(database, staff["小王"], a_customer(database, now, staff["小王"]), dear(database, now), now)

    def the_one(who: Staff, number: int) -> Approval:
        return database.transact(lambda conn: approving.the_one(Writer(Recorder(conn, 1), who, now), number))

    assert the_one(staff["店长"], 1) == the_one(staff["总部"], 1) == asked
    for who, number in ((staff["店长"], 2), (staff["外店"], 1), (staff["总部"], 2)):
        with pytest.raises(NotFoundError, match=rf"^没有{number}号请示。发「批」看在等的。$"):
            the_one(who, number)


def test_nothing_of_a_question_lies_open(database, staff, now):
    ask(database, staff["小王"], a_customer(database, now, staff["小王"]), dear(database, now), now)

    rows = database.transact(lambda conn: [tuple(row) for row in conn.execute(select(approvals))])
    assert not any("今天" in str(value) or "超过" in str(value) for row in rows for value in row)
    assert database.transact(lambda conn: stored.waiting(conn, None))[0].why == "这张券最多值¥50，超过能直接发的额度"
    count = database.transact(lambda conn: conn.execute(select(func.count()).select_from(changes.changes)).scalar())
    assert count == 1
