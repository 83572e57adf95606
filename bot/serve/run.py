"""Starting and stopping: nothing is taken before it can be kept, nothing kept is let go at the end."""

import asyncio
import fcntl
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from typing import Any, Literal

from bot.actions import pictures
from bot.app import assemble, open_shop
from bot.db.core import retention
from bot.db.core.engine import Database
from bot.db.talk import outbox
from bot.domain.errors import ConflictError, UnavailableError
from bot.metrics import Metrics
from bot.relay import Relay
from bot.sender import Sender
from bot.serve.channels import channels, groups
from bot.serve.clock import Clock
from bot.serve.desk import Desk
from bot.serve.errands import Errands, forget_files
from bot.serve.mail import Mail
from bot.serve.nightly import Nightly
from bot.serve.ticking import Ticking
from bot.serve.till import TillNotices
from bot.settings import Settings
from bot.web.application import WebParts, build
from bot.web.server import Server
from bot.wire import Channel, Pulse, SendError

log = logging.getLogger(__name__)

Role = Literal["channels", "clock", "sender"]
ROLES: tuple[Role, ...] = ("channels", "clock", "sender")

_AGAIN = 30.0  # seconds until a channel that could not be opened is tried again
_FLUSH_EVERY = 0.1
_PUSH_EVERY = 1.0
_ERRANDS_EVERY = 1.0
_SWEEP_EVERY = 30.0
_TIDY_EVERY = 600.0
_NIGHT_EVERY = 60.0
_WATCH_EVERY = 5.0
_PATIENCE = 20.0  # seconds for what is under way when the service is told to stop


async def serve(settings: Settings, only: Role | None, ready: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT; `ready` is told when everything listens, in words for the operator.

    `only` leaves out the other roles: channels (receive and answer), clock (jobs, errands, tidying), sender (pushes).
    """
    found = channels(settings, listening=only in (None, "channels")) if only != "clock" else []
    if not found and only != "clock":
        raise UnavailableError("还没有设置任何渠道。想先试一试：zhanggui sandbox；要怎么设置：zhanggui doctor")
    database = open_shop(settings)
    if only != "clock":
        found.append(groups(database))
    with _alone(settings, only):
        await _run(_Running(settings, database, found, only), ready)


async def _run(service: "_Running", ready: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await service.start()
        ready(service.greeting())
        await stop.wait()
    finally:
        await service.stop()


@contextmanager
def _alone(settings: Settings, only: Role | None) -> Iterator[None]:
    """Hold the roles of this data folder: two services would take each other's messages and pushes."""
    with ExitStack() as held:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        for role in ROLES if only is None else (only,):
            file = held.enter_context((settings.data / f"run-{role}.lock").open("w"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise ConflictError(f"{settings.data} 里已经有一个掌柜在跑（{role}）：先停了那个再开。") from error
        yield


class _Running:
    """What runs, in the order it is started; stopped in the opposite order."""

    def __init__(self, settings: Settings, database: Database, found: list[Channel], only: Role | None) -> None:
        self._settings = settings
        self._database = database
        self._channels = found
        self._does = set(ROLES if only is None else (only,))
        self._clock = Clock(settings.clock)
        self._metrics = Metrics()
        self._closed: dict[str, Pulse] = {}  # channels that could not be opened
        self._tasks: list[asyncio.Task[None]] = []
        self._mail = Mail(database, self._clock.now)
        self._sender = Sender(found, self._mail.settle, self._mail.moved, self._metrics.sent)
        bot = assemble(database, settings.pictures)
        self._relay = Relay(database, bot.dispatcher, self._mail.deliver, self._metrics.handled)
        self._desk: Desk | None = None
        self._server: Server | None = None
        self._till: TillNotices | None = None
        self._nightly: Nightly | None = None
        self._ticking: Ticking | None = None

    async def start(self) -> None:
        self._mail.open(self._relay, self._sender)
        self._desk = Desk(self._relay, self._database, self._now, self._metrics)
        if "channels" in self._does:
            await self._listen()
        else:
            await self._open()
        if "sender" in self._does:
            self._every(_PUSH_EVERY, self._mail.push)
            if self._settings.pos_webhook:
                url, secret = self._settings.pos_webhook, self._settings.pos_secret
                self._till = TillNotices(self._database, url, secret, self._now)
                self._every(_PUSH_EVERY, self._till.push)
        if "clock" in self._does:
            errands = Errands(self._database, self._settings.data, self._now)
            self._every(_TIDY_EVERY, self._tidy)
            self._every(_ERRANDS_EVERY, lambda: asyncio.to_thread(errands.do_one))
            if self._settings.refresh_at != "off":
                self._nightly = Nightly(self._settings, self._database, self._now)
                self._every(_NIGHT_EVERY, self._nightly.look)
            self._ticking = Ticking(self._database, self._now, is_moved=self._settings.clock is not None)
            self._ticking.start()
            self._every(_WATCH_EVERY, self._ticking.watch)

    async def _listen(self) -> None:
        """The doors first, since a platform may ask for them while a channel opens; then what was left, then news."""
        host, _, port = self._settings.http.rpartition(":")
        parts = WebParts(
            self._database,
            self._settings.data,
            self._metrics,
            self._pulses,
            self._now,
            self._settings.pos_secret or None,
        )
        doors = [door for channel in self._channels for door in channel.doors]
        server = Server(build(doors, parts), host.strip("[]"), int(port))
        try:
            await server.start()
        except OSError as error:
            say = f"{self._settings.http} 听不了：端口有人用了，或者不是这台机器的地址。请改 ZHANGGUI_HTTP。"
            raise UnavailableError(say) from error
        self._server = server
        await self._open()
        await asyncio.to_thread(self._relay.start)
        self._every(_FLUSH_EVERY, self._mail.flush)
        self._every(_SWEEP_EVERY, self._sweep)
        for channel in self._channels:
            self._keep(self._hear(channel))

    async def _open(self) -> None:
        """Open every channel; where the settings of all are wrong, say what is wrong with each."""
        faults = [fault for channel in self._channels if (fault := await self._opened(channel))]
        spoken_on = [channel for channel in self._channels if channel.name != outbox.WEBHOOK]
        if len(faults) == len(spoken_on) and faults and all(fault.fault == "setup" for fault in faults):
            raise UnavailableError("；".join(fault.say for fault in faults))

    async def _opened(self, channel: Channel) -> SendError | None:
        """Open a channel; gives what is wrong. One that could not be reached is tried again later."""
        if self._desk is None:
            raise RuntimeError("start first")
        try:
            await channel.open(self._desk)
        except SendError as error:
            self._closed[channel.name] = Pulse(ok=False, say=error.say)
            log.warning("%s: %s", channel.name, error.say)
            return error
        self._closed.pop(channel.name, None)
        return None

    async def _hear(self, channel: Channel) -> None:
        """Listen to a channel; one that could not be opened is tried again from time to time."""
        while channel.name in self._closed:
            await asyncio.sleep(_AGAIN)
            await self._opened(channel)
        while True:
            try:
                await channel.listen()
            except Exception:
                log.exception("%s stopped listening; it is taken up again", channel.name)
                await asyncio.sleep(_AGAIN)
            else:
                return

    async def _sweep(self) -> bool:
        """Messages another process left, and answers that could not be sent for a while."""
        await asyncio.to_thread(self._relay.sweep, self._now())
        self._mail.retry()
        return False

    async def _tidy(self) -> bool:
        now = self._now()
        await asyncio.to_thread(self._database.transact, lambda conn: retention.tidy(conn, now))
        await asyncio.to_thread(forget_files, self._settings.data)
        await asyncio.to_thread(pictures.forget, self._settings.pictures)
        if self._ticking:
            await asyncio.to_thread(self._ticking.forget)
        return False

    def greeting(self) -> str:
        """What runs now, for the operator."""
        lines = []
        if self._server:
            lines = [f"{'✓' if pulse.ok else '!'} {name}：{pulse.say}" for name, pulse in self._pulses().items()]
            lines.append(f"✓ HTTP 在 {self._settings.http.rpartition(':')[0]}:{self._server.port}")
        return "\n".join([*lines, f"掌柜在岗（{'、'.join(sorted(self._does))}），Ctrl-C 停。"])

    async def stop(self) -> None:
        """Take nothing more, finish what is under way, send what can be sent, close."""
        if self._server:
            await self._server.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._ticking:
            await self._ticking.stop()
        if self._till:
            await self._till.close()
        if self._nightly:
            await self._nightly.close()
        if self._desk:
            await self._desk.close()
        await asyncio.to_thread(self._relay.stop)
        await asyncio.sleep(0)  # outcomes of the relay's threads reach the mail
        await self._sender.stop(_PATIENCE)
        await self._mail.flush()
        for channel in self._channels:
            with suppress(Exception):
                await channel.close()
        self._database.close()

    def _every(self, seconds: float, work: Callable[[], Awaitable[bool]]) -> None:
        """Do something again and again, at once where it says that there is more; a failure is told and passes."""

        async def again() -> None:
            while True:
                more = False
                try:
                    more = await work()
                except Exception:
                    log.exception("a part of the service failed; it is tried again")
                if not more:
                    await asyncio.sleep(seconds)

        self._keep(again())

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(_complain)
        self._tasks.append(task)

    def _pulses(self) -> Mapping[str, Pulse]:
        """How each channel is; of the groups' webhooks only when one is in trouble, for there may be none."""
        pulses = {channel.name: self._pulse(channel) for channel in self._channels}
        return {name: pulse for name, pulse in pulses.items() if name != outbox.WEBHOOK or not pulse.ok}

    def _pulse(self, channel: Channel) -> Pulse:
        return self._closed.get(channel.name) or channel.pulse()

    def _now(self) -> datetime:
        return self._clock.now()


def _complain(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception():
        log.error("a part of the service ended", exc_info=task.exception())
