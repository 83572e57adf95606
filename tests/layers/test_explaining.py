"""Why she has a label, where the dialogues do not reach: refunded away, by a pilot's rules, changed since the night."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select

import bot.handlers
from bot.actions import segmenting
from bot.actions.notes import Writer
from bot.chat import Incoming
from bot.commands import collect
from bot.db import people as staff_db
from bot.db.bulk.orders import Order, store_orders
from bot.db.changes import Recorder
from bot.db.core.engine import Database
from bot.db.core.ids import new_id
from bot.db.tables import orders
from bot.dispatch import Dispatcher
from bot.domain.shop import Staff
from bot.domain.stats import Line
from bot.refresh.run import refresh
from tests.support.cast import address, staff
from tests.support.world import world


def _why(database: Database, who: str, now: datetime, key: str = "a") -> list[str]:
    dispatcher = Dispatcher(database, collect(bot.handlers))
    return dispatcher.handle(Incoming(key, address("小王"), f"为什么 {who}", now)).reply.text.splitlines()


def _refund(conn: Connection, product: str, now: datetime) -> None:
    sold = conn.execute(select(orders).where(orders.c.order_no.like(f"001-{product}-%"))).all()
    assert sold
    back = [
        Order(
            f"R-{row.order_no}", row.store_id, row.customer_id, now, now.date(), "refund",
            [Line(None, 1000, -row.total_fen)], row.order_no,
        )
        for row in sold
    ]  # fmt: skip
    store_orders(conn, back)


def test_whoever_returned_all_has_never_bought_and_is_told_so(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    world(database, now)
    refresh(database, tmp_path, now)
    database.transact(lambda conn: _refund(conn, "葡萄冻冻", now))
    said = "还没买过：她的3单都全退了，退光的不算买过；不算沉睡，也不算流失。"

    assert _why(database, "7715", now)[1] == f"{said}（名单里还是「普通常客」，今晚更新）"
    refresh(database, tmp_path, now)
    assert _why(database, "7715", now, "b")[1] == said


def _decide(conn: Connection, wish: str, code: str | None, who: Staff, now: datetime) -> None:
    store = staff_db.store_by_code(conn, code) if code else None
    planned = segmenting.plan(conn, wish, store, now.date())
    segmenting.decide(Writer(Recorder(conn, new_id()), who, now), planned, planned.mark)


def test_a_pilots_customers_are_explained_by_its_rules(database: Database, now: datetime, tmp_path: Path) -> None:
    world(database, now)
    who = staff(database, "总部")
    database.transact(partial(_decide, wish="沉睡 改 70天", code="001", who=who, now=now))
    before = _why(database, "8000", now)
    refresh(database, tmp_path, now)
    after = _why(database, "8000", now, "b")

    assert before[1].startswith("【阶段】沉睡：")
    assert after[1] == "按徐汇店试点的规则。"
    assert after[2].startswith("【阶段】变慢：")
    assert "满70天算沉睡" in after[2]


def test_what_the_list_still_says_is_told_beside_what_is_true_now(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    world(database, now)
    refresh(database, tmp_path, now)
    fresh = _why(database, "7715", now)
    database.transact(lambda conn: _refund(conn, "葡萄冻冻", now))
    later = _why(database, "2203", now + timedelta(days=4), "b")

    assert not any("名单" in line or line.startswith("分层到") for line in fresh)
    assert later[1].startswith("【阶段】常客：")
    assert later[1].endswith("（名单里还是「新客」，今晚更新）")
    assert "分层到 11-20；以上按现在的订单。" in later
