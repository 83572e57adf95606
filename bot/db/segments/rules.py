"""Versions of the rules: the chain's, or a pilot store's; every one is kept with who made it, when and on what day.

A version waits for the next refresh, lives until another takes its place, and is past then; one that was given up
while it waited is dropped. A pilot whose rules are those of the chain is no pilot any more.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, cast

from sqlalchemy import Connection, bindparam, select, update

from bot.db.changes import Recorder
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import audit, chain, segment_rules, staff
from bot.domain.segments.presets import preset
from bot.domain.segments.rules import Rules, unpack

State = Literal["waiting", "live", "past", "dropped"]
Place = int | None  # a store, or None: the chain
_AS_THE_CHAIN = ""

_SOME = (
    select(
        segment_rules.c.id, segment_rules.c.store_id, segment_rules.c.content, segment_rules.c.state,
        segment_rules.c.change, segment_rules.c.staff_id, segment_rules.c.made_at, segment_rules.c.applied_on,
        segment_rules.c.replaces_id, staff.c.name,
    )
    .select_from(segment_rules.outerjoin(staff, staff.c.id == segment_rules.c.staff_id))
)  # fmt: skip
_CURRENT: tuple[Any, ...] = (bindparam("live"), bindparam("waiting"))
_IN_FORCE = Prepared(_SOME.where(segment_rules.c.state.in_(_CURRENT)).order_by(segment_rules.c.id))
_ONE = Prepared(_SOME.where(segment_rules.c.id == bindparam("id")))
_VERTICAL = Prepared(select(chain.c.vertical))
_WHY = Prepared(
    select(audit.c.id, audit.c.reason).where(
        audit.c.staff_id == bindparam("staff"), audit.c.at == bindparam("at"), audit.c.reason.is_not(None)
    )
)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the rules, a column each; `rules` None: those of the chain. `author` is who made it.

    `replaces_id` is the version that held before it (None: the preset, or the chain's): what 回退 goes back to.
    """

    id: int
    store_id: Place
    rules: Rules | None
    state: State
    change: str
    staff_id: int | None
    made_at: datetime
    applied_on: date | None
    replaces_id: int | None
    author: str


@dataclass(frozen=True, slots=True)
class Held:
    """The rules of every store at one time: the chain's, and those of its pilots."""

    chain: Rules
    pilots: Mapping[int, Rules] = field(default_factory=dict)

    def of(self, store_id: Place) -> Rules:
        """The rules a store's customers are ranked by."""
        return self.pilots.get(store_id, self.chain) if store_id else self.chain


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules that hold, and what waits for the next refresh; versions by place."""

    preset: Rules
    live: Mapping[Place, Version] = field(default_factory=dict)
    waiting: Mapping[Place, Version] = field(default_factory=dict)

    @property
    def now(self) -> Held:
        """What holds now."""
        return self._held(self._rules(self.live))

    def coming(self, wanted: Mapping[Place, Rules | None] | None = None) -> Held:
        """What will hold after the next refresh; if `wanted` had been put in waiting as well, with that."""
        return self._held({**self._rules(self.live), **self._rules(self.waiting), **(wanted or {})})

    def without(self, place: Place) -> Held:
        """What will hold after the next refresh if what waits for this place does not come."""
        others = {other: one for other, one in self.waiting.items() if other != place}
        return self._held({**self._rules(self.live), **self._rules(others)})

    def of(self, store_id: Place) -> Rules:
        """The rules a store's customers are ranked by now."""
        return self.now.of(store_id)

    def _held(self, rules: Mapping[Place, Rules | None]) -> Held:
        of_all = rules.get(None) or self.preset
        return Held(of_all, {place: one for place, one in rules.items() if place and one and one != of_all})

    @staticmethod
    def _rules(versions: Mapping[Place, Version]) -> dict[Place, Rules | None]:
        return {place: version.rules for place, version in versions.items()}


def in_force(conn: Connection) -> InForce:
    """The rules that hold now, and what waits."""
    vertical = _VERTICAL.rows(conn)
    found: dict[State, dict[Place, Version]] = {"live": {}, "waiting": {}}
    for one in _versions(conn, _IN_FORCE.rows(conn, live="live", waiting="waiting")):
        found[one.state][one.store_id] = one
    return InForce(preset(vertical[0][0] if vertical else ""), found["live"], found["waiting"])


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the rules: where, into what (None: the chain's), in words, and what 回退 will go back to."""

    store_id: Place
    rules: Rules | None
    words: str
    replaces_id: int | None


def wait(recorder: Recorder, change: Change, staff_id: int, now: datetime) -> None:
    """Let a change wait for the next refresh; what waited for the same place is dropped, and 撤 brings it back."""
    known = in_force(recorder.conn).waiting.get(change.store_id)
    if known:
        drop(recorder, known)
    values = {
        "id": new_id(),
        "store_id": change.store_id,
        "content": change.rules.pack() if change.rules else _AS_THE_CHAIN,
        "state": "waiting",
        "change": change.words,
        "staff_id": staff_id,
        "made_at": now,
        "replaces_id": change.replaces_id,
    }
    recorder.insert(segment_rules, values)


def drop(recorder: Recorder, version: Version) -> None:
    """Give up a version that waits."""
    recorder.update(segment_rules, version.id, state="dropped")


def apply_waiting(conn: Connection, today: date) -> int:
    """Put what waits into force, as the first thing of a refresh; gives how many versions that were."""
    rules = in_force(conn)
    held = rules.coming()
    for place, version in {**rules.live, **rules.waiting}.items():
        replaced = rules.live.get(place)
        if replaced and replaced.id != version.id:
            _turn(conn, replaced, "past")
        if place is None or place in held.pilots:
            _turn(conn, version, "live", version.applied_on or today)
        else:
            _turn(conn, version, "past", version.applied_on or today)
    return len(rules.waiting)


def _turn(conn: Connection, version: Version, state: State, applied_on: date | None = None) -> None:
    values = {"state": state, "applied_on": applied_on or version.applied_on}
    conn.execute(update(segment_rules).where(segment_rules.c.id == version.id).values(**values))


def earlier(conn: Connection, store_id: Place) -> Change | None:
    """What 回退 would bring back to a place; None where there is nothing to go back to."""
    rules = in_force(conn)
    live = rules.live.get(store_id)
    if live is None:
        return None
    rows = _ONE.rows(conn, id=live.replaces_id or 0)
    version = next(_versions(conn, rows), None)
    back = version.rules if version else None if store_id else rules.preset
    if back == live.rules:
        return None
    return Change(store_id, back, version.change if version else "", version.replaces_id if version else None)


def history(conn: Connection, limit: int = 10) -> list[Version]:
    """The newest versions of every place, newest first."""
    return list(_versions(conn, conn.execute(_SOME.order_by(segment_rules.c.id.desc()).limit(limit)).all()))


def reason(conn: Connection, version: Version) -> str:
    """Why a version was made: sealed, in the audit of the message that made it."""
    found = _WHY.rows(conn, staff=version.staff_id or 0, at=version.made_at)
    return keys_of(conn).unseal("audit.reason", found[0][0], found[0][1]) if found else ""


def _versions(conn: Connection, rows: Iterable[Any]) -> Iterator[Version]:
    for row_id, store_id, content, state, change, staff_id, made_at, applied_on, replaces_id, name in rows:
        yield Version(
            id=row_id,
            store_id=store_id,
            rules=unpack(content) if content else None,
            state=cast("State", state),
            change=change,
            staff_id=staff_id,
            made_at=made_at,
            applied_on=applied_on,
            replaces_id=replaces_id,
            author=keys_of(conn).unseal("staff.name", staff_id or 0, name),
        )
