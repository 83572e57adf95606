"""What a channel is: what it hands in, what it is asked to send, and how it says that sending failed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from bot.chat import Address, Choice, Incoming, Press


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something to be said by a channel: an answer to a message, or a push.

    `key` names it, the same on every try. `menu` names the list of the choices (None: no buttons). `back` is that
    of the message answered. `pressed`: it answers a button; then `settled` says that the buttons pressed have had
    their effect and should go, else the old message may be replaced by this one where that reads better. `repeats`:
    where it is unclear whether it arrived it is said again, marked 补发. `begin` is asked right before each request of
    what waits in the outbox: False, and it is another process's. Such a parcel is tried once; the outbox tries again.
    """

    key: str
    to: Address
    text: str
    choices: tuple[Choice, ...] = ()
    pictures: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    menu: int | None = None
    back: Mapping[str, str] = field(default_factory=dict)
    pressed: Press | None = None
    settled: bool = False
    repeats: bool = False
    begin: Callable[[], Awaitable[bool]] | None = None


LATE = "（补发）"
Fault = Literal["wait", "again", "unknown", "never", "gone", "moved", "setup"]


class SendError(Exception):
    """A message was not sent, or perhaps not.

    wait     the platform asks for a pause of `retry_after` seconds; nothing was sent
    again    it was surely not sent, and may be tried again
    unknown  it may have been sent; trying again may double it
    never    the platform refuses this content; trying again is useless
    gone     the receiver cannot be written to: blocked, left, unknown
    moved    the chat goes on under another name, `moved_to`
    setup    the installation is at fault (token, right, trusted address): all messages would fail
    """

    def __init__(self, fault: Fault, say: str, *, retry_after: float = 0, moved_to: str = "") -> None:
        """Take words for the log and the operator: no token, no text, no phone."""
        super().__init__(say)
        self.fault: Fault = fault
        self.say = say
        self.retry_after = retry_after
        self.moved_to = moved_to
        self.known_again = False  # it may be there, and the platform would know the same request again


@dataclass(frozen=True, slots=True)
class Piece:
    """One request to a platform: a parcel is one or several, sent in order, each once.

    `body` is the channel's own. `harmless`: saying it twice does no harm (an edit, a removed keyboard), so an
    unclear try may be repeated. `optional`: where it fails the next piece goes on.
    """

    chat: str
    body: Mapping[str, Any]
    harmless: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """A limit the platform sets, kept by us since it may drop without a word: so many in so many seconds."""

    most: int
    seconds: float


EventKind = Literal["blocked", "unblocked", "moved", "joined", "left", "unseated", "resigned", "alert"]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened on a platform besides messages; told at least once, so its effect is the same twice.

    blocked, unblocked   a person stopped or took up the bot again (`address.account`)
    moved                the group goes on as `detail`
    joined, left         the bot came into a group (by `address.account`; `detail` is its title), or out of it
    unseated             somebody is out of the app's visible range: her account there ends, and may be bound again
    resigned             an employee left the company
    alert                the platform warns the operator; `detail` says of what
    """

    kind: EventKind
    address: Address
    at: datetime
    detail: str = ""


class Desk(Protocol):
    """Where a channel hands in what comes. Both are durable when they return: only then tell the platform."""

    async def take(self, message: Incoming) -> bool:
        """Keep a message, to be answered by itself; False where it had come before."""

    async def tell(self, event: Event) -> bool:
        """Note an event; False where the bot should not stay (a group nobody of ours brought it into)."""

    def now(self) -> datetime:
        """The time, aware; the sandbox moves it."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request to a channel's door; header names are in lower case."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What a door answers."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Door:
    """A path of the HTTP server that belongs to a channel; bodies over `most_bytes` are refused before it."""

    path: str
    methods: tuple[str, ...]
    receive: Callable[[Request], Awaitable[Response]]
    most_bytes: int = 1 << 16


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a channel is: `ok`, and in words what an operator should know or do."""

    ok: bool
    say: str


class Channel(Protocol):
    """A platform. One file or folder under `bot/channels/`, one line in `bot/serve/`; strangers to one another."""

    name: str  # telegram wecom wecom_bot: the channel of its addresses
    doors: tuple[Door, ...]
    paces: Mapping[str, tuple[Pace, ...]]  # limits "all", of each "chat", and of each "group" besides

    async def open(self, desk: Desk) -> None:
        """Get ready to send and to receive at the doors; raises SendError("setup", …) with what to mend."""

    async def listen(self) -> None:
        """Receive until cancelled; returns at once where everything comes through the doors."""

    def pieces(self, parcel: Parcel) -> list[Piece]:
        """What to send for a parcel; pure."""

    async def post(self, piece: Piece) -> None:
        """Send one piece, one try; raises SendError."""

    def pulse(self) -> Pulse:
        """How it is, for /ready and doctor."""

    async def close(self) -> None:
        """Give back connections."""
