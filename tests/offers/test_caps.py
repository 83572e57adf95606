"""Caps, budgets and one live coupon a customer: the database decides, the sentence explains, 撤 gives back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.actions import giving
from bot.db import customers
from bot.db.offers import coupons as issued
from bot.db.offers import offers
from bot.db.tables import audit, changes, coupons
from bot.db.tables import offers as offers_table
from bot.domain.errors import ConflictError
from bot.domain.selling.offers import Terms
from tests.offers.issuing import a_customer, an_offer, at, counts, give, take_back
from tests.support import cast


@pytest.fixture
def xiaowang(people, database):
    """A guide of a store without offers but those of the test."""
    guide = people("小王")
    database.transact(lambda conn: conn.execute(offers_table.delete()))
    return guide


def test_a_coupon_is_issued_counted_and_found_again(database, xiaowang, now):
    offer, her = an_offer(database, now), a_customer(database, now, xiaowang)

    made = give(database, xiaowang, her, offer, now)

    assert counts(database, offer) == (1, 600, 1)
    assert (made.state, made.uses, made.uses_left, made.cost_fen, made.nth) == ("live", 1, 1, 600, 1)
    assert (made.starts_on, made.ends_on) == (date(2026, 11, 20), date(2026, 12, 3))
    counted = replace(made, offer=at(database, offer))
    today = now.date()
    assert database.transact(lambda conn: issued.by_code(conn, made.code)) == counted
    assert database.transact(lambda conn: issued.by_id(conn, made.id)) == counted
    assert database.transact(lambda conn: issued.of_customer(conn, her, today)) == [counted]
    assert database.transact(lambda conn: issued.by_tail(conn, made.tail, xiaowang)) == [counted]
    assert database.transact(lambda conn: issued.ending(conn, [xiaowang.store_id], today, made.ends_on)) == {
        xiaowang.store_id: [counted]
    }
    assert database.transact(lambda conn: issued.of_customer(conn, her, made.ends_on + timedelta(days=1))) == []


def test_four_characters_find_nobody_of_another_store(database, people, now):
    xiaowang = people("小王")
    made = give(database, xiaowang, a_customer(database, now, xiaowang), an_offer(database, now), now)

    elsewhere = cast.staff(database, "外店")
    assert database.transact(lambda conn: issued.by_tail(conn, made.tail, elsewhere)) == []


def test_a_counted_coupon_holds_all_its_pieces_and_the_next_visit_begins_tomorrow(database, xiaowang, now):
    her = a_customer(database, now, xiaowang)
    stored = an_offer(database, now, "买10送3", kind="counted", terms=Terms(buy=10, get=3))
    later = an_offer(database, now, "下次券", kind="next_visit")

    card, next_time = (give(database, xiaowang, her, offer, now) for offer in (stored, later))

    assert (card.uses, card.uses_left) == (13, 13)
    assert (next_time.starts_on, next_time.ends_on) == (date(2026, 11, 21), date(2026, 12, 4))


def test_she_has_one_live_coupon_of_an_offer_and_no_more_than_her_share(database, xiaowang, now):
    offer, her = an_offer(database, now, cap_each=2), a_customer(database, now, xiaowang)
    first = give(database, xiaowang, her, offer, now)

    with pytest.raises(ConflictError) as again:
        give(database, xiaowang, her, offer, now)
    assert again.value.say == f"她已经有一张「满30减6」没用（尾码 {first.tail}，到12月3日），没有再发。"

    _use(database)
    assert give(database, xiaowang, her, offer, now).nth == 2
    _use(database)
    with pytest.raises(ConflictError) as enough:
        give(database, xiaowang, her, offer, now)
    assert enough.value.say == "「满30减6」每人2张，她已经领过了，没有再发。"
    assert counts(database, offer) == (2, 1200, 2)


def _use(database) -> None:
    database.transact(lambda conn: conn.execute(update(coupons).values(state="used", uses_left=0)))


@pytest.mark.parametrize("bound", [{"cap": 1}, {"budget_fen": 1199}])
def test_what_is_given_out_is_refused_and_leaves_nothing(database, xiaowang, now, bound):
    offer = an_offer(database, now, **bound)
    one, other = a_customer(database, now, xiaowang), a_customer(database, now, xiaowang)
    give(database, xiaowang, one, offer, now)

    for seen in (offer, at(database, offer)):  # by the count when it was read, and by the database alone
        with pytest.raises(ConflictError, match=r"^「满30减6」已发完，没发。$"):
            give(database, xiaowang, other, seen, now)
    assert counts(database, offer) == (1, 600, 1)


def test_a_stopped_offer_is_refused_even_to_who_read_it_before(database, xiaowang, now):
    offer, her = an_offer(database, now), a_customer(database, now, xiaowang)
    database.transact(lambda conn: conn.execute(update(offers_table).values(state="stopped")))

    with pytest.raises(ConflictError, match=r"^「满30减6」已经结束了，没发。$"):
        give(database, xiaowang, her, offer, now)
    assert counts(database, offer) == (0, 0, 0)


def test_taking_back_gives_the_place_and_the_count_back_whatever_others_got_meanwhile(database, xiaowang, now):
    offer = an_offer(database, now, cap=2)
    one, other = a_customer(database, now, xiaowang), a_customer(database, now, xiaowang)
    give(database, xiaowang, one, offer, now)
    give(database, xiaowang, other, offer, now)

    take_back(database, xiaowang, now, turn=1)

    assert counts(database, offer) == (1, 600, 1)
    assert give(database, xiaowang, one, offer, now).nth == 1
    assert counts(database, offer) == (2, 1200, 2)


def test_a_used_coupon_is_not_taken_back(database, xiaowang, now):
    offer, her = an_offer(database, now), a_customer(database, now, xiaowang)
    give(database, xiaowang, her, offer, now)
    _use(database)

    with pytest.raises(ConflictError, match=r"^撤不了：这张券已经核销了。客人退货时会自动还原，或请先撤那次核销。$"):
        take_back(database, xiaowang, now)
    assert counts(database, offer) == (1, 600, 1)


def test_an_ended_campaign_stays_ended_when_the_clock_goes_back(database, xiaowang, now):
    offer, her = an_offer(database, now, ends_on=date(2026, 11, 20)), a_customer(database, now, xiaowang)
    last_second = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)  # a second to midnight in the shop's time
    assert database.transact(lambda conn: offers.live(conn, xiaowang.store_id, now.date())) == [offer]

    for late in (last_second + timedelta(seconds=1), last_second + timedelta(days=1)):
        with pytest.raises(ConflictError, match=r"^「满30减6」已经结束了，没发。$"):
            give(database, xiaowang, her, offer, late)
    _heard(database, xiaowang, last_second + timedelta(hours=1))
    with pytest.raises(ConflictError, match=r"^机器的日期比之前早了，先不发券：请管理员校对时间。$"):
        give(database, xiaowang, her, offer, last_second)
    database.transact(lambda conn: conn.execute(audit.delete()))
    assert give(database, xiaowang, her, offer, last_second).issued_at == last_second


def test_a_look_after_its_end_closes_an_offer_for_good(database, xiaowang, now):
    offer, her = an_offer(database, now, ends_on=date(2026, 11, 20)), a_customer(database, now, xiaowang)

    def fitting(at: datetime):
        def look(conn):
            return giving.fitting(conn, customers.by_id(conn, her, seen_by=xiaowang), xiaowang, at)

        return database.transact(look)

    assert fitting(now) == [offer]
    assert fitting(now + timedelta(days=1)) == []
    assert fitting(now) == []
    with pytest.raises(ConflictError, match="已经结束了"):
        give(database, xiaowang, her, offer, now)


def _heard(database, who, at: datetime) -> None:
    row = {"id": 1, "at": at, "staff_id": who.id, "command": "查", "outcome": "ok"}
    database.transact(lambda conn: conn.execute(audit.insert().values(row)))


def test_nobody_reads_a_code_or_a_reason_in_the_file(database, xiaowang, now):
    offer, her = an_offer(database, now), a_customer(database, now, xiaowang)
    made = give(database, xiaowang, her, offer, now, override="医生说可以")

    rows = database.transact(lambda conn: [*conn.execute(select(coupons)), *conn.execute(select(changes))])
    dump = b"|".join(bytes(value) if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)

    for secret in (made.code, made.tail, "医生"):
        assert secret.encode() not in dump
