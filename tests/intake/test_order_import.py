import csv
import random
import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import stats
from bot.db.bulk import recompute
from bot.db.tables import customer_stores, customers, imports, metadata, orders, stores
from bot.domain.errors import UsageError
from bot.intake.options import Options
from bot.intake.run import run

HEADER = "单号,下单时间,门店,会员号,手机号,商品,品类,数量,金额,支付方式\n"
ROWS = [
    "A1,2026-11-01 10:00,001,C1,13800138000,芋泥波波,奶茶,1,18,微信\n",
    "A1,2026-11-01 10:00,001,C1,13800138000,葡萄冻冻,果茶,2,40,微信\n",
    "A2,2026-11-03 11:00,002,C1,13800138000,芋泥波波,奶茶,1,18,支付宝\n",
    "A3,2026-11-02 12:00,001,C2,,葡萄冻冻,果茶,,,\n",
    "A4,2026-11-05,001,,,芋泥波波,奶茶,1,-18,\n",
]
FILE = HEADER + "".join(ROWS)


def counts(report):
    return report.read, report.new, report.changed, report.unchanged, report.refused


def proven(shop) -> bool:
    with shop.reading() as conn:
        return recompute.verify(conn)[1] == 0


def test_a_file_is_stored_with_all_that_follows(shop, take, dump):
    assert counts(take("orders", FILE)) == (5, 5, 0, 0, 0)

    found = dump()
    assert found["stores"] == [
        ("001", "001", datetime(2026, 11, 5, 4, tzinfo=UTC)),
        ("002", "002", datetime(2026, 11, 3, 3, tzinfo=UTC)),
    ]
    assert found["products"] == [("芋泥波波", "芋泥波波", "奶茶"), ("葡萄冻冻", "葡萄冻冻", "果茶")]
    assert found["customers"] == [
        ("C1", "+8613800138000", "", "001", datetime(2026, 11, 1, 2, tzinfo=UTC)),
        ("C2", "", "", "001", datetime(2026, 11, 2, 4, tzinfo=UTC)),
    ]
    assert found["seen"] == [("001", "C1"), ("001", "C2"), ("002", "C1")]
    assert found["orders"]["A3"][6:] == (None, None, [(0, "葡萄冻冻", None, None)])
    assert found["orders"]["A4"][1:5] == (None, datetime(2026, 11, 5, 4, tzinfo=UTC), date(2026, 11, 5), "refund")
    assert found["stats"]["C1"][:2] == (2, 0)
    assert proven(shop)


def test_the_same_file_again_changes_nothing(take, dump):
    take("orders", FILE)
    before = dump()

    assert [counts(take("orders", FILE)) for _ in range(2)] == [(5, 0, 0, 5, 0)] * 2
    assert dump() == before


def test_shuffled_rows_are_the_same_file(take, dump):
    take("orders", FILE)
    before = dump()
    shuffled = random.Random(7).sample(ROWS, len(ROWS))

    assert counts(take("orders", HEADER + "".join(shuffled))) == (5, 0, 0, 5, 0)
    assert dump() == before


def test_one_altered_amount_is_one_changed_line(shop, take, dump):
    take("orders", FILE)

    assert counts(take("orders", FILE.replace("1,18,微信", "1,20,微信"))) == (5, 0, 1, 4, 0)
    assert dump()["orders"]["A1"][6] == 6000
    assert proven(shop)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2026-11-01 10:00", "2026-10-09 10:00"),
        ("001,C1", "003,C1"),
        ("001,C1,13800138000", "001,C2,"),
        ("微信", "现金"),
    ],
)
def test_a_moved_order_marks_all_its_lines(shop, take, old, new):
    take("orders", FILE)

    assert counts(take("orders", FILE.replace(old, new))) == (5, 0, 2, 3, 0)
    assert proven(shop)


def test_an_order_seen_again_replaces_its_lines(shop, take, dump):
    take("orders", FILE)

    assert counts(take("orders", HEADER + ROWS[0])) == (1, 0, 1, 0, 0)
    assert dump()["orders"]["A1"][6:] == (1800, "微信", [(0, "芋泥波波", 1000, 1800)])
    assert counts(take("orders", FILE)) == (5, 1, 0, 4, 0)
    assert proven(shop)


def test_a_blank_never_erases(take, dump):
    take("orders", FILE)
    before = dump()

    assert counts(take("orders", "单号,日期,商品,数量,金额\nA2,2026-11-03,芋泥波波,1,18\n")) == (1, 0, 0, 1, 0)
    assert dump()["orders"] == before["orders"]


def test_a_late_order_counts_where_it_belongs(shop, take, dump):
    take("orders", FILE)
    take("orders", HEADER + "A0,2026-01-05 10:00,002,C1,,芋泥波波,奶茶,1,18,\n")

    first, last, *_ = dump()["stats"]["C1"][3:]
    assert (first, last) == (date(2026, 1, 5), date(2026, 11, 3))
    assert proven(shop)


def test_without_a_store_orders_go_to_the_main_one(take, dump):
    take("orders", "order_no,ordered_at\nA,2026-11-01\n")

    assert [row[:2] for row in dump()["stores"]] == [("000", "总店")]


def test_the_store_option_stands_in(take, dump):
    take("orders", "order_no,ordered_at\nA,2026-11-01\n", store="009")

    assert [row[:2] for row in dump()["stores"]] == [("009", "009")]


def test_refuse_makes_nobody_and_says_so(take, dump):
    report = take("orders", FILE, unknown="refuse")

    assert counts(report) == (5, 0, 0, 0, 5)
    assert {name: len(rows) for name, rows in dump().items()} == dict.fromkeys(dump(), 0)


def test_refuse_takes_what_is_known(take):
    take("orders", FILE)

    later = HEADER + "A5,2026-11-06,001,C1,,芋泥波波,,1,18,\n" + "A6,2026-11-06,001,C9,,芋泥波波,,1,18,\n"
    assert counts(take("orders", later, unknown="refuse")) == (2, 1, 0, 0, 1)


def test_the_refused_file_holds_the_rows_with_reasons_guarded_and_private(take):
    bad = '=1+1,2026-11-01,001,C1,1.38E+10,-茶,@x,1,18,"a,b"\n'

    report = take("orders", FILE + bad)

    assert counts(report) == (6, 5, 0, 0, 1)
    path = Path(report.refused_file)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, row = csv.reader(file)
    assert header == [*HEADER.strip().split(","), "原因"]
    assert row[:-1] == ["'=1+1", "2026-11-01", "001", "C1", "1.38E+10", "'-茶", "'@x", "1", "18", "a,b"]
    assert "文本" in row[-1]
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert path.name.startswith("orders-20261120-")


def test_a_mended_refused_file_can_be_imported(take, dump):
    report = take("orders", FILE + "A9,2026-11-06,001,C9,1.38E+10,=茶,,1,-18,\n")
    mended = Path(report.refused_file).read_bytes().replace(b"1.38E+10", b"13800138009")

    assert counts(take("orders", mended)) == (1, 1, 0, 0, 0)
    assert dump()["orders"]["A9"][1:] == (
        "C9", datetime(2026, 11, 6, 4, tzinfo=UTC), date(2026, 11, 6), "refund", None, -1800, None,
        [(0, "=茶", 1000, -1800)],
    )  # fmt: skip


def test_a_dry_run_tells_the_same_and_writes_nothing(shop, take, tmp_path):
    def everything():
        return shop.transact(lambda conn: {t.name: conn.execute(select(t)).all() for t in metadata.sorted_tables})

    take("orders", FILE)
    before = everything()
    later = FILE.replace("1,18,微信", "1,20,微信") + "A9,2026-11-06,005,C9,13800138009,新茶,,1,18,\nA8,?,,,,,,,,\n"

    planned = take("orders", later, dry_run=True)

    assert everything() == before
    assert not (tmp_path / "data").exists()
    assert counts(planned) == counts(take("orders", later)) == (7, 1, 1, 4, 1)
    assert len(planned.preview) == 5
    assert planned.preview[0] == (
        "order_no=A1  ordered_at=2026-11-01 10:00  store=001  customer_no=C1  phone=138****8000  product=芋泥波波"
        "  category=奶茶  quantity=1  amount=20  pay_method=微信"
    )


def test_a_dry_run_and_a_proof_wait_for_no_writer(shop, take):
    take("orders", FILE)
    with shop.engine.connect() as writer:
        writer.execute(stores.update().values(city="上海"))

        assert counts(take("orders", FILE, dry_run=True)) == (5, 0, 0, 5, 0)
        assert proven(shop)


def test_headers_that_are_missing_are_named_beside_those_found(take):
    with pytest.raises(UsageError) as refusal:
        take("orders", "流水,谁\n1,2\n")

    assert refusal.value.say == (
        "看不出这是订单表：缺少 order_no（单号）、ordered_at（下单时间） 列。文件里的表头是：流水、谁。"
    )


def test_a_file_of_another_kind_is_recognised(take):
    with pytest.raises(UsageError, match="zhanggui import customers"):
        take("orders", "会员号,手机号,姓名,性别,生日,等级\nC1,13800138000,王芳,女,,\n")


def test_a_title_above_the_header_is_passed_over(take):
    assert counts(take("orders", "2026年11月销售明细,,,\n导出时间：今天,,,\n" + FILE)) == (5, 5, 0, 0, 0)


def test_of_two_columns_of_one_name_the_first_counts(take, dump):
    take("orders", "单号,日期,手机号,手机号\nA,2026-11-01,13800138000,13800138001\n")

    assert [row[1] for row in dump()["customers"]] == ["+8613800138000"]


def test_garbled_headers_and_rows_are_refused(take):
    with pytest.raises(UsageError, match="乱码"):
        take("orders", "��,��\n1,2\n")

    assert counts(take("orders", FILE + "A9,2026-11-06,001,C9,,�,,1,18,\n")) == (6, 5, 0, 0, 1)


def test_every_buyer_is_found_by_her_last_four_digits_where_she_bought(shop, take):
    take("orders", FILE)

    found = shop.transact(
        lambda conn: conn.execute(select(customer_stores.c.last4_index, customer_stores.c.first7_index)).all()
    )
    assert [(last4 is not None, first7) for last4, first7 in found].count((True, None)) == 2


def test_a_number_alone_is_linked_to_the_phone_it_comes_with(take, dump):
    take("orders", "单号,日期,手机号\nA,2026-11-01,13800138000\n")
    take("orders", "单号,日期,手机号,会员号\nB,2026-11-02,13800138000,C1\nC,2026-11-03,,C1\n")

    assert [row[:2] for row in dump()["customers"]] == [("C1", "+8613800138000")]
    assert {order[1] for order in dump()["orders"].values()} == {"C1"}


def test_rows_that_would_mix_two_people_are_refused(take, dump):
    take("orders", "单号,日期,手机号,会员号\nA,2026-11-01,13800138000,C1\nB,2026-11-01,13800138001,C2\n")
    mixed = "单号,日期,手机号,会员号\nC,2026-11-02,13800138001,C1\nD,2026-11-02,13800138000,C3\n"

    for _ in range(2):
        report = take("orders", mixed)
        assert counts(report) == (2, 0, 0, 0, 2)
    said = Path(report.refused_file).read_text(encoding="utf-8-sig")
    assert "两位不同的顾客" in said
    assert "另一个会员号" in said
    assert len(dump()["customers"]) == 2


def test_orders_of_a_merged_customer_go_to_who_stands_for_her(shop, take, dump):
    take("orders", FILE)

    def merge(conn):
        ids = dict(conn.execute(select(customers.c.customer_no, customers.c.id)).all())
        conn.execute(
            customers.update().where(customers.c.id == ids["C2"]).values(state="merged", merged_into=ids["C1"])
        )
        conn.execute(orders.update().where(orders.c.customer_id == ids["C2"]).values(customer_id=ids["C1"]))
        stats.rebuild(conn, ids.values())

    shop.transact(merge)

    assert counts(take("orders", FILE)) == (5, 0, 0, 5, 0)
    assert dump()["orders"]["A3"][1] == "C1"
    assert proven(shop)


def test_progress_ends_at_the_last_row(shop, tmp_path, now):
    path, steps = tmp_path / "file", []
    path.write_text(FILE + "bad,,,,,,,,,\n", encoding="utf-8")
    run(shop, "orders", path, Options(tmp_path, now), lambda done, total: steps.append((done, total)))

    assert steps[-1] == (6, 6)
    assert steps == sorted(steps)


def test_one_finished_row_remembers_the_import(shop, take, now):
    take("orders", FILE)
    take("orders", FILE)

    rows = shop.transact(lambda conn: conn.execute(select(imports.c.kind, imports.c.done, imports.c.finished_at)).all())
    assert rows == [("orders", 4, now.astimezone(UTC))]
