"""A store's day in numbers: what was taken, what is due, who works, how its groups moved; plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.domain.shop import Role, Store

SILENT = timedelta(hours=26)
"""A till that told nothing for so long, closed days aside, is out of order until somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Takings:
    """What a till took on a day: fen with the day's refunds taken off, tickets, and the moment of the last of them."""

    fen: int
    tickets: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """Matters that are open and due by the end of a day, by kind, and how many of them are overdue."""

    by_kind: Mapping[str, int] = field(default_factory=dict)
    late: int = 0
    complaints: int = 0
    complaints_due: int = 0
    complaints_late: int = 0


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody of a store; the minutes of her shift of the day where she has one.

    `off`: the rota says that she is not there.
    """

    id: int
    code: str
    name: str
    role: Role
    starts: int | None = None
    ends: int | None = None
    off: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A group of customers: how many it holds, and how many more than after the refresh before (None: unknown)."""

    name: str
    people: int
    more: int | None


@dataclass(frozen=True, slots=True)
class Praise:
    """Something good that somebody did and that is on record."""

    name: str
    command: str
    people: int


@dataclass(frozen=True, slots=True)
class ToSave:
    """A customer who is about to leave, as she may be told in private; `outcome`: what became of it.

    `wish`: how she wants to be reached, and `barred`: by nobody; no channel abroad is told it.
    """

    customer_id: int
    called: str
    short: str
    complaint: int | None
    worker: Worker | None
    outcome: str | None = None
    barred: bool = False
    wish: str = ""


@dataclass(frozen=True, slots=True)
class Morning:
    """Everything the morning's message is made of; `saved` are the rows of the list of the day."""

    store: Store
    today: date
    now: datetime
    yesterday: Takings | None
    week_before: Takings | None
    due: Due
    birthdays: int
    workers: Sequence[Worker]
    bands: Sequence[Band] = ()
    praise: Praise | None = None
    layered: bool = True
    silent: timedelta | None = None


def on_shift(workers: Sequence[Worker]) -> list[Worker]:
    """Those the rota has today, whoever begins first at the top."""
    return sorted((one for one in workers if one.starts is not None), key=lambda one: (one.starts or 0, one.id))


def not_off(workers: Sequence[Worker]) -> list[Worker]:
    """Everybody of a store but those who are off; all of them where nobody else is left."""
    return [one for one in workers if not one.off] or list(workers)


def leaders(workers: Sequence[Worker]) -> list[Worker]:
    """The managers of a store."""
    return [one for one in workers if one.role == "manager"]


def told_in_the_morning(workers: Sequence[Worker]) -> list[Worker]:
    """Who is told how the day begins: the managers, and where none of them works today whoever opens as well.

    A store without a manager: whoever opens; without a rota as well, everybody.
    """
    lead, working = leaders(workers), on_shift(workers)
    if any(one.role == "manager" for one in working):
        return [one for one in lead if one.starts is not None]
    if working:
        return [*lead, working[0]]
    return [one for one in lead if not one.off] or not_off(workers)


def told_in_the_evening(workers: Sequence[Worker], minute: int) -> list[Worker]:
    """Who takes over: those whose shift goes on for an hour and more after that minute; who leads only if nobody else.

    Where the rota has nobody then: who leads, else everybody.
    """
    late = [one for one in on_shift(workers) if (one.ends or 0) >= minute + 60]
    if late:
        return [one for one in late if one.role != "manager"] or late
    return [one for one in leaders(workers) if not one.off] or not_off(workers)
