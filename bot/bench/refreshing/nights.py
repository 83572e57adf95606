"""Nights in a row: each a day later, half a percent of the customers having bought; some beside look-ups."""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.bench import lookup
from bot.bench.figures import Figure
from bot.bench.place import SEED, Place
from bot.bench.refreshing import probe
from bot.bench.refreshing.history import lengthen
from bot.bench.rounds import once, ratio, rounded
from bot.db.bulk.orders import Order, store_orders
from bot.demo.rising import PRICE_FEN
from bot.domain.stats import Line

OVER_DAYS = 997
_CHANGED = 0.005
_BATCH = 500
_ZONE = ZoneInfo("Asia/Shanghai")


def measure(place: Place, where: Path, orders: int, how: tuple[int, float]) -> Iterator[Figure]:
    """As many nights alone, in turn with the raw probe, and beside look-ups, each after so many quiet seconds."""
    nights, quiet = how
    yield Figure("refresh.fill_s", rounded(once(lambda: lengthen(place.database, place.filled.customers, orders))), "s")
    shop = _Shop(place)
    first = shop.refresh()
    parquet = where / "orders.parquet"
    if probe.is_here():
        probe.export(place.database, parquet)
    alone, raw = [], []
    for _ in range(nights):
        shop.next_day()
        if probe.is_here():
            raw.append(probe.seconds(parquet))
        alone.append(shop.refresh())
    beside = [_beside(shop, quiet) for _ in range(nights)]
    yield from _figures(first, alone, raw)
    yield from _of_lookups(beside)
    full = shop.refresh("full")
    yield Figure("refresh.full_s", rounded(full["seconds"]), "s")
    yield Figure("refresh.full_peak_mb", rounded(full["mb"]), "MB", 400)
    yield Figure("refresh.full_differs", full["changed"], "rows", 0)


def _figures(first: dict[str, Any], nights: list[dict[str, Any]], raw: list[dict[str, float]]) -> Iterator[Figure]:
    took = statistics.median(night["seconds"] for night in nights)
    yield Figure("refresh.first_s", rounded(first["seconds"]), "s")
    yield Figure("refresh.seconds", rounded(took), "s")
    for name, key, goals in (("duckdb", "seconds", (1, 0.5)), ("duckdb_plain", "plain", (1, None))):
        duck = statistics.median(one[key] for one in raw) if raw else None
        yield Figure(f"refresh.{name}_s", rounded(duck) if duck else None, "s")
        yield Figure(f"refresh.by_{name}", ratio(took, duck) if duck else None, "x", *goals)
    yield Figure("refresh.peak_mb", rounded(max(night["mb"] for night in nights)), "MB", 400)
    yield Figure("refresh.duckdb_peak_mb", rounded(max(one["mb"] for one in raw)) if raw else None, "MB")
    yield Figure("refresh.rows_written", statistics.median(night["changed"] for night in nights), "rows")


def _of_lookups(nights: list[tuple[list[float], list[float]]]) -> Iterator[Figure]:
    without, beside = ([took for night in nights for took in night[which]] for which in (0, 1))
    for name, some in (("without", without), ("beside", beside)):
        yield Figure(f"refresh.lookup_{name}_us", rounded(statistics.median(some) * 1e6), "µs")
        yield Figure(f"refresh.lookup_{name}_p99_us", rounded(_p99(some) * 1e6), "µs")
    yield Figure("refresh.lookup_p99_by_without", ratio(_p99(beside), _p99(without)), "x", 2)


def _p99(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99)]


def _beside(shop: "_Shop", quiet: float) -> tuple[list[float], list[float]]:
    """How long look-ups took before a refresh, and while one ran."""
    shop.next_day()
    dice = random.Random(SEED)  # noqa: S311 — no secret
    without, until = [], time.monotonic() + quiet
    while time.monotonic() < until:
        without.append(shop.look(dice)[1])
    looked = []
    with shop.start() as process:
        while process.poll() is None:
            looked.append(shop.look(dice))
        night = _said(process)
    return without, [took for at, took in looked if night["began"] <= at <= night["ended"] - took] or without


class _Shop:
    """The filled shop, and what day it is there."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._at = datetime.now(UTC)
        self._dice = random.Random(SEED)  # noqa: S311 — no secret
        with place.database.reading() as conn:
            driver: Any = conn.connection.driver_connection
            self._people = driver.execute("SELECT id, store_id FROM customers ORDER BY id").fetchall()

    def look(self, dice: random.Random) -> tuple[float, float]:
        """Look somebody up: when, and how long it took."""
        number = dice.randrange(self._place.filled.customers)
        began = time.time()
        text = f"/查 {lookup.phone(self._place, number)}"
        return began, once(lambda: lookup.say(self._place, self._place.guide(number), text))

    def next_day(self) -> None:
        """A day later, half a percent of the customers bought something."""
        self._at += timedelta(days=1)
        some = self._dice.sample(self._people, max(1, round(len(self._people) * _CHANGED)))
        orders = [self._order(number, *person) for number, person in enumerate(some)]
        for start in range(0, len(orders), _BATCH):
            self._place.database.transact(partial(store_orders, batch=orders[start : start + _BATCH]))

    def _order(self, number: int, customer_id: int, store_id: int) -> Order:
        at = self._at - timedelta(minutes=1)
        lines = [Line(None, 1000, PRICE_FEN)]
        on = at.astimezone(_ZONE).date()
        return Order(f"N{on:%Y%m%d}-{number}", store_id, customer_id, at, on, "sale", lines)

    def refresh(self, how: str = "usual") -> dict[str, Any]:
        """A refresh as of this day, alone."""
        with self.start(how) as process:
            return _said(process)

    def start(self, how: str = "usual") -> subprocess.Popen[str]:
        """Start one in a process of its own."""
        settings = self._place.settings
        words = [str(settings.data), settings.database_url, self._at.isoformat(), how]
        program = [sys.executable, "-m", "bot.bench.refreshing.night", *words]
        return subprocess.Popen(program, stdout=subprocess.PIPE, text=True)  # noqa: S603 — our own program


def _said(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("the refresh failed")
    said: dict[str, Any] = json.loads(out)
    return said
