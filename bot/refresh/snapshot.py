"""The columns of everybody in a file beside the database, so that a night reads what changed and nothing else.

A snapshot carries the generation of the refresh that made it, in its name; a database at another generation has no
use for it. Before its first row is written a refresh promises whose rows it will write: whoever finds the promise of a
refresh that came to no end asks the database about these, and believes the snapshot about everybody else.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from bot.domain.analytics.book import KINDS, Book, Column

_FORM = 1
_NAME = "segments-{}.snapshot"
_PROMISE = "segments.promise"


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the columns: the day they are of, and the codes of the bands, `words`.

    `stores` are the ids of the stores, `windows` of each the bases and first days its measures are of.
    """

    today: int
    stores: tuple[int, ...]
    windows: tuple[tuple[str, int, str, int], ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The file as it is read; `unsure` are the ids of whom only the database can tell what they are."""

    head: Head
    book: Book
    unsure: Column


def load(folder: Path, generation: int) -> Snapshot | None:
    """The snapshot of a generation; None where there is none, or no whole one."""
    try:
        with (folder / _NAME.format(generation)).open("rb") as file:
            said = json.loads(file.readline())
            if said.pop("form") != _FORM:
                return None
            head = Head(**{name: _tuples(value) for name, value in said.items()})
            book = {name: np.load(file, allow_pickle=False) for name in KINDS}
        return Snapshot(head, book, _promised(folder, generation))
    except (OSError, ValueError, EOFError, KeyError, TypeError):
        return None


def _promised(folder: Path, generation: int) -> Column:
    """Whose rows may have been written since a generation; an unreadable promise makes everything unsure."""
    path = folder / _PROMISE
    if not path.exists():
        return np.zeros(0, "i8")
    with path.open("rb") as file:
        since = int(np.load(file, allow_pickle=False))
        ids: Column = np.load(file, allow_pickle=False)
    return ids if since == generation else ids[:0]


def promise(folder: Path, generation: int, ids: Column) -> None:
    """Say, durably, whose rows will be written after a generation."""
    with _replaced(folder, _PROMISE) as file:
        np.save(file, np.int64(generation), allow_pickle=False)
        np.save(file, ids, allow_pickle=False)


def save(folder: Path, generation: int, head: Head, book: Mapping[str, Column]) -> None:
    """Write the snapshot of a generation, durably; it counts once the database is there."""
    with _replaced(folder, _NAME.format(generation)) as file:
        file.write(json.dumps({"form": _FORM, **asdict(head)}).encode() + b"\n")
        for name, kind in KINDS.items():
            np.save(file, book[name].astype(kind, copy=False), allow_pickle=False)


def tidy(folder: Path, generation: int) -> None:
    """Remove every other snapshot."""
    for path in folder.glob(_NAME.format("*")):
        if path.name != _NAME.format(generation):
            path.unlink(missing_ok=True)


@contextmanager
def _replaced(folder: Path, name: str) -> Iterator[IO[bytes]]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    making = folder / f"{name}.{os.getpid()}"
    try:
        with open(making, "wb", opener=_private) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        making.replace(folder / name)
        _keep_name(folder)
    finally:
        making.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _keep_name(folder: Path) -> None:
    """Make the new name itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _tuples(value: Any) -> Any:  # noqa: ANN401 — whatever JSON holds
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
