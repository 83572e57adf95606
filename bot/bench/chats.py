"""Many chats at once: how many look-ups a second eight guides get out of one process."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator

from bot.bench.figures import Figure
from bot.bench.lookup import phone, say
from bot.bench.place import Place
from bot.bench.raw import Raw
from bot.bench.rounds import ratio, rounded

_CHATS = 8
_INSERTS = 0.3  # of the seconds of look-ups


def measure(place: Place, probe: Raw, rounds: int, seconds: float) -> Iterator[Figure]:
    """Look-ups of eight guides, each in a thread, in turn with bare durable inserts of one."""
    looked, inserted = [], []
    for _ in range(rounds):
        looked.append(_together(place, seconds))
        inserted.append(_counted(probe.insert, seconds * _INSERTS))
    each, bare = statistics.median(looked), statistics.median(inserted)
    yield Figure("chats.lookups_per_s", rounded(each), "/s")
    yield Figure("chats.raw_inserts_per_s", rounded(bare), "/s")
    yield Figure("chats.by_raw_insert", ratio(each, bare), "x", 0.3, more=True)


def _together(place: Place, seconds: float) -> float:
    rates = [0.0] * _CHATS
    threads = [threading.Thread(target=_chat, args=(place, seat, seconds, rates)) for seat in range(_CHATS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(rates)


def _chat(place: Place, seat: int, seconds: float, rates: list[float]) -> None:
    """One guide looks up customers of her store; the rate is put in her seat."""
    store = place.filled.stores[seat % len(place.filled.stores)]
    numbers = [n for n in range(min(place.filled.customers, 40_000)) if place.filled.store_of(n) == store][:400]
    asked = [(place.guide(number), f"/查 {phone(place, number)}") for number in numbers]
    turns = iter(range(1 << 30))
    rates[seat] = _counted(lambda: say(place, *asked[next(turns) % len(asked)]), seconds)


def _counted(call: Callable[[], object], seconds: float) -> float:
    """How often a second it can be called."""
    began, done = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < seconds:
        call()
        done += 1
    return done / took
