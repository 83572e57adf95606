"""Batches of a size that keeps the write lock for a few hundredths of a second, whatever the machine."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

TARGET_SECONDS = 0.035  # well below the promised 50 ms: the next batch may be slower than the last
_FIRST, _MOST = 400, 50_000
_TRUST = 0.3  # how far one batch moves what a unit of work is thought to take


class Pace:
    """How much work fits into a batch, learnt from the batches before."""

    def __init__(self, least: int = 100, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin small, and never go below `least`: tiny batches cost more than they hold. The clock is for tests."""
        self._least = least
        self._clock = clock
        self._cost = 0.0
        self.size = max(_FIRST, least)

    def took(self, weight: int, seconds: float) -> None:
        """Learn from a batch; the next is at most twice as large."""
        if weight:
            cost = seconds / weight
            self._cost = cost if not self._cost else self._cost + _TRUST * (cost - self._cost)
            wanted = TARGET_SECONDS / max(self._cost, 1e-9)
            self.size = int(min(max(wanted, self._least), 2 * max(weight, self._least), _MOST))

    def batches(
        self, items: Sequence[T], weigh: Callable[[T], int], start: int = 0
    ) -> Iterator[tuple[int, Sequence[T]]]:
        """Cut items into batches, timing what is done with each; gives the place after a batch, and the batch."""
        while start < len(items):
            end, weight = start, 0
            while end < len(items) and weight < self.size:
                weight += weigh(items[end])
                end += 1
            began = self._clock()
            yield end, items[start:end]
            self.took(weight, self._clock() - began)
            start = end
