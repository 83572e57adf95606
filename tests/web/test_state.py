import asyncio
import re
import threading
from datetime import timedelta

from sqlalchemy import update

from bot.chat import Address, Incoming
from bot.db import tables
from bot.db.core.crypto import Keyring
from bot.db.core.engine import open_database
from bot.db.talk import inbox
from bot.wire import Door, Pulse, Response

PULSES = {"telegram": Pulse(True, "在听"), "wecom": Pulse(False, "60020：请把本机地址加进可信 IP")}


def waiting(database, at, count=1):
    """Keep messages that nobody has answered."""
    there = Address("telegram", "1", "1")
    for n in range(count):
        message = Incoming(f"m{n}", there, "/查 13800138000", at)
        database.transact(lambda conn, message=message: inbox.add(conn, message, state="new"))


def seen(site, path, **opened):
    headers = opened.pop("headers", {})

    async def visit():
        async with site(**opened) as here:
            return await here.client.get(path, headers=headers)

    return asyncio.run(visit())


def test_alive_touches_nothing(site, shop):
    shop.close()

    answer = seen(site, "/health")

    assert (answer.status_code, answer.text) == (200, "ok")


def test_ready_tells_of_the_database_the_keys_the_queue_and_each_channel(site, shop, people, now):
    waiting(shop, now - timedelta(seconds=30), 3)

    answer = seen(site, "/ready", pulses=PULSES)

    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": True,
        "keys": True,
        "oldest_seconds": 30.0,
        "channels": {
            "telegram": {"ok": True, "say": "在听"},
            "wecom": {"ok": False, "say": "60020：请把本机地址加进可信 IP"},
        },
    }


def test_it_is_not_ready_while_a_message_waits_for_two_minutes(site, shop, now):
    waiting(shop, now - timedelta(seconds=121))

    answer = seen(site, "/ready")

    assert (answer.status_code, answer.json()["ready"], answer.json()["oldest_seconds"]) == (503, False, 121.0)


def test_it_is_not_ready_with_keys_that_do_not_open(site, database_url, shop, people):
    people("小王")
    stranger = open_database(database_url, Keyring({1: bytes(32)}))
    try:
        answer = seen(site, "/ready", database=stranger)
    finally:
        stranger.close()

    assert (answer.status_code, answer.json()["database"], answer.json()["keys"]) == (503, True, False)


def test_it_is_not_ready_without_a_database(site, keys, tmp_path):
    empty = open_database(f"sqlite:///{tmp_path}/empty.db", keys)
    try:
        answer = seen(site, "/ready", database=empty)
    finally:
        empty.close()

    assert (answer.status_code, answer.json()["database"]) == (503, False)


PROXIED = ["X-Forwarded-For", "X-Forwarded-Proto", "x-forwarded-anything", "Forwarded", "X-Real-IP", "Via"]


def test_who_comes_through_a_proxy_learns_one_word(site, shop, now):
    async def visit():
        async with site(pulses=PULSES) as here:
            near = [{header: "127.0.0.1"} for header in PROXIED]
            ready = [await here.client.get("/ready", headers=header) for header in near]
            waiting(shop, now - timedelta(seconds=500))
            late = [await here.client.get("/ready", headers=header) for header in near]
            return ready, late, [await here.client.get("/metrics", headers=header) for header in near]

    ready, late, figures = ([(one.status_code, one.text) for one in some] for some in asyncio.run(visit()))
    assert ready == [(200, "ready")] * len(PROXIED)
    assert late == [(503, "not ready")] * len(PROXIED)
    assert figures == [(404, "")] * len(PROXIED)


def test_figures_are_counted_by_channel_and_door_and_by_nobody(site, shop, now):
    waiting(shop, now - timedelta(hours=1), 1)
    shop.transact(lambda conn: conn.execute(update(tables.inbox).values(state="owed")))
    waiting(shop, now - timedelta(seconds=30), 3)

    async def bell(request):
        if request.body:
            raise RuntimeError
        return Response()

    async def visit():
        async with site(Door("/bell", ("GET", "POST"), bell), pulses=PULSES) as here:
            here.parts.metrics.taken("telegram")
            here.parts.metrics.taken("telegram")
            here.parts.metrics.handled("telegram", "ok", 0.02)
            here.parts.metrics.handled("telegram", "not_found", 0.2)
            here.parts.metrics.sent("wecom")
            here.parts.metrics.sent("wecom", "wait")
            await here.client.get("/bell")
            await here.client.post("/bell", content=b"x")
            await here.client.get("/13800138000")
            await here.client.get("/xiaowang?phone=13800138000")
            return await here.client.get("/metrics")

    answer = asyncio.run(visit())

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    figures = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    wanted = {
        'zhanggui_messages_taken_total{channel="telegram"}': "2.0",
        'zhanggui_messages_handled_total{channel="telegram",outcome="ok"}': "1.0",
        'zhanggui_messages_handled_total{channel="telegram",outcome="not_found"}': "1.0",
        'zhanggui_handling_seconds_count{channel="telegram"}': "2.0",
        'zhanggui_sends_total{channel="wecom",fault="ok"}': "1.0",
        'zhanggui_sends_total{channel="wecom",fault="wait"}': "1.0",
        'zhanggui_http_requests_total{door="/bell",status="200"}': "1.0",
        'zhanggui_http_requests_total{door="/bell",status="503"}': "1.0",
        'zhanggui_http_requests_total{door="other",status="404"}': "2.0",
        'zhanggui_http_seconds_count{door="/bell"}': "2.0",
        'zhanggui_channel_up{channel="telegram"}': "1.0",
        'zhanggui_channel_up{channel="wecom"}': "0.0",
        "zhanggui_inbox_waiting": "2.0",
        "zhanggui_inbox_oldest_seconds": "30.0",
        "zhanggui_answers_owed": "1.0",
    }
    assert {name: figures.get(name) for name in wanted} == wanted
    assert "process_resident_memory_bytes" in figures
    assert set(re.findall(r"(\w+)=", "".join(figures))) == {"channel", "outcome", "fault", "door", "status", "le"}
    assert "13800138000" not in answer.text


def test_figures_are_there_without_a_database(site, keys, tmp_path):
    empty = open_database(f"sqlite:///{tmp_path}/empty.db", keys)
    try:
        answer = seen(site, "/metrics", database=empty)
    finally:
        empty.close()

    assert answer.status_code == 200
    assert "zhanggui_inbox_waiting NaN" in answer.text.splitlines()


def test_a_database_that_hangs_is_not_ready_and_holds_up_nothing_else(site, shop, monkeypatch):
    may_go = threading.Event()

    class Hanging:
        keys = shop.keys

        def reading(self):
            may_go.wait()
            return shop.reading()

    monkeypatch.setattr("bot.web.state._PATIENCE", 0.2)

    async def visit():
        async with site(database=Hanging()) as here:
            looks = [asyncio.create_task(here.client.get("/ready")) for _ in range(3)]
            alive = await here.client.get("/health")
            found = [(await look).status_code for look in looks]
            may_go.set()
            return alive.text, found

    assert asyncio.run(visit()) == ("ok", [503, 503, 503])
