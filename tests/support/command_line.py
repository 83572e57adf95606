"""Running `zhanggui` in tests: as a process of its own, or quicker in this one."""

import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

AT = "2026-11-22T10:00"
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a run."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Standard output, which is JSON on every line."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(**more: str) -> dict[str, str]:
    """The environment without the tester's own settings."""
    kept = {name: value for name, value in os.environ.items() if not re.match("ZHANGGUI_(?!TEST_)", name)}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def run(folder: Path, *words: str, said: str | bytes = "", **more: str) -> Done:
    """Run the command in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=environment(**more),
        input=said.encode() if isinstance(said, str) else said,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def make_demo(folder: Path) -> Path:
    """Make a small demo chain in a folder, as of `AT`."""
    done = run(folder, "demo", "--make-only", "--customers", "40", "--at", AT)
    assert done.code == 0, done.err
    return folder


class Here:
    """The command run in this process: equal but for what only a process has."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        """Take the folder to run it in."""
        self._monkeypatch, self._capsys, self._folder = monkeypatch, capsys, folder
        for name in os.environ.keys() - environment().keys():
            monkeypatch.delenv(name)

    def __call__(self, *words: str, said: str = "") -> Done:
        """Run it with these words, and this on its standard input."""
        self._capsys.readouterr()
        self._monkeypatch.chdir(self._folder)
        self._monkeypatch.setattr(sys, "argv", ["zhanggui", *words])
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said.encode())))
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *self._capsys.readouterr())

    def chat(self, code: str, *said: str, place: str = "private") -> list[dict[str, Any]]:
        """What the bot answers to these lines."""
        lines = "\n".join(said) + "\n"
        return self("chat", "--as", code, "--in", place, "--at", AT, "--json", said=lines).objects
