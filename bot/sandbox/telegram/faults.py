"""Misbehaviour on order: what the network and Telegram do on bad days, a set number of times or for some seconds."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

# What a fault does to a request of the bot.
REQUEST_KINDS: Mapping[str, str] = {
    "429": "refuses: too many requests, with retry_after; does not act",
    "400": "refuses the content; does not act",
    "401": "calls the token wrong; does not act",
    "403": "calls the receiver out of reach; does not act",
    "404": "knows nothing here; does not act",
    "409": "speaks of another bot with this token; does not act",
    "500": "fails inside; does not act",
    "502": "answers with a page of a proxy in HTML; does not act",
    "hang": "never answers; does not act",
    "reset": "drops the connection; does not act",
    "lost": "acts, and never answers",
    "lost_reset": "acts, and drops the connection",
    "truncated": "acts, and answers 200 with half of the JSON",
    "slow": "waits `delay` seconds, then acts and answers",
}
# What a fault does to updates on their way to the bot.
UPDATE_KINDS: Mapping[str, str] = {
    "duplicate": "hands out an update twice",
    "shuffle": "hands out waiting updates in the wrong order",
}
KINDS = {**REQUEST_KINDS, **UPDATE_KINDS}
_WORDS = {
    "kind": str,
    "method": str,
    "times": int,
    "seconds": int | float,
    "chat_id": int,
    "retry_after": int,
    "delay": int | float,
    "description": str,
}


@dataclass(slots=True)
class Fault:
    """One order: which requests (`method` is a pattern such as send*), how often or for how long, and what then.

    `times` 1 unless `seconds` are given. For updates `method` is the kind of update.
    """

    kind: str
    method: str = "*"
    times: int | None = None
    seconds: float | None = None
    chat_id: int | None = None
    retry_after: int = 3
    delay: float = 1.0
    description: str = ""
    until: float = float("inf")

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Fault":
        """A fault from JSON; ValueError says what it cannot mean."""
        if unknown := told.keys() - _WORDS.keys():
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(_WORDS)}")
        for word, value in told.items():
            if isinstance(value, bool) or not isinstance(value, _WORDS[word]):
                raise ValueError(f"{word} has a value of the wrong type")  # noqa: TRY004 - it is the order that is wrong
        if told.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if any(told.get(word, 1) <= 0 for word in ("times", "seconds", "retry_after", "delay")):
            raise ValueError("times, seconds, retry_after and delay are above 0")
        return cls(**told)


class Faults:
    """The faults on order, the oldest first; each is used up by itself."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._ordered: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Order a fault; its seconds run from now."""
        if fault.seconds is not None:
            fault.until = self._now() + fault.seconds
        elif fault.times is None:
            fault.times = 1
        with self._lock:
            self._ordered.append(fault)

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._ordered.clear()

    def __len__(self) -> int:
        return len(self._ordered)

    def take(self, method: str, chat_id: int | None, kinds: Mapping[str, str] = REQUEST_KINDS) -> Fault | None:
        """The fault that strikes now, counted as used; None nearly always."""
        with self._lock:
            self._ordered = [one for one in self._ordered if one.until > self._now() and one.times != 0]
            for one in self._ordered:
                here = one.chat_id is None or one.chat_id == chat_id
                if one.kind in kinds and here and fnmatchcase(method.lower(), one.method.lower()):
                    if one.times is not None:
                        one.times -= 1
                    return one
        return None
