"""The house keeps its own rules: sizes, names, where errors are caught, what is loaded for a message.

The floors themselves are in pyproject.toml and checked by lint-imports. An exception here needs its reason beside it.
"""

import ast
import dataclasses
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table

from bot.db import tables
from bot.domain.customers import Customer
from bot.domain.shop import Product, Store
from bot.domain.stats import Stats

ROOT = Path(__file__).parent.parent
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted((ROOT / "bot").rglob("*.py"))
}
TREES = {name: ast.parse(text) for name, text in TEXTS.items()}

LONGEST_FILE = 300
LONGER_FILES = {"bot/db/tables.py": "every table once, so that the schema is read in one place"}
LONGEST_FUNCTION = 40
LONGER_FUNCTIONS: dict[str, str] = {}
MOST_MODULES = 16
LARGER_FOLDERS: dict[str, str] = {}
VAGUE = {"util", "utils", "helper", "helpers", "manager", "service", "services", "base", "common", "misc"}
BROAD = {
    "bot/dispatch.py": "every bug becomes an incident number",
    "bot/relay.py": "one message that fails must not stop the others",
    "bot/sender.py": "one parcel that fails must not stop the others",
    "bot/serve/desk.py": "an error goes to whoever handed the message in",
    "bot/serve/due.py": "one store or job that fails must not stop the others",
    "bot/serve/ticking.py": "a pass that fails is told and the next comes",
    "bot/serve/errands.py": "who asked is told that it failed",
    "bot/serve/run.py": "a part that fails is told and tried again, and keeps no other from closing",
    "bot/web/entrance.py": "a door that fails answers 503, so that the platform sends again",
    "bot/channels/telegram/receiving.py": "one update nobody can read must not stop the others",
    "bot/channels/telegram/polling.py": "a bot that has stopped polling is deaf",
    "bot/channels/wecom_bot/callback.py": "the same at the smart bot's door",
    "bot/channels/wecom_bot/intake.py": "a message that cannot be kept now is tried again",
    "bot/channels/wecom_bot/link.py": "a line that breaks is taken up again",
    "bot/cli/demo.py": "the database is closed whatever stops the making",
    "bot/db/core/engine.py": "an error goes to the thread whose work it was",
}
HEAVY = ("pandas", "numpy", "jieba", "alembic", "phonenumbers", "pypinyin", "lunar_python", "pydantic", "typer", "rich")

# A frozen value and the table whose row builds it; the columns no value has.
PAIRS: tuple[tuple[type, Table, set[str]], ...] = (
    (Stats, tables.customer_stats, set()),
    (Customer, tables.customers, {"phone_index", "birthday_index"}),
    (Store, tables.stores, {"last_complaint", "last_approval", "last_followup", "webhook"}),
    (Product, tables.products, {"active"}),
)


def _functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name}:{node.name}", node


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, less the docstring's."""
    first = function.body[0]
    told = ast.get_docstring(function) is not None
    return function.end_lineno - function.lineno + 1 - (first.end_lineno - first.lineno + 1 if told else 0)


def test_files_are_short() -> None:
    lengths = {name: len(text.splitlines()) for name, text in TEXTS.items()}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE and name not in LONGER_FILES} == {}
    assert {name for name in LONGER_FILES if lengths.get(name, 0) <= LONGEST_FILE} == set()


def test_functions_are_short() -> None:
    lengths = {name: _length(function) for name, function in _functions()}

    long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION}
    assert {name: lines for name, lines in long.items() if name not in LONGER_FUNCTIONS} == {}
    assert LONGER_FUNCTIONS.keys() - long.keys() == set()


def test_folders_hold_few_modules() -> None:
    folders: dict[str, int] = {}
    for name in TEXTS:
        folder, _, module = name.rpartition("/")
        if module != "__init__.py":
            folders[folder] = folders.get(folder, 0) + 1

    large = {folder: count for folder, count in folders.items() if count > MOST_MODULES}
    assert {folder: count for folder, count in large.items() if folder not in LARGER_FOLDERS} == {}
    assert LARGER_FOLDERS.keys() - large.keys() == set()


def test_names_say_what_a_thing_is() -> None:
    modules = {name for name in TEXTS if VAGUE & set(re.split(r"[/_.]", name))}
    classes = {
        f"{name}:{node.name}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and VAGUE & {word.lower() for word in re.findall("[A-Z][a-z]+", node.name)}
    }

    assert modules | classes == set()


def test_every_module_says_what_it_holds() -> None:
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_errors_are_caught_broadly_only_where_said() -> None:
    broad = {name for name, tree in TREES.items() if any(_is_broad(node) for node in ast.walk(tree))}

    assert broad == {name for name in BROAD if name in TEXTS}


def _is_broad(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        caught = node.type
        return caught is None or _names_everything(caught)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "suppress":
        return any(_names_everything(one) for one in node.args)
    return False


def _names_everything(node: ast.expr) -> bool:
    return any(isinstance(one, ast.Name) and one.id in ("Exception", "BaseException") for one in ast.walk(node))


@pytest.mark.parametrize(("value", "table", "others"), PAIRS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_value_has_the_columns_of_its_table(value: type, table: Table, others: set[str]) -> None:
    fields = [field.name for field in dataclasses.fields(value)]

    assert fields == [column.name for column in table.columns if column.name not in others]
    assert others <= set(table.columns.keys())


def test_nothing_heavy_is_loaded_for_a_message() -> None:
    program = "import sys, bot.dispatch, bot.handlers; print(*sorted(sys.modules), sep='\\n')"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    loaded = set(found.stdout.split())
    assert loaded >= {"bot.dispatch", "bot.handlers", "sqlalchemy"}
    assert loaded & set(HEAVY) == set()


def test_no_promises_in_the_code() -> None:
    promises = re.compile(r"TO" + r"DO|FIX" + r"ME|X" + r"XX")
    others = [path for folder in ("tests", "migrations") for path in (ROOT / folder).rglob("*.py")]
    texts = TEXTS | {path.name: path.read_text(encoding="utf-8") for path in others}

    assert [name for name, text in texts.items() if promises.search(text)] == []


def test_pins_are_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.partition("#")[0].strip() for line in lines]

    assert [pin for pin in pins if pin and not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", pin)] == []
