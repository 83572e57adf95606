from datetime import date

import pytest
from sqlalchemy import select

from bot.db.bulk import branches
from bot.db.bulk.records import PRODUCTS, STAFF, STORES
from bot.db.tables import products, shifts, staff, stores


def counts(report):
    return report.read, report.new, report.changed, report.unchanged, report.refused


def found(shop, records, *codes):
    return shop.transact(lambda conn: {code: row.values for code, row in records.find(conn, codes).items()})


STORES_FILE = "门店编号,门店名称,城市,开业日期\n001,徐汇店,上海,2024-05-01\n007,静安店,,\n"
STAFF_FILE = "工号,姓名,职位,门店\nxiaowang,小王,导购,徐汇店\ndianzhang,店长,店长,001\nhq,总部,总部,\n"
PRODUCTS_FILE = (
    "商品编码,商品名称,分类,价格,配料,过敏原,上新日期,替代\n"
    "P1,芋泥波波,奶茶,18,芋头、牛奶,乳制品,2026-11-01,\n"
    "P2,新芋泥,奶茶,19.5,,,,P1\n"
)


def test_stores_are_added_changed_and_left(shop, take):
    assert counts(take("stores", STORES_FILE)) == (2, 2, 0, 0, 0)
    assert counts(take("stores", STORES_FILE)) == (2, 0, 0, 2, 0)
    assert counts(take("stores", STORES_FILE.replace("静安店", "静安寺店"))) == (2, 0, 1, 1, 0)

    rows = found(shop, STORES, "001", "007")
    assert [(row["name"], row["city"], row["opened_on"]) for row in rows.values()] == [
        ("徐汇店", "上海", date(2024, 5, 1)),
        ("静安寺店", None, None),
    ]


def test_a_blank_erases_nothing(take):
    take("stores", STORES_FILE)

    assert counts(take("stores", "门店编号,门店名称,城市\n001,,\n")) == (1, 0, 0, 1, 0)


def test_staff_are_sealed_and_belong_to_their_store(shop, take):
    take("stores", STORES_FILE)

    assert counts(take("staff", STAFF_FILE)) == (3, 3, 0, 0, 0)
    assert counts(take("staff", STAFF_FILE)) == (3, 0, 0, 3, 0)
    assert counts(take("staff", STAFF_FILE.replace("小王", "王小明"))) == (3, 0, 1, 2, 0)

    ids = shop.transact(lambda conn: branches.ids_of(conn, ["001"]))
    rows = found(shop, STAFF, "xiaowang", "hq")
    assert [(row["name"], row["role"], row["store_id"], row["active"]) for row in rows.values()] == [
        ("总部", "hq", None, True),
        ("王小明", "guide", ids["001"], True),
    ]
    sealed = shop.transact(lambda conn: conn.execute(select(staff.c.name)).scalars().all())
    assert not any("王".encode() in name for name in sealed)


def test_somebody_who_left_does_not_come_back_by_a_file(shop, take):
    take("staff", STAFF_FILE)
    shop.transact(lambda conn: conn.execute(staff.update().values(active=False)))

    take("staff", STAFF_FILE)

    assert not any(row["active"] for row in found(shop, STAFF, "xiaowang", "dianzhang", "hq").values())


@pytest.mark.parametrize(
    ("row", "reason"), [(",小王,导购,001", "工号"), ("a,小王,董事长,001", "角色"), ("a,小王,导购,<>", "门店编号不对")]
)
def test_staff_rows_that_cannot_be_read_are_refused(take, tmp_path, row, reason):
    report = take("staff", "工号,姓名,职位,门店\n" + row + "\n")

    assert counts(report) == (1, 0, 0, 0, 1)
    assert reason in next((tmp_path / "data" / "refused").iterdir()).read_text(encoding="utf-8-sig")


def test_the_hours_of_staff_become_their_rota(shop, take, tmp_path):
    file = "工号,姓名,门店,班次\nxiaowang,小王,001,周一到周五 9-17:30，周六 休\nxiaoli,小李,001,\n"

    assert counts(take("staff", file)) == (2, 2, 0, 0, 0)
    assert counts(take("staff", file)) == (2, 0, 0, 2, 0)
    columns = (shifts.c.starts_minute, shifts.c.ends_minute)
    hours = shop.transact(lambda conn: [tuple(row) for row in conn.execute(select(*columns))])
    assert sorted(hours) == [(0, 0)] * 4 + [(540, 1050)] * 20

    assert counts(take("staff", file.replace("17:30", "18"))) == (2, 0, 1, 1, 0)
    later = shop.transact(lambda conn: [tuple(row) for row in conn.execute(select(*columns))])
    assert sorted(later) == [(0, 0)] * 4 + [(540, 1080)] * 20

    assert counts(take("staff", file.replace("周一到周五 9-17:30", "看心情"))) == (2, 0, 0, 1, 1)
    refused = [one.read_text(encoding="utf-8-sig") for one in (tmp_path / "data" / "refused").iterdir()]
    assert ["班次看不懂：请写「周一到周五 9-17:30，周六 休」这样" in text for text in refused] == [True]


def test_a_dry_run_writes_no_rota(shop, take):
    report = take("staff", "工号,姓名,门店,班次\nxiaowang,小王,001,每天 9-17\n", dry_run=True)

    assert counts(report) == (1, 1, 0, 0, 0)
    assert shop.transact(lambda conn: conn.execute(select(shifts.c.id)).all()) == []


def test_unknown_stores_are_made_or_refused(shop, take):
    assert counts(take("staff", STAFF_FILE, unknown="refuse")) == (3, 1, 0, 0, 2)
    assert counts(take("staff", STAFF_FILE)) == (3, 2, 0, 1, 0)
    assert shop.transact(lambda conn: set(conn.execute(select(stores.c.code)).scalars())) == {"001", "徐汇店"}


def test_products_with_what_is_in_them_and_what_they_replace(shop, take):
    assert counts(take("products", PRODUCTS_FILE)) == (2, 2, 0, 0, 0)
    assert counts(take("products", PRODUCTS_FILE)) == (2, 0, 0, 2, 0)
    assert counts(take("products", PRODUCTS_FILE.replace("19.5", "20"))) == (2, 0, 1, 1, 0)

    rows = found(shop, PRODUCTS, "P1", "P2")
    assert (rows["P1"]["name"], rows["P1"]["price_fen"], rows["P1"]["ingredients"], rows["P1"]["new_on"]) == (
        "芋泥波波", 1800, "芋头、牛奶、乳制品", date(2026, 11, 1),
    )  # fmt: skip
    assert rows["P2"]["replaces_id"] == rows["P1"]["id"]


def test_a_product_that_replaces_nothing_known_is_refused(take):
    assert counts(take("products", PRODUCTS_FILE.replace("P1\n", "P9\n"))) == (2, 1, 0, 0, 1)


def test_a_product_made_by_an_order_gets_its_details(shop, take):
    take("orders", "单号,日期,商品\nA,2026-11-01,P1\n")

    assert counts(take("products", PRODUCTS_FILE)) == (2, 1, 1, 0, 0)
    assert shop.transact(lambda conn: len(conn.execute(select(products.c.id)).all())) == 2


def test_the_same_row_twice_is_unchanged_and_two_that_differ_are_refused(take):
    twice = STORES_FILE + "001,徐汇店,上海,2024-05-01\n007,静安二店,,\n"

    assert counts(take("stores", twice)) == (4, 2, 0, 1, 1)
    assert counts(take("stores", twice)) == (4, 0, 0, 3, 1)


@pytest.mark.parametrize(
    ("kind", "file"), [("stores", STORES_FILE), ("staff", STAFF_FILE), ("products", PRODUCTS_FILE)]
)
def test_a_dry_run_tells_the_same_and_writes_nothing(shop, take, kind, file):
    planned = take(kind, file, dry_run=True)

    assert shop.transact(lambda conn: [conn.execute(select(t)).all() for t in (stores, staff, products)]) == [
        [],
        [],
        [],
    ]
    assert counts(planned) == counts(take(kind, file))
