"""Acknowledging callbacks: the service as it runs, beside the least a server can do, by the same posts in turn."""

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, func, literal_column, select, update

import bot
from bot.bench.figures import Figure
from bot.bench.importing import invented
from bot.bench.place import Place
from bot.bench.rounds import rounded
from bot.channels.wecom.crypto import Crypto
from bot.db import people
from bot.db.tables import inbox

_CORP, _AGENT, _TOKEN = "wwcorpofthebench01", 1000002, "TokenOfTheBench01"
_AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA"
_CONNECTIONS, _AT_ONCE = 16, 32
_BODY = 933  # bytes of a post: what a short text message takes, blanks added
_NEEDS_NO_ANSWER = "嗯"
_PORT = re.compile(r"HTTP 在 \S+:(\d+)")
_WAITING = select(func.count()).where(inbox.c.state == literal_column("'new'"))
_DROP = update(inbox).where(inbox.c.state == literal_column("'new'")).values(state="done")
_marks = count(1)

Load = Callable[[int, int, bytes], dict[str, float]]


def measure(place: Place, folder: Path, size: tuple[int, int], orders: int) -> Iterator[Figure]:
    """Post to each in turn, `size` is how often and how many; then to the service, more at once, while it imports."""
    guides, (rounds, posts) = _bound(place), size
    settings = place.settings
    alone = [sys.executable, "-m", "bot.bench.callback_alone", str(settings.data), settings.database_url]
    took: dict[str, list[dict[str, float]]] = {"raw": [], "alone": [], "ours": []}
    with ExitStack() as running:
        ports = {
            "raw": running.enter_context(_raw(folder)),
            "alone": running.enter_context(_service(alone, folder)),
            "ours": running.enter_context(_service([*_bot(place), "run"], folder)),
        }
        load = running.enter_context(_load(folder))
        for turn in range(rounds + 1):
            for name, port in ports.items():
                said = load(port, _CONNECTIONS, _letters(guides, posts if turn else posts // 4 + 1))
                said["handled_per_s"] = said["posts"] / (said["posts"] / said["per_s"] + _settled(place, name))
                if turn:  # the first warms up
                    took[name].append(said)
        busy = _while_importing(place, folder, orders, lambda: load(ports["ours"], _AT_ONCE, _letters(guides, posts)))
    yield from _figures(took, busy)


def _figures(took: dict[str, list[dict[str, float]]], busy: list[dict[str, float]]) -> Iterator[Figure]:
    ours, alone, raw = (_typical(took[name]) for name in ("ours", "alone", "raw"))
    yield Figure("callback.per_s", rounded(ours["per_s"]), "/s")
    yield Figure("callback.alone_per_s", rounded(alone["per_s"]), "/s")
    yield Figure("callback.raw_per_s", rounded(raw["per_s"]), "/s")
    yield Figure("callback.by_raw", _beside_raw(took, "ours", "per_s"), "x", 0.4, 0.7, more=True)
    yield Figure("callback.alone_by_raw", _beside_raw(took, "alone", "per_s"), "x", 0.4, 0.7, more=True)
    yield Figure("callback.p50_ms", rounded(ours["p50_ms"]), "ms")
    yield Figure("callback.p99_ms", rounded(ours["p99_ms"]), "ms")
    yield Figure("callback.max_ms", rounded(max(one["max_ms"] for one in took["ours"])), "ms")
    yield Figure("callback.alone_p99_ms", rounded(alone["p99_ms"]), "ms")
    yield Figure("callback.raw_p99_ms", rounded(raw["p99_ms"]), "ms")
    yield Figure("callback.p99_by_raw", _beside_raw(took, "ours", "p99_ms"), "x", 3)
    yield Figure("callback.alone_p99_by_raw", _beside_raw(took, "alone", "p99_ms"), "x", 3)
    yield Figure("callback.handled_per_s", rounded(ours["handled_per_s"]), "/s")
    yield Figure("callback.importing_per_s", rounded(_typical(busy)["per_s"]), "/s")
    yield Figure("callback.importing_p99_ms", rounded(max(one["p99_ms"] for one in busy)), "ms", 500)
    yield Figure("callback.importing_max_ms", rounded(max(one["max_ms"] for one in busy)), "ms", 2000)
    refused = sum(one["bad"] for rounds in (*took.values(), busy) for one in rounds)
    yield Figure("callback.refused", refused, "posts", 0)


def _beside_raw(took: dict[str, list[dict[str, float]]], name: str, what: str) -> float:
    """The median of how many times the raw probe's of the same round."""
    pairs = zip(took[name], took["raw"], strict=True)
    return rounded(statistics.median(one[what] / raw[what] for one, raw in pairs))


def _typical(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    """The median of each figure."""
    return {what: statistics.median(one[what] for one in rounds) for what in rounds[0]}


def _bound(place: Place) -> list[str]:
    """Accounts of a guide of every store."""
    codes = [f"guide{number + 1:03}" for number in range(len(place.filled.stores))]

    def work(conn: Connection) -> None:
        for code in codes:
            if staff_id := people.staff_id_of(conn, code):
                people.bind(conn, staff_id, "wecom", code, datetime.now(UTC))

    place.database.transact(work)
    return codes


def _letters(guides: Sequence[str], posts: int) -> bytes:
    """So many posts as WeCom would send them, no two alike, as they go over the network."""
    crypto = Crypto(_TOKEN, _AES_KEY, _CORP)
    now = int(time.time())
    return b"\0".join(_post(crypto, guides[number % len(guides)], now) for number in range(posts))


def _post(crypto: Crypto, guide: str, now: int) -> bytes:
    plain = (
        f"<xml><ToUserName><![CDATA[{_CORP}]]></ToUserName><FromUserName><![CDATA[{guide}]]></FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{_NEEDS_NO_ANSWER}]]></Content><MsgId>{now}{next(_marks):09}</MsgId>"
        f"<AgentID>{_AGENT}</AgentID></xml>"
    )
    sealed, signature = crypto.seal(plain.encode(), "nonce", now)
    body = f"<xml><ToUserName><![CDATA[{_CORP}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    path = f"/wecom/callback?msg_signature={signature}&timestamp={now}&nonce=nonce"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\nContent-Length: {_BODY}\r\n\r\n"
    return f"{head}{body:<{_BODY}}".encode()


@contextmanager
def _service(words: Sequence[str], folder: Path) -> Iterator[int]:
    """A program over the measured shop, without the operator's own settings; gives its port."""
    nowhere = "http://127.0.0.1:9"  # nothing is sent: nobody listens there
    wanted = {
        "HTTP": "127.0.0.1:0", "WECOM_CORP_ID": _CORP, "WECOM_AGENT_ID": str(_AGENT), "WECOM_SECRET": "nobodys",
        "WECOM_TOKEN": _TOKEN, "WECOM_AES_KEY": _AES_KEY, "WECOM_API": nowhere,
    }  # fmt: skip
    with _process(words, folder, {f"ZHANGGUI_{name}": value for name, value in wanted.items()}) as one:
        assert one.stdout  # noqa: S101 — piped
        for line in one.stdout:
            if found := _PORT.search(line):
                yield int(found[1])
                return
        raise RuntimeError("a service did not start")


@contextmanager
def _raw(folder: Path) -> Iterator[int]:
    words = [sys.executable, "-m", "bot.bench.callback_raw", _TOKEN, _AES_KEY, str(folder / "callbacks.db")]
    with _process(words, folder, {}) as one:
        assert one.stdout  # noqa: S101 — piped
        yield int(one.stdout.readline())


@contextmanager
def _load(folder: Path) -> Iterator[Load]:
    """What posts, in a process of its own: to a port, over so many connections, these requests."""
    file = folder / "posts"

    with _process([sys.executable, "-m", "bot.bench.callback_load", str(file)], folder, {}) as one:

        def load(port: int, connections: int, requests: bytes) -> dict[str, float]:
            assert one.stdin  # noqa: S101 — piped
            assert one.stdout  # noqa: S101 — piped
            file.write_bytes(requests)
            one.stdin.write(f"{port} {connections}\n")
            one.stdin.flush()
            said: dict[str, float] = json.loads(one.stdout.readline())
            return said

        yield load


@contextmanager
def _process(words: Sequence[str], folder: Path, settings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """One of our programs in a folder without an .env; ended afterwards."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHANGGUI_")}
    environment = {**kept, **settings, "PYTHONPATH": str(Path(bot.__file__).parent.parent)}
    pipe = subprocess.PIPE
    with (folder / "processes.log").open("a") as log:
        one = subprocess.Popen(  # noqa: S603 — our own program
            words, stdin=pipe, stdout=pipe, stderr=log, text=True, encoding="utf-8", cwd=folder, env=environment
        )
    with one:
        try:
            yield one
        finally:
            one.terminate()


def _bot(place: Place) -> list[str]:
    settings = place.settings
    return [sys.executable, "-m", "bot", "--data", str(settings.data), "--db", settings.database_url]


def _settled(place: Place, name: str) -> float:
    """Wait until nobody works any more, and take away what nobody will answer; gives the seconds it took."""
    began = time.perf_counter()
    if name == "alone":
        place.database.transact(lambda conn: conn.execute(_DROP))
    while name == "ours":
        with place.database.reading() as conn:
            if not conn.execute(_WAITING).scalar():
                break
        time.sleep(0.02)
    return time.perf_counter() - began


def _while_importing(
    place: Place, folder: Path, orders: int, load: Callable[[], dict[str, float]]
) -> list[dict[str, float]]:
    """Post again and again while `zhanggui import` works in a process of its own."""
    words = [*_bot(place), "import", "orders", str(invented(folder / "while.csv", orders))]
    done: list[dict[str, float]] = []
    with _process(words, folder, {}) as importing:
        while importing.poll() is None or not done:
            done.append(load())
        if importing.returncode:
            raise RuntimeError("the import ended badly")
    return done
