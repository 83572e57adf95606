"""What tests of refreshes share: a village, on each engine."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.db.core.engine import Database
from tests.refresh.village import START, Village
from tests.support import cast


@pytest.fixture
def village(database: Database, tmp_path: Path) -> Village:
    """Five customers in two stores, who bought nothing yet."""
    database.transact(lambda conn: cast.add_cast(conn, START))
    return Village(database, tmp_path)


@pytest.fixture
def busy(village: Village) -> Village:
    """The same, refreshed; then much happened, and a week went by."""
    village.tell(*[(f"N{day}", "ABC"[day % 3], day, 1000 + 900 * day, None, day % 2) for day in range(0, 60, 4)])
    village.add("G", "H")
    village.refresh()
    village.expected()
    village.add("F")
    village.tell(*[(f"M{day}", "BDE"[day % 3], day, 5000, None, day % 2) for day in range(40, 67)])
    village.move("A", 1)
    village.merge("B", "C")
    village.days += 7
    return village


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 20, 15, tzinfo=cast.ZONE)
