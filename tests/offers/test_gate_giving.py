"""Who is refused a coupon and in which words, and what may be given instead."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from bot.actions import complaints, giving, notes
from bot.actions.notes import Writer
from bot.db import customers, facts
from bot.db.bulk.products import NewProduct, add_products, ids_of
from bot.db.changes import Recorder
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import consents, coupons
from bot.db.tables import facts as facts_table
from bot.db.tables import offers as offers_table
from bot.domain.errors import ConflictError
from bot.domain.selling.offers import Terms
from tests.offers.issuing import a_customer, an_offer, counts, give, limit
from tests.support import cast

GOODS = (
    NewProduct("T02", "杨枝甘露", "果茶", 2200, "芒果、西柚、椰奶"),
    NewProduct("T04", "葡萄冻冻", "果茶", 2000, "葡萄"),
)


@pytest.fixture
def xiaowang(people, database):
    """A guide of a store without offers but those of the test."""
    guide = people("小王")
    database.transact(lambda conn: conn.execute(offers_table.delete()))
    return guide


@pytest.fixture
def goods(database) -> dict[str, int]:
    def make(conn):
        add_products(conn, GOODS)
        return ids_of(conn, [one.name for one in GOODS])

    return database.transact(make)


def says(database, her: int, now: datetime, state: str = "live", **content: str) -> None:
    row_id = new_id()
    more = {"state": state, "source": "chat", "said_at": now, "expires_at": None}

    def write(conn):
        conn.execute(insert(facts_table).values(facts.row(keys_of(conn), row_id, her, content, **more)))

    database.transact(write)


def refused(database, who, her: int, offer, now: datetime, **more) -> ConflictError:
    with pytest.raises(ConflictError) as error:
        give(database, who, her, offer, now, **more)
    assert counts(database, offer) == (0, 0, 0)
    return error.value


def fitting(database, who, her: int, now: datetime) -> list[str]:
    def look(conn):
        sight = customers.by_id(conn, her, seen_by=who)
        assert sight
        return [offer.name for offer in giving.fitting(conn, sight, who, now)]

    return database.transact(look)


def test_an_offer_she_must_not_have_is_refused_with_what_may_be_given(database, xiaowang, goods, now):
    her = a_customer(database, now, xiaowang)
    mango = an_offer(database, now, "芒果新品券", terms=Terms(off_fen=600, items=(goods["杨枝甘露"],)))
    partly = an_offer(database, now, "果茶券", terms=Terms(off_fen=600, categories=("果茶",)))
    plain = an_offer(database, now)
    says(database, her, now, kind="allergy", value="芒果")

    no = refused(database, xiaowang, her, mango, now)

    assert no.say == "⛔ 她芒果过敏，「芒果新品券」只能买杨枝甘露，没发。坚持发就写：发 芒果新品券 坚持 原因"
    assert [label for label, _ in no.offers] == ["满30减6", "果茶券"] == fitting(database, xiaowang, her, now)
    token, number = no.offers[0][1].removeprefix("发 #").split()
    assert (database.keys.untoken(token, xiaowang.id), int(number)) == (her, plain.number)
    assert give(database, xiaowang, her, partly, now).offer == partly


@pytest.mark.parametrize(
    ("kind", "state", "said"),
    [("avoid", "live", "她芒果不要"), ("allergy", "pending", "她芒果过敏（等她同意记录）")],
)
def test_an_avoidance_and_what_waits_for_her_yes_bar_too(database, xiaowang, goods, now, kind, state, said):
    her = a_customer(database, now, xiaowang)
    gift = an_offer(database, now, "尝鲜", kind="gift", terms=Terms(gift_id=goods["杨枝甘露"]))
    says(database, her, now, state, kind=kind, value="芒果")

    no = refused(database, xiaowang, her, gift, now)

    assert no.say == f"⛔ {said}，「尝鲜」送的是杨枝甘露，没发。坚持发就写：发 尝鲜 坚持 原因"
    assert no.offers == ()


def test_a_typed_reason_overrides_and_is_kept_sealed(database, xiaowang, goods, now):
    her = a_customer(database, now, xiaowang)
    gift = an_offer(database, now, "尝鲜", kind="gift", terms=Terms(gift_id=goods["杨枝甘露"]))
    says(database, her, now, kind="allergy", value="芒果")

    refused(database, xiaowang, her, gift, now, override=" 1 ")
    made = give(database, xiaowang, her, gift, now, override=" 送给她先生的 ")

    sealed = database.transact(lambda conn: conn.execute(select(coupons.c.override)).scalar())
    assert database.keys.unseal("coupons.override", made.id, sealed) == "送给她先生的"


def test_where_nothing_may_be_told_a_refusal_does_not_say_for_what(database, xiaowang, goods, now):
    her = a_customer(database, now, xiaowang)
    mango = an_offer(database, now, "尝鲜", kind="gift", terms=Terms(gift_id=goods["杨枝甘露"]))
    says(database, her, now, kind="allergy", value="芒果")

    for who in (replace(xiaowang, veil="closed"), cast.staff(database, "总部")):
        assert refused(database, who, her, mango, now).say == "⛔「尝鲜」不适合她，没发。可以换一张。"


@pytest.mark.parametrize("rule", ["别再联系", "别群发", "别发券"])
def test_who_wants_no_offers_is_given_none(database, xiaowang, now, rule):
    her, offer = a_customer(database, now, xiaowang), an_offer(database, now)
    says(database, her, now, kind="contact_rule", value=rule)

    no = refused(database, xiaowang, her, offer, now, override="她当面要的")

    assert no.say == "她说过不想收活动消息，券没发。她当面改口的话，请先把这条联系要求撤掉再发。"
    assert fitting(database, xiaowang, her, now) == []


def test_who_did_not_agree_to_be_contacted_is_given_none(database, xiaowang, now):
    her, offer = a_customer(database, now, xiaowang), an_offer(database, now)
    row = {"id": 1, "customer_id": her, "kind": "contact", "given": False, "at": now}
    database.transact(lambda conn: conn.execute(insert(consents).values(row)))

    assert refused(database, xiaowang, her, offer, now).say.startswith("她说过不想收活动消息")


def test_while_a_complaint_is_open_anywhere_there_is_no_promotion(database, people, xiaowang, now):
    offer = an_offer(database, now)
    elsewhere = cast.staff(database, "外店")
    her = a_customer(database, now, xiaowang)

    def complain(conn):
        sight = customers.by_id(conn, her, seen_by=xiaowang)
        assert sight
        return complaints.file(Writer(Recorder(conn, 1), elsewhere, now), sight, "等太久", ())

    matter = database.transact(complain)
    assert refused(database, xiaowang, her, offer, now).say == (
        "她有一件客诉还没办结，先别发券。先把事情办好，办结后再发。"
    )
    assert fitting(database, xiaowang, her, now) == []

    database.transact(lambda conn: complaints.close(Writer(Recorder(conn, 2), elsewhere, now), matter, "道歉", "接受"))
    assert fitting(database, xiaowang, her, now) == ["满30减6"]
    assert give(database, xiaowang, her, offer, now).customer_id == her


def test_another_stores_offer_and_one_not_yet_begun_are_refused(database, xiaowang, now):
    her, elsewhere = a_customer(database, now, xiaowang), cast.staff(database, "外店")
    theirs = an_offer(database, now, "静安券", store_id=elsewhere.store_id)
    later = an_offer(database, now, "双十二", starts_on=date(2026, 12, 12))

    assert refused(database, xiaowang, her, theirs, now).say == "「静安券」是别的门店的券，这里不能发。"
    assert refused(database, xiaowang, her, later, now).say == "「双十二」12月12日才开始，没发。"
    assert fitting(database, xiaowang, her, now) == []


def test_what_fits_leaves_out_what_she_had_and_what_is_given_out(database, xiaowang, now):
    her, other = a_customer(database, now, xiaowang), a_customer(database, now, xiaowang)
    for name in ("一", "二", "三"):
        an_offer(database, now, name)
    had = an_offer(database, now, "领过的")
    last = an_offer(database, now, "最后一张", cap=1)
    give(database, xiaowang, her, had, now)
    give(database, xiaowang, other, last, now)
    an_offer(database, now, "本店的", store_id=xiaowang.store_id)

    assert fitting(database, xiaowang, her, now) == ["本店的", "一", "二", "三"]
    assert fitting(database, xiaowang, other, now) == ["本店的", "一", "二", "三", "领过的"]


def test_a_choice_made_for_one_person_gives_nothing_to_anyone_of_anothers(database, people, xiaowang, now):
    """A digit, a quoted card or a forwarded button of somebody else names nobody: it is bound to whom it was shown."""
    her, offer, xiaoli = a_customer(database, now, xiaowang), an_offer(database, now), cast.staff(database, "小李")
    said = database.transact(lambda conn: giving.command(conn, her, xiaowang, offer))
    token = said.split("#")[1].split()[0]

    assert database.keys.untoken(token, xiaowang.id) == her
    assert database.keys.untoken(token, xiaoli.id) is None
    assert database.keys.untoken(token[:-1] + ("0" if token[-1] != "0" else "1"), xiaowang.id) is None


def test_facts_of_a_relative_do_not_bar_herself(database, xiaowang, goods, now):
    her = a_customer(database, now, xiaowang)
    says(database, her, now, kind="allergy", value="芒果", of="child")
    mango = an_offer(database, now, "芒果新品券", terms=Terms(off_fen=600, items=(goods["杨枝甘露"],)))

    assert give(database, xiaowang, her, mango, now).offer == mango


def test_notes_of_a_day_ago_that_nobody_agreed_to_bar_no_more(database, xiaowang, goods, now):
    her = a_customer(database, now, xiaowang)
    mango = an_offer(database, now, "芒果新品券", terms=Terms(off_fen=600, items=(goods["杨枝甘露"],)))

    def note(conn):
        sight = customers.by_id(conn, her, seen_by=xiaowang)
        assert sight
        writer = Writer(Recorder(conn, 1), xiaowang, now - timedelta(days=2))
        notes.add_fact(writer, sight, {"kind": "allergy", "value": "芒果"}, state="pending")

    database.transact(note)
    limit(database, guide_limit_fen=600)

    assert give(database, xiaowang, her, mango, now).offer == mango


@pytest.mark.parametrize(
    ("birthday", "on", "said"),
    [
        ("1990-11-27", "2026-11-20", ""),
        ("1990-11-17", "2026-11-20", ""),
        ("1990-11-28", "2026-11-20", "她的可以从明天起发。"),
        ("1990-11-16", "2026-11-20", "她的可以从2027年11月9日起发。"),
        ("", "2026-11-20", "还没记她的生日，没发。记一句她的生日再发。"),
    ],
)
def test_the_coupon_of_a_birthday_goes_out_around_the_day_alone(database, xiaowang, now, birthday, on, said):
    her = a_customer(database, now, xiaowang, birthday=birthday)
    offer = an_offer(database, now, "生日券")
    assert now.date() == date.fromisoformat(on)

    if not said:
        assert fitting(database, xiaowang, her, now) == ["生日券"]
        assert give(database, xiaowang, her, offer, now).offer == offer
        return
    no = refused(database, xiaowang, her, offer, now)
    assert (no.say[:18], no.say[-len(said) :]) == ("「生日券」只在生日前7天到后3天发，", said)
    assert fitting(database, xiaowang, her, now) == []
    assert "月" not in refused(database, replace(xiaowang, veil="closed"), her, offer, now).say


def test_a_gift_is_called_once_and_words_are_no_thing(database, xiaowang, goods, now):
    her = a_customer(database, now, xiaowang)
    gift = an_offer(database, now, "送杨枝甘露券", kind="gift", terms=Terms(gift_id=goods["杨枝甘露"]))
    told = an_offer(database, now, "尝鲜券", kind="gift", terms=Terms(words="送您一杯芒果冰沙"))
    says(database, her, now, kind="allergy", value="芒果")
    says(database, her, now, kind="avoid", value="杨枝甘露")

    assert "「送杨枝甘露券」送的是杨枝甘露，没发。" in refused(database, xiaowang, her, gift, now).say
    assert "「尝鲜券」是送您一杯芒果冰沙，没发。" in refused(database, xiaowang, her, told, now).say
