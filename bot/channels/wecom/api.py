"""The API of a self-built app: wechatpy's classes over our own transport and one access token for all threads.

wechatpy's own transport waits without end, fetches tokens without end and has the secret in its errors.
"""

import hashlib
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wechatpy.enterprise import WeChatClient

from bot.channels.wecom.faults import STALE_TOKEN, WecomError
from bot.channels.wecom.transport import Call, Transport, Upload, as_json

T = TypeVar("T")

PUBLIC_API = "https://qyapi.weixin.qq.com"
_EARLY = 120.0  # seconds before its end at which a token is fetched anew
_REFUSED_FOR = 30.0  # a refused secret is not shown again sooner: failing calls are counted, and block the corp
_MEDIA_LIFE = 2.5 * 86400  # the platform keeps it for 3 days
_MEDIA_FRESH = 60.0
_USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")


class Tokens:
    """The access token of an app: many threads may ask, one fetches."""

    def __init__(self, transport: Transport, call: Call) -> None:
        """Take the call that fetches a token."""
        self._transport = transport
        self._call = call
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0
        self._refused: tuple[float, WecomError] | None = None

    def get(self, *, instead_of: str = "") -> str:
        """The token; another one than `instead_of`, which the platform does not take any more."""
        with self._lock:
            if self._token in {"", instead_of} or time.monotonic() >= self._until:
                self._fetch()
            return self._token

    def _fetch(self) -> None:
        if self._refused and time.monotonic() < self._refused[0]:
            last = self._refused[1]
            raise WecomError(last.fault, last.say, code=last.code)
        self._token = ""
        try:
            answer = self._transport.ask(self._call)
        except WecomError as error:
            # Nothing was sent with a token that never came, so whatever was to be sent may be tried again.
            if error.fault == "unknown":
                raise WecomError("again", error.say) from None
            if error.fault in {"setup", "never"}:
                self._refused = (time.monotonic() + _REFUSED_FOR, error)
            raise
        self._token = str(answer.get("access_token", ""))
        self._until = time.monotonic() + max(float(answer.get("expires_in") or 7200) - _EARLY, 1.0)
        if not self._token:
            raise WecomError("again", "企业微信没有给出 access_token。")


class Api(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """All calls of one app; every one of wechatpy's API classes ends in `_request`."""

    def __init__(self, corp_id: str, secret: str, base: str = "", transport: Transport | None = None) -> None:
        """Take the base address without /cgi-bin; empty is the public one."""
        super().__init__(corp_id, secret, auto_retry=False)
        self.API_BASE_URL = f"{(base or PUBLIC_API).rstrip('/')}/cgi-bin/"
        self._transport = transport or Transport()
        ask = Call("GET", f"{self.API_BASE_URL}gettoken", {"corpid": corp_id, "corpsecret": secret})
        self._tokens = Tokens(self._transport, ask)
        self._media: dict[str, tuple[str, float]] = {}

    def __repr__(self) -> str:
        return "Api(…)"

    @property
    def access_token(self) -> str:
        """The token in force, fetched when there is none."""
        return self._tokens.get()

    def close(self) -> None:
        """Give back the connections."""
        self._transport.close()

    def fetch_access_token(self) -> dict[str, str]:
        """As wechatpy names it."""
        return {"access_token": self._tokens.get()}

    def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST what wechatpy has no method for."""
        return self._ask(Call("POST", self.API_BASE_URL + path, {}, as_json(body)))

    def send(self, message: Mapping[str, Any]) -> None:
        """message/send to one receiver, who is refused by an error however the platform says it."""
        if not _USERID.fullmatch(str(message["touser"])):  # @all and a|b would be many
            raise WecomError("gone", "收件人不是一个企业微信账号。")
        answer = self.ask("message/send", message)
        for field, say in (("invaliduser", "收件人不在应用的可见范围内。"), ("unlicenseduser", "收件人没有接口许可。")):
            if answer.get(field):
                raise WecomError("gone", f"企业微信：{say}")

    def upload(self, kind: str, upload: Upload) -> str:
        """The media id of a file; the same content is uploaded again only after two and a half days."""
        key = hashlib.sha256(upload[1]).hexdigest() + f":{kind}:{upload[0]}"
        known, until = self._media.get(key, ("", 0.0))
        if time.monotonic() < until:
            return known
        answer = self._ask(Call("POST", f"{self.API_BASE_URL}media/upload", {"type": kind}, upload=upload))
        media_id = str(answer.get("media_id", ""))
        if not media_id:
            raise WecomError("again", "企业微信没有给出 media_id。")
        kept = {old: media for old, media in tuple(self._media.items()) if time.monotonic() < media[1]}
        self._media = kept | {key: (media_id, time.monotonic() + _MEDIA_LIFE)}
        return media_id

    def forget_media(self, media_id: str) -> bool:
        """Upload this content anew next time; False where it was uploaded just now, so that this would not help."""
        kept = tuple(self._media.items())
        self._media = {key: media for key, media in kept if media[0] != media_id}
        old = time.monotonic() + _MEDIA_LIFE - _MEDIA_FRESH
        return any(known == media_id and until < old for _, (known, until) in kept)

    def download(self, media_id: str, most_bytes: int) -> bytes:
        """What a member sent."""
        call = Call("GET", f"{self.API_BASE_URL}media/get", {"media_id": media_id}, most_bytes=most_bytes)
        return self._with_token(self._transport.fetch, call)

    def _ask(self, call: Call) -> dict[str, Any]:
        return self._with_token(self._transport.ask, call)

    def _with_token(self, do: Callable[[Call], T], call: Call) -> T:
        token = self._tokens.get()
        try:
            return do(call.with_token(token))
        except WecomError as error:
            if error.code not in STALE_TOKEN:
                raise
        # Once: a token that is refused when it was just fetched is a fault of the installation.
        return do(call.with_token(self._tokens.get(instead_of=token)))

    def _request(self, method: str, url_or_endpoint: str, **asked: Any) -> Any:  # noqa: ANN401 — as wechatpy has it
        """What wechatpy's API classes end in; they send no files here, `upload` does."""
        body = as_json(asked["data"]) if asked.get("data") is not None else None
        call = Call(method.upper(), self.API_BASE_URL + url_or_endpoint, asked.get("params") or {}, body)
        return self._ask(call)
