"""Customer contact from the console: off by default, within each guide's sight, and never a word to a customer."""

import pytest
from sqlalchemy import select

from bot.app import open_shop
from bot.db import audit, customers, people
from bot.db.tables import audit as rows
from bot.domain.customers import Customer as Known
from bot.sandbox.wecom.contacts import Customer
from bot.settings import Settings
from tests.support.platforms import SETUP, Platforms, platforms

WANG, CHEN, LI = "13800138000", "13800002203", "13800138001"
NEW = "13900139000"


@pytest.fixture
def there(tmp_path):
    with platforms(tmp_path, contact_by_app=True) as found:
        yield found


@pytest.fixture
def zhanggui(here, there, monkeypatch):
    """The command beside a demo chain, with customer contact on and two guides bound."""
    here("staff", "bind", "xiaowang", "wecom", "xiaowang")
    here("staff", "bind", "waidian", "wecom", "waidian")
    monkeypatch.setenv("ZHANGGUI_WECOM_CONTACTS", "on")
    monkeypatch.setenv("ZHANGGUI_WECOM_CORP_ID", SETUP.corp_id)
    monkeypatch.setenv("ZHANGGUI_WECOM_SECRET", SETUP.secret)
    monkeypatch.setenv("ZHANGGUI_WECOM_API", there.base)
    return here


def keep(there: Platforms, person: str, nick: str, *mobiles: str) -> Customer:
    """A guide keeps a customer in WeCom, with these numbers in her remark."""
    customer, _ = there.wecom.contacts.add(person, nick, "")
    customer.follows[person].remark_mobiles = list(mobiles)
    return customer


def remarks(customer: Customer) -> list[str]:
    return [follow.remark for follow in customer.follows.values()]


def looked_up(shop, phone: str) -> tuple[Known, list[tuple[str, str, str]]]:
    """A customer, and what the audit says was done to her in WeCom: who, which command, why; oldest first."""
    database = open_shop(Settings(data=shop / "var"))
    with database.reading() as conn:
        known = people.identify(conn, people.CONSOLE, "hq", "")
        assert known
        sight = customers.by_phone(conn, f"+86{phone}", seen_by=known[0])
        assert sight
        looks = audit.looks_at(conn, sight.customer.id)
    database.close()
    return sight.customer, [(one[1], one[4], one[5]) for one in reversed(looks) if one[4].startswith("wecom")]


def deeds(shop, phone: str) -> list[tuple[str, str, str]]:
    return looked_up(shop, phone)[1]


def test_it_is_off_until_it_is_switched_on_and_says_what_it_does(here):
    done = here("wecom", "customers")

    assert (done.code, done.out) == (1, "")
    assert "ZHANGGUI_WECOM_CONTACTS=on" in done.err
    assert "读来的号码和名字不存、不显示" in done.err


def test_an_app_that_is_not_set_up_is_said(here, monkeypatch):
    monkeypatch.setenv("ZHANGGUI_WECOM_CONTACTS", "on")

    done = here("wecom", "customers")

    assert (done.code, done.out) == (1, "")
    assert "ZHANGGUI_WECOM_SECRET" in done.err


def test_contacts_are_counted_by_guide_without_a_name_or_a_number(zhanggui, there):
    keep(there, "xiaowang", "小芳芳", WANG)
    keep(there, "xiaowang", "路过的", NEW)
    keep(there, "xiaowang", "没号码的")
    keep(there, "waidian", "李哥", LI)

    shown = zhanggui("wecom", "customers")
    counted = zhanggui("wecom", "customers", "--json")

    assert shown.out.splitlines() == [
        "xiaowang：微信客户 3 位，备注了手机号的 2 位：1 位是她看得到的客户，1 位对不上。",
        "waidian：微信客户 1 位，备注了手机号的 1 位：1 位是她看得到的客户，0 位对不上。",
    ]
    assert counted.objects == [
        {
            "staff": [
                {"staff": "xiaowang", "customers": 3, "with_number": 2, "known": 1, "unknown": 1},
                {"staff": "waidian", "customers": 1, "with_number": 1, "known": 1, "unknown": 0},
            ]
        }
    ]


def test_another_stores_customer_is_nobody_to_a_guide(zhanggui, there, shop):
    customer = keep(there, "waidian", "小芳芳", WANG)

    counted = zhanggui("wecom", "customers", "--staff", "waidian", "--json")
    remarked = zhanggui("wecom", "remark", "--by", "waidian")

    assert counted.objects[0]["staff"][0]["known"] == 0
    assert remarked.out == "waidian 的客户备注：改了 0 位，已经是这样 0 位。\n"
    assert remarks(customer) == ["小芳芳"]
    assert deeds(shop, WANG) == []


def test_a_remark_is_short_and_says_nothing_sensitive_and_is_audited(zhanggui, there, shop):
    customer = keep(there, "xiaowang", "小芳芳", WANG)

    seen = zhanggui("wecom", "remark", "--by", "xiaowang", "--dry-run")
    before = remarks(customer)
    done = zhanggui("wecom", "remark", "--by", "xiaowang")
    again = zhanggui("wecom", "remark", "--by", "xiaowang")

    assert seen.out == "xiaowang 的客户备注：要改 1 位，已经是这样 0 位。（只是预览，什么都没改）\n"
    assert before == ["小芳芳"]
    assert done.out == "xiaowang 的客户备注：改了 1 位，已经是这样 0 位。\n"
    assert remarks(customer) == ["王女士·芋泥波波"]
    assert again.out == "xiaowang 的客户备注：改了 0 位，已经是这样 1 位。\n"
    assert deeds(shop, WANG) == [("小王", "wecom remark", "原备注：小芳芳")]


def test_what_a_guide_wrote_herself_stays_unless_she_says_so(zhanggui, there, shop):
    customer = keep(there, "xiaowang", "小芳芳", WANG)
    customer.follows["xiaowang"].remark = "王姐 楼上公司"

    done = zhanggui("wecom", "remark", "--by", "xiaowang")
    after = remarks(customer)
    replaced = zhanggui("wecom", "remark", "--by", "xiaowang", "--replace")

    assert "她自己写的备注没有动：1 位" in done.out
    assert after == ["王姐 楼上公司"]
    assert replaced.out == "xiaowang 的客户备注：改了 1 位，已经是这样 0 位。\n"
    assert remarks(customer) == ["王女士·芋泥波波"]
    assert deeds(shop, WANG) == [("小王", "wecom remark", "原备注：王姐 楼上公司")]


def test_a_tag_is_made_once_and_put_on_the_listed_only(zhanggui, there, shop):
    wang, chen = keep(there, "xiaowang", "小芳芳", WANG), keep(there, "xiaowang", "洁", CHEN)
    listed = f"{looked_up(shop, WANG)[0].customer_no or WANG}\n\nKNOWN-BY-NOBODY\n"

    seen = zhanggui("wecom", "tag", "老客", "--store", "001", "--dry-run", said=listed)
    made = list(there.wecom.contacts.tags.values())
    done = zhanggui("wecom", "tag", "老客", "--store", "001", said=listed)
    again = zhanggui("wecom", "tag", "老客", "--store", "001", said=listed)
    elsewhere = zhanggui("wecom", "tag", "老客", "--store", "002", said=listed)

    (tag,) = there.wecom.contacts.tags.values()
    assert made == []
    assert (tag.group_name, tag.name) == ("掌柜", "老客")
    assert (wang.follows["xiaowang"].tags, chen.follows["xiaowang"].tags) == ([tag.id], [])
    matched = "名单 2 位，在 001 店员工的微信客户里对上 1 位；"
    assert seen.out == f"{matched}标签「老客」要打上 1 处。（只是预览，什么都没改）\n"
    assert done.out == f"{matched}标签「老客」打上了 1 处。\n"
    assert again.out == f"{matched}标签「老客」打上了 0 处。\n"
    assert elsewhere.out == "名单 2 位，在 002 店员工的微信客户里对上 0 位；标签「老客」打上了 0 处。\n"
    assert deeds(shop, WANG) == [("小王", "wecom tag", "标签：老客")]


def test_a_message_waits_for_the_guide_to_press_send(zhanggui, there, shop):
    customer = keep(there, "xiaowang", "小芳芳", WANG)

    done = zhanggui("wecom", "message", "周五起新品买一送一", "--staff", "xiaowang", said=f"{WANG}\n{NEW}\n")
    (task,) = there.wecom.contacts.tasks
    waiting = zhanggui("wecom", "task", task)
    got = list(customer.got)
    bubble = there.bubbles("wecom", "xiaowang", "contacts")[-1]
    there.do("press", "wecom", "xiaowang", "contacts", bubble=bubble["id"], data=bubble["keys"][0][1])
    sent = zhanggui("wecom", "task", task)

    assert done.out.splitlines() == [
        "名单 2 位，能发 1 位，不愿收或有客诉没办完的 0 位没有放进去。",
        f"任务 {task} 已交给 xiaowang，还没有发：要她在企业微信里看过，自己点「发送」。",
        f"看发了没有：zhanggui wecom task {task}",
    ]
    assert waiting.out == "xiaowang：还没有发：等她在企业微信里点「发送」\n"
    assert got == []
    assert sent.out.startswith("xiaowang：20")
    assert sent.out.endswith(" 发了\n")
    assert len(customer.got) == 1
    assert deeds(shop, WANG) == [("小王", "wecom message", "备群发，要她自己发送")]


@pytest.mark.parametrize("said", ["记 8000 别给她群发广告", "诉 8000 等了四十分钟没人理"])
def test_who_wants_no_messages_or_has_an_open_complaint_is_left_out(zhanggui, there, said):
    keep(there, "xiaowang", "小芳芳", WANG)
    keep(there, "xiaowang", "洁", CHEN)
    zhanggui.chat("xiaowang", said)

    one = zhanggui("wecom", "message", "好", "--staff", "xiaowang", "--dry-run", said=f"{WANG}\n{CHEN}\n")
    none = zhanggui("wecom", "message", "好", "--staff", "xiaowang", said=f"{WANG}\n")

    assert one.out.splitlines() == [
        "名单 2 位，能发 1 位，不愿收或有客诉没办完的 1 位没有放进去。",
        "（只是预览，什么都没改）",
    ]
    assert (none.code, none.out) == (1, "")
    assert there.wecom.contacts.tasks == {}


@pytest.mark.parametrize(
    ("text", "listed"),
    [("好", ""), (" ", WANG), ("好" * 1334, WANG), ("好", "\n".join(map(str, range(10_001))))],
    ids=["nobody", "blank", "4002 bytes", "10001 customers"],
)
def test_what_wecom_would_not_take_is_never_asked_for(zhanggui, there, text, listed):
    done = zhanggui("wecom", "message", text, "--staff", "xiaowang", said=listed)

    assert (done.code, done.out) == (1, "")
    assert list(there.wecom.calls) == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("niemand", "没有在职员工 niemand"),
        ("admin", "管理员账号看不了客户资料"),
        ("xiaoli", "xiaoli 还没有绑定企业微信"),
    ],
)
def test_only_a_bound_guide_has_contacts(zhanggui, code, sentence):
    done = zhanggui("wecom", "remark", "--by", code)

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(sentence)


def test_a_guide_who_may_not_have_contacts_is_told_where_to_mend_it(zhanggui, there):
    there.wecom.corp.invisible.add("xiaowang")

    assert "xiaowang 不在客户联系的使用范围里" in zhanggui("wecom", "customers", "--staff", "xiaowang").err


def test_a_refusal_of_wecoms_is_one_sentence(zhanggui, there):
    there.wecom.add_fault({"kind": 48002, "path": "externalcontact/get_follow_user_list"})

    done = zhanggui("wecom", "customers")

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("企业微信 48002：应用没有调用这个接口的权限")


def test_a_remark_wecom_refuses_is_not_counted_as_done_to_her(zhanggui, there, shop):
    customer = keep(there, "xiaowang", "小芳芳", WANG)
    there.wecom.add_fault({"kind": 45009, "path": "externalcontact/remark"})

    done = zhanggui("wecom", "remark", "--by", "xiaowang")

    assert (done.code, done.out) == (1, "")
    assert done.err == "企业微信 45009：调用太频繁，先停一分钟。\n"
    assert remarks(customer) == ["小芳芳"]
    assert outcomes(shop) == ["ok", "ok", "unavailable"]


def outcomes(shop) -> list[str]:
    """What became of every command of customer contact, oldest first: the look, the change, that it failed."""
    database = open_shop(Settings(data=shop / "var"))
    with database.reading() as conn:
        found = conn.execute(select(rows.c.outcome).where(rows.c.command.like("wecom %")).order_by(rows.c.id))
        said = list(found.scalars())
    database.close()
    return said
