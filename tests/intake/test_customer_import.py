from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.actions import notes
from bot.db import customers as people_of
from bot.db.bulk import members
from bot.db.changes import Recorder, Unit
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import consents, customer_phones, customer_stores, customers, facts, metadata

HEADER = "会员号,手机号,姓名,性别,生日,来源,门店,导购,积分,等级,是否同意,备注,过敏,注册日期\n"
FANG = "C1,13800138000,王芳,女,1990-03-05,朋友介绍,001,,120,银卡,是,爱聊天,芒果、花生,2025-01-02\n"
MIN = "C2,13800007715,周敏,,农历八月初二,,,,,,,,,\n"
FILE = HEADER + FANG + MIN


def counts(report):
    return report.read, report.new, report.changed, report.unchanged, report.refused


def everyone(shop):
    def read(conn):
        ids = list(conn.execute(select(customers.c.id)).scalars())
        return {member.values["customer_no"]: member for member in members.read(conn, ids).values()}

    return shop.transact(read)


def test_a_customer_is_stored_whole_and_sealed(shop, take):
    assert counts(take("customers", FILE)) == (2, 2, 0, 0, 0)

    fang, there = everyone(shop)["C1"], everyone(shop)["C2"]
    told = {
        "phone": "+8613800138000", "name": "王芳", "gender": "female", "birthday": "1990-03-05",
        "source": "朋友介绍", "points": 120, "level": "银卡",
    }  # fmt: skip
    assert {name: fang.values[name] for name in told} == told
    assert fang.values["created_at"] == datetime(2025, 1, 2, 4, tzinfo=UTC)
    assert fang.facts == {("allergy", "芒果"), ("allergy", "花生"), ("note", "爱聊天")}
    assert fang.consents == {"contact": True}
    assert there.values["birthday"] == "lunar:08-02"
    row = shop.transact(lambda conn: conn.execute(select(customers)).all())
    assert not any(secret in str(row).encode() for secret in ("王芳".encode(), b"13800138000", b"1990"))


def test_the_same_file_again_changes_nothing(shop, take):
    take("customers", FILE)

    assert [counts(take("customers", FILE)) for _ in range(2)] == [(2, 0, 0, 2, 0)] * 2
    assert counts(take("customers", HEADER + MIN + FANG)) == (2, 0, 0, 2, 0)
    assert shop.transact(lambda conn: len(conn.execute(select(facts.c.id)).all())) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("王芳", "王方"), ("13800138000", "13900139000"), ("银卡", "金卡"), ("120", "80"), ("1990-03-05", "1991-03-05"),
        ("芒果、花生", "芒果、花生、虾"), (",是,", ",否,"), ("001", "002"), ("2025-01-02", "2024-01-02"),
    ],
)  # fmt: skip
def test_one_altered_cell_is_one_changed_line(take, old, new):
    take("customers", FILE)

    assert counts(take("customers", FILE.replace(old, new))) == (2, 0, 1, 1, 0)
    assert counts(take("customers", FILE.replace(old, new))) == (2, 0, 0, 2, 0)


def test_a_blank_erases_nothing(shop, take):
    take("customers", FILE)

    assert counts(take("customers", HEADER + "C1,13800138000,,,,,,,,,,,,\n")) == (1, 0, 0, 1, 0)
    assert everyone(shop)["C1"].values["name"] == "王芳"


def test_a_new_number_keeps_the_old_one_on_record_and_is_found_in_every_store(shop, take):
    take("customers", FILE)
    take("customers", FILE.replace("13800138000", "13900139001"))

    def look(conn):
        keys = keys_of(conn)
        (fang,) = [m for m in members.read(conn, conn.execute(select(customers.c.id)).scalars()).values() if m.facts]
        index = people_of.store_indexes(keys, fang.values["store_id"], "+8613900139001", first7=False)["last4_index"]
        seen = conn.execute(select(customer_stores.c.last4_index).where(customer_stores.c.customer_id == fang.id))
        return people_of.old_numbers(conn, fang.id), seen.scalars().all() == [index]

    assert shop.transact(look) == (["+8613800138000"], True)
    assert shop.transact(lambda conn: len(conn.execute(select(customer_phones.c.id)).all())) == 1


def test_health_waits_for_her_own_yes(shop, take):
    take("customers", FILE)

    rows = shop.transact(lambda conn: conn.execute(select(facts.c.state, facts.c.expires_at)).all())
    assert sorted((state, expires_at is None) for state, expires_at in rows) == [
        ("live", True),
        ("pending", False),
        ("pending", False),
    ]


def test_what_must_not_be_kept_is_refused_with_its_reason(take):
    report = take("customers", "手机号,备注\n13900010002,身份证11010519491231002X\n13900010003,喜欢靠窗\n")

    assert (report.new, report.refused) == (1, 1)


def test_a_buyer_made_by_an_order_gets_her_name(shop, take):
    take("orders", "单号,日期,会员号\nA,2026-11-01,C1\n")

    assert counts(take("customers", FILE)) == (2, 1, 1, 0, 0)
    assert everyone(shop)["C1"].values["name"] == "王芳"


def test_a_guide_is_found_by_code_or_name_and_else_left_open(shop, take):
    take("staff", "工号,姓名,职位,门店\nxiaowang,小王,导购,001\n")
    take("customers", HEADER + FANG.replace("001,,", "001,小王,") + MIN.replace(",,,,,,,,,", ",,,路人,,,,,,"))

    people = everyone(shop)
    assert people["C1"].values["guide_id"] is not None
    assert people["C2"].values["guide_id"] is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",,王芳,,,,,,,,,,,", "手机号和会员号都空着"),
        ("C3,1.38E+10,王芳,,,,,,,,,,,", "1.38E+10"),
        ("C3,,王芳,,13/13/1990,,,,,,,,,", "生日"),
        ("C3,,王芳,,,,,,很多,,,,,", "数量"),
        ("C3,,王芳,,,,,,,,也许,,,", "是否同意"),
        ("C3,13800138000,王芳,,,,,,,,,,,", "还属于另一位|登记在另一个会员号"),
        ("C1,,王芳,,,,,,,,,,,", "同一位顾客|内容却不一样"),
        ("C3,,王�,,,,,,,,,,,", "乱码"),
    ],
)
def test_rows_that_cannot_be_taken_are_refused_with_what_to_do(take, tmp_path, row, reason):
    report = take("customers", FILE + row + "\n")

    assert counts(report) == (3, 2, 0, 0, 1)
    said = next((tmp_path / "data" / "refused").iterdir()).read_text(encoding="utf-8-sig")
    assert any(word in said for word in reason.split("|"))


def test_a_file_never_takes_back_what_staff_wrote(shop, take, people, now):
    take("customers", FILE)
    guide = people("小王")
    fang = everyone(shop)["C1"]

    def by_chat(conn):
        writer = notes.Writer(Recorder(conn, new_id()), guide, now)
        notes.change_customer(writer, fang.id, name="王芳芳", birthday="1990-03-06")
        writer.recorder.close(Unit(writer.recorder.unit_id, guide.id, None, fang.id, "改", "改", now, None))

    shop.transact(by_chat)

    assert counts(take("customers", FILE)) == (2, 0, 0, 2, 0)
    assert counts(take("customers", FILE.replace("银卡", "金卡"))) == (2, 0, 1, 1, 0)
    kept = everyone(shop)["C1"].values
    assert (kept["name"], kept["birthday"], kept["level"]) == ("王芳芳", "1990-03-06", "金卡")


def test_a_fact_that_was_struck_out_stays_out(shop, take):
    take("customers", FILE)
    shop.transact(lambda conn: conn.execute(facts.update().values(state="void")))

    assert counts(take("customers", FILE)) == (2, 0, 0, 2, 0)


def test_a_dry_run_tells_the_same_and_writes_nothing(shop, take):
    take("customers", HEADER + FANG)
    later = FILE.replace("银卡", "金卡") + ",,,,,,,,,,,,,x\n"

    def everything():
        return shop.transact(lambda conn: {t.name: conn.execute(select(t)).all() for t in metadata.sorted_tables})

    before = everything()
    planned = take("customers", later, dry_run=True)

    assert everything() == before
    assert counts(planned) == counts(take("customers", later)) == (3, 1, 1, 0, 1)
    assert "138****8000" in planned.preview[0]
    assert "13800138000" not in str(planned)


def test_a_later_no_is_what_counts(shop, take):
    take("customers", FILE)
    take("customers", FILE.replace(",是,", ",否,"))

    given = shop.transact(lambda conn: conn.execute(select(consents.c.given).order_by(consents.c.id)).scalars().all())
    assert given == [True, False]
    assert everyone(shop)["C1"].consents == {"contact": False}
