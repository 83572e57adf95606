"""Batches of a size that keeps the write lock for a few hundredths of a second, whatever the machine."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

TARGET_SECONDS = 0.03  # well below the promised 50 ms: the next batch may be slower than the last
_FIRST, _LEAST, _MOST = 400, 200, 50_000


class Pace:
    """How much work fits into a batch, learnt from the batches before."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin small; the clock is an argument for tests."""
        self._clock = clock
        self.size = _FIRST

    def took(self, weight: int, seconds: float) -> None:
        """Learn from a batch: at most double, at least a quarter of it."""
        wanted = weight * TARGET_SECONDS / max(seconds, 1e-6)
        self.size = int(min(max(wanted, weight / 4, _LEAST), max(2 * weight, _FIRST), _MOST))

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
