"""Timing things in turn, a few calls each, so that a noisy neighbour hits all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

WARM = BLOCK = 20
"""How often each thing is done before it counts, and before it is another's turn."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one thing took, each time, in seconds; `cpu` leaves out the waiting, for the disk above all."""

    seconds: Sequence[float]
    cpu: Sequence[float]

    @property
    def us(self) -> float:
        """The median in microseconds."""
        return rounded(statistics.median(self.seconds) * 1e6)

    @property
    def cpu_us(self) -> float:
        """The median of this thread's own work in microseconds."""
        return rounded(statistics.median(self.cpu) * 1e6)

    @property
    def p99_us(self) -> float:
        """What one call in a hundred exceeds, in microseconds."""
        return rounded(sorted(self.seconds)[int(len(self.seconds) * 0.99)] * 1e6)


def rounded(value: float) -> float:
    """Four figures: more would be a lie."""
    return float(f"{value:.4g}")


def ratio(one: float, other: float) -> float:
    """How many times the other."""
    return rounded(one / other)


def in_turn(calls: Mapping[str, Callable[[int], object]], rounds: int) -> dict[str, Timing]:
    """Call each so often with the number of the turn, in blocks; the first WARM turns do not count."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for first in range(0, WARM + rounds, BLOCK):
        for name, call in calls.items():
            took[name] += [_timed(call, turn) for turn in range(first, min(first + BLOCK, WARM + rounds))]
    return {name: Timing(*zip(*both[WARM:], strict=True)) for name, both in took.items()}


def _timed(call: Callable[[int], object], turn: int) -> tuple[float, float]:
    began, worked = time.perf_counter(), time.thread_time()
    call(turn)
    return time.perf_counter() - began, time.thread_time() - worked


def once(call: Callable[[], object]) -> float:
    """Seconds of a single call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
