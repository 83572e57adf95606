"""Looking a customer up, the whole path in process: a message in, kept, authorised, audited, committed, a card out."""

import itertools
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.bench.figures import Figure
from bot.bench.place import SEED, Place
from bot.bench.raw import POSTGRESQL, Raw, open_sqlite
from bot.bench.rounds import WARM, Timing, in_turn, once, ratio, rounded
from bot.chat import Address, Incoming, Outcome
from bot.db import customers, people
from bot.domain.shop import Staff

_CHECKED = 100  # four digits whose answer is held against everybody's number
_NAMES = 20  # names asked for in the big store
_marks = itertools.count()


def say(place: Place, guide: str, text: str) -> Outcome:
    """One message of a guide, answered."""
    here = Address(people.CONSOLE, guide, guide)
    return place.dispatcher.handle(Incoming(f"bench:{next(_marks)}", here, text, datetime.now(UTC)))


def phone(place: Place, number: int) -> str:
    """The eleven digits of a customer."""
    return place.filled.phone_of(number).removeprefix("+86")


@contextmanager
def raw_probes(place: Place, folder: Path) -> Iterator[dict[str, Raw]]:
    """The raw look-up, committing durably (full) and not (normal), and a file for bare inserts."""
    probes = _of_postgresql(place) if not place.database.is_sqlite else _of_sqlite(place, folder)
    try:
        yield probes
        probes["full"].drop()
    finally:
        for probe in probes.values():
            probe.close()


def _of_sqlite(place: Place, folder: Path) -> dict[str, Raw]:
    made = Raw(open_sqlite(folder / "full.db", "OFF"))
    made.make(place.filled)
    made.close()
    for name in ("normal", "bare"):
        shutil.copyfile(folder / "full.db", folder / f"{name}.db")
    level = {"full": "FULL", "normal": "NORMAL", "bare": "FULL"}
    return {name: Raw(open_sqlite(folder / f"{name}.db", how)) for name, how in level.items()}


def _of_postgresql(place: Place) -> dict[str, Raw]:
    import psycopg  # noqa: PLC0415 — only where that engine is used

    url = place.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    probes = {name: Raw(psycopg.connect(url, autocommit=True), POSTGRESQL) for name in ("full", "normal", "bare")}
    probes["normal"].run("SET synchronous_commit = off")
    probes["full"].make(place.filled)
    return probes


def measure(place: Place, small: Place | None, probes: dict[str, Raw], rounds: int) -> Iterator[Figure]:
    """Look-ups by phone, by a phone nobody has, and by four digits, in turn with the raw ones."""
    calls = {**_calls(place, probes, rounds), **(_small(small, rounds) if small else {})}
    took = in_turn(calls, rounds)
    yield from _times(took)
    hit, full, normal = took["phone"].us, took["raw_full"].us, took["raw_normal"].us
    yield Figure("lookup.phone_by_raw_full", ratio(hit, full), "x", 5, 2.5)
    yield Figure("lookup.phone_by_raw_normal", ratio(hit, normal), "x", 5, 2.5)
    yield Figure("lookup.phone_by_raw_cpu", ratio(took["phone"].cpu_us, took["raw_full"].cpu_us), "x")
    yield Figure("lookup.phone_by_small", ratio(hit, took["small"].us) if small else None, "x", 1.3)
    yield Figure("lookup.miss_by_hit", ratio(took["miss"].us, hit), "x", 1.1)
    yield Figure("lookup.last4_by_phone", ratio(took["last4"].us, hit), "x", 2)
    yield Figure("lookup.last4_wrong", _wrong(place), "answers", 0)
    yield from _by_name(place)


def _times(took: dict[str, Timing]) -> Iterator[Figure]:
    for name, timing in took.items():
        yield Figure(f"lookup.{name}_us", timing.us, "µs")
        yield Figure(f"lookup.{name}_p99_us", timing.p99_us, "µs")
        yield Figure(f"lookup.{name}_cpu_us", timing.cpu_us, "µs")


def _calls(place: Place, probes: dict[str, Raw], rounds: int) -> dict[str, Callable[[int], object]]:
    known = _sample(place, rounds)
    new = [place.filled.phone_of(place.filled.customers + turn).removeprefix("+86") for turn in range(rounds + WARM)]
    raw = [(f"s{place.filled.store_of(number)}", f"/查 {phone(place, number)}") for number in known]
    asked = [(place.guide(number), phone(place, number)) for number in known]
    return {
        "phone": lambda turn: say(place, asked[turn][0], f"/查 {asked[turn][1]}"),
        "miss": lambda turn: say(place, asked[turn][0], f"/查 {new[turn]}"),
        "last4": lambda turn: say(place, asked[turn][0], f"/查 {asked[turn][1][-4:]}"),
        "raw_full": lambda turn: probes["full"].look(*raw[turn]),
        "raw_normal": lambda turn: probes["normal"].look(*raw[turn]),
        "raw_insert": lambda _turn: probes["bare"].insert(),
    }


def _small(place: Place, rounds: int) -> dict[str, Callable[[int], object]]:
    asked = [(place.guide(number), f"/查 {phone(place, number)}") for number in _sample(place, rounds)]
    return {"small": lambda turn: say(place, *asked[turn])}


def _sample(place: Place, rounds: int) -> list[int]:
    """A different customer for each turn, as far as there are so many."""
    dice, wanted = random.Random(SEED), rounds + WARM  # noqa: S311 — no secret
    everyone = range(place.filled.customers)
    return dice.sample(everyone, wanted) if wanted <= len(everyone) else dice.choices(everyone, k=wanted)


def _wrong(place: Place) -> float:
    """Of some last fours asked in the big store: how many answers are not exactly those who have them."""
    filled, guide = place.filled, _guide(place)
    here = [n for n in range(filled.customers) if filled.store_of(n) == guide.store_id]
    ending: dict[str, set[str]] = {}
    for number in here:
        ending.setdefault(phone(place, number)[-4:], set()).add(filled.phone_of(number))
    asked = [phone(place, number)[-4:] for number in _sample(place, _CHECKED)]
    with place.database.reading() as conn:
        found = {
            last4: {one.customer.phone for one in customers.by_last4(conn, last4, seen_by=guide)} for last4 in asked
        }
    return float(sum(found[last4] != ending.get(last4, set()) for last4 in asked))


def _guide(place: Place) -> Staff:
    code = place.guide(0)
    with place.database.reading() as conn:
        known = people.identify(conn, people.CONSOLE, code, code)
    assert known  # noqa: S101 — the shop was filled with her
    return known[0]


def _by_name(place: Place) -> Iterator[Figure]:
    """The given names of some customers of the big store, the first time and once all are known."""
    guide = place.guide(0)
    with place.database.reading() as conn:
        sights = [customers.by_phone(conn, place.filled.phone_of(n), seen_by=_guide(place)) for n in range(_NAMES)]
    asked = [f"/查 {sight.customer.name[1:]}" for sight in sights if sight]
    first = once(lambda: say(place, guide, asked[0]))
    warm = in_turn({"name": lambda turn: say(place, guide, asked[turn % len(asked)])}, _NAMES)["name"]
    yield Figure("lookup.name_first_ms", rounded(first * 1000), "ms", 1000)
    yield Figure("lookup.name_ms", rounded(warm.us / 1000), "ms", 30)
