"""Who is in no list whatever its kind and whoever asks: the hold-out, who said no, who never bought; a silent till."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.db.lists import known
from bot.db.tables import customer_stats, customers, facts, list_rows, lists, stores
from bot.domain.lists.holdout import held_out
from bot.refresh.run import refresh
from tests.lists.conftest import TEN
from tests.support.due import born, coupons_ending, customer, says

KINDS = ("", "召回", "生日", "快用完", "要走", "升级", "到期券", "关怀")
MORNING = ("digest", "birthdays", "care", "expiring", "recall")
WANG, CHEN = "+8613800138000", "+8613800002203"
SPEAKERS = ("店长", "小王", "小李", "外店")


def everything(shop) -> set[int]:
    """Everybody who stands in any list that can be made today."""
    for name in MORNING:
        assert shop.run(name).failed == 0
    for name in SPEAKERS:
        for kind in KINDS:
            assert shop.say(name, f"名单 {kind}").error is None
    shop.say("店长", "今天")
    for name in ("小李", "外店"):
        shop.say(name, "到货 无糖版")
    with shop.database.reading() as conn:
        today = select(list_rows.c.customer_id).join(lists, lists.c.id == list_rows.c.list_id)
        return set(conn.execute(today.where(lists.c.made_on == shop.clock.date())).scalars())


def reported(shop, now) -> None:
    """It is later, and every till has told how far it is."""
    shop.clock = now
    shop.write(lambda conn: conn.execute(update(stores).values(data_at=now)))


def of_kinds(shop) -> set[str]:
    with shop.database.reading() as conn:
        return set(conn.execute(select(lists.c.kind)).scalars())


@pytest.fixture
def busy(grouped, tmp_path):
    """Somebody is due for every kind that this trade has."""

    def dated(conn) -> None:
        for nth in range(6):
            born(conn, f"+8613902001{nth:03}", "--11-20")
            born(conn, f"+8613902003{nth:03}", "--11-21")
        coupons_ending(conn, TEN - timedelta(days=1))

    refresh(grouped.database, tmp_path, TEN - timedelta(hours=8))
    grouped.write(dated)
    return grouped


def test_the_hold_out_is_in_no_list_of_any_kind_but_what_she_asked_for(busy) -> None:
    before = everything(busy)
    assert of_kinds(busy) >= {"today", "save", "recall", "birthday", "leaving", "upgrade", "expiring", "arrived"}
    salt = next(salt for salt in map(str, range(1000)) if sum(held_out(one, salt.encode()) for one in before) >= 8)

    def drawn(conn) -> None:
        known.draw_salt(conn, salt)
        conn.execute(update(facts).where(facts.c.state == "void").values(state="live", voided_at=None))

    busy.write(drawn)
    reported(busy, busy.clock + timedelta(days=1))
    everything(busy)
    with busy.database.reading() as conn:
        made = select(list_rows.c.customer_id).join(lists, lists.c.id == list_rows.c.list_id)
        others = made.where(lists.c.made_on == busy.clock.date(), lists.c.kind != "arrived")
        after = set(conn.execute(others).scalars())

    assert len(after) > 20
    assert {one for one in after if held_out(one, salt.encode())} == set()


def test_whoever_asked_for_goods_is_called_though_she_is_held_out_and_nobody_hears_of_it(busy) -> None:
    with busy.database.reading() as conn:
        wang = customer(conn, WANG)
    busy.write(lambda conn: known.draw_salt(conn, next(s for s in map(str, range(99)) if held_out(wang, s.encode()))))
    busy.say("小王", "缺 黑糖版 13800138000")

    told = busy.say("小王", "到货 黑糖版").reply.text

    assert "（尾号8000）" in told
    assert "没列进来" not in told.replace("芒果过敏", "")
    assert "对照" not in told


@pytest.mark.parametrize("words", ["说别再打了", "让我们别再联系她", "拉黑了"])
def test_who_said_no_more_is_in_nobodys_list_of_any_store(busy, words) -> None:
    busy.say("小王", "名单")
    assert "全店停止联系" in busy.say("小王", f"1{words}").reply.text
    busy.say("外店", "建 13800138000")
    busy.say("外店", "1")
    with busy.database.reading() as conn:
        wang = customer(conn, WANG)
    assert busy.say("外店", "缺 无糖版 13800138000").error is None
    reported(busy, busy.clock + timedelta(days=60))
    busy.write(lambda conn: born(conn, WANG, f"--{busy.clock:%m-%d}"))

    assert wang not in everything(busy)
    assert "她说过别再联系" in busy.say("外店", "到货 无糖版").reply.text


def test_who_never_bought_is_not_called_back_and_who_stopped_is(busy) -> None:
    def bought(conn, ids) -> dict[int, int]:
        rows = conn.execute(select(customer_stats.c.customer_id, customer_stats.c.purchase_days))
        return {row.customer_id: row.purchase_days for row in rows if row.customer_id in ids}

    for name in ("recall", "digest"):
        busy.run(name)
    for name in SPEAKERS:
        busy.say(name, "名单 召回")
        busy.say(name, "名单 要走")
    with busy.database.reading() as conn:
        listed = set(conn.execute(select(list_rows.c.customer_id)).scalars())
        days = bought(conn, listed)
        never = set(conn.execute(select(customers.c.id)).scalars()) - set(
            conn.execute(select(customer_stats.c.customer_id).where(customer_stats.c.purchase_days > 0)).scalars()
        )

    assert len(never) == 16
    assert (set(days), min(days.values()) > 0, listed & never) == (listed, True, set())


def test_of_a_silent_till_nobody_is_called_asleep_and_it_says_why(busy) -> None:
    why = "收银数据只到前天10:00，今天不算谁很久没来，请店长看收银有没有上传"
    busy.write(lambda conn: conn.execute(update(stores).values(data_at=TEN - timedelta(days=2))))

    assert busy.run("recall").failed == 0
    for kind in ("召回", "要走", "升级"):
        assert busy.say("店长", f"名单 {kind}").reply.text == f"{why}。"
    told = busy.say("小李", "名单").reply.text
    assert "没来" not in told.replace(why, "")
    assert ("🎂今天生日" in told, why in told) == (True, True)
    assert "〔要救" not in busy.say("店长", "今天").reply.text
    with busy.database.reading() as conn:
        assert "recall" not in set(conn.execute(select(lists.c.kind)).scalars())


@pytest.mark.parametrize(
    ("words", "days", "after"),
    [
        ("打过了", 6, 8),
        ("没接", 0, 1),
        ("约了周日", 8, 10),
        ("不要 嫌贵", 29, 31),
        ("说不来了，别家便宜", 29, 31),
        ("搬走了", 90, None),
        ("空号", 90, None),
        ("晚点打", 0, 1),
    ],
)
def test_she_rests_as_long_as_her_answer_asks_and_comes_back(shop, words, days, after) -> None:
    def listed(ahead: int) -> bool:
        reported(shop, TEN + timedelta(days=ahead))
        return "（尾号8000）" in shop.say("小王", "名单 召回").reply.text

    assert listed(0)
    assert shop.say("小王", f"1{words}").error is None

    assert "1 王*（尾号8000）✓" in shop.say("小王", "名单 召回").reply.text
    if days:
        assert not listed(days)
    if after:
        assert listed(after)


def test_a_wrong_number_that_is_put_right_is_called_again(shop) -> None:
    shop.say("小王", "名单 召回")
    shop.say("小王", "1空号")
    reported(shop, shop.clock + timedelta(days=1))
    assert "8000" not in shop.say("小王", "名单 召回").reply.text

    assert shop.say("小王", "改 13800138000 手机 13911112222").error is None

    assert "（尾号2222）" in shop.say("小王", "名单 召回").reply.text


@pytest.mark.parametrize(
    ("rule", "listed", "offered"), [("别发券", True, False), ("只微信", True, True), ("别再联系", False, False)]
)
def test_a_wish_about_contact_is_kept(shop, rule, listed, offered) -> None:
    shop.write(lambda conn: says(conn, WANG, TEN, kind="contact_rule", value=rule))

    told = shop.say("小王", "名单 召回").reply.text

    assert ("（尾号8000）" in told, "可发" in told) == (listed, offered)
