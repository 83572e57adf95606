"""Which words were said to whom of late, so that an answer with the same words is not swallowed as a repeat.

What the platform compares is known only as "the request"; should it be the words alone, equal answers of two parcels
within the window would be one. The second is then sent without the check: it surely arrives, and only an unclear try
of it may come twice.
"""

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from typing import Any

_MARGIN = 60.0  # the platform's window begins when the request arrives there
_MANY = 10_000
_CHECK = frozenset({"enable_duplicate_check", "duplicate_check_interval"})


class Repeats:
    """A memory of digests of words, each with the mark of who said them and its end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: dict[bytes, tuple[str, float]] = {}

    def checked(self, message: Mapping[str, Any], mark: str) -> dict[str, Any]:
        """The message as it may be sent now: with the duplicate check unless another parcel said the same."""
        words = _digest([message["touser"], message["msgtype"], message[message["msgtype"]]])
        now = time.monotonic()
        with self._lock:
            owner, until = self._said.get(words, (mark, 0.0))
            if owner != mark and now < until:
                return {name: value for name, value in message.items() if name not in _CHECK}
            if len(self._said) >= _MANY:
                self._said = {known: kept for known, kept in self._said.items() if now < kept[1]}
            self._said[words] = (mark, now + message["duplicate_check_interval"] + _MARGIN)
        return dict(message)


def _digest(value: object) -> bytes:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")).digest()
