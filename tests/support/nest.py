"""Starting `zhanggui` often: a process that has everything loaded and forks, since loading takes a second each time.

What is forked is the command line's own `main` in a process of its own; nothing else differs from a start by hand.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_LOADED = (
    "uvloop",
    "bot.cli",
    "bot.serve",
    "bot.channels.telegram",
    "bot.channels.wecom",
    "bot.channels.wecom_bot",
    "bot.serve.journal",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.lifespan.on",
    "anyio._backends._asyncio",
    "apscheduler.executors.asyncio",
    "httpcore",
    "prometheus_client",
)


class Nest:
    """The process that forks, seen from the test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Take the process."""
        self._process = process
        self._turn = threading.Lock()

    def hatch(self, words: list[str], settings: dict[str, str], folder: Path) -> int:
        """Start the command in a folder; it writes `service.out` and `service.log` there. Gives its pid."""
        return int(self._ask({"words": words, "settings": settings, "folder": str(folder)}))

    def wait(self, pid: int) -> int:
        """Wait for the end of one; its exit code, negative for a signal."""
        return int(self._ask({"wait": pid}))

    def _ask(self, what: dict[str, object]) -> str:
        assert self._process.stdin
        assert self._process.stdout
        with self._turn:
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
            return self._process.stdout.readline()


@contextmanager
def nest() -> Iterator[Nest]:
    """A nest for the length of a session."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ZHANGGUI_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.nest"],
        cwd=ROOT,
        env={**clean, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Nest(process)
    finally:
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


def _fly(words: list[str], settings: dict[str, str], folder: str) -> None:
    """Become the command."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    for number, name in ((1, "service.out"), (2, "service.log")):
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 — its whole life long
    os.environ.update(settings)
    sys.argv = ["zhanggui", *words]
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    importlib.import_module("bot.cli").main()


def _brood() -> None:
    """Load what a service loads, then fork one for each line, and answer with its pid or its end."""
    for name in _LOADED:
        importlib.import_module(name)
    for package in ("bot.handlers", "bot.jobs"):
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(found.name)
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            _, status = os.waitpid(asked["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 — the answer
            continue
        pid = os.fork()
        if not pid:
            _fly(asked["words"], asked["settings"], asked["folder"])
        print(pid, flush=True)  # noqa: T201 — the answer


if __name__ == "__main__":
    _brood()
