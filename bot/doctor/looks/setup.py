"""Which channels the settings set up, and which only half."""

import asyncio
from dataclasses import dataclass

from bot.domain.errors import UnavailableError
from bot.serve.channels import channels
from bot.settings import Settings
from bot.wire import Channel, SendError


@dataclass(frozen=True, slots=True)
class Setup:
    """The names of the channels; `fault` says what is missing or cannot be."""

    names: tuple[str, ...] = ()
    fault: str = ""


def look_at_setup(settings: Settings) -> Setup:
    """Build the channels as the service would, connect none, and let them go."""
    if not settings.wecom_bot_id and (settings.wecom_bot_secret or settings.wecom_bot_token):
        return Setup(fault="设置有误：智能机器人还缺 ZHANGGUI_WECOM_BOT_ID。")
    try:
        found = channels(settings)
    except (UnavailableError, SendError) as refusal:
        return Setup(fault=refusal.say)
    asyncio.run(_let_go(found))
    return Setup(tuple(channel.name for channel in found))


async def _let_go(found: list[Channel]) -> None:
    for channel in found:
        await channel.close()
