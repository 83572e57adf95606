"""What tests of the command line share: the command in an empty folder, and beside a demo chain."""

import shutil
from pathlib import Path

import pytest

from tests.support.command_line import Here, make_demo


@pytest.fixture
def empty(monkeypatch, capsys, tmp_path) -> Here:
    """The command in a folder where nothing is."""
    return Here(monkeypatch, capsys, tmp_path)


@pytest.fixture
def here(monkeypatch, capsys, shop) -> Here:
    """The command beside a demo chain."""
    return Here(monkeypatch, capsys, shop)


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """A folder with the demo chain, made once."""
    return make_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def shop(made, tmp_path) -> Path:
    """A demo chain of a test's own."""
    folder = tmp_path / "shop"
    shutil.copytree(made, folder)
    return folder
