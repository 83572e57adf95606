import ast
import os
import time
from datetime import date
from pathlib import Path

import pytest

import bot.domain.calendar
from bot.domain.birthdays import read
from bot.domain.calendar import holidays, lunar, months, occurrences

FILES = sorted(Path(bot.domain.calendar.__file__).parent.glob("*.py"))
CLOCKS = {"today", "now", "utcnow", "time", "localtime", "fromtimestamp", "astimezone", "datetime", "tzinfo"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_asks_a_clock_or_knows_a_time_zone(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {one.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names}

    assert (called | imported) & CLOCKS == set()


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati"])
def server_zone(request):
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def test_days_are_the_same_wherever_the_server_stands(server_zone):
    lunar._year.cache_clear()
    lunar.term.cache_clear()
    holidays.festivals.cache_clear()
    on = date(2026, 2, 16)

    assert occurrences.next_celebration(read("lunar:12-30"), on).on == on
    assert occurrences.keys_on(on) == ("02-16", "L:12-29", "L:12-30")
    assert holidays.next_festival("清明", on).on == date(2026, 4, 5)
    assert holidays.next_festival("春节", on).on == date(2026, 2, 17)
    assert months.months_old(date(2026, 1, 16), on) == 1
