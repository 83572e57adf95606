"""The smart bot as a channel: which of its two modes it is in is settled once, by what it was set up with."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.channels.wecom_bot.callback import CallbackMode
from bot.channels.wecom_bot.long import LongMode
from bot.channels.wecom_bot.reading import CHANNEL
from bot.channels.wecom_bot.setup import Rhythm, WecomBotSetup
from bot.wire import Desk, Door, Pace, Parcel, Piece, Pulse

_PACES: Mapping[str, tuple[Pace, ...]] = MappingProxyType({"chat": (Pace(30, 60), Pace(1000, 3600))})
_USUAL = Rhythm()


class WecomBot:
    """WeCom's 智能机器人; see `bot.wire.Channel`."""

    name = CHANNEL
    paces = _PACES

    def __init__(self, setup: WecomBotSetup, rhythm: Rhythm = _USUAL) -> None:
        """`rhythm` is changed only to try failures quickly."""
        self._setup = setup
        self._mode = CallbackMode(setup, rhythm) if setup.called_back else LongMode(setup, rhythm)
        self.doors: tuple[Door, ...] = self._mode.doors

    async def open(self, desk: Desk) -> None:
        """Check the settings; raises SendError("setup"). Nothing is connected yet."""
        self._setup.check()
        self._mode.open(desk)

    async def listen(self) -> None:
        """Receive until cancelled; at once over in callback mode. A refused secret shows in `pulse`."""
        await self._mode.listen()

    def pieces(self, parcel: Parcel) -> list[Piece]:
        """What to send for a parcel; pure."""
        return self._mode.pieces(parcel)

    async def post(self, piece: Piece) -> None:
        """Send one piece, one try; raises SendError."""
        await self._mode.post(piece)

    def pulse(self) -> Pulse:
        """How it is, in words."""
        return self._mode.pulse()

    async def close(self) -> None:
        """Let what came be stored, and end the connection."""
        await self._mode.close()
