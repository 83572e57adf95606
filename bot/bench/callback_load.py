"""Posting requests that are ready as bytes, over some connections at once, each answer timed; a process of its own."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import cast

_END = b"\r\n\r\n"
_ACCEPTED = b"HTTP/1.1 200"
_PATIENCE = 120.0


class _Connection(asyncio.Protocol):
    """One connection that is kept: the next request goes out when the last is answered."""

    def __init__(self, requests: Iterator[bytes], took: list[float], ended: asyncio.Event) -> None:
        self._requests, self._took, self._ended = requests, took, ended
        self._transport: asyncio.Transport
        self._began = 0.0
        self._got = b""
        self.bad = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is none by its class
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self._ended.set()
            return
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(_END)
        if not end or len(body) < _length(head):
            return
        self._took.append(time.perf_counter() - self._began)
        self.bad += not head.startswith(_ACCEPTED)
        self._got = b""
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        self.bad += not self._ended.is_set()
        self._ended.set()


def _itself(one: _Connection) -> _Connection:
    return one


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


async def post(port: int, requests: list[bytes], connections: int) -> dict[str, float]:
    """Post them all; requests a second, and in milliseconds how long an answer took."""
    waiting, took = iter(requests), list[float]()
    ends = [asyncio.Event() for _ in range(connections)]
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [_Connection(waiting, took, end) for end in ends]
    async with asyncio.timeout(_PATIENCE):
        for one in made:
            await loop.create_connection(partial(_itself, one), "127.0.0.1", port)
        for end in ends:
            await end.wait()
    seconds = time.perf_counter() - began
    ordered = sorted(took) or [0.0]
    return {
        "per_s": len(took) / seconds,
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
        "max_ms": ordered[-1] * 1000,
        "posts": len(took),
        "bad": sum(one.bad for one in made),
    }


def main(file: Path) -> None:
    """Take `port connections size` lines, each answered by a line of JSON: requests of that size from the file."""
    loop = asyncio.new_event_loop
    with suppress(ImportError):  # not on every system
        from uvloop import new_event_loop as loop  # noqa: PLC0415
    for line in sys.stdin:
        port, connections = map(int, line.split())
        requests = file.read_bytes().split(b"\0")
        with asyncio.Runner(loop_factory=loop) as runner:
            said = runner.run(post(port, requests, connections))
        print(json.dumps(said), flush=True)  # noqa: T201 — the answer of a process


if __name__ == "__main__":
    main(Path(sys.argv[1]))
