"""One corp as WeCom keeps it: its people, what was called, and what each member saw; nothing here knows HTTP."""

import base64
import hashlib
import itertools
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.sandbox.model import Bubble, Group, Person, Talk
from bot.sandbox.wecom.faults import Faults
from bot.sandbox.wecom.refusals import Body
from bot.sandbox.wecom.setup import WecomSetup

MINUTE, HOUR, DAY = 60, 3600, 86400
KEPT = 20000  # calls and callbacks remembered
APP, BOT = "app", "bot"


@dataclass(slots=True)
class Call:
    """One call to us, or one frame of the long connection (`ws/…`); `code` is what it was answered with.

    A fault that struck is named; then `code` may be None: nothing was answered.
    """

    path: str
    at: float
    query: dict[str, str] = field(repr=False)
    body: Body = field(repr=False)
    code: int | None = None
    fault: str = ""


@dataclass(slots=True)
class Callback:
    """One try to deliver something to the bot; `status` None: no answer in time. `forged`: what was wrong."""

    door: str
    plain: str = field(repr=False)
    status: int | None
    seconds: float
    forged: str = ""


@dataclass(slots=True)
class Seen:
    """A message as one member sees it; a card's state is that of its bubble."""

    id: str
    person: str
    talk: str
    kind: str
    content: Body
    bubble: Bubble
    recalled: bool = False


@dataclass(slots=True)
class Stored:
    """Content that somebody uploaded or sent. `owner` is the webhook whose media it is."""

    name: str
    mime: str
    content: bytes = field(repr=False)
    at: float
    kind: str = "file"
    owner: str = ""


class Windows:
    """Counts in sliding windows: so many in so many seconds, for each key."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` is the corp's clock."""
        self._now = now
        self._times: dict[str, deque[float]] = {}

    def pass_(self, key: str, *limits: tuple[int, float]) -> bool:
        """Count one more, unless a limit stands against it."""
        now = self._now()
        times = self._times.setdefault(key, deque())
        longest = max(seconds for _, seconds in limits)
        while times and times[0] <= now - longest:
            times.popleft()
        if any(sum(one > now - seconds for one in times) >= most for most, seconds in limits):
            return False
        times.append(now)
        return True


class Corp:
    """The state every part of the server shares."""

    def __init__(
        self, setup: WecomSetup, people: Sequence[Person], groups: Sequence[Group], now: Callable[[], float]
    ) -> None:
        """Every person has a talk with the app, one with the smart bot, and her groups."""
        self.setup = setup
        self.now = now
        self.people = {person.id: person for person in people}
        self.groups = {group.id: group for group in groups}
        self.invisible: set[str] = set()  # members outside the app's visible range
        self.unlicensed: set[str] = set()
        self.address = setup.address.rstrip("/")
        self.callback_url = setup.callback_url
        self.bot_callback_url = setup.bot_callback_url
        self.faults = Faults(now)
        self.windows = Windows(now)
        self.calls: deque[Call] = deque(maxlen=KEPT)
        self.callbacks: deque[Callback] = deque(maxlen=KEPT)
        self.complaints: list[str] = []  # answers of the bot that WeCom would have thrown away
        self.views: list[Seen] = []
        self._copies: dict[str, list[Seen]] = {}
        self.dropped: list[Seen] = []  # over the limit of a member: lost without a word
        self.files: dict[str, Stored] = {}
        self.menu: list[Body] = []
        self.chats: dict[str, Body] = {}  # groups the app made
        self.watchers: list[Callable[[], None]] = []
        self._numbers = itertools.count(1)
        self._talks = {person.id: self._phone(person.id) for person in people}

    def _phone(self, person: str) -> dict[str, Talk]:
        talks = [Talk(APP, self.setup.app_name, group=False), Talk(BOT, "智能机器人", group=False)]
        talks += [
            Talk(f"group:{one.id}", one.title, group=True) for one in self.groups.values() if person in one.members
        ]
        return {talk.id: talk for talk in talks}

    def skip(self, numbers: int) -> None:
        """Leave out so many numbers: those an earlier run may have used."""
        self._numbers = itertools.count(next(self._numbers) + numbers)

    def number(self) -> int:
        """The next number, for names of all kinds."""
        return next(self._numbers)

    def name(self, kind: str) -> str:
        """A fresh name nobody can guess."""
        return f"{kind}{self.number()}_{secrets.token_urlsafe(12)}"

    def new_key(self) -> str:
        """A fresh AES key, written as WeCom writes one."""
        return base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")

    def member(self, userid: str) -> Person | None:
        """The member of this id in the app's visible range; ids are the same in upper and lower case."""
        for person in self.people.values():
            if person.id.lower() == userid.lower() and person.id not in self.invisible:
                return person
        return None

    def chat_id(self, group: str) -> str:
        """The chatid of a group, in letters whose case matters."""
        return "wr" + base64.urlsafe_b64encode(hashlib.sha256(group.encode()).digest())[:30].decode()

    def talks(self, person: str) -> list[Talk]:
        """The chats on a member's phone."""
        return list(self._talks[person].values())

    def talk(self, person: str, talk: str) -> Talk:
        """One of them; KeyError where there is none."""
        return self._talks[person][talk]

    def listeners(self, talk: str) -> list[str]:
        """The members of a group's talk, or of a group the app made."""
        kind, _, name = talk.partition(":")
        return list(self.groups[name].members) if kind == "group" else list(self.chats[name]["userlist"])

    def open_talk(self, person: str, talk: Talk) -> Talk:
        """The talk of this id, put on the phone where it is new."""
        return self._talks[person].setdefault(talk.id, talk)

    def changed(self) -> None:
        """Tell the watchers that a phone shows something else."""
        for watcher in self.watchers:
            watcher()

    def put(self, seen: Seen) -> None:
        """Show a message on one member's phone."""
        self._talks[seen.person][seen.talk].bubbles.append(seen.bubble)
        self.views.append(seen)
        self._copies.setdefault(seen.id, []).append(seen)
        self.changed()

    def copies(self, message: str) -> list[Seen]:
        """The message as each of its receivers has it."""
        return self._copies.get(message, [])

    def keep(self, prefix: str, stored: Stored) -> str:
        """Keep content; returns its name."""
        name = self.name(prefix)
        self.files[name] = stored
        return name
