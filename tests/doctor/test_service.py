"""The service: not running, kept from running, running and ill, stuck."""

import asyncio
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from bot.chat import Address, Incoming
from bot.db.tables import inbox as kept
from bot.db.talk import inbox
from bot.serve.clock import Clock
from tests.support.local_server import serving


def at(address):
    return {"http": address.removeprefix("http://")}


def test_a_service_that_does_not_run_is_started_last(clinic):
    found = clinic.findings()["service"]

    assert (found.state, found.cause) == ("warn", "没有在运行。")
    assert "zhanggui run" in found.mends[0]


@pytest.mark.parametrize("answer", [PlainTextResponse("hello"), JSONResponse([1, 2]), JSONResponse({"ready": True})])
def test_another_program_at_the_port_is_told(clinic, answer):
    with serving(Starlette(routes=[Route("/ready", lambda _: answer)])) as address:
        found = clinic.findings(**at(address))["service"]

    assert (found.state, found.cause) == ("fail", f"ZHANGGUI_HTTP {address[7:]} 被别的程序占着。")
    assert "ss -ltnp" in found.mends[0]


def test_a_program_that_holds_the_port_without_listening_is_told(clinic):
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{line.getsockname()[1]}"
        found = clinic.findings(http=place)["service"]

    assert (found.state, found.cause) == ("fail", f"ZHANGGUI_HTTP {place} 被别的程序占着（不是 HTTP）。")


def test_an_address_of_another_machine_is_told(clinic, monkeypatch):
    monkeypatch.setattr("bot.doctor.looks.running.local_address", lambda _: "http://127.0.0.1:1")

    found = clinic.findings(http="192.0.2.1:8080")["service"]

    assert (found.state, found.cause) == ("fail", "ZHANGGUI_HTTP 192.0.2.1:8080 不是这台机器的地址。")


def test_a_service_that_does_not_answer_is_told(clinic, monkeypatch):
    monkeypatch.setattr("bot.doctor.looks.running._PATIENCE", 0.2)

    async def never(_):
        await asyncio.sleep(60)

    with serving(Starlette(routes=[Route("/ready", never)])) as address:
        found = clinic.findings(**at(address))["service"]

    assert (found.state, found.cause) == ("fail", f"ZHANGGUI_HTTP {address[7:]} 连得上，5 秒没有回答。")


def test_a_service_whose_keys_are_gone_is_told(beside, running):
    ready = {"ready": False, "database": True, "keys": False, "oldest_seconds": None, "channels": {}}
    told = Starlette(routes=[Route("/ready", lambda _: JSONResponse(ready, 503))])

    with serving(told) as address:
        found = beside.findings(**at(address))["service"]

    assert (found.state, found.cause) == ("fail", "在运行，但它的密钥打不开资料。")


def test_a_channel_the_service_is_cut_off_from_is_told_in_its_words(beside):
    channels = {
        "telegram": {"ok": False, "say": "@zhanggui_bot 120 秒没有轮询"},
        "wecom_bot": {"ok": False, "say": "断"},
    }
    ready = {"ready": True, "database": True, "keys": True, "oldest_seconds": 0.0, "channels": channels}

    with serving(Starlette(routes=[Route("/ready", lambda _: JSONResponse(ready))])) as address:
        found = beside.findings(**at(address))

    assert (found["service"].state, found["service"].cause) == (
        "fail",
        "在运行，但有渠道不通：@zhanggui_bot 120 秒没有轮询",
    )
    assert (found["smart_bot"].state, found["smart_bot"].cause) == ("fail", "断")


def test_a_service_without_its_database_is_told(beside, running):
    ready = {"ready": False, "database": False, "keys": False, "oldest_seconds": None, "channels": {}}
    told = Starlette(routes=[Route("/ready", lambda _: JSONResponse(ready, 503))])

    with serving(told) as address:
        found = beside.findings(**at(address))["service"]

    assert (found.state, found.cause) == ("fail", "在运行，但它的数据库没有应答。")


def test_a_message_nobody_answers_while_the_service_runs_is_told(beside, running):
    long_ago = Clock(Path(running.service.settings["ZHANGGUI_CLOCK"])).now() - timedelta(minutes=20)
    there = Address("console", "xiaowang", "xiaowang")
    running.database.transact(lambda conn: inbox.add(conn, Incoming("stuck", there, "我的", long_ago), state="new"))
    running.database.transact(
        lambda conn: conn.execute(update(kept).where(kept.c.key == "stuck").values(received_at=long_ago))
    )
    try:
        found = beside.findings()["messages"]
    finally:
        running.database.transact(lambda conn: conn.execute(delete(kept).where(kept.c.key == "stuck")))

    assert (found.state, found.cause) == ("fail", "1 条没答，最早的等了 20 分钟：处理卡住了。")
