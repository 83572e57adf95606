"""Coupons used in orders: redeemed with the order that names them, given back with the refund that empties it."""

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.actions import redeeming
from bot.actions.redeeming import NotRedeemableError
from bot.db.core.engine import Database
from bot.db.offers import coupons as stored
from bot.db.tables import redemptions
from bot.domain.errors import ConflictError
from bot.domain.selling.offers import Coupon, Terms
from bot.intake.options import Options, Report
from bot.intake.posted import read_post, store_post
from bot.intake.run import run
from tests.offers.issuing import a_customer, an_offer, give, take_back
from tests.offers.test_redeeming import held, redeemed, refusal, say, zhou  # noqa: F401 — fixtures

HEADER = "单号,时间,门店,手机号,商品,金额,类型,原单号,优惠券\n"
PHONE = "13800007715"


def sale(number: str, at: str = "2026-11-20 15:30", amount: int = 18, coupon: str = "", phone: str = PHONE) -> str:
    return f"{number},{at},001,{phone},芋泥波波,{amount},销售,,{coupon}\n"


def refund(number: str, of: str, at: str = "2026-11-20 16:00", amount: int = 18, phone: str = PHONE) -> str:
    return f"{number},{at},001,{phone},芋泥波波,{amount},退款,{of},\n"


@pytest.fixture
def file(database: Database, tmp_path: Path, now: datetime) -> Any:
    """Import lines as a file of orders, some hours later."""

    def one(*lines: str, **options: Any) -> Report:
        path = tmp_path / "orders.csv"
        path.write_text(HEADER + "".join(lines), encoding="utf-8")
        return run(database, "orders", path, Options(tmp_path / "data", now + timedelta(hours=6), **options))

    return one


@pytest.fixture
def coupon(database, people, zhou, now) -> Coupon:  # noqa: F811 — the fixture
    return give(database, people("小王"), zhou, an_offer(database, now, "周年券"), now)


def numbers(report: Report) -> tuple[int, int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.refused, report.remarks


def used_in(database: Database) -> list[tuple[str, str | None, str]]:
    found = select(redemptions.c.via, redemptions.c.order_no, redemptions.c.state).order_by(redemptions.c.id)
    return database.transact(lambda conn: [tuple(row) for row in conn.execute(found)])


def test_a_file_redeems_the_coupon_that_an_order_names_once(database, file, coupon):
    lines = [sale("A1", coupon=coupon.code.lower()), sale("A1", amount=20, coupon=coupon.code), sale("A2")]

    first, again = file(*lines), file(*lines)

    assert (numbers(first), first.refused_file, numbers(again)) == ((3, 0, 0, 0, 0), None, (0, 0, 3, 0, 0))
    assert held(database, coupon) == ("used", 0, [(1, "live")])
    assert used_in(database) == [("import", "A1", "live")]


def test_a_coupon_that_cannot_be_had_refuses_no_order_and_is_remarked(database, people, file, coupon, now):
    who = people("小王")
    other = give(database, who, a_customer(database, now, who, name="陈洁", phone="+8613800002203"),
                 an_offer(database, now, "满30减6"), now)  # fmt: skip
    used = give(database, who, other.customer_id, an_offer(database, now, "旧券"), now)
    redeemed(database, used, who, now, order_no="A0")

    report = file(
        sale("A1", coupon=coupon.code[::-1]),
        sale("A2", coupon=other.code),
        sale("A3", coupon=used.code, phone="13800002203"),
        sale("A3", amount=20, phone="13800002203"),
        sale("A4", coupon=f"{coupon.code}、{coupon.code[:5]}"),
        sale("A5", at="2026-11-10 15:00", coupon=other.code, phone="13800002203"),
    )

    assert numbers(report) == (6, 0, 0, 0, 6)
    assert report.as_json()["remarks"] == 6
    rows = list(csv.DictReader(Path(report.refused_file or "").read_text(encoding="utf-8-sig").splitlines()))
    told = "订单已经导入，券没有核："
    assert [(row["单号"], row["原因"]) for row in rows] == [
        ("A1", f"{told}券码不对，可能看错或颠倒了一个字：请再看一眼，或扫二维码。"),
        ("A2", f"{told}这张券是别的客人的。"),
        ("A3", f"{told}「旧券」已经用过了：11月20日15:00在徐汇店核的（收银）。"),
        ("A3", f"{told}「旧券」已经用过了：11月20日15:00在徐汇店核的（收银）。"),
        ("A4", f"{told}券码是14位，这里有5位：请再看一眼，或只发后四位。"),
        ("A5", f"{told}「满30减6」11月20日起才能用，今天还核不了。"),
    ]
    assert held(database, coupon) == ("used", 0, [(1, "live")])


def test_a_dry_run_tells_the_same_and_redeems_nothing(database, file, coupon):
    report = file(sale("A1", coupon=coupon.code), sale("A2", coupon=coupon.code[:9]), dry_run=True)

    assert (numbers(report), report.refused_file) == ((2, 0, 0, 0, 1), None)
    assert held(database, coupon) == ("live", 1, [])


def test_a_till_that_posts_its_orders_redeems_in_them(database, coupon, now, tmp_path):
    def post(*codes: str) -> dict[str, Any]:
        found = [{"order_no": f"A{n}", "ordered_at": "2026-11-20 15:30", "phone": PHONE, "coupon": code,
                  "lines": [{"product": "芋泥波波", "amount": 18}, {"product": "葡萄冻冻", "amount": 20}]}
                 for n, code in enumerate(codes, 1)]  # fmt: skip
        body = json.dumps({"store": "001", "orders": found}).encode()
        return store_post(database, read_post(body), Options(tmp_path, now, via="post")).as_json()

    told = post(coupon.code, coupon.code)

    why = "订单已经导入，券没有核：「周年券」已经用过了：11月20日15:30在徐汇店核的（收银）。"
    assert told == {
        "read": 4, "new": 4, "changed": 0, "unchanged": 0, "refused": [], "ignored": [],
        "remarks": [{"line": 3, "reason": why}, {"line": 4, "reason": why}],
    }  # fmt: skip
    assert used_in(database) == [("post", "A1", "live")]


def test_an_order_without_a_time_is_not_held_to_the_hours(database, people, file, zhou, now):  # noqa: F811
    terms = Terms(weekdays=(1, 2, 3, 4, 5), from_minute=900, to_minute=1020)
    ours = give(database, people("小王"), zhou, an_offer(database, now, "下午茶", terms=terms), now)

    file(sale("A1", at="2026-11-20", coupon=ours.code))

    assert held(database, ours) == ("used", 0, [(1, "live")])


def test_a_refund_gives_it_back_and_it_is_redeemed_once_more(database, people, file, coupon, now):
    who = people("小王")
    bought = sale("A1", coupon=coupon.code)
    file(bought)

    file(refund("R1", "A1"))
    assert held(database, coupon) == ("live", 1, [(1, "restored")])
    file(bought, refund("R1", "A1"))  # the whole day's file comes again
    assert held(database, coupon) == ("live", 1, [(1, "restored")])

    assert redeemed(database, coupon, who, now + timedelta(hours=3), order_no="A2") == (1, 0, False)
    file(bought, refund("R1", "A1"))
    assert refusal(database, coupon, who, now + timedelta(hours=4), order_no="A3")[0] == "used"
    assert held(database, coupon) == ("used", 0, [(1, "restored"), (1, "live")])


def test_what_was_refunded_is_not_had_again_under_the_same_number(database, people, file, coupon, now):
    file(sale("A1", coupon=coupon.code), refund("R1", "A1"))

    told = refusal(database, coupon, people("小王"), now, order_no="A1")

    why = "「周年券」在这一单用过，这一单退了，券已经还回去：再用请用新的单号。"
    assert (told, held(database, coupon)) == (("refunded", why), ("live", 1, [(1, "restored")]))


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([refund("R1", "A1", amount=10)], "used"),
        ([refund("R1", "A1", amount=10), refund("R2", "A1", amount=8)], "live"),
        ([refund("R1", "A1", phone="13911112222")], "used"),
        ([refund("R1", "B7")], "used"),
        ([sale("A1").replace("销售", "退款")], "live"),
    ],
    ids=["a part", "all in two parts", "somebody else's", "another order's", "the order turned into a refund"],
)
def test_only_an_order_of_which_nothing_is_left_gives_it_back(database, file, coupon, lines, state):
    file(sale("A1", coupon=coupon.code))

    file(*lines)

    assert held(database, coupon)[0] == state


def test_past_its_last_day_it_comes_back_and_is_over(database, people, file, coupon, now):
    who, later = people("小王"), now + timedelta(days=20)
    file(sale("A1", coupon=coupon.code))
    file(refund("R1", "A1", at="2026-12-10 10:00"))

    assert held(database, coupon)[:2] == ("live", 1)
    assert refusal(database, coupon, who, later)[0] == "expired"
    assert database.transact(lambda conn: stored.of_customer(conn, coupon.customer_id, later.date())) == []


def test_of_a_card_of_pieces_the_refunded_one_comes_back(database, people, file, zhou, now):  # noqa: F811
    offer = an_offer(database, now, "买2送1", kind="counted", terms=Terms(buy=2, get=1))
    card = give(database, people("小王"), zhou, offer, now)
    file(*[sale(f"A{n}", coupon=card.code) for n in (1, 2, 3)])

    file(refund("R2", "A2"))

    assert held(database, card) == ("live", 1, [(1, "live"), (2, "restored"), (3, "live")])
    assert redeemed(database, card, people("小王"), now, order_no="A4") == (2, 0, False)


class TestRedeemedInChat:
    """Without an order's number it was used in her only order of that day in that store, or nobody knows in which."""

    def test_the_only_order_of_her_day_gives_it_back_once(self, database, say, file, coupon):  # noqa: F811
        say("小王", f"核 {coupon.tail}")
        file(sale("A1"), refund("R1", "A1"))

        assert used_in(database) == [("chat", "A1", "restored")]
        say("小王", f"核 {coupon.tail}", timedelta(hours=2))
        file(sale("A1"), refund("R1", "A1"))
        assert held(database, coupon) == ("used", 0, [(1, "restored"), (1, "live")])

    @pytest.mark.parametrize(
        "lines",
        [
            [sale("A1"), sale("A2", at="2026-11-20 10:00"), refund("R1", "A1")],
            [sale("A1", at="2026-11-19 10:00"), refund("R1", "A1")],
            [sale("A1").replace(",001,", ",002,"), refund("R1", "A1").replace(",001,", ",002,")],
            [sale("A1"), refund("R1", "A1", amount=9)],
            [refund("R1", "A0")],
        ],
        ids=["two orders", "another day", "another store", "a part", "of an order nobody knows"],
    )
    def test_where_it_is_not_certain_nothing_comes_back(self, database, say, file, coupon, lines):  # noqa: F811
        say("小王", f"核 {coupon.tail}")

        file(*lines)

        assert held(database, coupon) == ("used", 0, [(1, "live")])

    def test_two_coupons_on_that_day_stay_used(self, database, people, say, file, zhou, coupon, now):  # noqa: F811
        other = give(database, people("小王"), zhou, an_offer(database, now, "满30减6"), now)
        for one in (coupon, other):
            say("小王", f"核 {one.code}")

        file(sale("A1"), refund("R1", "A1"))

        assert [held(database, one)[0] for one in (coupon, other)] == ["used", "used"]

    def test_what_a_refund_gave_back_cannot_be_taken_back_again(self, database, say, file, coupon):  # noqa: F811
        say("小王", f"核 {coupon.tail}")
        file(sale("A1"), refund("R1", "A1"))

        undone = say("小王", "撤")

        assert (undone.error, undone.reply.text) == ("conflict", "撤不了：那一单退了，券已经自动还给客人。")
        assert held(database, coupon) == ("live", 1, [(1, "restored")])


def test_a_coupon_once_redeemed_keeps_its_issue_from_being_taken_back(database, people, file, coupon, now):
    who = people("小王")
    redeemed(database, coupon, who, now, order_no="A1")
    with pytest.raises(ConflictError) as refused:
        take_back(database, who, now)
    assert refused.value.say.startswith("撤不了：这张券已经核销了。")


def test_giving_back_asks_nothing_of_orders_without_coupons(database, people, now):
    assert database.transact(lambda conn: redeeming.restore_for(conn, [], now)) == 0
    assert database.transact(lambda conn: redeeming.restore_for(conn, ["A1"], now)) == 0
    assert issubclass(NotRedeemableError, ConflictError)
