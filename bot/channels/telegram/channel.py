"""The Telegram channel: opening, listening, sending, and how it is; the rest of the folder does the work."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError

from bot.channels.telegram import menu, pieces
from bot.channels.telegram.client import Client, Rhythm, TelegramSetup, connect
from bot.channels.telegram.faults import TOKEN_REFUSED, send_error
from bot.channels.telegram.files import Fetcher
from bot.channels.telegram.hook import Hook, announce
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.posting import Postman
from bot.channels.telegram.questions import Questions
from bot.channels.telegram.receiving import Receiver
from bot.channels.telegram.updates import CHANNEL, Reader
from bot.channels.telegram.words import Entry
from bot.wire import Desk, Door, Pace, Parcel, Piece, Pulse, SendError

# Telegram's own figures are 30 a second, about one a second in a chat with short bursts, 20 a minute in a group.
_PACES: Mapping[str, tuple[Pace, ...]] = {"all": (Pace(25, 1),), "chat": (Pace(3, 3),), "group": (Pace(18, 60),)}


@dataclass(frozen=True, slots=True)
class _Open:
    """What there is between opening and closing."""

    client: Client
    postman: Postman
    receiver: Receiver
    poller: Poller


class Telegram:
    """Telegram as a channel; `username` and `privacy` (groups show the bot little) are known once it is open."""

    name = CHANNEL

    def __init__(self, setup: TelegramSetup, rhythm: Rhythm | None = None) -> None:
        """Connect nothing yet."""
        self._setup = setup
        self._rhythm = rhythm or Rhythm()
        self._hook = Hook(setup.secret)
        self._questions = Questions()
        self._now: _Open | None = None
        self.paces = _PACES
        self.doors: tuple[Door, ...] = (self._hook.door,) if setup.mode == "webhook" else ()
        self.username = ""
        self.privacy: bool | None = None

    async def open(self, desk: Desk) -> None:
        """Ask who we are, say how news is to come, set the menu; raises SendError with what to mend."""
        await self.close()
        client = connect(self._setup, self._rhythm)
        async with AsyncExitStack() as undone:
            undone.push_async_callback(client.shutdown)
            try:
                await self._introduce(client)
            except TelegramError as error:
                raise _not_open(error) from None
            undone.pop_all()
        entries = tuple(Entry.read(*one) for one in self._setup.menu)
        reader = Reader(client.id, self.username, entries, self._questions)
        receiver = Receiver(client, desk, reader, Fetcher(client, self._setup.files))
        poller = Poller(client, receiver.receive, self._rhythm)
        self._now = _Open(client, Postman(client, self._questions), receiver, poller)
        self._hook.receive = receiver.receive

    async def _introduce(self, client: Client) -> None:
        await client.initialize()
        me = client.bot
        self.username, self.privacy = me.username or "", not me.can_read_all_group_messages
        if self._setup.mode == "webhook":
            await announce(client, self._setup)
        else:
            # What waits there is what people said while we were away: it is fetched, never dropped.
            await client.delete_webhook()
        await menu.show(client, self._setup.menu)

    async def listen(self) -> None:
        """Poll until cancelled; in webhook mode everything comes through the door."""
        if self._setup.mode == "poll":
            await self._opened.poller.run()

    def pieces(self, parcel: Parcel) -> list[Piece]:
        """What to send for a parcel; pure."""
        return pieces.pieces(parcel)

    async def post(self, piece: Piece) -> None:
        """Send one piece, one try; raises SendError."""
        await self._opened.postman.post(piece)

    def pulse(self) -> Pulse:
        """How it is, for /ready and doctor."""
        if self._now is None:
            return Pulse(ok=False, say="还没有连上 Telegram")
        if self._setup.mode == "webhook":
            return Pulse(ok=True, say=f"@{self.username} 等 Telegram 送消息来（webhook）")
        pulse = self._now.poller.pulse()
        return Pulse(pulse.ok, f"@{self.username} {pulse.say}")

    async def close(self) -> None:
        """Give back connections; once more is no harm."""
        now, self._now, self._hook.receive = self._now, None, None
        if now:
            await now.receiver.close()
            await now.client.shutdown()

    @property
    def _opened(self) -> _Open:
        if self._now is None:
            raise RuntimeError("the channel is not open")
        return self._now


def _not_open(error: TelegramError) -> SendError:
    """Why it did not open; these calls do no harm twice, so an unclear one may be tried again."""
    known = send_error(error)
    if isinstance(error, InvalidToken):
        return SendError("setup", TOKEN_REFUSED)
    if known.fault == "never":
        return SendError(
            "setup",
            "Telegram 不接受 webhook 地址：ZHANGGUI_PUBLIC_URL 要是外网能打开的 https 地址，端口 443、80、88 或 8443。",
        )
    if known.fault == "unknown" and isinstance(error, NetworkError | Conflict):
        return SendError("again", "Telegram 没有回答。在国内要设 ZHANGGUI_TELEGRAM_PROXY。")
    return known
