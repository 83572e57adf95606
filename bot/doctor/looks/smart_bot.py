"""The smart bot's long connection: the running service is asked, since a second connection would end its own.

Only where no service runs a connection is made, and let go as soon as it is accepted or refused.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from websockets.exceptions import WebSocketException

from bot.doctor.looks.running import Running
from bot.settings import Settings

NAME = "wecom_bot"
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class SmartBot:
    """`unasked`: something holds the port and does not say how the bot is, so nobody was asked."""

    state: Literal["fine", "refused", "unreached", "service", "unasked"]
    say: str = ""
    code: int = 0


def look_at_smart_bot(settings: Settings, service: Running) -> SmartBot | None:
    """Ask; None where there is no smart bot, or it is called back instead."""
    if not (settings.wecom_bot_id and settings.wecom_bot_secret):
        return None
    if service.state == "off":
        return asyncio.run(_knock(settings))
    told = service.channels.get(NAME)
    if told is None:
        return SmartBot("unasked")
    return SmartBot("fine" if told[0] else "service", told[1])


async def _knock(settings: Settings) -> SmartBot:
    from bot.channels.wecom_bot.faults import RefusedError  # noqa: PLC0415 — half a second, for who has it
    from bot.channels.wecom_bot.line import Frame, Line  # noqa: PLC0415
    from bot.channels.wecom_bot.setup import Rhythm, WecomBotSetup  # noqa: PLC0415

    async def hear(_: Frame) -> None:
        """Nobody would have heard it: no service runs."""

    setup = WecomBotSetup(
        files=Path(), bot_id=settings.wecom_bot_id, secret=settings.wecom_bot_secret, ws=settings.wecom_bot_ws
    )
    line = Line(setup, Rhythm(connect=_PATIENCE), hear)
    living, ready = asyncio.create_task(line.live()), asyncio.create_task(line.ready.wait())
    try:
        done, _ = await asyncio.wait({living, ready}, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if ready in done:
            return SmartBot("fine", "Bot ID 和 Secret 正确（试连了一下就断开）")
        if living in done:
            living.result()
    except RefusedError as refusal:
        return SmartBot("refused", code=refusal.code)
    except (OSError, TimeoutError, WebSocketException, ValueError):
        return SmartBot("unreached")
    finally:
        living.cancel()
        ready.cancel()
        await asyncio.gather(living, ready, return_exceptions=True)
    return SmartBot("unreached")
