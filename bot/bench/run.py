"""Which groups are measured, in a folder that is gone afterwards."""

import os
import platform
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot.bench import callbacks, chats, importing, issuing, lookup, parsing, starting
from bot.bench.digests import mornings
from bot.bench.figures import Figure, Report
from bot.bench.place import Place, filled, folder
from bot.bench.refreshing import nights
from bot.bench.rounds import rounded
from bot.db.core.engine import sqlite_module

Group = Literal["lookup", "chats", "import", "parse", "start", "callback", "issuing", "refresh", "digests"]
GROUPS: tuple[Group, ...] = ("lookup", "chats", "parse", "start", "issuing", "import", "refresh", "digests", "callback")
_SMALL = 10_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: customers in the shop, lines in the order file, and how often."""

    customers: int = 100_000
    orders: int = 100_000
    rounds: int = 500  # look-ups of each kind
    readings: int = 300  # sentences
    repeats: int = 5  # starts and rounds of chats; imports at most three
    chat_seconds: float = 1.0
    posts: int = 3000  # callbacks of one round


def measure(
    sizes: Sizes, groups: Collection[str] = GROUPS, *, file: Path | None = None, url: str | None = None
) -> Report:
    """Measure the groups; `file` is an order file to import, `url` an empty database to look up in, left filled."""
    began = time.perf_counter()
    report = Report(_machine(sizes))
    with folder() as where, ExitStack() as open_places:
        if {"lookup", "chats", "start", "callback", "issuing", "refresh"} & set(groups):
            place = open_places.enter_context(filled(where / "shop", sizes.customers, url, _over_days(groups)))
            report.add(*_of_a_place(place, where, sizes, groups))
        if "digests" in groups:
            report.add(*mornings.measure(where, sizes.customers))
        if "parse" in groups:
            report.add(*parsing.measure(sizes.readings))
        if "import" in groups:
            report.add(*importing.measure(where, sizes.orders, file, min(3, sizes.repeats)))
    report.machine["seconds"] = round(time.perf_counter() - began, 1)
    return report


def _of_a_place(place: Place, where: Path, sizes: Sizes, groups: Collection[str]) -> Iterator[Figure]:
    yield Figure("fill.seconds", rounded(place.seconds), "s")
    yield Figure("fill.per_million_s", rounded(place.seconds * 1e6 / sizes.customers), "s", 60)
    if "start" in groups:
        yield from starting.measure(place, sizes.repeats)
    if {"lookup", "chats"} & set(groups):
        yield from _beside_raw(place, where, sizes, groups)
    if "issuing" in groups:
        yield from issuing.measure(place, sizes.repeats, sizes.chat_seconds)
    if "refresh" in groups:
        yield from nights.measure(place, where, sizes.orders, (min(3, sizes.repeats), 3 * sizes.chat_seconds))
    if "callback" in groups:  # last: it leaves orders behind
        yield from callbacks.measure(place, where, (sizes.repeats, sizes.posts), sizes.orders)


def _over_days(groups: Collection[str]) -> int:
    """A chain of years where it is refreshed: half a percent buy on a day, most have not come for long."""
    return nights.OVER_DAYS if "refresh" in groups else 60


def _beside_raw(place: Place, where: Path, sizes: Sizes, groups: Collection[str]) -> Iterator[Figure]:
    with ExitStack() as opened:
        probes = opened.enter_context(lookup.raw_probes(place, where))
        if "lookup" in groups:
            is_large = place.database.is_sqlite and sizes.customers > _SMALL
            small = opened.enter_context(filled(where / "small", _SMALL)) if is_large else None
            yield from lookup.measure(place, small, probes, sizes.rounds)
        if "chats" in groups:
            yield from chats.measure(place, probes["bare"], sizes.repeats, sizes.chat_seconds)


def _machine(sizes: Sizes) -> dict[str, Any]:
    return {
        "at": time.strftime("%Y-%m-%d %H:%M"),
        "python": platform.python_version(),
        "sqlite": sqlite_module().sqlite_version,
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "customers": sizes.customers,
        "orders": sizes.orders,
    }
