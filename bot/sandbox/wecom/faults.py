"""Faults that can be asked for: where they strike, how often, and what they are; anything unknown is refused."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

# On a call. `lost` and `late` act first: their outcome is unclear to the caller.
CALL_KINDS = ("http500", "http502-html", "http503", "http429", "empty", "truncated", "reset", "hang", "slow")
ACTING_KINDS = ("lost", "late")
TOKEN_KINDS = ("token",)  # every access_token ends at once, then the call goes on: 40014
LINK_KINDS = ("kick", "mute")  # the long connection is cut; or a frame is never acknowledged
FORGED_KINDS = ("bad_signature", "wrong_receiver", "bad_padding", "plain", "huge", "bomb")  # a forged copy goes first
ORDER_KINDS = ("duplicate", "parallel", "out_of_order", "replay")
KINDS = (*CALL_KINDS, *ACTING_KINDS, *TOKEN_KINDS, *LINK_KINDS, *FORGED_KINDS, *ORDER_KINDS)
FIELDS = ("kind", "path", "count", "seconds", "probability", "delay", "acts")


@dataclass(slots=True)
class Fault:
    """One fault in force. `code` is set where it is an errcode; `left` None: without number."""

    kind: str
    path: str
    left: int | None
    until: float | None
    probability: float
    delay: float
    acts: bool
    code: int | None = None


class Faults:
    """The faults in force, oldest first; the first that fits strikes."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` counts the `seconds` of a fault."""
        self._now = now
        self._held: list[Fault] = []
        self._dice = random.Random(7)  # noqa: S311 — the same each run

    def add(self, wish: Mapping[str, Any]) -> None:
        """Put a fault in force; raises ValueError saying what is unknown.

        {"kind": an errcode or one of KINDS, "path": "message/send" | "ws/aibot_send_msg" | "callback/app" |
        "callback/bot" | a pattern, "count": 1, "seconds": 60, "probability": 1, "delay": 3, "acts": false}
        """
        unknown = sorted(set(wish) - set(FIELDS))
        if unknown:
            raise ValueError(f"unknown field {unknown[0]!r} of a fault; known are {', '.join(FIELDS)}")
        kind = str(wish.get("kind", ""))
        code = int(kind) if kind.lstrip("-").isdigit() else None
        if code is None and kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r} of a fault; known are an errcode, {', '.join(KINDS)}")
        seconds = wish.get("seconds")
        left = int(wish["count"]) if "count" in wish else None if seconds else 1
        until = self._now() + float(seconds) if seconds else None
        acts = bool(wish.get("acts", kind in ACTING_KINDS))
        often = float(wish.get("probability", 1))
        path = str(wish.get("path", "*"))
        self._held.append(Fault(kind, path, left, until, often, float(wish.get("delay", 0)), acts, code))

    def clear(self) -> None:
        """Let every fault go."""
        self._held.clear()

    def strike(self, path: str, kinds: tuple[str, ...], *, codes: bool = False) -> Fault | None:
        """The fault that strikes now at this place, if any; one of `kinds`, or an errcode where `codes`."""
        now = self._now()
        self._held = [one for one in self._held if one.left != 0 and (one.until is None or now < one.until)]
        for fault in self._held:
            fits = codes if fault.code is not None else fault.kind in kinds
            if fits and fnmatchcase(path, fault.path) and self._dice.random() < fault.probability:
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None
