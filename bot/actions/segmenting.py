"""Changing the rules of the layers: what a change would do, letting it wait for the night, going back."""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from sqlalchemy import Connection, select, update

from bot.actions.notes import Writer
from bot.cards.segments import Foreseen, Move
from bot.db import shop
from bot.db.offers import offers, plays
from bot.db.segments import moving, rules
from bot.db.segments.rules import Change, Held, InForce, Version
from bot.db.segments.steps import Step
from bot.db.tables import chain
from bot.domain.errors import ConflictError
from bot.domain.segments import wishes
from bot.domain.segments.labels import SCHEMES
from bot.domain.segments.rules import Rules, changed
from bot.domain.segments.wishes import AlreadySoError, Wish
from bot.domain.shop import Store
from bot.domain.words import join

CHAIN_ID = 1
BACK = "回退"
Limit = Literal["guide_limit_fen", "manager_limit_fen"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A change that was asked for, with what it would do; `mark` names the rules that it was reckoned from."""

    change: Change
    foreseen: Foreseen
    mark: str


def plan(conn: Connection, wish: str, store: Store | None, today: date) -> Planned:
    """What a wish would do, in one store or (None) in all; UsageError where it cannot be read.

    It is said from what holds. What waits for the same place goes with it where both concern different things,
    else it gives way, which is said.
    """
    known = rules.in_force(conn)
    place = store.id if store else None
    live, waiting = known.live.get(place), known.waiting.get(place)
    held = known.without(place).of(place)
    wanted = _wanted(wish, held, waiting)
    words, after, dropped = wanted.words, wanted.rules, waiting
    if waiting and waiting.rules and not changed(held, waiting.rules) & changed(held, wanted.rules):
        words, after, dropped = f"{waiting.change}；{words}", wishes.read(wish, waiting.rules).rules, None
    planned = _planned(conn, known, Change(place, after, words, live.id if live else None), today)
    if dropped is None:
        return planned
    also = [f"换掉今晚等着的：{dropped.change}", *planned.foreseen.also]
    return replace(planned, foreseen=replace(planned.foreseen, also=also))


def _wanted(wish: str, held: Rules, waiting: Version | None) -> Wish:
    """The wish as it reads by the rules that hold; asking for those while others wait is asking to let these go."""
    try:
        return wishes.read(wish, held)
    except AlreadySoError as same:
        if waiting is None:
            raise
        back = f"规则 {BACK}"
        raise ConflictError(f"现在就是这样。今晚等着的是：{waiting.change}。不要它就发「{back}」。") from same


def plan_back(conn: Connection, store: Store | None, today: date) -> Planned:
    """What going back to the rules before would do; ConflictError where there are none."""
    earlier = rules.earlier(conn, store.id if store else None)
    if earlier is None and store:
        raise ConflictError(f"{store.name}没有在试自己的规则。")
    if earlier is None:
        raise ConflictError(f"全链现在用的就是最早的规则，没有更早的了。{_of_pilots(conn)}")
    words = f"{BACK}到「{earlier.words}」" if earlier.words else f"{BACK}到{'全链的规则' if store else '行业默认'}"
    return _planned(conn, rules.in_force(conn), replace(earlier, words=words), today)


def _of_pilots(conn: Connection) -> str:
    """How a pilot goes back, for whoever named no store."""
    pilots = rules.in_force(conn).now.pilots
    tried = [store for store in shop.all_stores(conn) if store.id in pilots]
    if not tried:
        return ""
    return f"{join(store.name for store in tried)}在试点，要退就发：规则 {BACK} {tried[0].code}店"


def _planned(conn: Connection, known: InForce, change: Change, today: date) -> Planned:
    names = {store.id: store.name for store in shop.all_stores(conn)}
    before, after = known.now, known.coming({change.store_id: change.rules})
    steps = moving.moves(conn, before, after, today)
    also = [f"连同今晚等着的：{one.change}" for place, one in known.waiting.items() if place != change.store_id]
    if change.store_id is None and after.pilots:
        also.append(f"试点店不变：{'、'.join(names[place] for place in after.pilots)}")
    found = Foreseen(change.words, _worded(steps, before, after), _by_store(steps, names), _budget(conn, steps), also)
    return Planned(change, found, _mark(known))


def _worded(steps: Counter[Step], before: Held, after: Held) -> list[Move]:
    """Moves by the names of their labels, over all stores; most people first."""
    found: Counter[tuple[str, str, str]] = Counter()
    for step, people in steps.items():
        names = before.of(step.store_id).names(step.scheme), after.of(step.store_id).names(step.scheme)
        found[step.scheme, names[0][step.before], names[1][step.after]] += people
    schemes = {str(scheme): scheme for scheme in SCHEMES}
    return [
        Move(schemes[scheme], was, will, people)
        for (scheme, was, will), people in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    ]


def _by_store(steps: Counter[Step], names: dict[int, str]) -> dict[str, int]:
    """How many people move in each store, by the scheme in which most move; most people first."""
    schemes: Counter[str] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for step, people in steps.items():
        schemes[step.scheme] += people
        found[step.scheme, names[step.store_id]] += people
    most = max(schemes, key=lambda scheme: (schemes[scheme], scheme), default="")
    stores = {name: people for (scheme, name), people in found.items() if scheme == most}
    return dict(sorted(stores.items(), key=lambda one: (-one[1], one[0])))


def _budget(conn: Connection, steps: Counter[Step]) -> int:
    """What the coupons of the plays cost more a month, if everybody who moves is given one."""
    vertical = conn.execute(select(chain.c.vertical)).scalar_one()
    costs = {offer.name: offer.cost_fen for offer in reversed(offers.standing(conn, None))}
    of_play = {key: costs.get(play.offer, 0) for key, play in plays.of(conn, vertical).items()}
    return sum(
        people * (of_play.get(f"{step.scheme}.{step.after}", 0) - of_play.get(f"{step.scheme}.{step.before}", 0))
        for step, people in steps.items()
    )


def _mark(known: InForce) -> str:
    versions = sorted(one.id for one in (*known.live.values(), *known.waiting.values()))
    return hashlib.blake2s(repr(versions).encode(), digest_size=4).hexdigest()


def decide(work: Writer, planned: Planned, mark: str) -> None:
    """Let a change wait for the night; ConflictError where somebody changed the rules since it was shown."""
    if planned.mark != mark:
        raise ConflictError("规则刚刚又有人改过，刚才的人数不对了。请重新发一遍，看了再决定。")
    rules.wait(work.recorder, planned.change, work.staff.id, work.now)


def limit(work: Writer, which: Limit, fen: int) -> int:
    """Change what a guide, or a manager, may give without asking; gives what it was.

    Undone by the difference: the chain's row holds other things, which change by the minute.
    """
    column = chain.c[which]
    was: int = work.recorder.conn.execute(select(column)).scalar_one()
    work.recorder.conn.execute(update(chain).values({which: fen}))
    if fen != was:
        work.recorder.counted(chain, CHAIN_ID, **{which: fen - was})
    return was
