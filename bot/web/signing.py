"""Who may post: a till signs its time and its body with a secret of the chain; whoever does not learns nothing."""

import hmac
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.wire import Request, Response

WINDOW = 300  # seconds a signature is good for, either way
UNSIGNED = Response(401, b"unauthorized")
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)


class Signed:
    """Looks at signatures under one secret."""

    def __init__(self, secret: str, now: Callable[[], datetime]) -> None:
        """Take the secret that tills sign with."""
        self._secret = secret.encode()
        self._now = now

    def signature(self, request: Request) -> str:
        """The signature of a request that is well signed, and lately; empty for any other."""
        said = request.headers.get("x-zhanggui-signature", "").strip().lower()
        at = request.headers.get("x-zhanggui-timestamp", "").strip()
        if not _SECONDS.fullmatch(at) or abs(int(at) - self._now().timestamp()) > WINDOW:
            return ""
        expected = hmac.digest(self._secret, at.encode() + b"." + request.body, "sha256").hex()
        return said if hmac.compare_digest(expected.encode(), said.encode()) else ""


def told(status: int, what: dict[str, Any]) -> Response:
    """An answer in JSON."""
    return Response(status, json.dumps(what, ensure_ascii=False).encode(), "application/json")
