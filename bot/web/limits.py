"""What a stranger may take of the server: time, bytes and connections."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for a request's head, for its whole body, and between requests; bytes of heads and of all bodies."""

    head_seconds: float = 10
    body_seconds: float = 10
    idle_seconds: int = 20
    head_bytes: int = 32 << 10
    held_bytes: int = 64 << 20  # all bodies together, from their first byte to their answer
    connections: int = 1000
