"""What a command is: one decorated function. Its docstring is its help, its example is run by a test."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from bot.chat import Address, File, Reply
from bot.domain.shop import Role, Staff

A = TypeVar("A")
EVERYONE: tuple[Role, ...] = ("guide", "manager", "hq", "admin")
SHOP: tuple[Role, ...] = ("guide", "manager", "hq")
STORE: tuple[Role, ...] = ("guide", "manager")
PICTURES = Path("var", "pictures")
LEADERS: tuple[Role, ...] = ("manager", "hq")


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler may know besides its argument: the transaction, who asks, when, where, of whom, what files.

    `pictures` is the folder where it may leave a picture for its answer.
    """

    conn: Connection
    staff: Staff
    now: datetime
    address: Address
    focus: int | None
    unit: int
    files: tuple[File, ...] = ()
    pictures: Path = PICTURES


@dataclass(frozen=True, slots=True)
class Command(Generic[A]):
    """A command as its decorator describes it; `names` are what may be typed, the first is shown."""

    names: tuple[str, ...]
    takes: Callable[[str], A]
    run: Callable[[Context, A], Reply]
    example: str
    help: str
    roles: tuple[Role, ...]
    hidden: bool
    writes: bool


def command(
    *names: str,
    takes: Callable[[str], A],
    example: str = "",
    roles: tuple[Role, ...] = SHOP,
    writes: bool = False,
) -> Callable[[Callable[[Context, A], Reply]], Command[A]]:
    """Make a function a command. `takes` turns the text after its name into a value, or raises UsageError.

    `roles` may use it; `writes` commands are recorded so that 撤 takes them back; without an `example` the
    command is one that only buttons say, and 帮助 leaves it out.
    """

    def make(run: Callable[[Context, A], Reply]) -> Command[A]:
        first_line = (run.__doc__ or "").strip().splitlines()[0] if run.__doc__ else ""
        return Command(names, takes, run, example, first_line, roles, not example, writes)

    return make


def no_argument(text: str) -> None:
    """For commands that take nothing: whatever follows is let go."""
    del text


def as_typed(text: str) -> str:
    """For commands that take the text as it is."""
    return text.strip()


class Commands:
    """All commands, found by what was typed."""

    def __init__(self, commands: Iterable[Command[Any]]) -> None:
        """Refuse two commands of one name: at start, not when a guide types it."""
        self.all = tuple(commands)
        self._by_name: dict[str, Command[Any]] = {}
        for one in self.all:
            for name in one.names:
                if name in self._by_name:
                    raise ValueError(f"two commands are named {name}")
                self._by_name[name] = one
        self._longest = max(map(len, self._by_name), default=0)

    def named(self, name: str) -> Command[Any]:
        """The command of this name; KeyError where there is none."""
        return self._by_name[name]

    def match(self, text: str, *, slash: bool) -> tuple[Command[Any], str] | None:
        """Find the command a normalised text begins with; longest name first.

        Latin names end at a letter's edge ("c 8000", "c8000", not "coffee"). Chinese names without a slash
        must be followed by a space, a digit, punctuation or the end, unless a one-word verb runs into its
        object, which `dispatch` decides by reading the sentence.
        """
        for size in range(min(self._longest, len(text)), 0, -1):
            found = self._by_name.get(text[:size].lower())
            if found and _ends(text, size, slash=slash):
                return found, text[size:].strip(" :：,，")
        return None


def _ends(text: str, size: int, *, slash: bool) -> bool:
    if size == len(text):
        return True
    last, following = text[size - 1], text[size]
    if last.isascii():
        return not (following.isascii() and following.isalpha())
    return slash or not following.isalpha() or following.isascii()


def collect(package: ModuleType) -> Commands:
    """Every command of every module in a package and its folders, by file: a dropped-in file is found."""
    found: list[Command[Any]] = []
    for info in sorted(pkgutil.walk_packages(package.__path__, f"{package.__name__}."), key=lambda info: info.name):
        module = importlib.import_module(info.name)
        found += [value for value in vars(module).values() if isinstance(value, Command)]
    return Commands(found)
