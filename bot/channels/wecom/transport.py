"""HTTP to WeCom: every call is bounded in time and size; no error names an address, since addresses hold secrets."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx

from bot.channels.wecom.faults import WecomError, http_refusal, refusal

PARALLEL = 4  # more calls at once are answered by 45033
_TIMEOUT = httpx.Timeout(10, connect=5)
_LONGEST = 30.0  # seconds for a whole answer, however slowly it drips
_MOST_JSON = 4 << 20

# httpx logs each address at INFO, and these hold the secret, the access token or the robot's key.
logging.getLogger("httpx").setLevel(logging.WARNING)

Upload = tuple[str, bytes, str]


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `body` is sent as it is: a retry must be the same to the byte for the platform to know it again."""

    method: str
    url: str
    params: Mapping[str, str | int]
    body: bytes | None = None
    upload: Upload | None = None
    most_bytes: int = _MOST_JSON

    def with_token(self, token: str) -> "Call":
        """The same, with the access token a call of an app needs."""
        return replace(self, params={**self.params, "access_token": token})


def as_json(value: Mapping[str, Any]) -> bytes:
    """A body: the same value gives the same bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class Transport:
    """A pool of connections, safe in threads; proxies named in the environment are not used."""

    def __init__(self, timeout: httpx.Timeout = _TIMEOUT, longest: float = _LONGEST) -> None:
        """Take how long to wait for a connection, for a piece and for the whole of an answer."""
        limits = httpx.Limits(max_connections=PARALLEL, max_keepalive_connections=PARALLEL)
        self._client = httpx.Client(timeout=timeout, limits=limits, trust_env=False, follow_redirects=False)
        self._longest = longest

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()

    def ask(self, call: Call) -> dict[str, Any]:
        """The platform's answer, whose errcode is 0; raises WecomError."""
        _, content = self._send(call)
        return _answer(content)

    def fetch(self, call: Call) -> bytes:
        """A file; a refusal comes as JSON in its place, and without a file's name."""
        headers, content = self._send(call)
        if "content-disposition" not in headers:
            _answer(content)
            raise WecomError("never", "企业微信没有给出文件。")
        return content

    def _send(self, call: Call) -> tuple[httpx.Headers, bytes]:
        # The error is raised outside of `except`, so that httpx's own, which knows the address, is not chained to it.
        try:
            with self._client.stream(
                call.method,
                call.url,
                params=call.params or None,  # an empty mapping would drop the query the address has
                content=call.body,
                files={"media": call.upload} if call.upload else None,
                headers={"Content-Type": "application/json; charset=utf-8"} if call.body is not None else None,
            ) as response:
                if response.status_code == httpx.codes.OK:
                    return response.headers, self._read(response, call.most_bytes)
                error = http_refusal(response.status_code, response.headers.get("retry-after", ""))
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError):
            error = WecomError("setup", "企业微信的接口地址写错了。")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            error = WecomError("again", "连不上企业微信的服务器。")
        except (httpx.HTTPError, httpx.StreamError):
            error = WecomError("unknown", "企业微信的服务器没有答完。")
        raise error

    def _read(self, response: httpx.Response, most_bytes: int) -> bytes:
        until = time.monotonic() + self._longest
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > most_bytes:
                raise WecomError("never", "企业微信给的内容太大。")
            if time.monotonic() > until:
                raise WecomError("unknown", "企业微信的服务器答得太慢。")
        return bytes(content)


def _answer(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content.decode("utf-8", "replace"), strict=False)
        code = int(answer.get("errcode") or 0)
    except (ValueError, AttributeError, TypeError, RecursionError):
        answer, code = None, 0
    if answer is None:
        raise WecomError("unknown", "企业微信的回答读不懂。")
    if code:
        raise refusal(code, str(answer.get("errmsg", "")))
    found: dict[str, Any] = answer
    return found
