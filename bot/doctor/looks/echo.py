"""The check WeCom makes when a callback address is saved, made by us: a sealed word must come back in plain."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import httpx

from bot.channels.wecom.crypto import Crypto
from bot.doctor.looks.running import local_address
from bot.settings import Settings
from bot.wire import SendError

APP, BOT = "/wecom/callback", "/wecom/bot"
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Echo:
    """What came back from an address. `local`: only this machine's own, since no public one is set."""

    address: str
    local: bool
    result: Literal["right", "wrong", "status", "unreached", "late", "certificate"]
    status: int = 0


def look_for_echo(settings: Settings, path: str, now: datetime) -> Echo | None:
    """Send a sealed word to the path; None where its Token or key cannot be one."""
    word = secrets.token_hex(8)
    try:
        query = _query(_crypto(settings, path), word, now)
    except SendError:
        return None
    address = f"{settings.public_url or local_address(settings.http)}{path}"
    local = not settings.public_url
    try:
        with httpx.Client(timeout=_PATIENCE, trust_env=False) as client:
            answer = client.get(address, params=query)
    except httpx.TimeoutException:
        return Echo(address, local, "late")
    except httpx.ConnectError as error:
        return Echo(address, local, "certificate" if "certificate" in str(error).lower() else "unreached")
    except (httpx.HTTPError, httpx.InvalidURL):
        return Echo(address, local, "unreached")
    if answer.status_code != httpx.codes.OK:
        return Echo(address, local, "status", answer.status_code)
    return Echo(address, local, "right" if answer.content == word.encode() else "wrong", answer.status_code)


def _crypto(settings: Settings, path: str) -> Crypto:
    if path == APP:
        return Crypto(settings.wecom_token, settings.wecom_aes_key, settings.wecom_corp_id)
    return Crypto(settings.wecom_bot_token, settings.wecom_bot_aes_key, "")


def _query(crypto: Crypto, word: str, now: datetime) -> dict[str, str]:
    nonce, timestamp = secrets.token_hex(5), int(now.timestamp())
    sealed, signature = crypto.seal(word.encode(), nonce, timestamp)
    return {"msg_signature": signature, "timestamp": str(timestamp), "nonce": nonce, "echostr": sealed}
