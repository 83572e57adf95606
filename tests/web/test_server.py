import asyncio
import signal
import socket

import pytest
import uvloop

from bot.web.application import build
from bot.web.server import Server
from bot.wire import Door, Response


@pytest.fixture
def engine():
    """Nothing here asks the database: one engine is enough."""
    return "sqlite"


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request):
    """Run something in each event loop there is."""

    def ran(coroutine):
        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(coroutine)

    return ran


def door(receive):
    return Door("/slow", ("POST",), receive)


def test_stopping_waits_for_the_request_under_way(run, site):
    async def visit():
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def slowly(_request):
            begun.set()
            await may_end.wait()
            return Response(200, b"kept")

        async with site(door(slowly)) as here:
            request = asyncio.create_task(here.client.post("/slow", content=b"x"))
            await begun.wait()
            stopping = asyncio.create_task(here.server.stop())
            await asyncio.wait({stopping}, timeout=0.5)
            was_waiting = not stopping.done()
            may_end.set()
            await stopping
            return was_waiting, (await request).content

    assert run(visit()) == (True, b"kept")


def test_stopping_cuts_off_what_takes_too_long_without_an_error(run, site, caplog):
    async def visit():
        begun = asyncio.Event()

        async def forever(_request):
            begun.set()
            await asyncio.Event().wait()

        async with site(door(forever)) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
            writer.write(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
            await begun.wait()
            await here.server.stop(seconds=0.2)
            try:
                found = await reader.read()
            except ConnectionError:
                found = b""
            writer.close()
            return found

    assert run(visit()) == b""
    assert [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "WARNING")] == [
        "a request to /slow was cut off"
    ]


def test_a_stopped_server_takes_no_connection(run, site):
    async def visit():
        async with site() as here:
            await here.client.get("/health")
            await here.server.stop()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", here.server.port)
            await here.server.stop()

    run(visit())


def test_a_port_that_is_taken_is_the_callers_to_know(run, site):
    async def visit():
        async with site() as here:
            with pytest.raises(OSError, match="Address already in use"):
                await Server(build([], here.parts), port=here.server.port).start()

    run(visit())


def test_a_server_that_never_started_can_be_stopped(run, site):
    async def visit():
        async with site() as here:
            await Server(build([], here.parts)).stop()

    run(visit())


def test_signals_stay_with_whoever_runs_the_loop(run, site):
    watched = (signal.SIGINT, signal.SIGTERM)

    async def visit():
        before = [signal.getsignal(number) for number in watched]
        async with site() as here:
            await here.client.get("/health")
            return before == [signal.getsignal(number) for number in watched]

    assert run(visit())


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_it_listens_on_ipv6_too(run, site):
    async def visit():
        async with site() as here:
            server = Server(build([], here.parts), host="::1")
            await server.start()
            try:
                return (await here.client.get(f"http://[::1]:{server.port}/health")).content
            finally:
                await server.stop()

    assert run(visit()) == b"ok"
