"""The till's system is told of coupons: signed, at least once, in order, and nobody else is told in its place."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.actions import redeeming
from bot.actions.notes import Writer
from bot.db.changes import Recorder, Unit
from bot.db.core.engine import Database, open_database
from bot.db.core.ids import new_id
from bot.db.offers import merging, tills
from bot.db.tables import outbox as table
from bot.db.talk import outbox, pushing, settling
from bot.domain.selling.offers import Coupon
from bot.serve.till import TillNotices
from tests.offers.issuing import a_customer, an_offer, give, take_back
from tests.support import cast
from tests.support.local_server import serving

SECRET = "the till's own secret"


class System:
    """A till's system: takes what is signed with its secret and lately, and nothing else; keys it knows are repeats."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.heard: list[tuple[str, str, str]] = []  # event, state and key of what it took
        self.bodies: list[dict[str, Any]] = []
        self.tried: list[str] = []
        self.answers: list[int] = []  # what it says to the next ones, before it takes any
        self.refuses = ""  # a code it does not want

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/coupons", self.take, methods=["POST"]), Route("/away", self.take)])

    async def take(self, request: Request) -> Response:
        body, headers = await request.body(), request.headers
        at, key = headers["x-zhanggui-timestamp"], headers["idempotency-key"]
        signature = hmac.digest(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hex()
        if request.url.path != "/coupons" or not hmac.compare_digest(signature, headers["x-zhanggui-signature"]):
            self.tried.append(f"{request.method} {request.url.path} unsigned")
            return Response(status_code=401)
        assert abs(int(at) - self.now.timestamp()) <= 300
        assert headers["content-type"] == "application/json"
        told = json.loads(body)
        self.tried.append(key)
        if self.answers:
            status = self.answers.pop(0)
            return Response(status_code=status, headers={"location": "/away"} if 300 <= status < 400 else {})
        if told["code"] == self.refuses:
            return Response(status_code=422)
        self.heard.append((told["event"], told["state"], key))
        self.bodies.append(told)
        return Response(status_code=204)


@pytest.fixture
def database(database_url: str, keys: Any, now: datetime) -> Iterator[Database]:
    """A chain whose till's system wants to be told."""
    opened = open_database(database_url, keys, tells_till=True)
    opened.transact(lambda conn: cast.add_cast(conn, now))
    yield opened
    opened.close()


@pytest.fixture
def system(now: datetime) -> System:
    return System(now)


def push(database: Database, system: System, now: datetime, *pauses: float, path: str = "/coupons") -> list[bool]:
    """One round, and one more after each pause; whether each said that there is more."""
    ticks = [0.0]

    async def rounds(url: str) -> list[bool]:
        notices = TillNotices(database, f"{url}{path}", SECRET, lambda: now, lambda: ticks[0])
        more = [await notices.push()]
        for pause in pauses:
            ticks[0] += pause
            more.append(await notices.push())
        await notices.close()
        return more

    with serving(system.app()) as url:
        return asyncio.run(rounds(url))


@pytest.fixture
def coupon(database: Database, now: datetime) -> Coupon:
    who = cast.staff(database, "小王")
    return give(database, who, a_customer(database, now, who), an_offer(database, now, "回归券"), now)


def tell(database: Database, coupon: Coupon, *events: str, at: datetime) -> None:
    for event in events:
        database.transact(lambda conn, event=event: tills.tell(conn, coupon.id, event, at))


def states(database: Database) -> list[str]:
    found = select(table.c.state).where(table.c.key.startswith("pos:")).order_by(table.c.id)
    return database.transact(lambda conn: list(conn.execute(found).scalars()))


def forget(database: Database) -> None:
    database.transact(lambda conn: conn.execute(table.delete()))


def test_each_thing_that_becomes_of_a_coupon_is_told_once_and_in_order(database, system, coupon, now):
    who = cast.staff(database, "小王")
    forget(database)
    use = {"store_id": who.store_id, "staff_id": None, "via": "post"}
    tell(database, coupon, "issued", at=now)
    database.transact(lambda conn: redeeming.redeem(conn, coupon, order_no="A1", now=now, **use))
    database.transact(lambda conn: redeeming.redeem(conn, coupon, order_no="A1", now=now, **use))

    assert push(database, system, now, 1) == [False, False]

    [issued, redeemed] = system.bodies
    assert (issued["event"], issued["state"], issued["uses_left"], issued["order_no"]) == ("issued", "live", 1, None)
    assert redeemed == {
        **issued, "event": "redeemed", "state": "used", "uses_left": 0, "order_no": "A1", "key": redeemed["key"],
    }  # fmt: skip
    assert (issued["code"], issued["offer"], issued["store"]) == (coupon.code, "回归券", None)
    assert {"王芳", "customer", str(coupon.customer_id)} & set(issued) == set()
    assert [key for _, _, key in system.heard] == system.tried == [issued["key"], redeemed["key"]]
    assert states(database) == ["sent", "sent"]


def test_a_redemption_taken_back_an_issue_taken_back_and_a_merge_are_told_too(database, system, coupon, now):
    who = cast.staff(database, "小王")
    other = give(database, who, a_customer(database, now, who), coupon.offer, now)

    def in_chat(work: Callable[[Writer], Any]) -> None:
        def done(conn):
            writer = Writer(Recorder(conn, new_id()), who, now)
            work(writer)
            unit = Unit(writer.recorder.unit_id, who.id, who.store_id, coupon.customer_id, "核", "核", now, None)
            writer.recorder.close(unit)

        database.transact(done)

    forget(database)
    in_chat(lambda writer: redeeming.redeem_in_chat(writer, coupon))
    take_back(database, who, now)
    in_chat(lambda writer: merging.merge(writer.recorder, other.customer_id, coupon.customer_id, writer.today, now))
    take_back(database, who, now)
    take_back(database, who, now)

    push(database, system, now)

    told = [(body["code"], body["event"], body["state"], body["uses_left"]) for body in system.bodies]
    assert told == [
        (coupon.code, "redeemed", "used", 0), (coupon.code, "restored", "live", 1),
        (other.code, "void", "void", 0), (other.code, "restored", "live", 1), (other.code, "void", "void", 0),
    ]  # fmt: skip


def test_what_fails_is_sent_again_under_the_same_key_after_longer_and_longer_pauses(database, system, coupon, now):
    forget(database)
    tell(database, coupon, "issued", "redeemed", at=now)
    system.answers = [500, 503, 429]

    push(database, system, now, 0.9, 0.1, 1.9, 0.1, 3.9, 0.1)

    [first, second] = dict.fromkeys(system.tried)
    assert system.tried == [first, first, first, first, second]
    assert [key for _, _, key in system.heard] == [first, second]


def test_a_redirect_is_not_followed(database, system, coupon, now):
    forget(database)
    tell(database, coupon, "issued", at=now)
    system.answers = [307, 301, 303]

    push(database, system, now, 1, 2)

    assert (len(system.tried), len(set(system.tried)), system.heard) == (3, 1, [])
    assert states(database) == ["due"]


def test_one_coupon_that_is_refused_keeps_back_its_own_news_and_no_others(database, system, coupon, now):
    who = cast.staff(database, "小王")
    other = give(database, who, a_customer(database, now, who), coupon.offer, now)
    forget(database)
    for event in ("issued", "redeemed"):
        for one in (coupon, other):
            tell(database, one, event, at=now)
    system.refuses = coupon.code

    push(database, system, now, 0.5)

    assert [body["code"] for body in system.bodies] == [other.code] * 2
    assert states(database) == ["due", "sent", "due", "sent"]
    assert len(system.tried) == 3


def test_nobody_there_leaves_it_owed_and_after_a_day_it_is_dead(database, coupon, now, caplog):
    forget(database)
    tell(database, coupon, "issued", at=now)

    async def tried(at: datetime) -> None:
        notices = TillNotices(database, "http://127.0.0.1:9", SECRET, lambda: at)
        await notices.push()
        await notices.close()

    asyncio.run(tried(now + timedelta(hours=24)))
    assert states(database) == ["due"]
    asyncio.run(tried(now + timedelta(hours=24, seconds=1)))

    assert states(database) == ["dead"]
    assert "is given up" in caplog.text
    assert coupon.code not in caplog.text


def test_it_is_owed_to_nobody_else_and_sealed(database, coupon, now):
    who = cast.staff(database, "小王")
    forget(database)
    tell(database, coupon, "issued", at=now)

    def read(conn):
        desk = settling.Desk("here", ("wecom", "telegram", outbox.WEBHOOK))
        others = (outbox.take(conn, who.id), pushing.claim(conn, desk, now + timedelta(hours=1)))
        return others, conn.execute(select(table.c.body)).scalar_one()

    others, body = database.transact(read)
    assert others == ([], [])
    assert coupon.code.encode() not in bytes(body)
    assert states(database) == ["due"]


def test_a_chain_without_such_a_system_owes_nothing(database_url, keys, database, coupon, now):
    forget(database)
    plain = open_database(database_url, keys)
    try:
        plain.transact(lambda conn: tills.tell(conn, coupon.id, "issued", now))
        plain.transact(
            lambda conn: redeeming.redeem(
                conn, coupon, store_id=coupon.store_id, staff_id=None, via="post", order_no=None, now=now
            )
        )
    finally:
        plain.close()

    assert states(database) == []
