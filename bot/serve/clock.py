"""The time of the service: the machine's, and in the sandbox what its page says."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """Tells the time; with a file, so many seconds ahead of the machine's as the file says."""

    def __init__(self, file: Path | None = None) -> None:
        """Take the sandbox's file, or none."""
        self._file = file
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The time, in UTC."""
        if self._file:
            with suppress(OSError, ValueError):  # being replaced, or not there yet: what it said before
                self._ahead = timedelta(seconds=float(self._file.read_text(encoding="ascii")))
        return datetime.now(UTC) + self._ahead
