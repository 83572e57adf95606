"""The WeCom app, asked with its own secret: its token, what the platform says of it, and its menu."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.settings import Settings
from bot.wire import SendError

_PATIENCE = 5.0
UNTRUSTED = 60020
_NO_MENU = 46003


@dataclass(frozen=True, slots=True)
class Refused:
    """Where it stopped: the number the platform gave (None: no answer), and what that means."""

    code: int | None
    say: str


@dataclass(frozen=True, slots=True)
class Wecom:
    """How far asking came: the first refusal is the last question, but for the menu's."""

    token: Refused | None = None
    agent: Refused | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    has_menu: bool | None = None  # None: it was not said


def look_at_wecom(settings: Settings) -> Wecom | None:
    """Ask; None where the app is not set up, or only half."""
    if not (settings.wecom_corp_id and settings.wecom_secret and settings.wecom_agent_id):
        return None
    from bot.channels.wecom.api import Api  # noqa: PLC0415 — a tenth of a second, for who has it
    from bot.channels.wecom.transport import Transport  # noqa: PLC0415

    transport = Transport(httpx.Timeout(_PATIENCE), _PATIENCE)
    api = Api(settings.wecom_corp_id, settings.wecom_secret, settings.wecom_api, transport)
    try:
        return _asked(api, settings.wecom_agent_id)
    finally:
        api.close()


def _asked(api: Any, agent_id: int) -> Wecom:  # noqa: ANN401 — wechatpy has no types
    try:
        api.fetch_access_token()
    except SendError as error:
        return Wecom(token=_refused(error))
    try:
        about = api.agent.get(agent_id)
    except SendError as error:
        return Wecom(agent=_refused(error))
    try:
        has_menu: bool | None = bool(api.menu.get(agent_id).get("button"))
    except SendError as error:
        has_menu = False if _refused(error).code == _NO_MENU else None
    return Wecom(about=about, has_menu=has_menu)


def _refused(error: SendError) -> Refused:
    return Refused(getattr(error, "code", None), error.say)
