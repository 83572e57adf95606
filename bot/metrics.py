"""What the service counts of itself, for Prometheus; no label ever tells a store, a person or a chat."""

from collections.abc import Mapping
from functools import partial

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
OK = "ok"


class Metrics:
    """Counters with a registry of their own, so that two services in one process do not mix; safe in any thread."""

    def __init__(self) -> None:
        """Begin at nothing."""
        import prometheus_client as known  # noqa: PLC0415 — a tenth of a second that only the service should pay

        self._registry = own = known.CollectorRegistry()
        known.ProcessCollector(registry=own)
        counter, gauge = partial(known.Counter, registry=own), partial(known.Gauge, registry=own)
        histogram = partial(known.Histogram, registry=own, buckets=BUCKETS)
        self._taken = counter("zhanggui_messages_taken", "Messages kept, repeats left out.", ["channel"])
        self._handled = counter(
            "zhanggui_messages_handled", "Messages answered, by what became of them.", ["channel", "outcome"]
        )
        self._handling = histogram("zhanggui_handling_seconds", "From taking a message up to its answer.", ["channel"])
        self._sent = counter("zhanggui_sends", "Pieces sent, ok or by what was wrong.", ["channel", "fault"])
        self._answered = counter("zhanggui_http_requests", "Requests by path and status.", ["door", "status"])
        self._answering = histogram("zhanggui_http_seconds", "From a request's head to its answer.", ["door"])
        self._up = gauge("zhanggui_channel_up", "1 where a channel says that it is well.", ["channel"])
        self._waiting = gauge("zhanggui_inbox_waiting", "Messages kept and not handled yet.")
        self._oldest = gauge("zhanggui_inbox_oldest_seconds", "How long the oldest of them waits.")
        self._owed = gauge("zhanggui_answers_owed", "Messages handled whose answer is not out yet.")

    def taken(self, channel: str) -> None:
        """A message was kept, and had not come before."""
        self._taken.labels(channel).inc()

    def handled(self, channel: str, outcome: str, seconds: float) -> None:
        """A message has its answer; `outcome` is `ok` or the error's code."""
        self._handled.labels(channel, outcome).inc()
        self._handling.labels(channel).observe(seconds)

    def sent(self, channel: str, fault: str = OK) -> None:
        """A piece was sent, or was not: `fault` is that of the SendError."""
        self._sent.labels(channel, fault).inc()

    def answered(self, door: str, status: int | str, seconds: float | None = None) -> None:
        """A request was answered; `door` is a path of ours or `other`, `status` may be `gone`."""
        self._answered.labels(door, str(status)).inc()
        if seconds is not None:
            self._answering.labels(door).observe(seconds)

    def told(self, channels: Mapping[str, bool], waiting: float, oldest: float, owed: float) -> None:
        """How things are now: set just before they are shown; NaN is what cannot be known."""
        for channel, is_well in channels.items():
            self._up.labels(channel).set(is_well)
        self._waiting.set(waiting)
        self._oldest.set(oldest)
        self._owed.set(owed)

    def text(self) -> bytes:
        """Everything, in the text format that Prometheus reads."""
        from prometheus_client import generate_latest  # noqa: PLC0415 — as above

        return generate_latest(self._registry)


TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
