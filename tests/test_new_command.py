"""A stranger who reads only README and CONTRIBUTING adds a command by writing one function."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PLAY = """
import sys
from pathlib import Path

import bot.handlers

bot.handlers.__path__.append(sys.argv[1])

from bot.commands import collect
from bot.console.render import render
from bot.db.core.engine import open_database
from bot.dispatch import Dispatcher
from tests.test_docs import played
from tests.support.engines import KEYS
from tests.support.dialogue import START
from tests.support.world import world

database = open_database(sys.argv[2], KEYS)
world(database, START)
sys.stdout.reconfigure(encoding="utf-8")
print("\\n".join(played(sys.stdin.read().splitlines(), Dispatcher(database, collect(bot.handlers)), START)))
"""


def _block(language: str) -> str:
    found = re.search(rf"^## Add a command$.*?^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"CONTRIBUTING.md shows no {language} under Add a command"
    return found[1]


def test_readme_leads_there() -> None:
    assert "CONTRIBUTING.md" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "CONTRIBUTING.md" in (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")


@pytest.fixture
def dropped_in(tmp_path: Path) -> Path:
    """The folder that holds the new file and nothing else."""
    name = re.search(r"`bot/handlers/(\w+\.py)`:", PAGE)
    assert name
    folder = tmp_path / "handlers"
    folder.mkdir()
    (folder / name[1]).write_text(_block("python"), encoding="utf-8")
    return folder


def test_the_function_alone_is_a_command(dropped_in: Path, database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PLAY, dropped_in, database_url],
        input=_block("chat"),
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout.rstrip() == _block("chat").rstrip()


def test_it_is_as_clean_as_the_rest(dropped_in: Path) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--quiet", "--config", ROOT / "pyproject.toml", "--ignore=INP001"]
    done = subprocess.run([*command, dropped_in], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

    assert done.stdout == ""
