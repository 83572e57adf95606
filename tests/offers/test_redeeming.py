"""A coupon is used once, where and when it holds; whoever tries again is told who had it."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

import bot.handlers
from bot.actions import redeeming
from bot.actions.redeeming import NotRedeemableError
from bot.chat import Incoming, Outcome
from bot.commands import collect
from bot.db.bulk.products import NewProduct, add_products, ids_of
from bot.db.core.engine import Database, keys_of
from bot.db.core.ids import new_id
from bot.db.facts import row as fact_row
from bot.db.tables import coupons, facts, offers
from bot.db.tables import redemptions as uses
from bot.dispatch import Dispatcher
from bot.domain.selling import codes as coupon_codes
from bot.domain.selling.offers import Coupon, Terms
from bot.domain.shop import Staff
from bot.handlers.selling.redeem import parse_redeem
from tests.offers.issuing import a_customer, an_offer, give
from tests.support.cast import address

COMMANDS = collect(bot.handlers)
Say = Callable[..., Outcome]


@pytest.fixture
def say(database: Database, now: datetime) -> Say:
    """Somebody writes, a second after the one before."""
    dispatcher, said = Dispatcher(database, COMMANDS), []

    def one(name: str, text: str, later: timedelta = timedelta(0), group: str | None = None) -> Outcome:
        said.append(text)
        at = now + later + timedelta(seconds=len(said))
        return dispatcher.handle(Incoming(f"redeem-{len(said)}", address(name, group), text, at))

    return one


@pytest.fixture
def zhou(database: Database, people: Callable[[str], Staff], now: datetime) -> int:
    return a_customer(database, now, people("小王"), name="周敏", phone="+8613800007715")


@pytest.fixture
def birthday(database: Database, people: Callable[[str], Staff], zhou: int, now: datetime) -> Coupon:
    """One coupon of hers, without any condition."""
    return give(database, people("小王"), zhou, an_offer(database, now, "周年券"), now)


def redeemed(database: Database, coupon: Coupon, staff: Staff, now: datetime, **more: Any) -> tuple[int, int, bool]:
    """One use, as a till has it: its number, what it left, whether it was the same use again."""
    use = {"store_id": staff.store_id, "staff_id": None, "via": "post", "order_no": None, **more}
    done = database.transact(lambda conn: redeeming.redeem(conn, coupon, now=now, **use))
    return done.use_no, done.coupon.uses_left, done.again


def refusal(database: Database, coupon: Coupon, staff: Staff, now: datetime, **more: Any) -> tuple[str, str]:
    with pytest.raises(NotRedeemableError) as refused:
        redeemed(database, coupon, staff, now, **more)
    return refused.value.reason, refused.value.say


def held(database: Database, coupon: Coupon) -> tuple[str, int, list[tuple[int, str]]]:
    """How a coupon stands: state, uses left, and its uses by number and state."""

    def read(conn):
        stands = conn.execute(select(coupons.c.state, coupons.c.uses_left).where(coupons.c.id == coupon.id)).one()
        found = select(uses.c.use_no, uses.c.state).where(uses.c.coupon_id == coupon.id).order_by(uses.c.id)
        return (*stands, [tuple(row) for row in conn.execute(found)])

    return database.transact(read)


DONE = "✅ 周年券 周*（尾号7715）已核销（你，15:00）。再核会拒绝；退单自动还原，核错了回 撤"


def test_a_guide_redeems_by_the_last_four_and_nobody_again(database, say, birthday):
    tail = birthday.tail

    first = say("小王", f"核 {tail.lower()}")
    again = say("小李", f"核销 {tail[:2]} {tail[2:]}", timedelta(minutes=2))

    assert (first.error, first.reply.text) == (None, DONE)
    assert (again.error, again.reply.text) == ("conflict", "「周年券」已经用过了：11月20日15:00在徐汇店核的（小王）。")
    assert held(database, birthday) == ("used", 0, [(1, "live")])


WAYS = ["核 {tail}", "核{low}", "/核销 {spaced}", "核券：{wide}", "核一下 {code}", "hx {shown}", "核 {wide_code}",
        "核 7715", "核券 尾号7715", "核 13800007715", "核 7715 {low}", "核 周敏的券", "核 周敏 {tail}"]  # fmt: skip


def test_a_code_is_read_however_it_is_typed(database, people, say, zhou, now):
    offer = an_offer(database, now, "次卡", kind="counted", terms=Terms(buy=len(WAYS)))
    card = give(database, people("小王"), zhou, offer, now)
    code, tail = card.code, card.tail
    wide = {ord(char): chr(ord(char) + 0xFEE0) for char in coupon_codes.ALPHABET}
    forms = {
        "tail": tail, "low": tail.lower(), "spaced": f"{tail[:2]} {tail[2:]}", "wide": tail.translate(wide),
        "code": code.lower(), "shown": coupon_codes.show(code), "wide_code": code.translate(wide),
    }  # fmt: skip

    refused = {way: said.reply.text for way in WAYS if (said := say("小王", way.format(**forms))).error}

    assert refused == {}
    assert held(database, card)[:2] == ("used", 0)


def test_several_that_fit_are_asked_for_by_number(database, people, say, zhou, birthday, now):
    give(database, people("小王"), zhou, an_offer(database, now, "满30减6"), now)

    asked = say("小王", "核 7715")
    done = say("小王", "2")

    assert asked.reply.text == (
        "有2张，核哪张？回数字：\n1 周年券 周*（尾号7715）到12月3日\n2 满30减6 周*（尾号7715）到12月3日"
    )
    assert done.reply.text.startswith("✅ 满30减6 周*（尾号7715）已核销")
    assert held(database, birthday) == ("live", 1, [])
    assert say("小李", "1").error == "usage"


def test_spoken_of_she_is_asked_about_first(say, birthday):
    assert say("小王", "核").error == "usage"
    say("小王", "查 7715")

    asked = say("小王", "核")

    assert asked.reply.text == "核这张吗？回 1：\n1 周年券 周*（尾号7715）到12月3日"
    assert say("小王", "1").reply.text.startswith("✅ 周年券 周*")


def test_what_was_redeemed_by_mistake_is_taken_back_and_redeemed_again(database, say, birthday):
    say("小王", f"核 {birthday.tail}")

    undone = say("小王", "撤")

    assert undone.reply.text == "已撤回：周*（尾号7715）核销 周年券"
    assert held(database, birthday) == ("live", 1, [])
    assert say("小李", f"核 {birthday.tail}").error is None
    assert held(database, birthday) == ("used", 0, [(1, "live")])


def test_a_card_of_pieces_goes_down_one_by_one_and_each_is_taken_back_alone(database, people, say, zhou, now):
    offer = an_offer(database, now, "买2送1", kind="counted", terms=Terms(buy=2, get=1))
    card = give(database, people("小王"), zhou, offer, now)

    told = [say(name, f"核 {card.tail}").reply.text for name in ("小王", "小李", "小李")]

    assert told == [
        "✅ 买2送1 周*（尾号7715）核了1次，还剩2次（你，15:00）。退单自动还原，核错了回 撤",
        "✅ 买2送1 周*（尾号7715）核了1次，还剩1次（你，15:00）。退单自动还原，核错了回 撤",
        "✅ 买2送1 周*（尾号7715）核了1次，还剩0次（你，15:00）。再核会拒绝；退单自动还原，核错了回 撤",
    ]
    assert say("小王", "撤").error is None
    assert held(database, card) == ("live", 1, [(2, "live"), (3, "live")])
    assert redeemed(database, card, people("小王"), now) == (1, 0, False)
    assert held(database, card) == ("used", 0, [(2, "live"), (3, "live"), (1, "live")])


TIMES = [
    (Terms(), {}, timedelta(days=13, hours=8, minutes=59), None),
    (Terms(), {}, timedelta(days=13, hours=9), ("expired", "「券」12月3日就到期了，核不了。")),
    (Terms(), {"kind": "next_visit"}, timedelta(0), ("early", "「券」11月21日起才能用，今天还核不了。")),
    (Terms(), {"kind": "next_visit"}, timedelta(hours=9), None),
    (Terms(weekdays=(1, 2, 3, 4, 5), from_minute=900, to_minute=1020), {}, timedelta(0), None),
    (Terms(weekdays=(1, 2, 3, 4, 5), from_minute=900, to_minute=1020), {}, timedelta(hours=2),
     ("hour", "「券」只在工作日下午3点到5点能用，现在核不了。")),
    (Terms(weekdays=(1, 2, 3, 4, 5), from_minute=900, to_minute=1020), {}, timedelta(days=1),
     ("weekday", "「券」只在工作日下午3点到5点能用，今天核不了。")),
    (Terms(weekdays=(6, 7)), {}, timedelta(0), ("weekday", "「券」只在周末能用，今天核不了。")),
    (Terms(weekdays=(2, 4), from_minute=570), {}, timedelta(0),
     ("weekday", "「券」只在周二、周四上午9点半到晚上12点能用，今天核不了。")),
    (Terms(from_minute=1320, to_minute=120), {}, timedelta(hours=10, minutes=59), None),
    (Terms(from_minute=1320, to_minute=120), {}, timedelta(hours=11),
     ("hour", "「券」只在晚上10点到凌晨2点能用，现在核不了。")),
]  # fmt: skip


@pytest.mark.parametrize(("terms", "more", "later", "expected"), TIMES, ids=range(len(TIMES)))
def test_a_coupon_holds_on_its_days_and_hours(database, people, zhou, now, terms, more, later, expected):
    who = people("小王")
    coupon = give(database, who, zhou, an_offer(database, now, "券", terms=terms, **more), now)

    if expected is None:
        assert redeemed(database, coupon, who, now + later) == (1, 0, False)
    else:
        assert refusal(database, coupon, who, now + later) == expected
        assert held(database, coupon) == ("live", 1, [])


def test_an_offer_of_one_store_is_spent_there_and_one_of_the_chain_everywhere(database, people, zhou, say, now):
    who = people("小王")
    ours = give(database, who, zhou, an_offer(database, now, "本店券", store_id=who.store_id), now)
    everywhere = give(database, who, zhou, an_offer(database, now, "通用券"), now)

    tried = [say("外店", f"核 {one}") for one in (ours.tail, ours.code, everywhere.tail, everywhere.code)]

    unknown = "⚠️ 这位客人不在你这里建档：给她东西之前，先问一句有没有过敏"
    nobody = "没有尾码 {} 的券。请再看一眼；别的店发的要发整个券码。"
    assert [(one.error, one.reply.text, one.reply.about) for one in tried] == [
        ("not_found", nobody.format(ours.tail), ()),
        ("conflict", "「本店券」只能在徐汇店用，这里核不了。", ()),
        ("not_found", nobody.format(everywhere.tail), ()),
        (None, f"{unknown}\n✅ 通用券 已核销（你，15:00）。再核会拒绝；退单自动还原，核错了回 撤", ()),
    ]
    assert say("外店", "撤").reply.text == "已撤回：核销 通用券"


def test_a_void_coupon_is_said_to_be_void_and_an_offer_that_was_stopped_still_owes_hers(
    database, people, say, birthday
):
    database.transact(lambda conn: conn.execute(coupons.update().values(state="void")))
    void = say("小王", f"核 {birthday.tail}")
    database.transact(lambda conn: conn.execute(coupons.update().values(state="live")))
    database.transact(lambda conn: conn.execute(offers.update().values(state="stopped")))

    assert (void.error, void.reply.text) == ("conflict", "「周年券」这张已经作废，不能核。")
    assert say("小王", f"核 {birthday.tail}").error is None


def test_her_allergy_is_said_before_anything_is_handed_out(database, people, say, zhou, now):
    who = people("小王")

    def stock(conn):
        add_products(conn, [NewProduct("T02", "杨枝甘露", "果茶", 2200, "芒果、西柚、椰奶"),
                            NewProduct("T04", "葡萄冻冻", "果茶", 2000, "葡萄")])  # fmt: skip
        return ids_of(conn, ["杨枝甘露", "葡萄冻冻"])

    ids = database.transact(stock)
    treat = an_offer(database, now, "果茶尝新", kind="second_half", terms=Terms(items=tuple(ids.values())))
    found = [give(database, who, zhou, offer, now) for offer in (treat, an_offer(database, now, "满30减6"))]
    content = {"kind": "allergy", "value": "芒果", "facet": None, "of": None}
    told = {"state": "live", "source": "chat", "author_id": who.id, "said_at": now}
    database.transact(
        lambda conn: conn.execute(insert(facts).values(fact_row(keys_of(conn), new_id(), zhou, content, **told)))
    )

    firsts = [say("小李", f"核 {coupon.tail}").reply.text.split("\n")[0] for coupon in found]

    assert firsts == ["⚠️ 芒果过敏：别给杨枝甘露", "⚠️ 芒果过敏"]


def test_in_a_group_nothing_of_her_is_read_aloud(say, birthday):
    told = say("小王", f"核 {birthday.tail}", group="001").reply

    assert (told.text, told.private and told.private.text) == ("已私信你。", DONE)


def test_whoever_tries_ten_codes_that_are_none_must_wait_an_hour(say, birthday):
    wrong = next(code for code in ("AAAA", "BBBB") if code != birthday.tail)
    tries = [say("小王", f"核 {wrong}").error for _ in range(10)]

    waits = say("小王", f"核 {birthday.code}")

    assert tries == ["not_found"] * 10
    assert (waits.error, waits.reply.text) == (
        "unavailable", "券码试错太多次了，请过一小时再核；急的话请店长来核，或从客人的卡片里点。",
    )  # fmt: skip
    assert say("小李", f"核 {wrong}").error == "not_found"
    assert say("小王", f"核 {birthday.code}", timedelta(hours=1, minutes=1)).error is None


def test_a_code_with_a_wrong_letter_is_no_guess(say, birthday):
    code = birthday.code
    slip = code[:-1] + next(char for char in coupon_codes.ALPHABET if char != code[-1])

    assert [say("小王", f"核 {slip}").error for _ in range(12)] == ["usage"] * 12
    assert say("小王", f"核 {code}").error is None


def test_the_last_four_of_somebody_else_are_not_hers(database, people, say, birthday, now):
    chen = a_customer(database, now, people("小李"), name="陈洁", phone="+8613800002203")
    give(database, people("小李"), chen, an_offer(database, now, "满30减6"), now)

    said = say("小王", f"核 2203 {birthday.tail}")

    assert (said.error, said.reply.text) == (
        "not_found",
        f"没有找到这位客户，或没有尾码 {birthday.tail} 的券，请再看一眼。",
    )


def test_four_digits_that_two_share_are_asked_about(database, people, say, birthday, now):
    a_customer(database, now, people("小李"), name="周梅", phone="+8613911117715")

    assert say("小王", "核 7715").reply.text == "核这张吗？回 1：\n1 周年券 周*（尾号7715）到12月3日"
    assert held(database, birthday) == ("live", 1, [])


@pytest.mark.parametrize(
    ("said", "tail", "key"),
    [("2345", "2345", "2345"), ("8000", "", "8000"), ("8000 2345", "2345", "8000"), ("8000k3t9", "K3T9", "8000"),
     ("k3 t9", "K3T9", None), ("王芳 2345", "2345", "2345"), ("王芳 8000", "", "8000")],
)  # fmt: skip
def test_digits_are_the_end_of_a_code_or_of_a_number(said, tail, key):
    asked = parse_redeem(said)

    assert (asked.tail, asked.key.mention.last4) == (tail, key)


def test_a_token_of_somebody_else_names_nothing(say, people, database, zhou, birthday, now):
    give(database, people("小王"), zhou, an_offer(database, now, "满30减6"), now)
    command = say("小王", "核 7715").reply.choices[0].command

    stolen, own = say("小李", command), say("小王", command)

    assert (stolen.error, own.error) == ("not_found", None)


def test_the_same_coupon_at_two_counters_at_once_is_redeemed_at_one(database, people, zhou, now):
    who = people("小王")
    offer = an_offer(database, now, "买3送1", kind="counted", terms=Terms(buy=3, get=1), cap_each=6)
    card = give(database, who, zhou, offer, now)
    together, found = threading.Barrier(8), []

    def counter(number: int) -> None:
        together.wait()
        try:
            found.append(redeemed(database, card, who, now, order_no=f"A{number}")[0])
        except NotRedeemableError as refused:
            found.append(refused.reason)

    threads = [threading.Thread(target=counter, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found, key=str) == [1, 2, 3, 4, "used", "used", "used", "used"]
    assert held(database, card)[:2] == ("used", 0)


def test_the_same_order_at_once_from_a_nervous_till_has_one_use(database, people, zhou, now):
    who = people("小王")
    offer = an_offer(database, now, "买3送1", kind="counted", terms=Terms(buy=3, get=1))
    card = give(database, who, zhou, offer, now)
    together, found = threading.Barrier(6), []

    def till() -> None:
        together.wait()
        found.append(redeemed(database, card, who, now, order_no="A1"))

    threads = [threading.Thread(target=till) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [(1, 3, False)] + [(1, 3, True)] * 5
    assert held(database, card) == ("live", 3, [(1, "live")])


def test_a_coupon_is_shown_to_be_scanned(say, people, database, birthday, now, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    who = people("小王")
    token = database.keys.token(birthday.id, who.id)

    shown = say("小王", f"/券码 #{token}").reply

    assert shown.text == f"周年券 周*（尾号7715）到12月3日\n{coupon_codes.show(birthday.code)}"
    assert [(tmp_path / path).stat().st_mode & 0o777 for path in shown.pictures] == [0o600]
    assert (say("小李", f"/券码 #{token}").error, say("小王", "/券码").error) == ("not_found", "not_found")
    say("小王", f"核 {birthday.tail}")
    assert say("小王", f"/券码 #{token}").error == "conflict"
