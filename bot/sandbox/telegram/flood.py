"""How many messages Telegram takes, per chat, per group and over all; the thresholds are there to be lowered."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.telegram.wire import Refusal


@dataclass(slots=True)
class Allowance:
    """So many at once, refilled at so many a second."""

    burst: float
    a_second: float


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Flood:
    """Counts what is sent; refuses with retry_after what comes too fast."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.every = Allowance(30, 30)
        self.chat = Allowance(5, 1)
        self.group = Allowance(20, 20 / 60)
        self._buckets: dict[tuple[str, int], _Bucket] = {}

    def lift(self) -> None:
        """Set no limits any more."""
        self.every = self.chat = self.group = Allowance(math.inf, math.inf)

    def pass_message(self, chat_id: int, count: int = 1) -> None:
        """Let `count` messages through to a chat, or refuse them all."""
        rules = [("every", 0, self.every), ("chat", chat_id, self.chat)]
        self._pass([*rules, *([("group", chat_id, self.group)] if chat_id < 0 else [])], count)

    def pass_edit(self, chat_id: int) -> None:
        """Let an edit through; in groups they are counted by themselves."""
        rules = [("every", 0, self.every)]
        self._pass([*rules, *([("edits", chat_id, self.group)] if chat_id < 0 else [])], 1)

    def _pass(self, rules: list[tuple[str, int, Allowance]], count: int) -> None:
        buckets = [(self._bucket(name, key, rule), rule) for name, key, rule in rules]
        wait = max(self._wait(bucket, rule, count) for bucket, rule in buckets)
        if wait > 0:
            raise too_many(math.ceil(wait))
        for bucket, _ in buckets:
            bucket.left -= count

    def _bucket(self, name: str, key: int, rule: Allowance) -> _Bucket:
        now = self._now()
        bucket = self._buckets.setdefault((name, key), _Bucket(rule.burst, now))
        if math.isinf(rule.burst):
            bucket.left = rule.burst
        else:
            refilled = bucket.left + max(0.0, now - bucket.at) * rule.a_second
            bucket.left = min(rule.burst, refilled)
        bucket.at = now
        return bucket

    @staticmethod
    def _wait(bucket: _Bucket, rule: Allowance, count: int) -> float:
        # An album larger than the burst goes through when the bucket is full, else it never would.
        missing = min(count, rule.burst) - bucket.left
        return missing / rule.a_second if missing > 0 else 0.0


def too_many(retry_after: int) -> Refusal:
    """The refusal of one who sends too fast."""
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
