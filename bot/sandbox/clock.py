"""The sandbox's clock: real time and an offset, kept in a file so that the bot, another process, tells the same."""

import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_EPOCH = 1_767_225_600  # 2026-01-01
_PACE = 8  # numbers a second: more than the phones can use, and within 31 bits for Telegram until 2032


async def _nothing(_moment: float) -> None:
    """Time goes by and nothing happens."""


class Clock:
    """Time that can be moved. The file holds the seconds to add to real time; no file or an empty one adds none.

    `before` is what happens in the world before whoever plays moves it to a moment, in seconds since 1970.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.before: Callable[[float], Awaitable[None]] = _nothing

    @property
    def offset(self) -> float:
        """Seconds ahead of real time, as whoever wrote the file last decided."""
        try:
            return float(self.path.read_text(encoding="ascii").strip() or 0)
        except FileNotFoundError:
            return 0.0

    def now(self) -> float:
        """Seconds since 1970 in the sandbox."""
        return time.time() + self.offset

    def move_to(self, moment: float) -> None:
        """Make it this moment, in seconds since 1970; from there time goes on."""
        self._write(moment - time.time())

    def forward(self, seconds: float) -> None:
        """Let this much time pass at once; negative turns back."""
        self._write(self.offset + seconds)

    def reset(self) -> None:
        """Back to real time."""
        self._write(0.0)

    def _write(self, offset: float) -> None:
        """Replace the file in one step: a reader finds the old offset or the new one, never half of one."""
        if not math.isfinite(offset):
            raise ValueError("a clock needs a finite offset")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        fresh.write_text(repr(offset), encoding="ascii")
        fresh.replace(self.path)


def past_numbers() -> int:
    """How many numbers earlier runs may have used; from real time, since the bot remembers what it has seen."""
    return int((time.time() - _EPOCH) * _PACE)
