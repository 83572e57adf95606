"""The door of the sandbox: who may come in, and with which rights what it serves is shown."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost", "[::1]")
_FILE_POLICY = "default-src 'none'; sandbox"


class Guard:
    """Refuses what did not come from this machine's own page: another site may have pointed its name at us.

    Whatever is not of the page may be a file somebody dropped: it is never rendered with the page's rights.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in or turn away."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if not self._ours(Headers(scope=scope)):
            await _turned_away(scope, receive, send)
            return
        await self._app(scope, receive, _marked(send))

    def _ours(self, headers: Headers) -> bool:
        host, origin = headers.get("host", ""), headers.get("origin")
        if urlsplit(f"//{host}").netloc.rpartition("@")[2] != host:
            return False
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        return name in self._hosts and (origin is None or origin in {f"http://{host}", f"https://{host}"})


async def _turned_away(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse("沙盒只在这台电脑上用：请打开 http://127.0.0.1 开头的地址。", 403)(scope, receive, send)


def _marked(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Content-Security-Policy", _FILE_POLICY)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Referrer-Policy", "no-referrer")
        await send(message)

    return marked
