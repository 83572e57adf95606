"""The service's own way from a callback to its commit, with nobody who answers; a process of its own."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.app import assemble, open_shop
from bot.channels.wecom import WecomApp, WecomAppSetup
from bot.chat import SILENCE, Incoming, Outcome
from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from bot.relay import Relay
from bot.serve.desk import Desk
from bot.settings import Settings
from bot.web.application import WebParts, build
from bot.web.server import Server


class _Keeping(Dispatcher):
    """Keeps messages as the bot does, and leaves them at that."""

    def handle(self, message: Incoming, row_id: int | None = None) -> Outcome:  # noqa: ARG002 — none is answered
        return Outcome(SILENCE)


async def _serve(settings: Settings) -> None:
    bot, metrics = assemble(open_shop(settings)), Metrics()
    relay = Relay(bot.database, _Keeping(bot.database, bot.commands), lambda *_: None, metrics.handled)
    desk = Desk(relay, bot.database, _now, metrics)
    channel = WecomApp(
        WecomAppSetup(
            settings.wecom_corp_id,
            settings.wecom_agent_id or 0,
            settings.wecom_secret,
            settings.wecom_token,
            settings.wecom_aes_key,
            settings.wecom_api,
            files=settings.data / "incoming",
        )
    )
    server = Server(build(channel.doors, WebParts(bot.database, settings.data, metrics, dict, _now)))
    await server.start()
    await channel.open(desk)
    print(f"HTTP 在 127.0.0.1:{server.port}", flush=True)  # noqa: T201 — as the service says it
    await asyncio.Event().wait()


def _now() -> datetime:
    return datetime.now(UTC)


def main(words: Sequence[str]) -> None:
    """Serve until the process is ended: data folder and database are given."""
    loop = asyncio.new_event_loop
    with suppress(ImportError):  # not on every system
        from uvloop import new_event_loop as loop  # noqa: PLC0415
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(_serve(Settings(data=Path(words[0]), database_url=words[1])))


if __name__ == "__main__":
    main(sys.argv[1:])
