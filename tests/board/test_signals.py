"""为什么 of a row: dates, numbers, what she said and left lately, the rule as the last word; abroad nothing of it."""

from datetime import date, datetime, timedelta

from sqlalchemy import insert, select

from bot.db import facts as stored
from bot.db import people
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import coupons, facts, offers
from bot.handlers.lists.answering import why
from bot.jobs.digest import digest
from tests.board.conftest import Undone, at, context, customer, run

WHO = "孙安"


def _said(conn, when: datetime, **content: str) -> None:
    row = stored.row(keys_of(conn), new_id(), customer(conn, WHO), content, state="live", source="chat", said_at=when)
    conn.execute(insert(facts).values(**row))


def _coupon(conn, nth: int, ends_on: date, state: str = "live") -> None:
    store, row_id = people.store_by_code(conn, "001"), new_id()
    conn.execute(
        insert(coupons).values(
            id=row_id, offer_id=conn.execute(select(offers.c.id).limit(1)).scalar(), customer_id=customer(conn, WHO),
            nth=nth, store_id=store.id, code=b"x", code_index=str(row_id).encode(), tail_index=b"x", state=state,
            uses=1, uses_left=int(state == "live"), cost_fen=600, starts_on=ends_on, ends_on=ends_on,
            issued_at=at("12:00") - timedelta(days=60),
        )
    )  # fmt: skip


def _why(shop_of: Undone, veil: str = "none") -> list[str]:
    (told,) = run(shop_of, digest, at("08:30"))
    command = told.commands[0].removeprefix("名单答 ")
    with shop_of.reading() as conn:
        return why.run(context(conn, shop_of, "店长", at("10:00"), veil), why.takes(command)).text.splitlines()


def _left(conn) -> None:
    _said(conn, at("12:00", 2), kind="competitor", value="隔壁新店 13800138000")
    _said(conn, at("12:00", 3), kind="complaint", value="等太久", facet="等待")
    _said(conn, at("12:00", 4), kind="nps", value="3")
    _said(conn, at("12:00", 5), kind="nps", value="9")
    _said(conn, at("12:00") - timedelta(days=200), kind="competitor", value="早就提过的")
    _said(conn, at("12:00", 6), kind="competitor", value="孩子说的", of="child")
    for nth, (day, state) in enumerate([(18, "live"), (10, "live"), (4, "live"), (2, "used"), (1, "live")], 90):
        _coupon(conn, nth, date(2026, 11, day), state)
    _coupon(conn, 99, date(2026, 12, 1))  # she may use it yet


def test_dates_numbers_and_what_speaks_for_it(shop_of: Undone) -> None:
    shop_of.transact(_left)

    assert _why(shop_of) == [
        "1 孙*（尾号2000）：",
        "· 大客，平时7天来一次，已27天没来",
        "· 要走的大客：消费第4档、频次第4档（5档最高），共花了¥440",
        "· 平时7天来一次，已27天没来；按她和本店的节奏约8天一次，已到3.5倍",
        "· 上次来是10-24",
        "· 11-02提过别家：隔壁新店 138****8000",
        "· 11-03说过等待：等太久",
        "· 11-04打了3分",
        "· 近3张券没用，最后一张到11-18",
        "· 按经验规则排：先看价值，再看比平时晚了多少",
    ]


def test_one_coupon_left_says_nothing(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: (_coupon(conn, 90, date(2026, 11, 18)), _coupon(conn, 91, date(2026, 11, 2), "used")))

    assert [line for line in _why(shop_of) if "券" in line] == []


def test_abroad_it_only_says_that_there_is_something(shop_of: Undone) -> None:
    shop_of.transact(_left)

    assert _why(shop_of, "closed")[1:] == ["⚠️ 有提醒，请到企业微信看"]
