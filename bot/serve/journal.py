"""Log lines that nobody else can write: a record is one line, what it goes on with is set in, and no sign steers.

An error is told by its kind and its place in the code, never in its own words: libraries repeat in them what they
were given, and that may be a person's number, a note, or a line that looks like one of ours.
"""

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_GOES_ON = "\n    "
_STEERING = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code != ord("\n")} | {
    code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


class Journal(logging.Formatter):
    """How the service's log is written."""

    def __init__(self) -> None:
        """Take the format all records have."""
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """The whole record; what another formatter has made of its error, words and all, is not taken over."""
        others, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = others

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 — logging's own name for it
        """The line itself."""
        return _GOES_ON.join(super().formatMessage(record).translate(_STEERING).split("\n"))

    def formatException(  # noqa: N802 — logging's own name for it
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Where it went wrong, down to the first cause, without any error's words."""
        lines = [line for error in _causes(ei[1]) for line in _told(error)]
        return "    " + _GOES_ON.join("\n".join(lines).split("\n"))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came of, the first cause first."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    yield from reversed(chain)


def _told(error: BaseException) -> Iterator[str]:
    """The places it went through, its kind, and the code a system or a database gave it."""
    for entry in traceback.format_tb(error.__traceback__):
        yield entry.rstrip()
    original = getattr(error, "orig", error)  # SQLAlchemy wraps the driver's
    known = (getattr(original, name, None) for name in ("sqlite_errorname", "sqlstate", "strerror"))
    code = next((one for one in known if one), "")
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}" + (f" ({code})" if code else "")
