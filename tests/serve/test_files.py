"""A file sent in a chat: what is asked, done once, kept out of other stores, and never left lying about."""

import os
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

import bot.handlers
from bot.chat import Choice, File, Incoming, Outcome, Press
from bot.commands import collect
from bot.db.bulk import members
from bot.db.core.engine import Database
from bot.db.tables import customer_stores, customers, errands, orders, outbox, staff, stores
from bot.db.talk import outbox as pushes
from bot.dispatch import Dispatcher
from bot.serve.errands import Errands, forget_files
from tests.support.cast import CAST, address
from tests.support.world import world

ORDERS = "订单号,时间,门店,手机号,姓名,商品,金额\n"
OWN = "A1,2026-11-19 12:00,001,13800138000,王芳,芋泥波波,18\n"
GONE = "那个文件已经不在了，请重新发一次。"


@dataclass(slots=True)
class Desk:
    """The small world, a folder for what people send, and whoever does errands."""

    database: Database
    data: Path
    clock: datetime
    said: int = 0
    answered: list[Outcome] = field(default_factory=list)

    @property
    def left(self) -> list[str]:
        """The files that still lie there."""
        return sorted(path.name for path in (self.data / "incoming").iterdir())

    def tell(self, who: str, text: str = "", press: Press | None = None, files: tuple[File, ...] = ()) -> str:
        """What the bot answers, first line."""
        self.said += 1
        self.clock += timedelta(seconds=1)
        message = Incoming(str(self.said), address(who), text, self.clock, press=press, files=files)
        self.answered.append(Dispatcher(self.database, collect(bot.handlers)).handle(message))
        return self.answered[-1].reply.text.split("\n")[0]

    def drop(self, who: str, content: str, name: str = "表.csv") -> tuple[Choice, ...]:
        """Send a file; gives what may be chosen."""
        path = self.data / "incoming" / f"{self.said}.file"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        self.tell(who, files=(File(name, str(path)),))
        return self.answered[-1].reply.choices

    def press(self, who: str, digit: int, menu: int | None = None) -> str:
        """Press a key of the last question, or of an older one."""
        return self.tell(who, press=Press(menu or self.menu, digit))

    @property
    def menu(self) -> int:
        """The last question that had keys."""
        return next(one.menu for one in reversed(self.answered) if one.menu)

    def errand(self) -> str:
        """Do one errand; gives what is told of it, nothing where there was none."""
        if not Errands(self.database, self.data, lambda: self.clock).do_one():
            return ""
        return self.database.transact(_owed)

    def refused(self) -> list[str]:
        """The last column of every refused row."""
        paths = sorted((self.data / "refused").glob("*.csv"))
        return [line.rsplit(",", 1)[1] for path in paths for line in path.read_text("utf-8-sig").splitlines()[1:]]


def _owed(conn: Connection) -> str:
    """What somebody is to be told, now told."""
    (row,) = conn.execute(select(outbox.c.staff_id).where(outbox.c.state == "due"))
    (said,) = pushes.take(conn, row.staff_id)
    return said


@pytest.fixture
def desk(database: Database, now: datetime, tmp_path: Path) -> Desk:
    world(database, now)
    return Desk(database, tmp_path / "data", now)


def _everyone(desk: Desk) -> dict[str, tuple[str, str, list[str]]]:
    """By phone: what she is called, whose she is, and where she may be seen."""

    def read(conn):
        code = dict(conn.execute(select(stores.c.id, stores.c.code)).all())
        seen = conn.execute(select(customer_stores.c.customer_id, customer_stores.c.store_id)).all()
        return {
            one.values["phone"]: (
                one.values["name"],
                code[one.values["store_id"]],
                sorted(code[store] for customer, store in seen if customer == one.id),
            )
            for one in members.read(conn, conn.execute(select(customers.c.id)).scalars().all()).values()
        }

    return desk.database.transact(read)


def _order_stores(desk: Desk) -> dict[str, str]:
    with desk.database.reading() as conn:
        joined = select(orders.c.order_no, stores.c.code).join(stores, stores.c.id == orders.c.store_id)
        return dict(conn.execute(joined.where(orders.c.order_no.like("A%"))).all())


def test_the_question_says_what_will_happen_before_anything_does(desk: Desk) -> None:
    choices = desk.drop("店长", ORDERS + OWN, "订单.csv")

    assert desk.answered[-1].reply.text.splitlines()[0] == "收到「订单.csv」。这是什么表？导入会新增和更新，不能撤。"
    assert [choice.label for choice in choices] == ["导入订单", "导入客户", "算了"]
    assert desk.errand() == ""


def test_head_office_may_import_products_too(desk: Desk) -> None:
    assert [choice.label for choice in desk.drop("总部", ORDERS)] == ["导入订单", "导入客户", "导入商品", "算了"]


def test_a_manager_who_asks_for_products_all_the_same_is_refused(desk: Desk) -> None:
    seal = desk.drop("店长", "商品编码,名称\nT01,假的\n")[0].command.split()[-1]

    assert desk.tell("店长", f"/导入 products {seal}") == "商品是全部门店的，请总部或管理员来导入。"
    assert desk.errand() == ""


def test_a_file_is_imported_once_however_often_its_keys_are_pressed(desk: Desk) -> None:
    desk.drop("店长", ORDERS + OWN)
    menu = desk.menu

    assert desk.press("店长", 1, menu) == "好，正在导入「表.csv」（订单），导完告诉你。"
    assert desk.press("店长", 1, menu) == "这个文件已经在导入了，导完告诉你。"
    assert desk.press("店长", 2, menu) == "这个文件已经在导入了，导完告诉你。"
    assert desk.press("店长", 3, menu) == "这个文件已经在导入了，导完告诉你。"
    assert desk.errand() == "「表.csv」导好了：读到 1 行，新 1，变了 0，没变 0，拒 0。"
    assert desk.errand() == ""
    assert desk.press("店长", 1, menu) == "这个文件已经导过了。"
    assert desk.left == []
    with desk.database.reading() as conn:
        assert conn.execute(select(errands.c.state)).scalars().all() == ["done"]


def test_letting_go_deletes_the_file_at_once(desk: Desk) -> None:
    desk.drop("店长", ORDERS + OWN)
    menu = desk.menu

    assert desk.press("店长", 3, menu) == "好，没有导入，「表.csv」已删。"
    assert desk.left == []
    assert desk.press("店长", 1, menu) == GONE
    assert desk.errand() == ""


@pytest.mark.parametrize(
    ("who", "name"),
    [("店长", "照片.jpg"), ("小王", "客户.csv"), ("总部", "客户.doc")],
    ids=["picture", "guide", "word"],
)
def test_a_file_that_is_refused_is_deleted_at_once(desk: Desk, who: str, name: str) -> None:
    assert desk.drop(who, ORDERS + OWN, name) == ()
    assert desk.left == []


def test_an_unreadable_file_is_told_by_its_own_name_and_deleted(desk: Desk) -> None:
    desk.drop("店长", "", "空.csv")
    desk.press("店长", 1)

    said = desk.errand()

    assert (str(desk.data) in said, desk.left) == (False, [])
    with desk.database.reading() as conn:
        assert conn.execute(select(errands.c.state)).scalars().all() == ["failed"]


def test_a_file_that_vanished_meanwhile_is_told_by_its_own_name(desk: Desk) -> None:
    desk.drop("店长", ORDERS + OWN)
    desk.press("店长", 1)
    for path in (desk.data / "incoming").iterdir():
        path.unlink()

    assert desk.errand() == "「表.csv」已经不在了，没有导入，请重新发一次。"


def test_a_question_left_alone_for_two_hours_lets_go_of_its_file(desk: Desk) -> None:
    desk.drop("店长", ORDERS + OWN)
    (path,) = (desk.data / "incoming").iterdir()
    _age(path, 1.9)
    forget_files(desk.data)
    still = desk.left
    _age(path, 2.1)
    forget_files(desk.data)

    assert (still, desk.left) == ([path.name], [])
    assert desk.press("店长", 1) == GONE


def test_a_file_that_waits_to_be_imported_is_not_forgotten(desk: Desk) -> None:
    desk.drop("店长", ORDERS + OWN)
    (path,) = (desk.data / "incoming").iterdir()
    _age(path, 1.9)
    desk.press("店长", 1)

    assert time.time() - path.stat().st_mtime < 3600


def _age(path: Path, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def test_a_manager_imports_only_orders_of_her_own_store(desk: Desk) -> None:
    lines = (
        "A2,2026-11-19 12:00,002,13800138000,王芳,芋泥波波,18\n"  # another store by its code
        "A3,2026-11-19 12:00,静安店,13800138000,王芳,芋泥波波,18\n"  # and by its name
        "A4,2026-11-19 12:00,003,13800138000,王芳,芋泥波波,18\n"  # one that is not there
        "A5,2026-11-19 12:00,,13800138001,李强,芋泥波波,18\n"  # whom her store may not see
        "A6,2026-11-19 12:00,,13900139000,新客,芋泥波波,18\n"  # somebody new
        "A7,2026-11-19 12:00,,,,芋泥波波,18\n"  # nobody in particular
    )
    before = _everyone(desk)
    desk.drop("店长", ORDERS + OWN + lines)
    desk.press("店长", 1)

    assert desk.errand().splitlines()[0] == "「表.csv」导好了：读到 7 行，新 3，变了 0，没变 0，拒 4。"
    other = "这一行是别的门店的：店长只能导入自己门店的，请交给那家店的店长或总部"
    assert desk.refused() == [other] * 3 + ["这位顾客不在本店的档案里：请先在聊天里建档到本店，或交给总部导入"]
    assert _order_stores(desk) == {"A1": "001", "A6": "001", "A7": "001"}
    assert _everyone(desk) == {**before, "+8613900139000": ("新客", "001", ["001"])}
    with desk.database.reading() as conn:
        assert sorted(conn.execute(select(stores.c.code)).scalars()) == ["001", "002"]


def test_a_manager_cannot_take_over_an_order_of_another_store(desk: Desk) -> None:
    desk.drop("总部", ORDERS + "A1,2026-11-19 12:00,002,,,芋泥波波,18\n")
    desk.press("总部", 1)
    desk.errand()
    desk.drop("店长", "订单号,时间,商品,金额\nA1,2026-11-19 12:00,芋泥波波,1\n")
    desk.press("店长", 1)

    assert desk.errand().splitlines()[0] == "「表.csv」导好了：读到 1 行，新 0，变了 0，没变 0，拒 1。"
    assert desk.refused() == ["这个单号是别的门店的：请核对单号，或交给总部导入"]
    assert _order_stores(desk) == {"A1": "002"}


def test_a_manager_cannot_rewrite_another_store_s_customer(desk: Desk) -> None:
    lines = "13800138001,假名,\n13800138000,王芳芳,002\n13800007715,周小敏,001\n13900139000,新客,\n"
    before = _everyone(desk)
    desk.drop("店长", f"手机号,姓名,门店\n{lines}")
    desk.press("店长", 2)

    assert desk.errand().splitlines()[0] == "「表.csv」导好了：读到 4 行，新 1，变了 1，没变 0，拒 2。"
    assert _everyone(desk) == {
        **before,
        "+8613800007715": ("周小敏", "001", ["001"]),
        "+8613900139000": ("新客", "001", ["001"]),
    }


def test_a_customer_of_two_stores_stays_where_she_is_at_home(desk: Desk) -> None:
    desk.drop("总部", ORDERS + "A1,2026-11-19 12:00,001,13800138001,李强,芋泥波波,18\n")
    desk.press("总部", 1)
    desk.errand()
    desk.drop("店长", "手机号,姓名,门店\n13800138001,李强强,001\n")
    desk.press("店长", 2)
    desk.errand()

    assert _everyone(desk)["+8613800138001"] == ("李强强", "002", ["001", "002"])


@pytest.mark.parametrize("who", ["总部", "管理员"])
def test_head_office_and_admins_import_for_every_store(desk: Desk, who: str) -> None:
    desk.drop(who, "手机号,姓名,门店\n13800138001,李强强,002\n13800138000,王芳芳,001\n")
    desk.press(who, 2)

    assert desk.errand() == "「表.csv」导好了：读到 2 行，新 0，变了 2，没变 0，拒 0。"


def test_a_manager_without_a_store_imports_nothing(desk: Desk) -> None:
    homeless = update(staff).where(staff.c.code == CAST["店长"].code).values(store_id=None)
    desk.database.transact(lambda conn: conn.execute(homeless))
    desk.drop("店长", ORDERS + OWN)

    assert desk.press("店长", 1) == "你不属于某一家店，请总部或管理员来导入。"
