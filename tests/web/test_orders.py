import asyncio
import csv
import json
import stat
import threading
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import func, select

from bot.db.bulk import recompute
from bot.db.core.engine import Database
from bot.db.tables import customers, imports, order_lines, orders, products, stores
from bot.intake.options import Options
from bot.intake.run import run

BOBO = {"product": "芋泥波波", "category": "奶茶", "quantity": 1, "amount": 18}
FROST = {"product": "葡萄冻冻", "category": "果茶", "quantity": 2, "amount": "40.50"}
FANG = {"order_no": "A1", "ordered_at": "2026-11-20 10:00", "phone": "13800138000", "pay_method": "微信"}


def order(**changes):
    return {**FANG, "lines": [BOBO, FROST], **changes}


def post(*found, store="001"):
    return {"store": store, "orders": list(found)}


def counts(answer: httpx.Response):
    assert answer.status_code == 202, answer.text
    told = answer.json()
    return told["read"], told["new"], told["changed"], told["unchanged"], len(told["refused"])


def stored(database: Database):
    """Orders with what their lines say, by number."""

    def read(conn):
        found = select(
            orders.c.order_no, stores.c.code, orders.c.kind, orders.c.refund_of, orders.c.total_fen, products.c.code
        )
        found = found.join(stores, stores.c.id == orders.c.store_id).join(order_lines).outerjoin(products)
        told = {}
        for order_no, *head, product in conn.execute(found.order_by(order_lines.c.position)):
            told.setdefault(order_no, (*head, []))[-1].append(product)
        return told

    return database.transact(read)


def how_many(database: Database, table) -> int:
    return database.transact(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one())


def proven(database: Database) -> bool:
    with database.reading() as conn:
        return recompute.verify(conn)[1] == 0


def posted(site, *bodies, **wrong):
    """The answers to posts, one after the other."""

    async def visit():
        async with site() as here:
            return [await here.post(body, **wrong) for body in bodies]

    return asyncio.run(visit())


def test_an_order_is_stored_with_all_that_follows(site, shop):
    [answer] = posted(site, post(order()))

    assert answer.json() == {"read": 2, "new": 2, "changed": 0, "unchanged": 0, "refused": [], "ignored": []}
    assert stored(shop) == {"A1": ("001", "sale", None, 5850, ["芋泥波波", "葡萄冻冻"])}
    assert (how_many(shop, customers), how_many(shop, imports)) == (1, 0)
    assert proven(shop)


def test_a_post_says_what_a_file_says(site, shop, tmp_path, now):
    header = "order_no,ordered_at,store,phone,product,category,quantity,amount,pay_method\n"
    lines = [
        f"A1,2026-11-20 10:00,001,13800138000,{name},微信\n" for name in ("芋泥波波,奶茶,1,18", "葡萄冻冻,果茶,2,40.5")
    ]
    path = tmp_path / "file.csv"
    path.write_text(header + "".join(lines), encoding="utf-8")
    run(shop, "orders", path, Options(tmp_path / "data", now))

    [answer] = posted(site, post(order()))

    assert counts(answer) == (2, 0, 0, 2, 0)


def test_a_flat_list_of_lines_is_the_same(site, shop):
    lines = [{**FANG, "store": "001", **line} for line in (BOBO, FROST)]

    answers = posted(site, lines, post(order()), {"orders": lines}, lines[:1])

    assert [counts(answer) for answer in answers] == [
        (2, 2, 0, 0, 0),
        (2, 0, 0, 2, 0),
        (2, 0, 0, 2, 0),
        (1, 0, 1, 0, 0),
    ]
    assert stored(shop)["A1"][-1] == ["芋泥波波"]


def test_the_same_order_again_changes_nothing_whatever_its_post_looks_like(site, shop):
    answers = posted(site, post(order()), post(order()), [], post(order(lines=[FROST, BOBO])))

    assert [counts(answer)[1:4] for answer in answers] == [(2, 0, 0), (0, 0, 2), (0, 0, 0), (0, 0, 2)]
    assert how_many(shop, order_lines) == 2


def test_an_order_seen_again_replaces_its_lines(site, shop):
    answers = posted(site, post(order()), post(order(lines=[{**BOBO, "amount": 20}])))

    assert counts(answers[1]) == (1, 0, 1, 0, 0)
    assert stored(shop) == {"A1": ("001", "sale", None, 2000, ["芋泥波波"])}
    assert proven(shop)


def test_a_request_sent_again_by_somebody_else_does_not_bring_back_what_was_corrected(site, shop):
    first, second = post(order()), post(order(lines=[BOBO]))

    answers = posted(site, first, second, first)

    assert [counts(answer)[1:4] for answer in answers] == [(2, 0, 0), (0, 1, 0), (0, 0, 2)]
    assert stored(shop)["A1"][-1] == ["芋泥波波"]


def test_a_correction_back_to_the_first_word_counts_when_it_is_signed_anew(site, shop, now):
    first, second = post(order()), post(order(lines=[BOBO]))

    async def visit():
        async with site() as here:
            await here.post(first)
            await here.post(second)
            return await here.post(first, at=str(int(now.timestamp()) + 1))

    assert counts(asyncio.run(visit())) == (2, 1, 0, 1, 0)
    assert stored(shop)["A1"][-1] == ["芋泥波波", "葡萄冻冻"]


def test_an_order_twice_in_one_post_counts_as_it_stands_last(site, shop):
    [answer] = posted(site, post(order(), order(order_no="A2"), order(lines=[BOBO])))

    assert counts(answer) == (5, 3, 0, 2, 0)
    assert stored(shop) == {
        "A1": ("001", "sale", None, 1800, ["芋泥波波"]),
        "A2": ("001", "sale", None, 5850, ["芋泥波波", "葡萄冻冻"]),
    }


def test_refunds_come_in_by_word_or_by_sign(site, shop):
    by_word = order(order_no="R1", kind="refund", refund_of="A1", lines=[BOBO])
    by_sign = order(order_no="R2", refund_of="A1", lines=[{**FROST, "quantity": -2, "amount": -40.5}])

    [answer] = posted(site, post(order(), by_word, by_sign))

    assert counts(answer) == (4, 4, 0, 0, 0)
    assert stored(shop)["R1"] == ("001", "refund", "A1", -1800, ["芋泥波波"])
    assert stored(shop)["R2"] == ("001", "refund", "A1", -4050, ["葡萄冻冻"])
    assert proven(shop)


def test_what_is_unknown_is_made_and_what_is_missing_stays_unknown(site, shop):
    [answer] = posted(site, {"orders": [{"order_no": 7, "ordered_at": "2026-11-20T10:00:00+08:00", "lines": [{}]}]})

    assert counts(answer) == (1, 1, 0, 0, 0)
    assert stored(shop) == {"7": ("000", "sale", None, None, [None])}
    assert (how_many(shop, customers), how_many(shop, products)) == (0, 0)


def test_times_and_numbers_are_taken_as_written(site, shop):
    body = (
        '{"store":"001","orders":[{"order_no":"A1","ordered_at":"2026-11-20T23:30:00-05:00","customer_no":12.0,'
        '"lines":[{"product":6901234567890,"quantity":0.250,"amount":12345.10}]}]}'
    )

    posted(site, body.encode())

    with shop.reading() as conn:
        [(at, total)] = conn.execute(select(orders.c.ordered_at, orders.c.total_fen)).all()
        [(number,)] = conn.execute(select(customers.c.customer_no)).all()
    assert (at, total, number) == (datetime(2026, 11, 21, 4, 30, tzinfo=UTC), 1234510, "12")
    assert stored(shop)["A1"][-1] == ["6901234567890"]


def test_refused_lines_are_told_with_their_reason_and_kept_aside(site, shop, tmp_path):
    wrong = order(order_no="A2", lines=[BOBO, {**FROST, "amount": "四十"}])

    [first] = posted(site, post(order(lines=[BOBO]), wrong, order(order_no="A3", phone="123")))

    assert counts(first) == (5, 1, 0, 0, 4)
    assert [(row["line"], row["reason"][:7]) for row in first.json()["refused"]] == [
        (2, "同一单的别的行"), (3, "金额看不懂，请"), (4, "手机号看不懂："), (5, "手机号看不懂："),
    ]  # fmt: skip
    assert set(stored(shop)) == {"A1"}
    [path] = (tmp_path / "data" / "refused").iterdir()
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["order_no"], row["product"], row["原因"][:5]) for row in rows] == [
        ("A2", "芋泥波波", "同一单的别"), ("A2", "葡萄冻冻", "金额看不懂"),
        ("A3", "芋泥波波", "手机号看不"), ("A3", "葡萄冻冻", "手机号看不"),
    ]  # fmt: skip


def test_a_refused_file_that_was_mended_goes_in_as_a_file(site, shop, tmp_path, now):
    posted(site, post(order(lines=[{**BOBO, "amount": "十八"}])))
    [path] = (tmp_path / "data" / "refused").iterdir()
    path.write_text(path.read_text(encoding="utf-8-sig").replace("十八", "18"), encoding="utf-8")

    report = run(shop, "orders", path, Options(tmp_path / "data", now))

    assert (report.new, report.refused) == (1, 0)


def test_a_post_that_is_refused_again_and_again_keeps_one_file(site, tmp_path, now):
    bad = post(order(phone="123"))

    async def visit():
        async with site() as here:
            return [counts(await here.post(bad, at=str(int(now.timestamp()) + later))) for later in range(3)]

    assert asyncio.run(visit()) == [(2, 0, 0, 0, 2)] * 3
    assert len(list((tmp_path / "data" / "refused").iterdir())) == 1


CELLS = [True, [], {}, {"a": 1}, "x" * 501, "\x00", "a\x00b", "\ud800"]


@pytest.mark.parametrize("field", ["order_no", "product", "pay_method"])
def test_a_cell_that_is_no_text_refuses_its_order_alone(site, shop, field):
    bad = [order(order_no=f"B{n}", lines=[{**BOBO, field: cell}]) for n, cell in enumerate(CELLS)]

    [answer] = posted(site, json.dumps(post(*bad, order())).encode())

    told = answer.json()
    assert [(row["line"], row["reason"]) for row in told["refused"]] == [
        (n, f"{field} 的值要是文字或数字，不超过 500 个字") for n in range(1, len(CELLS) + 1)
    ]
    assert (told["read"], told["new"]) == (len(CELLS) + 2, 2)
    assert set(stored(shop)) == {"A1"}


def test_entries_that_are_no_orders_are_refused_one_by_one(site, shop):
    body = post("A9", None, order(order_no="A2", lines=[]), order(order_no="A3", lines="none"), order(lines=[BOBO, 5]))

    [answer] = posted(site, body)

    told = answer.json()
    assert (told["read"], told["new"], told["changed"], told["unchanged"]) == (6, 0, 0, 0)
    assert [(row["line"], row["reason"][:6]) for row in told["refused"]] == [
        (1, "这一条不是对"), (2, "这一条不是对"), (3, "这一单没有商"), (4, "这一单没有商"), (5, "同一单的别的"),
        (6, "这一条不是对"),
    ]  # fmt: skip
    assert stored(shop) == {}


def test_a_misspelt_field_is_named(site):
    [answer] = posted(site, post(order(lines=[{**BOBO, "ammount": 3}], cashier="x")))

    assert answer.json()["ignored"] == ["ammount", "cashier"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"7", b'"x"', b"null", b"{}", b'{"orders": {}}', b'{"orders": [], "store": [1]}',
     b'[{"amount": NaN}]', b"[" * 100_000],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_list_of_orders_is_refused_whole(site, shop, body):
    [answer] = posted(site, body)

    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert stored(shop) == {}


def test_nothing_in_a_post_is_nothing_done(site):
    assert [counts(answer) for answer in posted(site, [], {"orders": []})] == [(0, 0, 0, 0, 0)] * 2


def test_five_thousand_lines_are_taken_and_not_one_more(site, shop):
    lines = [{"order_no": f"A{n // 2}", "ordered_at": "2026-11-20", **BOBO} for n in range(5001)]

    too_many, most = posted(site, lines, lines[:5000])

    assert (too_many.status_code, counts(most)) == (413, (5000, 5000, 0, 0, 0))
    assert how_many(shop, order_lines) == 5000


def test_two_megabytes_and_a_byte_are_too_much(site):
    body = b'{"orders": [], "x": "' + b"x" * (2 << 20) + b'"}'

    most, over = posted(site, body[: (2 << 20) - 2] + b'"}', body)

    assert (most.status_code, over.status_code, over.content) == (202, 413, b"")


class TestWhoMayPost:
    BODY = post(order())

    @pytest.mark.parametrize("late", [-300, 0, 300])
    def test_a_clock_may_be_five_minutes_off(self, site, now, late):
        [answer] = posted(site, self.BODY, at=str(int(now.timestamp()) + late))

        assert answer.status_code == 202

    @pytest.mark.parametrize("at", [-301, 301, "", "x", "-1", "1e9", "９", "9" * 400])
    def test_another_time_is_no_time(self, site, shop, now, at):
        said = str(int(now.timestamp()) + at) if isinstance(at, int) else at

        async def visit():
            async with site() as here:
                content = b"{}"
                headers = [(k.encode(), v.encode()) for k, v in here.signed(content, at=said).items()]
                return await here.client.post("/orders", content=content, headers=headers)

        answer = asyncio.run(visit())
        assert (answer.status_code, answer.content) == (401, b"unauthorized")
        assert stored(shop) == {}

    def test_every_bad_signature_gets_the_same_answer(self, site):
        async def visit():
            async with site() as here:
                content = b'{"orders": []}'
                good = here.signed(content)
                at, signature = good.values()
                flipped = ("1" if signature[0] == "0" else "0") + signature[1:]
                tries = [
                    {},
                    {"X-Zhanggui-Timestamp": at},
                    {"X-Zhanggui-Signature": signature},
                    {**good, "X-Zhanggui-Signature": ""},
                    {**good, "X-Zhanggui-Signature": flipped},
                    {**good, "X-Zhanggui-Signature": signature[:-1]},
                    {**good, "X-Zhanggui-Signature": "ü" * 64},
                    {**good, "X-Zhanggui-Timestamp": str(int(at) + 1)},
                    here.signed(content, secret="another"),
                    here.signed(content + b" "),
                ]
                bodies = [
                    await here.client.post(
                        "/orders", content=content, headers=[(k.encode(), v.encode()) for k, v in headers.items()]
                    )
                    for headers in tries
                ]
                return bodies, (await here.client.post("/orders", content=content, headers=good)).status_code

        answers, good = asyncio.run(visit())
        seen = {(a.status_code, a.content, tuple(sorted(a.headers.keys()))) for a in answers}
        assert [(status, content) for status, content, _ in seen] == [(401, b"unauthorized")]
        assert good == 202


def test_eight_posts_at_once_store_each_order_once(site, shop):
    mine = [order(order_no=f"A{n}") for n in range(20)]

    async def visit():
        async with site() as here:
            bodies = [post(*mine[n:], *mine[:n], store="001") for n in range(8)]
            return await asyncio.gather(*[here.post(body) for body in bodies])

    answers = asyncio.run(visit())

    assert sorted(counts(answer)[1:4] for answer in answers) == [(0, 0, 40)] * 7 + [(40, 0, 0)]
    assert (how_many(shop, orders), how_many(shop, customers), how_many(shop, products)) == (20, 1, 2)
    assert proven(shop)


def test_the_same_post_at_once_from_a_nervous_till_counts_once(site, shop):
    async def visit():
        async with site() as here:
            return await asyncio.gather(*[here.post(post(order())) for _ in range(8)])

    answers = asyncio.run(visit())

    assert sorted(counts(answer)[1:4] for answer in answers) == [(0, 0, 2)] * 7 + [(2, 0, 0)]


def test_stores_that_post_at_once_to_one_customer_count_her_right(site, shop):
    async def visit():
        async with site() as here:
            return await asyncio.gather(
                *[here.post(post(order(order_no=f"S{n}"), store=f"00{n % 6}")) for n in range(24)]
            )

    answers = asyncio.run(visit())

    assert [counts(answer) for answer in answers] == [(2, 2, 0, 0, 0)] * 24
    assert {number: told[0] for number, told in stored(shop).items()} == {f"S{n}": f"00{n % 6}" for n in range(24)}
    assert (how_many(shop, customers), how_many(shop, products)) == (1, 2)
    assert proven(shop)


class Held:
    """A database that answers only when it may."""

    def __init__(self, shop):
        self.shop, self.asked, self.may_answer = shop, threading.Event(), threading.Event()

    def __getattr__(self, name):
        return getattr(self.shop, name)

    def reading(self):
        self.asked.set()
        self.may_answer.wait()
        return self.shop.reading()


def test_stopping_waits_for_what_is_being_stored_even_when_it_has_hung_up(site, shop):
    held = Held(shop)

    async def visit():
        async with site(database=held) as here:
            request = asyncio.create_task(here.post(post(order())))
            await asyncio.to_thread(held.asked.wait)
            stopping = asyncio.create_task(here.server.stop(seconds=0.1))
            await asyncio.wait({request})
            held.may_answer.set()
            await stopping
            return stored(shop), request.exception()

    found, error = asyncio.run(visit())
    assert set(found) == {"A1"}
    assert isinstance(error, httpx.TransportError)


def test_the_rest_is_answered_while_posts_are_stored(site, shop):
    held = Held(shop)

    async def visit():
        async with site(database=held) as here:
            posts = [asyncio.create_task(here.post(post(order(order_no=f"S{n}"), store=f"00{n}"))) for n in range(8)]
            await asyncio.to_thread(held.asked.wait)
            alive = (await here.client.get("/health")).text
            was_storing = not any(post.done() for post in posts)
            held.may_answer.set()
            await asyncio.gather(*posts)
            return alive, was_storing

    assert asyncio.run(visit()) == ("ok", True)


def test_no_phone_and_no_secret_is_ever_logged(site, caplog):
    caplog.set_level("DEBUG")
    posted(site, post(order()), post(order(phone="1380013800x")), b"{")
    posted(site, post(order()), secret="another")

    assert "13800138000" not in caplog.text
    assert "1380013800x" not in caplog.text
    assert "secret" not in caplog.text
