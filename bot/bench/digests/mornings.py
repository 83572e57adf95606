"""Mornings measured: a chain with two hundred customers a store, and what its jobs take until ten o'clock."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from bot.app import prepare
from bot.bench.digests.probe import Probe
from bot.bench.figures import Figure
from bot.bench.place import SEED
from bot.bench.rounds import once, ratio, rounded
from bot.db import customers, people
from bot.db.core.engine import Database, keys_of
from bot.db.tables import customer_segments, stores
from bot.db.tables import customers as customers_table
from bot.demo import bulk
from bot.demo.bulk import Filled
from bot.refresh.run import refresh
from bot.settings import Settings

_A_STORE = 200  # customers
_CHAIN = 5000  # stores whose morning has its goal
_EVENING = datetime(2026, 11, 19, 22, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
_TODAY = date(2026, 11, 20)
_CAUSES = {"leaving": 0.05, "slowing": 0.05, "asleep": 0.1}  # shares of a store who are to be called for it
_NEAR = 10  # days of birthdays that are written: nobody asks for the others
_YEAR = 365
_PAGE = 20_000


def measure(where: Path, number: int) -> Iterator[Figure]:
    """One morning of a chain of so many customers, in a process of its own, then the bare work on the same rows."""
    settings = Settings(data=where / "digests")
    database, _ = prepare(settings)
    try:
        yield Figure("digests.fill_s", rounded(once(lambda: _fill(database, settings.data, number))), "s")
        said = _morning(settings)
        probe = Probe(database, _TODAY)
        read, wrote = once(probe.read), once(probe.write)
    finally:
        database.close()
    count = max(2, number // _A_STORE)
    bare = read + wrote
    yield Figure("digests.stores", count, "stores")
    yield Figure("digests.queued", said["queued"], "messages")
    yield Figure("digests.failed", said["failed"], "stores", 0)
    yield Figure("digests.seconds", rounded(said["seconds"]), "s")
    yield Figure("digests.per_5000_stores_s", rounded(said["seconds"] * _CHAIN / count), "s", 15)
    yield Figure("digests.cpu_s", rounded(said["cpu"]), "s")
    yield Figure("digests.raw_s", rounded(bare), "s")
    yield Figure("digests.by_raw", ratio(said["seconds"], bare), "x", 5)
    yield Figure("digests.peak_mb", rounded(said["mb"]), "MB", 300)
    for name, took in said["jobs"].items():
        yield Figure(f"digests.{name}_s", rounded(took), "s")


def _morning(settings: Settings) -> dict[str, Any]:
    words = [str(settings.data), settings.database_url, _TODAY.isoformat()]
    program = [sys.executable, "-m", "bot.bench.digests.morning", *words]
    done = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 — our own program
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _fill(database: Database, data: Path, number: int) -> None:
    """The chain on the evening before: layers computed, leaders and guides on the rota, birthdays ahead."""
    count = max(2, number // _A_STORE)
    filled = bulk.fill(database, number, count, SEED, at=_EVENING)
    refresh(database, data, _EVENING + timedelta(hours=4))
    database.transact(lambda conn: _staff(conn, filled))
    for start in range(0, number, _PAGE):
        database.transact(partial(_people, start=start))


def _staff(conn: Connection, filled: Filled) -> None:
    """A leader beside the guide of each store, both on the rota today."""
    rota = []
    for number, store_id in enumerate(filled.stores, 1):
        lead = people.add_staff(conn, f"lead{number:04}", f"店长{number}", "manager", store_id, _EVENING)
        guide = people.staff_id_of(conn, f"guide{number:03}")
        hers = {"store_id": store_id, "work_on": _TODAY, "starts_minute": 540, "ends_minute": 1260}
        rota += [{**hers, "staff_id": staff_id} for staff_id in (lead, guide)]
    people.add_shift(conn, rota)
    conn.execute(update(stores).values(data_at=_EVENING))


def _people(conn: Connection, start: int) -> None:
    """Some of the customers are to be called for each cause, and a few have a birthday soon."""
    low, high = f"B{start:07}", f"B{start + _PAGE:07}"
    hers = select(customers_table.c.id).where(
        customers_table.c.customer_no >= low, customers_table.c.customer_no < high
    )
    ids: list[int] = list(conn.execute(hers.order_by(customers_table.c.customer_no)).scalars())
    for place, customer_id in enumerate(ids):
        layer = _layer(start + place)
        if layer:
            mine = customer_segments.c.customer_id == customer_id
            conn.execute(update(customer_segments).where(mine).values(layer=layer))
        ahead = (start + place) * 7919 % _YEAR
        if ahead < _NEAR:
            born = _TODAY.replace(year=1990) + timedelta(days=ahead)
            sealed = customers.sealed(keys_of(conn), customer_id, {"birthday": born.isoformat()})
            mine = customers_table.c.id == customer_id
            conn.execute(update(customers_table).where(mine).values(**sealed))


def _layer(number: int) -> str | None:
    """The layer of somebody to call; None: as the refresh had it."""
    place = number * 7919 % 1000 / 1000
    for layer, share in _CAUSES.items():
        if place < share:
            return layer
        place -= share
    return None
