"""How WeCom calls the bot: sealed, five seconds to answer, three more tries of the same; and the ways it misbehaves."""

import asyncio
import json
import secrets
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import urlencode

import httpx

from bot.sandbox.wecom.corp import Callback, Corp
from bot.sandbox.wecom.crypto import Seal
from bot.sandbox.wecom.events import cdata
from bot.sandbox.wecom.faults import FORGED_KINDS, ORDER_KINDS

TRIES = 4
ECHO_SECONDS = 1.0
HUGE = 2 << 20
STRANGE = "wwstranger00000000"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><ToUserName>x</ToUserName><Encrypt>&c;</Encrypt></xml>'
)


@cache
def _trust() -> ssl.SSLContext:
    """Made once: it takes longer than a delivery."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of a delivery: whether it was taken, and the last answer with the nonce it was asked with."""

    taken: bool
    body: bytes = b""
    nonce: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed delivery, ready to go."""

    address: str
    body: bytes
    nonce: str


class Doorway:
    """One callback address: `form` is the envelope, XML for the app, JSON for the smart bot."""

    def __init__(self, corp: Corp, name: Literal["app", "bot"], seal: Seal, address: Callable[[], str]) -> None:
        """The address is asked for at each delivery, since it may be set later."""
        self.seal = seal
        self._corp = corp
        self._name = name
        self._address = address
        self._held: list[str] = []  # deliveries that wait for a later one to overtake them

    async def verify(self) -> str:
        """The check of the address when it is saved; empty where it passed, else what was wrong."""
        echo = str(secrets.randbelow(10**18))
        nonce, timestamp, sealed = secrets.token_hex(5), str(int(self._corp.now())), self.seal.encrypt(echo)
        query = {
            "msg_signature": self.seal.sign(timestamp, nonce, sealed),
            "timestamp": timestamp,
            "nonce": nonce,
            "echostr": sealed,
        }
        try:
            async with httpx.AsyncClient(trust_env=False, verify=_trust(), timeout=ECHO_SECONDS) as client:
                answer = await client.get(f"{self._address()}?{urlencode(query)}")
        except httpx.HTTPError as error:
            return f"echostr校验失败：{type(error).__name__}"
        if answer.status_code != httpx.codes.OK:
            return f"echostr校验失败：HTTP {answer.status_code}"
        return "" if answer.content == echo.encode() else "echostr校验失败：返回内容不是明文"

    async def deliver(self, plain: str, *, tries: int = TRIES) -> Receipt:
        """Deliver a text, again where it was not taken; faults in force strike here."""
        place = f"callback/{self._name}"
        for forged in filter(None, [self._corp.faults.strike(place, FORGED_KINDS)]):
            await self._post(self._forge(plain, forged.kind), plain, forged.kind)
        order = self._corp.faults.strike(place, ORDER_KINDS)
        if order is not None and order.kind == "out_of_order":
            self._held.append(plain)
            return Receipt(taken=True)
        if order is not None and order.kind == "parallel":
            receipts = await asyncio.gather(*[self._post(self._sealed(plain), plain) for _ in range(TRIES)])
            return receipts[0]
        sealed = self._sealed(plain)
        receipt = await self._insist(sealed, plain, tries)
        if order is not None:
            again = sealed if order.kind == "replay" else self._sealed(plain)
            await self._post(again, plain, order.kind)
        held, self._held = self._held, []
        for late in held:
            await self._insist(self._sealed(late), late, tries)
        return receipt

    async def _insist(self, sealed: Sealed, plain: str, tries: int) -> Receipt:
        receipt = await self._post(sealed, plain)
        for _ in range(tries - 1):
            if receipt.taken:
                break
            receipt = await self._post(self._sealed(plain), plain)
        return receipt

    async def _post(self, sealed: Sealed, plain: str, forged: str = "") -> Receipt:
        begun = time.monotonic()
        status, body = None, b""
        try:
            async with (
                asyncio.timeout(self._corp.setup.patience),
                httpx.AsyncClient(trust_env=False, verify=_trust(), timeout=None) as client,  # noqa: S113
            ):
                kind = "text/xml" if self._name == "app" else "application/json"
                answer = await client.post(sealed.address, content=sealed.body, headers={"content-type": kind})
                status, body = answer.status_code, answer.content
        except (httpx.HTTPError, TimeoutError):
            pass
        took = time.monotonic() - begun
        self._corp.callbacks.append(Callback(f"{self._name}", plain, status, took, forged))
        return Receipt(status == httpx.codes.OK, body, sealed.nonce, status)

    def _sealed(self, plain: str) -> Sealed:
        return self._envelope(self.seal.encrypt(plain), self.seal.sign)

    def _envelope(self, encrypted: str, sign: Callable[[str, str, str], str]) -> Sealed:
        nonce, timestamp = str(secrets.randbelow(10**10)), str(int(self._corp.now()))
        query = {"msg_signature": sign(timestamp, nonce, encrypted), "timestamp": timestamp, "nonce": nonce}
        if self._name == "bot":
            body = json.dumps({"encrypt": encrypted})
        else:
            corp, agent = cdata(self._corp.setup.corp_id), cdata(str(self._corp.setup.agent_id))
            body = (
                f"<xml><ToUserName>{corp}</ToUserName><AgentID>{agent}</AgentID>"
                f"<Encrypt>{cdata(encrypted)}</Encrypt></xml>"
            )
        return Sealed(f"{self._address()}?{urlencode(query)}", body.encode(), nonce)

    def _forge(self, plain: str, kind: str) -> Sealed:
        """A copy that no honest WeCom would send; it must be refused."""
        true = self._sealed(plain)
        if kind == "bad_signature":
            return self._envelope(self.seal.encrypt(plain), lambda *_: "0" * 40)
        if kind == "wrong_receiver":
            return self._envelope(self._stranger().encrypt(plain), self.seal.sign)
        if kind == "bad_padding":
            return self._envelope("A" * 43 + "=", self.seal.sign)
        bodies = {"plain": plain.encode(), "huge": b"x" * HUGE, "bomb": BOMB}
        return Sealed(true.address, bodies[kind], true.nonce)

    def _stranger(self) -> Seal:
        setup = self._corp.setup
        pair = (setup.token, setup.aes_key) if self._name == "app" else (setup.bot_token, setup.bot_aes_key)
        return Seal(*pair, STRANGE)
