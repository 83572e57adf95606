"""For which store and moment a list is made: what every step of its making needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.actions.board import silence
from bot.db import people
from bot.db.lists import due, known
from bot.db.lists.known import Settings
from bot.db.offers import goods, plays
from bot.db.segments import rules
from bot.db.segments.rules import Held
from bot.domain import words
from bot.domain.selling.offers import Offer
from bot.domain.selling.plays import Play
from bot.domain.shop import USUAL_DAYS, Product, Store


class Chainwide:
    """What holds in every store, each part read when it is first wanted."""

    def __init__(self, conn: Connection, vertical: str) -> None:
        """Take the chain's trade."""
        self._conn, self._vertical = conn, vertical
        self._keys: dict[tuple[str, ...], tuple[bytes, ...]] = {}
        self._touched: dict[tuple[int, ...], list[Product]] = {}

    @cached_property
    def settings(self) -> Settings:
        """What the chain decided of lists."""
        return known.settings(self._conn)

    @cached_property
    def rules(self) -> Held:
        """The rules of layers that hold now."""
        return rules.in_force(self._conn).now

    @cached_property
    def plays(self) -> Mapping[str, Play]:
        """What is said to whom."""
        return plays.of(self._conn, self._vertical)

    @cached_property
    def catalogue(self) -> list[Product]:
        """Every product, what is sold no longer too."""
        return goods.everything(self._conn)

    def indexes(self, days: Iterable[str]) -> tuple[bytes, ...]:
        """What some month-day keys are found by."""
        wanted = tuple(sorted(days))
        if wanted not in self._keys:
            self._keys[wanted] = due.indexes(self._conn, wanted)
        return self._keys[wanted]

    def touched(self, offers: Sequence[Offer]) -> list[Product]:
        """The products that some offers give or are limited to."""
        wanted = tuple(one.id for one in offers)
        if wanted not in self._touched:
            self._touched[wanted] = goods.of(self._conn, offers)
        return self._touched[wanted]


@dataclass(frozen=True)
class Place:
    """A store at a moment; `today` is its local day, `quiet_for` how long its till has been silent, where it is."""

    conn: Connection
    store: Store
    vertical: str
    zone: ZoneInfo
    today: date
    now: datetime
    chain: Chainwide
    quiet_for: timedelta | None = None

    def on(self, conn: Connection) -> "Place":
        """The same, everything read anew on another connection."""
        return replace(self, conn=conn, chain=Chainwide(conn, self.vertical))

    @property
    def usual_days(self) -> int:
        """How often customers of this trade come."""
        return USUAL_DAYS.get(self.vertical, 30)

    @property
    def silent(self) -> str:
        """That the till is silent, in a sentence; empty where it is not."""
        return f"{reach}，今天不算谁很久没来，请店长看收银有没有上传" if (reach := self._reach) else self._untold

    @property
    def silent_since(self) -> str:
        """The same under rows that were counted before the till fell silent."""
        return f"{reach}，「没来」只算到那时，请店长看收银有没有上传" if (reach := self._reach) else self._untold

    @property
    def _reach(self) -> str:
        data_at = self.store.data_at
        if data_at is None or self.quiet_for is None:
            return ""
        return f"收银数据只到{words.clock(data_at, self.now, self.zone)}"

    @property
    def _untold(self) -> str:
        return "还没有收银数据，不知道谁很久没来" if self.store.data_at is None else ""

    def start(self, on: date) -> datetime:
        """The first moment of a local day."""
        return datetime.combine(on, time(), self.zone)


def of(conn: Connection, store: Store, vertical: str, timezone: str, now: datetime) -> Place:
    """A store now."""
    return several(conn, [store], vertical, timezone, now)[0]


def several(  # noqa: PLR0913, PLR0917 — stores, their trade, and when
    conn: Connection, stores: Sequence[Store], vertical: str, timezone: str, now: datetime, today: date | None = None
) -> list[Place]:
    """Some stores; `today` is the day a job belongs to, where that is not the one of `now`."""
    zone = people.zone(timezone)
    chain = Chainwide(conn, vertical)
    on, quiet = today or now.astimezone(zone).date(), silence.silent(conn, stores, now, zone)
    return [Place(conn, one, vertical, zone, on, now, chain, quiet.get(one.id)) for one in stores]
