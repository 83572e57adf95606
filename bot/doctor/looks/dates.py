"""The time by the platforms' clocks, as every HTTP answer of theirs tells it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from bot.settings import Settings

_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a platform is, and how it is reached."""

    address: str
    proxy: str | None = None
    from_environment: bool = False  # whether the environment may name a proxy


def places(settings: Settings) -> list[Place]:
    """The platforms that are set up."""
    found = []
    if settings.wecom_corp_id or settings.wecom_bot_id:
        found.append(Place(settings.wecom_api or "https://qyapi.weixin.qq.com"))
    if settings.telegram_token:
        address = settings.telegram_api or "https://api.telegram.org"
        found.append(Place(address, settings.telegram_proxy or None, not settings.telegram_api))
    return found


def look_at_clock(place: Place, time: Callable[[], datetime]) -> float | None:
    """Seconds our clock is ahead of this platform's; None where it does not answer."""
    try:
        with httpx.Client(timeout=_PATIENCE, proxy=place.proxy, trust_env=place.from_environment) as client:
            before = time()
            answer = client.get(f"{place.address}/")
            told = parsedate_to_datetime(answer.headers["date"])
    except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError, ImportError):
        return None
    between = before + (time() - before) / 2
    return (between - (told if told.tzinfo else told.replace(tzinfo=UTC))).total_seconds()
