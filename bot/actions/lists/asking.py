"""Deciding for a store, reading for many: what is decided for each asks for what it needs, and waits.

All that wait are answered together, those that ask the same with one query for all their keys. For one store it is
the same work, asked one after the other.
"""

from collections.abc import Callable, Collection, Generator, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be read: a function of a module, the keys, and what else the function takes."""

    read: Callable[..., Mapping[Any, Any]]
    keys: Collection[Any]
    more: tuple[Hashable, ...]


Asking = Generator[Ask, Mapping[Any, Any], T]
"""Work that asks, and gives a T in the end."""


def ask(
    read: Callable[..., Mapping[K, T]], keys: Collection[K], *more: Hashable
) -> Generator[Ask, Mapping[Any, Any], Mapping[K, T]]:
    """What `read(conn, keys, *more)` gives for these keys; others may be there as well."""
    if not keys:
        return {}
    found: Mapping[K, T] = yield Ask(read, keys, more)
    return found


def of_one(read: Callable[..., Mapping[K, T]], key: K, *more: Hashable) -> Generator[Ask, Mapping[Any, Any], T | None]:
    """The same of one key; None where there is nothing."""
    found = yield from ask(read, (key,), *more)
    return found.get(key)


def together(conn: Connection, work: Mapping[K, Asking[V]]) -> dict[K, V]:
    """What comes of each."""
    done: dict[K, V] = {}
    answers: dict[K, Any] = dict.fromkeys(work)
    while answers:
        asked: dict[K, Ask] = {}
        for key, answer in answers.items():
            try:
                asked[key] = work[key].send(answer)
            except StopIteration as over:
                done[key] = over.value
        answers = _answers(conn, asked)
    return {key: done[key] for key in work}


def alone(conn: Connection, work: Asking[V]) -> V:
    """What comes of one."""
    return together(conn, {None: work})[None]


def _answers(conn: Connection, asked: Mapping[K, Ask]) -> dict[K, Mapping[Any, Any]]:
    alike: dict[tuple[Hashable, ...], dict[Any, None]] = {}
    for one in asked.values():
        alike.setdefault((one.read, *one.more), {}).update(dict.fromkeys(one.keys))
    found = {same: same[0](conn, list(keys), *same[1:]) for same, keys in alike.items()}  # type: ignore[operator]
    return {key: found[one.read, *one.more] for key, one in asked.items()}
