"""A till redeems over the network: signed, once, and told what it needs and nothing of whose coupon it is."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.db.bulk.orders import Order, store_orders
from bot.db.bulk.products import NewProduct, add_products, ids_of
from bot.db.core.engine import Database
from bot.db.tables import redemptions
from bot.domain.selling import codes as coupon_codes
from bot.domain.selling.offers import Coupon, Terms
from bot.domain.stats import Line
from tests.offers.issuing import a_customer, an_offer, give
from tests.support import cast

PATH = "/coupons/redeem"


@pytest.fixture
def shop(database: Database, now: datetime) -> Database:
    """The chain with its cast."""
    database.transact(lambda conn: cast.add_cast(conn, now))
    return database


@pytest.fixture
def issue(shop: Database, now: datetime) -> Callable[..., Coupon]:
    """A coupon of a new customer."""
    who = cast.staff(shop, "小王")

    def one(name: str = "回归券", **more: Any) -> Coupon:
        return give(shop, who, a_customer(shop, now, who), an_offer(shop, now, name, **more), now)

    return one


def posted(site, *bodies: Any, **wrong: str) -> list[httpx.Response]:
    """The answers, one after the other."""

    async def visit():
        async with site() as here:
            return [await post(here, body, **wrong) for body in bodies]

    return asyncio.run(visit())


async def post(here, body: Any, **wrong: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    headers = [(k.encode(), v.encode()) for k, v in here.signed(content, **wrong).items()]
    return await here.client.post(PATH, content=content, headers=headers)


def asks(coupon: Coupon, order_no: Any = "A1", **more: Any) -> dict[str, Any]:
    return {"code": coupon.code, "store": "001", "order_no": order_no, **more}


def sold(shop: Database, order_no: str, on: date) -> None:
    """The store tells of a sale of nobody's."""
    at = datetime.combine(on, time(16, 30), cast.ZONE)
    store_id = cast.staff(shop, "小王").store_id
    order = Order(order_no, store_id or 0, None, at, on, "sale", [Line(None, 1000, 1800)])
    shop.transact(lambda conn: store_orders(conn, [order]))


def said(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["reason"], answer.json()["say"]


def how_many(shop: Database) -> int:
    return shop.transact(lambda conn: conn.execute(select(func.count()).select_from(redemptions)).scalar_one())


def test_a_use_is_had_once_and_the_same_request_is_told_the_same(site, shop, issue):
    coupon = issue()

    first, again, other = posted(site, asks(coupon), asks(coupon), asks(coupon, "A2"))

    terms = {
        "offer": "回归券", "offer_no": coupon.offer.number, "kind": "cut", "off_fen": 600, "percent": 100,
        "least_fen": 3000, "items": [], "categories": [], "gift": None, "weekdays": [], "from_minute": 0,
        "to_minute": 1440, "words": "满30元减6元",
    }  # fmt: skip
    assert (first.status_code, first.json()) == (
        200,
        {"state": "redeemed", "use_no": 1, "at": "2026-11-20T07:00:00+00:00", **terms,
         "uses": 1, "uses_left": 0, "ends_on": "2026-12-03"},
    )  # fmt: skip
    assert (again.status_code, again.content) == (200, first.content)
    assert said(other) == (409, "used", "「回归券」已经用过了：11月20日15:00在徐汇店核的（收银）。")
    assert how_many(shop) == 1


def test_products_are_told_by_their_codes(site, shop, issue):
    def stock(conn):
        add_products(
            conn, [NewProduct("T01", "芋泥波波", "奶茶", 1800, ""), NewProduct("T04", "葡萄冻冻", "果茶", 1, "")]
        )
        return ids_of(conn, ["T01", "T04"])

    ids = shop.transact(stock)
    terms = Terms(items=(ids["T01"],), categories=("奶茶",), gift_id=ids["T04"])

    [answer] = posted(site, asks(issue(kind="gift", terms=terms)))

    told = answer.json()
    assert (told["items"], told["categories"], told["gift"]) == (["T01"], ["奶茶"], "T04")


def test_asking_uses_nothing(site, shop, issue):
    coupon = issue()
    ask = {"code": coupon_codes.show(coupon.code).lower(), "store": "徐汇店", "check": True}

    asked, redeemed, same_order, later = posted(
        site, ask, asks(coupon), {**ask, "order_no": "A1"}, {**ask, "order_no": "A2"}
    )

    assert (asked.status_code, asked.json()["state"], asked.json()["uses_left"]) == (200, "live", 1)
    assert (redeemed.status_code, how_many(shop)) == (200, 1)
    assert (same_order.status_code, same_order.json()["state"], same_order.json()["uses_left"]) == (200, "redeemed", 0)
    assert later.status_code == 409


def test_a_card_of_pieces_answers_each_order_as_it_left_it(site, issue):
    card = issue("买2送1", kind="counted", terms=Terms(buy=2, get=1))
    orders = [7, "A2", "A3"]

    answers = posted(site, *[asks(card, order_no) for order_no in (*orders, *orders, "A4")])

    left = [answer.json()["uses_left"] for answer in answers[:6]]
    assert (left, said(answers[6])[:2]) == ([2, 1, 0, 2, 1, 0], (409, "used"))


@pytest.mark.parametrize("count", [6])
def test_two_tills_at_once_redeem_one_coupon_once(site, shop, issue, count):
    coupon = issue()

    async def visit():
        async with site() as here:
            return await asyncio.gather(*[post(here, asks(coupon, f"A{n}")) for n in range(count)])

    assert sorted(answer.status_code for answer in asyncio.run(visit())) == [200] + [409] * (count - 1)
    assert how_many(shop) == 1


def test_another_stores_offer_and_another_time_are_refused_with_the_reason(site, shop, issue):
    there = cast.staff(shop, "外店").store_id
    ours = issue("本店券", store_id=cast.staff(shop, "小王").store_id)
    tea = issue("下午茶", terms=Terms(weekdays=(1, 2, 3, 4, 5), from_minute=960, to_minute=1020))

    sold(shop, "A7", date(2026, 11, 19))
    in_time = {"at": "2026-11-19T16:30:00+08:00", "check": True}

    elsewhere, late, claimed, known = posted(
        site, {**asks(ours), "store": "002"}, asks(tea), asks(tea, **in_time), asks(tea, "A7", **in_time)
    )

    assert there
    assert said(elsewhere) == (409, "store", "「本店券」只能在徐汇店用，这里核不了。")
    assert said(late) == (409, "hour", "「下午茶」只在工作日下午4点到5点能用，现在核不了。")
    assert said(claimed) == said(late)  # nobody knows of such an order: its till's word for the hour is not taken
    assert said(known) == (409, "early", "「下午茶」11月20日起才能用，今天还核不了。")


@pytest.mark.parametrize(
    ("at", "status"),
    [("2026-11-20T15:05:00", 200), ("2026-11-20T07:00:00Z", 200), ("2026-11-20T15:05:01", 400),
     ("2026-11-19T14:59:59+08:00", 400), ("3pm", 400), ("2099-01-01T00:00:00", 400)],
)  # fmt: skip
def test_a_tills_own_time_is_lately_or_it_is_none(site, issue, at, status):
    [answer] = posted(site, asks(issue(), at=at))

    assert answer.status_code == status


BAD = [
    b"", b"[]", b"7", b"{", b"\xff", b'{"code": 5}', {}, {"code": "AAAA", "store": "001"},
    {"code": ["x"], "store": "001", "order_no": "A1"}, {"code": "x" * 121, "store": "001", "order_no": "A1"},
    {"code": "x", "store": "009", "order_no": "A1"}, {"code": "x", "order_no": "A1"},
    {"code": "x", "store": "001", "order_no": "A1", "check": "yes"},
    {"code": "x", "store": "001", "order_no": "A\x00"}, {"code": "x", "store": "001", "order_no": "\ud800"},
]  # fmt: skip


@pytest.mark.parametrize(("minutes", "status"), [(15, 200), (16, 409)])
def test_an_hour_that_is_over_is_a_tills_to_tell_for_a_quarter_of_an_hour(site, issue, now, minutes, status):
    at = now - timedelta(minutes=minutes)
    lunch = issue("午市", terms=Terms(from_minute=0, to_minute=14 * 60 + 50))

    [answer] = posted(site, asks(lunch, at=at.isoformat()))

    assert answer.status_code == status


def test_a_restart_forgets_no_wrong_code(site, issue):
    coupon = issue()
    wrong = [{**asks(coupon), "code": code} for code in _codes(30, coupon)]

    posted(site, *wrong[:20], *wrong[:20])
    posted(site, *wrong[20:])
    [answer] = posted(site, asks(coupon))

    assert said(answer)[:2] == (429, "wait")


def test_what_is_no_request_is_refused_and_says_why(site, shop):
    answers = posted(site, *[body if isinstance(body, bytes) else json.dumps(body).encode() for body in BAD])

    assert [(answer.status_code, answer.json()["reason"]) for answer in answers] == [(400, "request")] * len(BAD)
    assert all(answer.json()["say"] for answer in answers)
    assert how_many(shop) == 0


def test_a_body_over_four_kilobytes_is_not_read(site):
    [answer] = posted(site, b'{"x": "' + b"x" * (4 << 10) + b'"}')

    assert (answer.status_code, answer.content) == (413, b"")


def test_codes_that_are_none_are_unknown_until_the_store_must_wait(site, shop, issue):
    coupon = issue()
    wrong = [{**asks(coupon), "code": code} for code in _codes(30, coupon)]
    slip = {**asks(coupon), "code": coupon.code[:-1] + ("2" if coupon.code[-1] != "2" else "3")}

    *unknown, again, typo, waits, elsewhere = posted(
        site, *wrong[:-1], wrong[0], slip, wrong[-1], {**asks(coupon), "store": "002"}
    )
    assert [said(one)[:2] for one in (*unknown, again, typo, waits)] == [(404, "unknown")] * 32
    assert elsewhere.status_code == 200

    async def visit():
        async with site() as here:
            for body in wrong:
                await post(here, body)
            return [await post(here, {**asks(coupon, "A9"), "store": store}) for store in ("001", "002")]

    there, other = asyncio.run(visit())
    assert (said(there)[:2], said(other)[:2]) == ((429, "wait"), (409, "used"))


def _codes(count: int, coupon: Coupon) -> list[str]:
    """Well-made codes of no coupon."""
    found: list[str] = []
    while len(found) < count:
        code = coupon_codes.draw()
        if code != coupon.code:
            found.append(code)
    return found


def test_whoever_does_not_sign_learns_nothing(site, shop, issue, now):
    coupon = issue()
    early = str(int(now.timestamp()) - 301)

    answers = [
        *posted(site, asks(coupon), b"{", {"code": "none"}, secret="another"),
        *posted(site, asks(coupon), at=early),
        *posted(site, asks(coupon), at="９"),
    ]

    seen = {(answer.status_code, answer.content, tuple(sorted(answer.headers))) for answer in answers}
    assert [(status, content) for status, content, _ in seen] == [(401, b"unauthorized")]
    assert how_many(shop) == 0


def test_without_a_secret_the_path_is_closed(site, issue):
    async def visit():
        async with site(pos_secret=None) as here:
            return (await post(here, asks(issue()))).status_code

    assert asyncio.run(visit()) == 404


def test_no_code_is_ever_logged(site, issue, caplog):
    caplog.set_level("DEBUG")
    coupon = issue()
    posted(site, asks(coupon), asks(coupon, "A2"), asks(replace(coupon, code=_codes(1, coupon)[0])))

    assert coupon.code not in caplog.text
    assert coupon.code.lower() not in caplog.text
