"""Chance that repeats: a stream of its own for each thing that is drawn, named by the seed and what it is for."""

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def stream(*names: object) -> Random:
    """The stream of these names, the same in every run."""
    return Random("|".join(map(str, names)))  # noqa: S311 — a demo, not a secret


class Weighted(Generic[T]):
    """Things with weights, drawn by one number."""

    __slots__ = ("_sums", "_things")

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        """Take pairs of a thing and its weight; at least one."""
        found = list(pairs)
        self._things: Sequence[T] = [thing for thing, _ in found]
        self._sums = list(accumulate(weight for _, weight in found))

    def draw(self, dice: Random) -> T:
        """One of them."""
        return self._things[min(bisect(self._sums, dice.random() * self._sums[-1]), len(self._things) - 1)]


def weighted(table: Mapping[T, float]) -> Weighted[T]:
    """A table of weights."""
    return Weighted(table.items())


def counted(weights: Sequence[float]) -> Weighted[int]:
    """1, 2, 3 … with these weights."""
    return Weighted(enumerate(weights, 1))
