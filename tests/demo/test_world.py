"""The demo chain is a believable little world, the same for the same seed."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot import demo
from bot.db.bulk import recompute
from bot.db.lists import known
from bot.db.tables import FIRST_COMPLAINT, customers
from bot.demo import shop
from bot.demo.days import Calendar
from bot.domain import phones
from bot.domain.birthdays import read
from bot.domain.calendar.occurrences import next_celebration
from bot.domain.errors import ConflictError
from bot.domain.language import consents
from bot.domain.language.families import conflicts
from bot.domain.language.values import Statement
from bot.domain.lists.holdout import held_out
from bot.domain.shop import VERTICALS
from bot.jobs.mornings import MEASURABLE

WANGFANG = "+8613800138000"

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 20, 15, tzinfo=ZONE)
TODAY = AT.date()
FACETS = {
    "preference": {"口味", "颜色", "款式", "材质", "品牌", "品类", "服务", "场景"},
    "size": {"上装", "下装", "鞋码", "戒指", "内衣", "童装"},
    "complaint": {"商品质量", "服务态度", "做错", "等待", "价格", "环境", "售后", "物流", "其他"},
}
KINDS = {
    "allergy", "avoid", "preference", "size", "birthday", "anniversary", "family", "contact_rule", "praise", "demand",
    "competitor",
}  # fmt: skip


def test_same_seed_same_world_on_both_engines(shown, world):
    assert shown(customers=300) == world()


def test_another_seed_another_world(world):
    one, other = world(), world(seed=8)

    assert {p.told["phone"] for p in one.people} & {p.told["phone"] for p in other.people} - {""} == {
        WANGFANG,
        "+8613800002203",
        "+8613800007715",
        "+8613800138001",
    }
    assert Counter(p.told["name"] for p in one.people) != Counter(p.told["name"] for p in other.people)


@pytest.mark.parametrize("vertical", VERTICALS)
@pytest.mark.parametrize("seed", [7, 8, 2026])
def test_the_cast_is_always_there(world, vertical, seed):
    found = world(vertical, seed, 60)

    cast = {name: found.person(name).told for name in ("王芳", "陈洁", "周敏", "李强")}
    assert {name: (told["phone"], told["store"], told["guide"]) for name, told in cast.items()} == {
        "王芳": (WANGFANG, "001", "xiaowang"),
        "陈洁": ("+8613800002203", "001", "xiaoli"),
        "周敏": ("+8613800007715", "001", "xiaowang"),
        "李强": ("+8613800138001", "002", "waidian"),
    }
    assert cast["周敏"]["birthday"] == "lunar:08-02"
    wang = found.person("王芳")
    (allergy,) = [fact for fact in wang.facts if fact["kind"] == "allergy"]
    assert allergy["author"] == "xiaowang"
    assert [m["kind"] for m in wang.matters if m["state"] == "open"] == ["promise"]
    assert {code: found.staff[code][1:] for code in ("xiaowang", "xiaoli", "dianzhang", "waidian", "hq", "admin")} == {
        "xiaowang": ("guide", "001"),
        "xiaoli": ("guide", "001"),
        "dianzhang": ("manager", "001"),
        "waidian": ("guide", "002"),
        "hq": ("hq", None),
        "admin": ("admin", None),
    }


def test_wang_fang_is_the_customer_of_the_mission(world):
    wang = world().person("王芳")
    stats = wang.stats

    assert (TODAY - stats["last_on"]).days == 41
    assert stats["gap_sum_days"] / (stats["purchase_days"] - 1) == 18
    assert Counter(code for _, code, _ in stats["recent"]).most_common(1)[0][0] == "T01"
    assert [(f["kind"], f["facet"], f["value"]) for f in wang.facts] == [
        ("preference", "口味", "五分糖"),
        ("preference", "口味", "少冰"),
        ("allergy", None, "芒果"),
        ("demand", None, "热的芋泥波波"),
    ]
    assert f"{wang.facts[2]['at']:%Y-%m}" == "2025-06"
    assert wang.consents == {"contact": True}  # noted before anybody asked: the next allergy asks
    (promise,) = wang.matters
    assert (promise["text"], promise["due_at"].astimezone(ZONE)) == ("今天留一份燕麦奶", AT.replace(hour=21))


def test_what_she_usually_takes_came_out_in_a_new_variant_this_month(world):
    hot = world().goods["T02"]

    assert (hot["name"], hot["replaces"], hot["new_on"]) == ("芋泥波波 热饮版", "T01", date(2026, 11, 1))


@pytest.mark.parametrize("vertical", VERTICALS)
def test_chen_jie_brought_something_back_yesterday(world, vertical):
    orders = world(vertical, 7, 60).person("陈洁").orders

    back = orders[-1]
    bought = next(order for order in orders if order.number == back.refund_of)
    assert (back.kind, back.at.astimezone(ZONE)) == ("refund", AT.replace(hour=16, minute=40) - timedelta(days=1))
    assert [(code, -quantity, -amount) for code, quantity, amount in back.lines] == bought.lines


def test_endings_of_the_cast_belong_to_nobody_else(world):
    for seed in (7, 8, 2026):
        endings = Counter(p.told["phone"][-4:] for p in world("tea", seed, 60).people)
        assert [endings[last4] for last4 in ("8000", "2203", "7715", "8001")] == [1, 1, 1, 1]


@pytest.mark.parametrize("vertical", VERTICALS)
def test_nobody_buys_what_harms_her(world, vertical):
    found = world(vertical)
    harm = [
        (person.told["name"], word, code)
        for person in found.people
        for word in person.warnings
        for code in {code for order in person.orders for code, _, _ in order.lines}
        if conflicts(word, (found.goods[code]["name"], *(found.goods[code]["ingredients"] or "").split("、")))
    ]

    assert harm == []
    assert sum(bool(person.warnings) for person in found.people) > 5


@pytest.mark.parametrize("vertical", VERTICALS)
def test_facts_are_words_of_the_glossary_with_the_consents_they_need(world, vertical):
    found = world(vertical)

    for person in found.people:
        for fact in person.facts:
            assert fact["kind"] in KINDS
            assert fact["facet"] in FACETS.get(fact["kind"], {None})
            needed = consents(Statement(fact["kind"], fact["value"], fact["facet"], fact["of"]))
            if person.told["phone"] != WANGFANG or fact["kind"] != "allergy":
                assert {kind for kind in needed if person.consents.get(kind)} == needed
            assert found.staff[fact["author"]][2] == person.told["store"]
            assert person.told["created_at"] < fact["at"] <= person.told["changed_at"] < AT
        assert bool(person.told["phone"]) == ("contact" in person.consents)
    measured = any(fact["kind"] == "size" for person in found.people for fact in person.facts)
    assert measured == (vertical in ("fashion", "jewellery", "baby"))


@pytest.mark.parametrize("vertical", VERTICALS)
def test_nothing_contradicts_what_is_known_of_her(world, vertical):
    for person in world(vertical).people:
        single = Counter(
            (f["facet"], f["value"]) for f in person.facts if f["kind"] in ("preference", "allergy", "avoid")
        )
        assert max(single.values(), default=1) == 1
        likes = {f["value"] for f in person.facts if f["kind"] == "preference"}
        assert likes & set(person.warnings) == set()


@pytest.mark.parametrize("vertical", VERTICALS)
def test_the_last_orders_are_of_the_evening_before(world, vertical):
    found = world(vertical)
    orders = [order for person in found.people for order in person.orders] + found.walk_ins

    newest = {code: max(order.at for order in orders if order.store == code) for code in found.stores}
    assert {code: store["data_at"] for code, store in found.stores.items()} == newest
    assert found.chain["data_at"] == newest["001"] == AT.replace(hour=22, minute=10) - timedelta(days=1)
    assert min(newest.values()) >= AT.replace(hour=22) - timedelta(days=1)
    assert all(order.on == order.at.astimezone(ZONE).date() for order in orders)


@pytest.mark.parametrize("vertical", VERTICALS)
def test_orders_add_up_and_keep_shop_hours_and_seasons(world, vertical):
    found = world(vertical)
    since = {code: good["new_on"] or date.min for code, good in found.goods.items()}

    for person in found.people:
        sales = [order for order in person.orders if order.kind == "sale"]
        assert [o.at for o in sales] == sorted({o.at for o in sales})
        for order in person.orders:
            assert order.total_fen == sum(amount for _, _, amount in order.lines)
            assert "09:30" < f"{order.at.astimezone(ZONE):%H:%M}" < "22:00"
            assert order.store in person.stores
            assert all(since[code] <= order.on for code, _, _ in order.lines)
            assert (order.kind == "refund") == (order.refund_of is not None) == (order.total_fen < 0)
    numbers = [order.number for person in found.people for order in person.orders]
    assert len(numbers) == len(set(numbers))


def test_statistics_are_what_the_orders_say(shown, database):
    shown(customers=300)

    with database.reading() as conn:
        assert recompute.verify(conn) == (300, 0)


def test_numbers_are_mobiles_and_birthdays_can_be_read(world):
    found = world("tea", 7, 600)
    numbers = [p.told["phone"] for p in found.people if p.told["phone"]]
    birthdays = [p.told["birthday"] for p in found.people if p.told["birthday"]]

    assert len(numbers) == len(set(numbers)) > 550
    assert all((phone := phones.read(number)) and phone.is_mobile and phone.e164 == number for number in numbers)
    assert all(
        (day := read(text)) and day.text() == text and next_celebration(day, TODAY).on >= TODAY for text in birthdays
    )
    assert any(text.endswith("02-29") for text in birthdays)
    assert any(text.startswith("lunar:") for text in birthdays)
    assert any(text.startswith("--") for text in birthdays)
    assert any(len(p.told["name"]) == 4 or p.told["name"][:2] in ("欧阳", "上官", "司马") for p in found.people)


def test_people_without_a_number_are_told_apart_in_each_store(world):
    nameless = Counter((p.told["store"], p.told["alias"]) for p in world("tea", 7, 600).people if not p.told["phone"])

    assert len(nameless) > 2
    assert max(nameless.values()) == 1
    assert all(p.told["state"] == ("active" if p.told["phone"] else "temporary") for p in world("tea", 7, 600).people)


def test_every_stage_of_life_is_there(world):
    away = Counter(
        "never"
        if not p.stats or not p.stats["orders"]
        else "once"
        if p.stats["orders"] == 1
        else "gone"
        if (TODAY - p.stats["last_on"]).days > 60
        else "here"
        for p in world("tea", 7, 600).people
    )

    assert {
        stage: away[stage] > at_least for stage, at_least in {"never": 6, "once": 30, "gone": 70, "here": 250}.items()
    } == {
        "never": True,
        "once": True,
        "gone": True,
        "here": True,
    }


@pytest.mark.parametrize("vertical", VERTICALS)
def test_each_store_has_matters_open_and_closed(world, vertical):
    found = world(vertical)
    matters = [matter for person in found.people for matter in person.matters]

    for code, store in found.stores.items():
        here = [m for m in matters if m["store"] == code]
        complaints = sorted((m for m in here if m["table"] == "complaints"), key=lambda m: m["number"])
        assert [m["number"] for m in complaints] == list(range(FIRST_COMPLAINT + 1, store["last_complaint"] + 1))
        followups = sorted((m for m in here if m["table"] == "followups"), key=lambda m: m["number"])
        assert [m["number"] for m in followups] == list(range(1, store["last_followup"] + 1))
        assert [m["opened_at"] for m in complaints] == sorted(m["opened_at"] for m in complaints)
        assert all(bool(m["closing"]) == (m["state"] == "closed") for m in complaints)
        assert all(set(m["facets"]) <= FACETS["complaint"] for m in complaints)
        assert {(m["table"], m["state"]) for m in here} >= {("followups", "open"), ("complaints", "closed")}
    assert any(m["due_at"].astimezone(ZONE).date() == TODAY for m in matters if m["state"] == "open")
    assert all(
        m["opened_at"] < AT and (m["closed_at"] is None or m["opened_at"] < m["closed_at"] < AT) for m in matters
    )
    assert [m["number"] for m in matters if m["state"] == "open" and m["due_at"] < AT] == []
    assert not [m["text"] for m in matters if re.search(r"[{}]", m["text"])]


def test_words_about_a_man_are_about_him(world):
    men = [p for p in world("tea", 7, 600).people if p.told["gender"] == "male"]

    assert not [
        text for p in men for text in [m["text"] for m in p.matters] + [f["value"] for f in p.facts] if "她" in text
    ]


@pytest.mark.parametrize("clock", ["00:05", "07:50", "09:30", "15:00", "21:30", "23:59"])
def test_xiao_wang_is_on_shift_whenever_the_demo_is(clock):
    hour, minute = map(int, clock.split(":"))
    starts, ends = shop.star_shift(Calendar(AT.replace(hour=hour, minute=minute), ZONE))

    assert starts <= 60 * hour + minute < ends <= 24 * 60


def test_the_shift_of_xiao_wang_is_in_the_rota(world):
    assert ("001", "xiaowang", TODAY, 13 * 60 + 30, 21 * 60 + 30) in world().shifts


def test_the_rota_covers_three_weeks_and_every_day(world):
    found = world()

    days = {on for _, _, on, _, _ in found.shifts}
    assert (min(days), max(days)) == (TODAY - timedelta(days=10), TODAY + timedelta(days=10))
    assert Counter(role for _, role, _ in found.staff.values())["manager"] == len(found.stores)
    for code in found.stores:
        guides = [name for name, (_, role, store) in found.staff.items() if store == code and role == "guide"]
        assert 3 <= len(guides) <= 5
        for day in days:
            assert {name for store, name, on, _, _ in found.shifts if store == code and on == day and name in guides}


def test_a_chain_that_stands_is_never_touched(shown, read_back, database):
    before = shown(customers=4)

    with pytest.raises(ConflictError, match="只能建在空库里"):
        demo.make(database, at=AT)
    assert read_back(database) == before


def test_progress_counts_customers_and_newest_orders_limits_them(database):
    told = []
    demo.make(database, customers=450, at=AT, newest_orders=2, progress=lambda done, of: told.append((done, of)))

    assert told == [(200, 450), (400, 450), (450, 450)]
    with database.reading() as conn:
        assert recompute.verify(conn) == (450, 0)


def test_a_larger_chain_has_more_stores():
    assert [shop.count_of_stores(n) for n in (4, 1200, 3000, 1_000_000)] == [6, 6, 10, 50]


def test_the_cast_is_never_left_out_of_a_list(database):
    demo.make(database, customers=MEASURABLE, at=AT)

    with database.reading() as conn:
        salt = known.settings(conn).salt.encode()
        numbered = select(customers.c.id).where(customers.c.customer_no.is_not(None)).order_by(customers.c.customer_no)
        cast = [row.id for row in conn.execute(numbered.limit(4))]
        everybody = [row.id for row in conn.execute(select(customers.c.id))]
    assert [row for row in cast if held_out(row, salt)] == []
    assert 0.02 < sum(held_out(row, salt) for row in everybody) / len(everybody) < 0.2
