"""The HTTP door of the interface: one place where calls are counted, faults strike, tokens and JSON are checked."""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.sandbox.wecom.api import Api, Ask
from bot.sandbox.wecom.api.multipart import read_file
from bot.sandbox.wecom.corp import Call, Corp
from bot.sandbox.wecom.faults import ACTING_KINDS, CALL_KINDS, TOKEN_KINDS, Fault
from bot.sandbox.wecom.refusals import Body, RefusedError, refused
from bot.sandbox.wecom.tokens import Tokens

PREFIX = "/cgi-bin/"
SECRETS = ("access_token", "corpsecret")
FOREVER = 3600.0
NOT_ENDED = "the answer breaks off here"


class Gate:
    """An ASGI application for every path under /cgi-bin/."""

    def __init__(self, corp: Corp, tokens: Tokens, calls: Mapping[str, Api]) -> None:
        """`calls` are the paths it knows, without the prefix."""
        self._corp = corp
        self._tokens = tokens
        self._calls = calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        raw = await request.body()
        if not self._corp.address:
            self._corp.address = str(request.base_url).rstrip("/")
        path = request.url.path.removeprefix(PREFIX)
        call = Call(path, self._corp.now(), dict(request.query_params), {})
        self._corp.calls.append(call)
        if self._corp.faults.strike(path, TOKEN_KINDS):
            call.fault = "token"
            self._tokens.void()
        fault = self._corp.faults.strike(path, (*CALL_KINDS, *ACTING_KINDS), codes=True)
        if fault is not None:
            call.fault = fault.kind
        if fault is None or fault.acts or fault.kind == "slow":
            response = self._answer(request, raw, call)
        else:
            response = JSONResponse({})
        spoilt = response if fault is None else await self._spoil(fault, response, call, receive)
        if spoilt is not None:
            await spoilt(scope, receive, send)

    def _answer(self, request: Request, raw: bytes, call: Call) -> Response:
        try:
            api = self._known(request, call.path)
            right = self._right(api, request)
            answer = api.run(self._corp, self._ask(api, request, raw, right, call))
        except RefusedError as refusal:
            call.code = refusal.code
            return JSONResponse(refused(refusal.code, refusal.what, self._corp.now()))
        call.code = 0
        if isinstance(answer, Response):
            return answer
        return JSONResponse({"errcode": 0, "errmsg": "ok", **answer})

    def _known(self, request: Request, path: str) -> Api:
        api = self._calls.get(path)
        if api is None:
            raise RefusedError(40066)
        if request.method != api.method:
            raise RefusedError(43001 if api.method == "GET" else 43002)
        return api

    def _right(self, api: Api, request: Request) -> str:
        if api.right == "open":
            return ""
        right = self._tokens.right(request.query_params.get("access_token"))
        if api.right == "contact" and right == "app" and not self._corp.setup.contact_by_app:
            raise RefusedError(48002)
        return right

    def _ask(self, api: Api, request: Request, raw: bytes, right: str, call: Call) -> Ask:
        query = {name: value for name, value in request.query_params.items() if name not in SECRETS}
        if api.right == "open":
            query = dict(request.query_params)
        if api.upload:
            return Ask(query, {}, raw, right, read_file(raw, request.headers.get("content-type", "")))
        call.body = read_json(raw) if api.method == "POST" else {}
        return Ask(query, call.body, raw, right)

    async def _spoil(self, fault: Fault, response: Response, call: Call, receive: Receive) -> Response | None:
        """The answer as the fault leaves it; None where there is none."""
        if fault.code is not None:
            call.code = fault.code
            return JSONResponse(refused(fault.code, "", self._corp.now()))
        if fault.kind in ("slow", "late"):
            await asyncio.sleep(fault.delay)
            return response
        call.code = None
        if fault.kind == "hang":
            await _until_gone(receive, fault.delay or FOREVER)
        if fault.kind in ("hang", "lost", "reset"):
            await _cut(receive)
            return None
        return _broken(fault.kind, response)


def read_json(raw: bytes) -> Body:
    """The body of a call, whatever its content type says; raises RefusedError."""
    if not raw.strip():
        raise RefusedError(44002)
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise RefusedError(47001) from error
    if not isinstance(body, dict):
        raise RefusedError(47001)
    return body


def _broken(kind: str, response: Response) -> Response:
    if kind == "empty":
        return Response(b"", media_type="application/json")
    if kind == "truncated":
        body = bytes(response.body) if len(response.body) > 2 else b'{"errcode":0,"errmsg":"ok"}'
        return Response(body[: len(body) // 2], media_type="application/json")
    status = HTTPStatus(int(kind[4:7]))
    page = f"<html><head><title>{status} {status.phrase}</title></head><body>{status.phrase}</body></html>"
    return Response(page if kind.endswith("html") else b"", status, media_type="text/html")


async def _until_gone(receive: Receive, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


async def _cut(receive: Receive) -> None:
    """Reset the connection under the request, as a failing balancer does."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError(NOT_ENDED)
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _until_gone(receive, 1)
