"""`sandbox`: local Telegram and WeCom with a page of phones, and the real service talking to them."""

import asyncio
import os
import secrets
import signal
import socket
import string
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.root import given
from bot.domain.errors import ConflictError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from starlette.applications import Starlette

    from bot.db.core.engine import Database
    from bot.demo.selling.again import Sales
    from bot.sandbox.keeper import Keeper
    from bot.sandbox.telegram import TelegramServer
    from bot.sandbox.till import Till
    from bot.sandbox.wecom import WecomServer, WecomSetup
    from bot.settings import Settings

PORT = 8765
ADDRESS = "网页手机："
_READY = "掌柜在岗"
_LETTERS = string.ascii_letters + string.digits


def sandbox(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help=f"Where the page is: {PORT}, or any free port.")
    ] = None,
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
    """The local platforms, and the service that finds them."""

    app: "Starlette"
    listener: socket.socket
    service: "Keeper"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @classmethod
    def lay(cls, settings: "Settings", database: "Database", port: int | None) -> "_Ground":
        """Make the platforms with fresh secrets, and give the demo's people their accounts there."""
        from bot.demo.selling.again import sales
        from bot.sandbox.clock import Clock, past_numbers
        from bot.sandbox.keeper import Keeper
        from bot.sandbox.server import build, cast
        from bot.sandbox.telegram import TelegramServer
        from bot.sandbox.till import Till
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
        for counts in (telegram.world, wecom.corp):
            counts.skip(past_numbers())
        _hand_out(database, telegram, wecom, base)
        environment = _environment(settings, token, setup, base, service)
        environment |= {"ZHANGGUI_CLOCK": str(clock.path.resolve()), "ZHANGGUI_POS_SECRET": (secret := _word(43))}
        run = Keeper([sys.executable, "-m", "bot", "run"], _surroundings(environment), settings.data.resolve(), _READY)
        till = Till(f"http://127.0.0.1:{service}/orders", secret, clock)
        clock.before = _selling(database.transact(sales), till)
        return cls(build([telegram, wecom], clock, kill=run.kill), listener, run)


def _selling(sold: "Sales", till: "Till") -> "Callable[[float], Awaitable[None]]":
    """The shop goes on selling while the clock is moved: what was bought meanwhile is there when the hour strikes."""

    async def turning(moment: float) -> None:
        at = datetime.fromtimestamp(moment, UTC)
        if await till.post(sold.until(at)):
            sold.known(at)

    return turning


def _place(settings: "Settings") -> dict[str, str]:
    """Where the shop is, in paths that hold in any folder."""
    from sqlalchemy.engine import make_url

    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str(Path(url.database or "").resolve()))
    return {
        "ZHANGGUI_DATABASE_URL": url.render_as_string(hide_password=False),
        "ZHANGGUI_DATA": str(settings.data.resolve()),
        "ZHANGGUI_KEYS": str(settings.keys.resolve()),
    }


def _environment(settings: "Settings", token: str, setup: "WecomSetup", base: str, service: int) -> dict[str, str]:
    """The settings under which the service finds the shop and the local platforms."""
    return {
        **_place(settings),
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
    from bot.sandbox.server import STRANGER, cast

    people, groups = cast()
    people = tuple(one for one in people if one.id != STRANGER)
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


@contextmanager
def beside(settings: "Settings", tell: "Callable[[str], None]") -> "Iterator[None]":
    """The page of phones in a process of its own while something else goes on; without it that goes on as well."""
    from bot.sandbox.keeper import end_with

    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox"],
        env=_surroundings(_place(settings)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=end_with(os.getpid()),  # noqa: PLW1509 — it takes no lock, so threads do not matter
    )
    before = {number: signal.signal(number, _leave) for number in (signal.SIGHUP, signal.SIGTERM)}
    try:
        found = next((line for line in process.stdout or () if ADDRESS in line), None)
        tell(
            f"{found.strip()}（企业微信和 Telegram 的样子，同一家店）"
            if found
            else "网页手机没起来：zhanggui sandbox 看原因。"
        )
        yield
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: object) -> None:
    """End in order: whatever runs beside this is ended on the way out."""
    raise SystemExit(128 + number)


def _surroundings(environment: dict[str, str]) -> dict[str, str]:
    """An environment with these settings and none of this shell's own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ZHANGGUI_")}
    return {**inherited, **environment}


async def _play(ground: _Ground, tell: "Callable[[str], None]") -> None:
    """Serve the platforms and run the service beside them, until told to stop, or where the service never worked."""
    import logging

    import uvicorn

    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # an open page is cut off at the end, and that is all

    class Platforms(uvicorn.Server):
        """Leaves signals to us: its own way ends the process before the service is told."""

        @contextmanager
        def capture_signals(self) -> "Iterator[None]":
            yield

    config = uvicorn.Config(ground.app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=1)
    platforms = Platforms(config)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    serving = asyncio.create_task(platforms.serve([ground.listener]))
    open_page = (
        f"{ADDRESS}{ground.address}\n在浏览器里打开：企业微信和 Telegram 上的小王、店长和门店群都在。Ctrl-C 停。"
    )
    keeping = asyncio.create_task(ground.service.keep(open_page, tell))
    told = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({keeping, told}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            await keeping
            raise UnavailableError("机器人没有起来，原因在上面。")
    finally:
        for task in (told, keeping):
            task.cancel()
        await asyncio.wait({keeping})
        await ground.service.stop()
        platforms.should_exit = True  # last: who still asks them is cut off with an error
        await serving


def _listener(port: int | None) -> socket.socket:
    """The port that was asked for; the usual one, or any where that is taken."""
    for wanted in (PORT, 0) if port is None else (port,):
        with suppress(OSError):
            return socket.create_server(("127.0.0.1", wanted), backlog=256)
    raise ConflictError(f"端口 {port} 已经有人用了：zhanggui sandbox --port 0 换一个。")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _word(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
