"""From the start of `zhanggui chat` to the first card, what it then holds in memory, and what it has not loaded."""

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from bot.bench.figures import Figure
from bot.bench.importing import peak_mb
from bot.bench.lookup import phone
from bot.bench.place import Place
from bot.bench.rounds import ratio, rounded

_LOOKUPS = 200
_SENTENCE = "她芒果过敏 三分糖去冰"
_HEAVY = re.compile(r"\| +(pandas|numpy|jieba)$", re.MULTILINE)
_RAW = """
import sqlite3, sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM sqlite_master").fetchone()
print(len(AESGCM(bytes(32)).encrypt(bytes(12), b"13800138000", None)), flush=True)
"""


def measure(place: Place, starts: int) -> Iterator[Figure]:
    """Start it so often, each in turn with a bare Python that opens the file and the cipher."""
    words = _words(place)
    ask = f"查 {phone(place, 0)}"
    file = str(place.database.engine.url.database) if place.database.is_sqlite else ":memory:"
    cards, raws = [], []
    for _ in range(starts):
        raws.append(_first_answer([sys.executable, "-c", _RAW, file], ""))
        cards.append(_first_answer(words, ask))
    start, raw = statistics.median(cards), statistics.median(raws)
    yield Figure("start.first_card_s", rounded(start), "s", 1.2, 0.5)
    yield Figure("start.raw_s", rounded(raw), "s")
    yield Figure("start.by_raw", ratio(start, raw), "x")
    card, serving = _serving(place, words)
    yield Figure("start.first_card_mb", rounded(card), "MB")
    yield Figure("start.serving_mb", rounded(serving), "MB", 120)
    yield Figure("start.heavy_modules", float(len(_heavy(words, ask))), "modules", 0)


def _words(place: Place) -> list[str]:
    where = ["--data", str(place.settings.data), "--db", place.settings.database_url]
    return [sys.executable, "-m", "bot", *where, "chat", "--as", place.guide(0), "--json"]


def _first_answer(words: Sequence[str], ask: str) -> float:
    """Seconds from the start of a process to its first line."""
    began = time.perf_counter()
    with _talking(words) as process:
        answer = _asked(process, ask)
        took = time.perf_counter() - began
    if not answer:
        raise RuntimeError(f"no answer from {words[:4]}")
    return took


def _talking(words: Sequence[str]) -> subprocess.Popen[str]:
    """A process that is spoken to line by line; as a context it ends at the end of its input."""
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")  # noqa: S603 — our own program


def _asked(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdin  # noqa: S101 — piped
    assert process.stdout  # noqa: S101 — piped
    process.stdin.write(text + "\n")
    process.stdin.flush()
    return process.stdout.readline()


def _serving(place: Place, words: Sequence[str]) -> tuple[float, float]:
    """MB after one card, and after many look-ups and a sentence."""
    with _talking(words) as process:
        _asked(process, f"查 {phone(place, 0)}")
        card = peak_mb("VmRSS", process.pid)
        for turn in range(_LOOKUPS):
            _asked(process, f"查 {phone(place, turn % place.filled.customers)}")
        _asked(process, _SENTENCE)
        return card, peak_mb("VmRSS", process.pid)


def _heavy(words: Sequence[str], ask: str) -> list[str]:
    """What a card loads that it has no use for."""
    traced = [words[0], "-X", "importtime", *words[1:]]
    done = subprocess.run(  # noqa: S603 — our own program
        traced, input=ask, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return _HEAVY.findall(done.stderr)
