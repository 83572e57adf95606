import asyncio
import sys
from contextlib import suppress

import pytest

from bot.web.limits import Limits
from bot.wire import Door, Request, Response


@pytest.fixture
def engine():
    """Nothing here asks the database: one engine is enough."""
    return "sqlite"


@pytest.fixture(params=["httptools", "h11"])
def parser(request, monkeypatch):
    """Each parser the server may run with."""
    if request.param == "h11":
        monkeypatch.setitem(sys.modules, "uvicorn.protocols.http.httptools_impl", None)


class Bell:
    """A door that keeps what came in."""

    def __init__(self, path="/bell", methods=("GET", "POST"), most_bytes=1 << 16):
        self.heard: list[Request] = []
        self.door = Door(path, methods, self.receive, most_bytes)

    async def receive(self, request):
        self.heard.append(request)
        return Response(201, b"<xml/>", "application/xml")


def test_a_request_comes_in_as_it_was_sent_and_the_answer_goes_out(site):
    bell = Bell()

    async def visit():
        async with site(bell.door) as here:
            return await here.client.post(
                "/bell?a=1&a=2&b=%E5%A4%A9+x&c=", content=b"\x00\xff", headers={"X-One": "first", "X-TWO": "2"}
            )

    answer = asyncio.run(visit())

    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (201, b"<xml/>", "application/xml")
    assert "server" not in answer.headers
    [heard] = bell.heard
    assert (heard.method, heard.query, heard.body) == ("POST", {"a": "1", "b": "天 x", "c": ""}, b"\x00\xff")
    assert (heard.headers["x-one"], heard.headers["x-two"]) == ("first", "2")


def test_what_is_no_door_or_no_method_of_it_is_refused_in_the_same_words_always(site):
    bell = Bell(methods=("POST",))

    async def visit():
        async with site(bell.door) as here:
            wrong = [("GET", "/bell"), ("HEAD", "/bell"), ("DELETE", "/bell"), ("POST", "/ready"), ("GET", "/orders")]
            absent = ["/", "/bell/", "/Bell", "/bell/more", "/admin", "//bell", "/bell%00"]
            return (
                [await here.client.request(*one) for one in wrong],
                [await here.client.post(path, content=b"x") for path in absent],
            )

    wrong, absent = asyncio.run(visit())

    assert [(answer.status_code, answer.content) for answer in wrong] == [(405, b"")] * 5
    assert [(answer.status_code, answer.content) for answer in absent] == [(404, b"")] * 7
    assert bell.heard == []


def test_a_till_without_a_secret_has_no_door(site):
    async def visit():
        async with site(pos_secret=None) as here:
            return await here.client.post("/orders", content=b"{}")

    assert asyncio.run(visit()).status_code == 404


def test_a_door_that_fails_asks_for_a_repeat_and_logs_no_word_of_what_came(site, caplog):
    async def fail(request):
        raise RuntimeError(f"cannot read {request.body.decode()} of {request.query['q']}")

    async def visit():
        async with site(Door("/fails", ("POST",), fail)) as here:
            return [await here.client.post("/fails?q=13800138000", content="她过敏".encode()) for _ in range(2)]

    answers = asyncio.run(visit())

    assert [(answer.status_code, answer.content) for answer in answers] == [(503, b"")] * 2
    failures = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert [failure.splitlines()[0] for failure in failures] == ["the door /fails failed: RuntimeError"] * 2
    assert "13800138000" not in caplog.text
    assert "过敏" not in caplog.text


@pytest.mark.parametrize("size", [100, 101], ids=["the most", "one more"])
def test_a_body_is_taken_up_to_its_doors_most(site, size):
    bell = Bell(most_bytes=100)

    async def chunks():
        for _ in range(size):
            yield b"x"

    async def visit():
        async with site(bell.door) as here:
            return [
                (await here.client.post("/bell", content=content)).status_code for content in (b"x" * size, chunks())
            ]

    assert asyncio.run(visit()) == ([201, 201] if size == 100 else [413, 413])
    assert [len(request.body) for request in bell.heard] == ([100, 100] if size == 100 else [])


def test_fifty_megabytes_are_refused_long_before_they_are_there(site, parser):
    bell = Bell()
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    sent = 0

    async def visit():
        nonlocal sent
        async with site(bell.door) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
            writer.write(b"POST /bell HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            with suppress(ConnectionError):
                for _ in range(800):
                    writer.write(piece)
                    await writer.drain()
                    sent += len(piece)
            found = b""
            with suppress(ConnectionError):
                found = await reader.read()
            writer.close()
            return found

    found = asyncio.run(visit())

    assert found[:12] in (b"HTTP/1.1 413", b"")
    assert sent < 16 << 20
    assert bell.heard == []


def test_a_content_length_too_large_is_refused_before_a_byte_of_it(site, parser):
    bell = Bell()

    async def visit():
        async with site(bell.door) as here:
            return [
                await here.raw(b"POST /bell HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length)
                for length in (52428800, 10**18)
            ]

    assert [found.split(b"\r\n")[0] for found in asyncio.run(visit())] == [b"HTTP/1.1 413 Request Entity Too Large"] * 2


def test_bodies_together_are_bounded_and_room_is_given_back(site):
    bell = Bell(most_bytes=100)

    async def visit():
        async with site(bell.door, limits=Limits(held_bytes=150)) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
            writer.write(b"POST /bell HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + b"x" * 99)
            status = 201
            while status == 201:  # until the first bytes of the other are there
                status = (await here.client.post("/bell", content=b"x" * 100)).status_code
            writer.write(b"x")
            done = await reader.readuntil(b"\r\n")
            writer.close()
            return status, done, (await here.client.post("/bell", content=b"x" * 100)).status_code

    assert asyncio.run(visit()) == (503, b"HTTP/1.1 201 Created\r\n", 201)


HASTY = Limits(head_seconds=0.2, body_seconds=0.2, idle_seconds=1)
SLOW = {
    "nothing": b"",
    "half a head": b"POST /bell HTTP/1.1\r\nHost: x\r\nX-",
    "a head without end": b"POST /bell HTTP/1.1\r\n" + b"X-One: 1\r\n" * 100,
}


@pytest.mark.parametrize("start", SLOW.values(), ids=SLOW)
def test_who_does_not_finish_a_head_is_hung_up_on(site, parser, start):
    async def visit():
        async with site(Bell().door, limits=HASTY) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
            writer.write(start)
            return await _trickled(reader, writer, b"a" if start else b"")

    assert asyncio.run(visit()) == b""


async def _trickled(reader, writer, piece=b"a"):
    """What comes back while a byte is sent now and again; a reset after it takes nothing of it away."""
    reading = asyncio.create_task(_all_of(reader))
    while not (await asyncio.wait({reading}, timeout=0.05))[0]:
        writer.write(piece)
    writer.close()
    return reading.result()


async def _all_of(reader):
    back = bytearray()
    with suppress(ConnectionError):
        while piece := await reader.read(4096):
            back += piece
    return bytes(back)


def test_who_does_not_finish_a_body_is_told_and_hung_up_on(site, parser):
    bell = Bell()

    async def visit():
        async with site(bell.door, limits=HASTY) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
            writer.write(b"POST /bell HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
            return await _trickled(reader, writer)

    assert asyncio.run(visit()).split(b"\r\n")[0] == b"HTTP/1.1 408 Request Timeout"
    assert bell.heard == []


def test_a_second_request_may_not_be_slow_either(site, parser):
    async def visit():
        async with site(Bell().door, limits=HASTY) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
            writer.write(b"GET /bell HTTP/1.1\r\nHost: x\r\n\r\n")
            first = await reader.readuntil(b"<xml/>")
            writer.write(b"GET /bell HTTP/1.1\r\nX-")
            return first.split(b"\r\n")[0], await _trickled(reader, writer)

    assert asyncio.run(visit()) == (b"HTTP/1.1 201 Created", b"")


def test_a_slow_door_is_not_cut_off_by_the_limits_of_requests(site, parser):
    async def slowly(_request):
        await asyncio.sleep(0.6)
        return Response(200, b"done")

    async def visit():
        async with site(Door("/slow", ("POST",), slowly), limits=HASTY) as here:
            return await here.client.post("/slow", content=b"x")

    assert asyncio.run(visit()).content == b"done"


def test_a_head_without_bounds_is_hung_up_on(site, parser):
    async def visit():
        async with site(Bell().door) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
            writer.write(b"GET /bell HTTP/1.1\r\n")
            line = b"X-Filler: " + b"x" * 1000 + b"\r\n"
            reading = asyncio.create_task(reader.read())
            while not (reading.done() or writer.is_closing()):
                writer.write(line)
                await asyncio.sleep(0)
            await asyncio.wait({reading})
            writer.close()
            return reading.exception() or reading.result()

    found = asyncio.run(visit())
    assert isinstance(found, ConnectionError) or found == b"" or found.startswith(b"HTTP/1.1 4")


NONSENSE = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no path": b"GET  HTTP/1.1\r\n\r\n",
    "a strange path": "GET /天 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "two lengths": b"POST /bell HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "a length that is none": b"POST /bell HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "a length and chunks": b"POST /bell HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a tunnel": b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
    "a star": b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "an upgrade": b"GET /bell HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n",
    "too many fields": b"GET /bell?" + b"a=1&" * 200 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a bad escape": b"GET /bell?a=%ff%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_never_our_error_and_the_server_goes_on(site, parser, nonsense):
    async def visit():
        async with site(Bell().door, limits=HASTY) as here:
            found = await here.raw(nonsense)
            return found, (await here.client.get("/health")).content

    found, after = asyncio.run(visit())
    assert found[:10] in (b"HTTP/1.1 4", b"HTTP/1.1 2", b"")
    assert after == b"ok"


def test_who_hangs_up_in_the_middle_of_a_body_harms_nobody(site, parser, caplog):
    async def visit():
        async with site(Bell().door) as here:
            _, writer = await asyncio.open_connection("127.0.0.1", here.server.port)
            writer.write(b"POST /bell HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            figures = b""
            while b'door="/bell",status="gone"} 1.0' not in figures:
                figures = (await here.client.get("/metrics")).content
            return (await here.client.post("/bell", content=b"x")).status_code

    assert asyncio.run(visit()) == 201
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
