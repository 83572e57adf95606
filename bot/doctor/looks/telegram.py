"""Telegram, asked who we are and how news comes to us; the token is in every address, so no error is shown."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from bot.settings import Settings

OFFICIAL = "https://api.telegram.org"
_PATIENCE = 5.0

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Telegram:
    """`me` and `webhook` are Telegram's own answers to getMe and getWebhookInfo."""

    state: Literal["fine", "unreached", "proxy", "refused", "busy"]
    me: Mapping[str, Any] = field(default_factory=dict)
    webhook: Mapping[str, Any] = field(default_factory=dict)


class _BusyError(Exception):
    """Telegram answered something else than yes or no."""


def look_at_telegram(settings: Settings) -> Telegram | None:
    """Ask; None where Telegram is not set up."""
    if not settings.telegram_token:
        return None
    try:
        client = httpx.Client(
            base_url=f"{settings.telegram_api or OFFICIAL}/bot{settings.telegram_token}/",
            timeout=_PATIENCE,
            proxy=settings.telegram_proxy or None,
            trust_env=not settings.telegram_api,
        )
    except httpx.InvalidURL:
        return Telegram("refused")  # blanks or the like in the token
    except (ValueError, ImportError):
        return Telegram("proxy")
    with client:
        return _asked(client)


def _asked(client: httpx.Client) -> Telegram:
    try:
        me = _ask(client, "getMe")
        if me is None:
            return Telegram("refused")
        return Telegram("fine", me, _ask(client, "getWebhookInfo") or {})
    except httpx.InvalidURL:
        return Telegram("refused")
    except httpx.ProxyError:
        return Telegram("proxy")
    except httpx.HTTPError:
        return Telegram("unreached")
    except _BusyError:
        return Telegram("busy")


def _ask(client: httpx.Client, method: str) -> Mapping[str, Any] | None:
    """The result; None for a token that is not taken."""
    answer = client.get(method)
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND}:
        return None
    try:
        result = answer.json()["result"]
    except (ValueError, KeyError, TypeError):
        result = None
    if not isinstance(result, dict):
        raise _BusyError
    return result
