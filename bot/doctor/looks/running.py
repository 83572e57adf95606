"""The running service, asked over its own HTTP port: whether it is there, ours, and well."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

_PATIENCE = 5.0
_ANY = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "": "127.0.0.1"}  # noqa: S104 — looked up, not listened at
_CANNOT = {
    errno.EADDRINUSE: "taken",
    errno.EACCES: "forbidden",
    errno.EADDRNOTAVAIL: "elsewhere",
}


@dataclass(frozen=True, slots=True)
class Running:
    """`off`: nobody listens, and we could. `channels` says of each how it is: `ok` and `say`."""

    state: Literal["off", "ours", "silent", "other", "taken", "forbidden", "elsewhere"]
    is_ready: bool = False
    has_database: bool = False
    has_keys: bool = False
    oldest_seconds: float | None = None
    channels: Mapping[str, tuple[bool, str]] = field(default_factory=dict)


def local_address(http: str) -> str:
    """How this machine itself reaches the HTTP server, whatever address it listens at."""
    host, _, port = http.rpartition(":")
    return f"http://{_ANY.get(host, host)}:{port}"


def look_at_running(http: str) -> Running:
    """Ask whoever listens there; nobody: see whether we could."""
    try:
        with httpx.Client(timeout=_PATIENCE, trust_env=False) as client:
            answer = client.get(f"{local_address(http)}/ready")
    except httpx.ConnectError:
        return Running(_could_listen(http))
    except httpx.TimeoutException:
        return Running("silent")
    except (httpx.HTTPError, httpx.InvalidURL):
        return Running("other")
    return _read(answer)


def _could_listen(http: str) -> Literal["off", "taken", "forbidden", "elsewhere"]:
    host, _, port = http.rpartition(":")
    family = socket.AF_INET6 if "[" in host else socket.AF_INET
    try:
        socket.create_server((host.strip("[]"), int(port)), family=family).close()
    except OSError as error:
        known: Any = _CANNOT.get(error.errno or 0, "elsewhere")
        return known  # type: ignore[no-any-return]  # one of the four
    return "off"


def _read(answer: httpx.Response) -> Running:
    try:
        told = answer.json()
        channels = {name: (bool(one["ok"]), str(one["say"])) for name, one in told["channels"].items()}
        return Running(
            "ours",
            is_ready=bool(told["ready"]),
            has_database=bool(told["database"]),
            has_keys=bool(told["keys"]),
            oldest_seconds=told["oldest_seconds"],
            channels=channels,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Running("other")
