import ast
from pathlib import Path

import pytest

import bot.intake
from bot.domain import columns
from bot.intake import pace
from bot.intake.pace import Pace
from bot.intake.reading import customers, lines, shops


def timed(seconds_an_item: float, count: int) -> list[int]:
    """Sizes of the batches in which so many items are done on such a machine."""
    clock = [0.0]
    sizes = []
    for _, batch in Pace(1, lambda: clock[0]).batches(range(count), lambda _: 1):
        clock[0] += len(batch) * seconds_an_item
        sizes.append(len(batch))
    assert sum(sizes) == count
    return sizes


@pytest.mark.parametrize("seconds", [1e-6, 1e-5, 1e-4, 1e-3])
def test_batches_grow_or_shrink_to_the_time_the_lock_may_be_held(seconds):
    *_, last, _ = timed(seconds, 400_000 if seconds < 1e-4 else 20_000)

    assert last * seconds <= pace.TARGET_SECONDS * 1.1
    assert last * seconds >= pace.TARGET_SECONDS * 0.4 or last == pace._MOST


def test_a_heavy_item_is_a_batch_of_its_own():
    found = list(Pace().batches([5000, 1, 1], lambda item: item))

    assert found == [(1, [5000]), (3, [1, 1])]


def test_items_without_weight_go_along():
    assert list(Pace().batches([0, 1, 0, 0], lambda item: item)) == [(4, [0, 1, 0, 0])]


def test_a_start_in_the_middle_leaves_out_what_is_done():
    assert list(Pace().batches([1, 1, 1], lambda _: 1, 2)) == [(3, [1])]


def test_every_column_that_is_read_is_one_that_headers_name():
    orders = set(lines.HEAD) | set(lines.LINE) | {"order_no"}
    read = {
        "orders": orders,
        "customers": _asked(customers) | set(customers._PLAIN) | set(customers._LISTS) | set(customers._NOTES),
        "stores": {"code", "name", "city", "opened_on"},
    }

    known = {kind: set(columns._COLUMNS[kind]) for kind in columns.KINDS}
    assert {kind: names - known[kind] for kind, names in read.items()} == {kind: set() for kind in read}
    assert _asked(shops) <= known["stores"] | known["staff"] | known["products"]


def _asked(module) -> set[str]:
    """The columns a module asks a row for: row.get("x") and row["x"]."""
    found = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            asked = node.args[:1] if isinstance(node.func.value, ast.Name) and node.func.value.id == "row" else []
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "row":
            asked = [node.slice]
        else:
            continue
        found |= {one.value for one in asked if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def test_reading_is_pure():
    folder = Path(bot.intake.__file__).parent / "reading"
    imported = {
        name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for name in [node.module or ""]
    }

    assert not {name for name in imported if name.startswith(("bot.db", "sqlalchemy"))}
