"""`sandbox`: local Telegram and WeCom with a page of phones, and the real service talking to them."""

import asyncio
import os
import secrets
import socket
import string
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.root import given
from bot.domain.errors import ConflictError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

    from bot.db.core.engine import Database
    from bot.sandbox.telegram import TelegramServer
    from bot.sandbox.wecom import WecomServer, WecomSetup
    from bot.settings import Settings

PORT = 8765
_READY = "掌柜在岗"
_PATIENCE = 25.0
_LETTERS = string.ascii_letters + string.digits


def sandbox(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the page is; 0 is any free port.")] = PORT,
) -> None:
    """Try the bot on local Telegram and WeCom without a token: a page with phones, on the demo chain.

    Example:  zhanggui sandbox
    """
    from bot.cli.demo import make_demo

    options = given(context)
    settings = options.settings()
    database = make_demo(options)
    try:
        ground = _Ground.lay(settings, database, port)
    finally:
        database.close()
    with suppress(KeyboardInterrupt):
        asyncio.run(_play(ground, options.tell))


@dataclass(frozen=True, slots=True)
class _Ground:
    """The local platforms, and the settings with which the service finds them."""

    app: "Starlette"
    listener: socket.socket
    environment: dict[str, str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @classmethod
    def lay(cls, settings: "Settings", database: "Database", port: int) -> "_Ground":
        """Make the platforms with fresh secrets, and give the demo's people their accounts there."""
        from bot.sandbox.clock import Clock
        from bot.sandbox.server import build, cast
        from bot.sandbox.telegram import TelegramServer
        from bot.sandbox.wecom import WecomServer, WecomSetup

        listener, service = _listener(port), _free_port()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        people, groups = cast()
        clock = Clock(settings.data / "sandbox.clock")
        clock.reset()
        token = f"7000000001:{_word(35)}"
        telegram = TelegramServer(token, people, groups, clock.now)
        setup = WecomSetup(
            corp_id=f"ww{_word(16)}",
            agent_id=1000002,
            secret=_word(43),
            token=_word(20),
            aes_key=_word(42) + "A",
            bot_id=f"aib{_word(20)}",
            bot_secret=_word(43),
            callback_url=f"http://127.0.0.1:{service}/wecom/callback",
        )
        wecom = WecomServer(setup, people, groups, clock.now)
        wecom.address = base
        _hand_out(database, telegram, wecom, base)
        environment = _environment(settings, token, setup, base, service)
        environment["ZHANGGUI_CLOCK"] = str(clock.path)
        return cls(build([telegram, wecom], clock), listener, environment)


def _environment(settings: "Settings", token: str, setup: "WecomSetup", base: str, service: int) -> dict[str, str]:
    """The settings under which the service finds the shop and the local platforms."""
    return {
        "ZHANGGUI_DATABASE_URL": settings.database_url,
        "ZHANGGUI_DATA": str(settings.data),
        "ZHANGGUI_KEYS": str(settings.keys),
        "ZHANGGUI_HTTP": f"127.0.0.1:{service}",
        "ZHANGGUI_TELEGRAM_TOKEN": token,
        "ZHANGGUI_TELEGRAM_API": base,
        "ZHANGGUI_WECOM_CORP_ID": setup.corp_id,
        "ZHANGGUI_WECOM_AGENT_ID": str(setup.agent_id),
        "ZHANGGUI_WECOM_SECRET": setup.secret,
        "ZHANGGUI_WECOM_TOKEN": setup.token,
        "ZHANGGUI_WECOM_AES_KEY": setup.aes_key,
        "ZHANGGUI_WECOM_API": base,
        "ZHANGGUI_WECOM_BOT_ID": setup.bot_id,
        "ZHANGGUI_WECOM_BOT_SECRET": setup.bot_secret,
        "ZHANGGUI_WECOM_BOT_WS": f"{base.replace('http', 'ws', 1)}/wecom/ws",
    }


def _hand_out(database: "Database", telegram: "TelegramServer", wecom: "WecomServer", base: str) -> None:
    from bot.demo.phones import hand_out
    from bot.sandbox.server import cast

    people, groups = cast()
    accounts = {
        "telegram": {one.id: str(telegram.user_id_of(one.id)) for one in people},
        "wecom": {one.id: one.id for one in people},
    }
    chats = {
        "telegram": {group.id: str(telegram.chat_id_of(group.id)) for group in groups},
        "wecom_bot": {group.id: wecom.chat_id_of(group.id) for group in groups},
    }
    webhooks = {group.id: base + wecom.webhook_path(group.id) for group in groups}
    database.transact(lambda conn: hand_out(conn, accounts, chats, webhooks, datetime.now(UTC)))


async def _play(ground: _Ground, tell: "Callable[[str], None]") -> None:
    """Serve the platforms and run the service beside them, until told to stop or the service ends."""
    import uvicorn

    config = uvicorn.Config(ground.app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=1)
    platforms = uvicorn.Server(config)
    serving = asyncio.create_task(platforms.serve([ground.listener]))
    service = await _start(ground)
    try:
        await asyncio.wait_for(_ready(service), _PATIENCE)
        tell(f"网页手机：{ground.address}\n在浏览器里打开：企业微信和 Telegram 上的小王、店长和门店群都在。Ctrl-C 停。")
        ended = asyncio.create_task(service.wait())
        await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done() and not serving.done():
            raise UnavailableError("机器人停了，原因在上面。")
    except TimeoutError as error:
        raise UnavailableError("机器人没有在 25 秒内起来，原因在上面。") from error
    finally:
        platforms.should_exit = True
        if service.returncode is None:
            service.terminate()
            await service.wait()
        await serving


async def _start(ground: _Ground) -> asyncio.subprocess.Process:
    """The service as an installer would run it, with nothing of this shell's own settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ZHANGGUI_")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        env={**inherited, **ground.environment},
        start_new_session=True,  # Ctrl-C is for this process, which then ends that one in order
    )


async def _ready(service: asyncio.subprocess.Process) -> None:
    """Wait until the service says that it works."""
    if service.stdout is None:
        raise RuntimeError("the service was started without its output")
    while line := await service.stdout.readline():
        if _READY in line.decode():
            return
    raise UnavailableError("机器人没有起来，原因在上面。")


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=256)
    except OSError as error:
        raise ConflictError(f"端口 {port} 已经有人用了：zhanggui sandbox --port 0 换一个。") from error


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _word(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
