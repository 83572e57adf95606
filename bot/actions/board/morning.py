"""The morning: what is told of a store, and the list of the day of who is to be saved, given to who works."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import chain

from sqlalchemy import Connection

from bot.actions.board import silence
from bot.actions.lists.choosing import BARRED, NEVER
from bot.cards.calling.rows import wish
from bot.db.board import bands, birthdays, due, praise, rota, saving, trade
from bot.db.board.saving import Leaving
from bot.db.lists import lists, standing
from bot.db.lists.lists import List, Made, NewList, NewRow, Row, Why
from bot.db.segments import rules, standings
from bot.domain import masks
from bot.domain.board.days import Morning, Praise, ToSave, Worker, leaders, not_off, on_shift
from bot.domain.errors import ConflictError
from bot.domain.lists.kinds import Kind
from bot.domain.lists.ranking import Candidate, dated, rank
from bot.domain.shop import Store

MOST = 3
_KIND: Kind = "save"


def read(conn: Connection, stores: Sequence[Store], now: datetime, today: date, tz: tzinfo) -> dict[int, Morning]:
    """What is told of each store this morning."""
    ids = [store.id for store in stores]
    yesterday, week = today - timedelta(days=1), today - timedelta(days=8)
    taken = trade.takings(conn, ids, yesterday, week)
    ends = datetime.combine(today + timedelta(days=1), time(), tz)
    matters = due.counts(conn, ids, now, ends)
    born = birthdays.today(conn, ids, today, birthdays.keeping(conn))
    unlisted = saving.unlisted(conn, list(chain.from_iterable(born.values())))
    people = rota.workers(conn, ids, today)
    on = standings.as_of(conn)
    held = bands.bands(conn, ids, on, "frequency", rules.in_force(conn)) if on else {}
    silent = silence.silent(conn, stores, now, tz)
    praised = _praised(conn, people, datetime.combine(yesterday, time(), tz))
    return {
        store.id: Morning(
            store=store,
            today=today,
            now=now,
            yesterday=taken.get((store.id, yesterday)),
            week_before=taken.get((store.id, week)),
            due=matters.get(store.id, due.NOTHING),
            birthdays=len(born.get(store.id, set()) - unlisted),
            workers=people.get(store.id, []),
            bands=held.get(store.id, ()),
            praise=praised.get(store.id),
            layered=on is not None,
            silent=silent.get(store.id),
        )
        for store in stores
    }


def _praised(conn: Connection, people: Mapping[int, Sequence[Worker]], since: datetime) -> dict[int, Praise]:
    """The best of each store's guides in a day from that moment."""
    guides = {store_id: {one.id: one.name for one in crew if one.role == "guide"} for store_id, crew in people.items()}
    found = praise.best(conn, guides, since, since + timedelta(days=1))
    return {
        store_id: Praise(guides[store_id][staff_id], command, many)
        for store_id, (staff_id, command, many) in found.items()
    }


@dataclass(frozen=True, slots=True)
class Saving:
    """The day's list of who is to be saved in a store, and its rows in words; `made` where it is to be written yet."""

    list: List
    rows: Sequence[ToSave]
    made: Made | None = None


def save(conn: Connection, mornings: Sequence[Morning], tz: tzinfo, usual_days: int) -> dict[int, Saving]:
    """The day's list of each store of who is to be saved, three at most, given to who works today.

    One that is there stays. A store with nobody to save is not there; nothing is written yet.
    """
    crews = {one.store.id: one.workers for one in mornings}
    on = mornings[0].today if mornings else date.min
    there = {store_id: (list_, rows, None) for store_id, (list_, rows) in _of_day(conn, crews, on).items()}
    fresh = [one for one in mornings if one.store.id not in there and one.layered and not one.silent]
    made = {one.list.store_id: (one.list, one.rows, one) for one in _made(conn, fresh, tz, usual_days)}
    return _shown(conn, {**there, **made}, crews)


def keep(conn: Connection, found: Iterable[Saving], on: date, *, alone: bool) -> None:
    """Write those that are not there; refuses where somebody was quicker, unless nobody can be (`alone`)."""
    made = [one.made for one in found if one.made]
    if not alone and made and _of_day(conn, [one.list.store_id for one in made], on):
        raise ConflictError("今天要救的名单刚排好了。")
    lists.put(conn, made)


def saved(conn: Connection, store_id: int, on: date, workers: Sequence[Worker]) -> Saving | None:
    """The list of a day, if it was made."""
    there = {row_id: (list_, rows, None) for row_id, (list_, rows) in _of_day(conn, [store_id], on).items()}
    return _shown(conn, there, {store_id: workers}).get(store_id)


def still_listed(conn: Connection, staff_id: int, on: date) -> int:
    """How many rows of a person's own lists of a day nobody has answered."""
    found = (lists.rows_of(conn, one.id) for one in lists.of_staff(conn, staff_id, on))
    return sum(row.is_open for rows in found for row in rows)


def _of_day(conn: Connection, store_ids: Iterable[int], on: date) -> dict[int, tuple[List, list[Row]]]:
    """The lists of a day that are there, with their rows."""
    found = {}
    for store_id, there in standing.of_day(conn, store_ids, on).items():
        known = [one for one in there.lists if one.kind == _KIND and one.staff_id is None]
        if known:
            rows = [lists.opened(conn, row) for _, row in there.rows if row.list_id == known[-1].id]
            found[store_id] = (known[-1], sorted(rows, key=lambda row: row.position))
    return found


def _made(conn: Connection, mornings: Sequence[Morning], tz: tzinfo, usual_days: int) -> list[Made]:
    chosen = _chosen(conn, mornings, tz)
    new = []
    for morning in mornings:
        found = {one.candidate.customer_id: one for one in chosen[morning.store.id]}
        ranked = rank([one.candidate for one in found.values()], usual_days)
        given = _given([found[one.candidate.customer_id] for one in ranked], morning.workers)
        rows = [
            NewRow(
                one.candidate.customer_id,
                given[one.candidate.customer_id],
                Why(_KIND, _short(one.candidate), dated(one, morning.today)),
            )
            for one in ranked
        ]
        new += [NewList(_KIND, morning.store.id, None, morning.today, rows)] if rows else []
    return lists.prepared(conn, new, mornings[0].now) if new else []


def _shown(
    conn: Connection,
    found: Mapping[int, tuple[List, Sequence[Row], Made | None]],
    crews: Mapping[int, Sequence[Worker]],
) -> dict[int, Saving]:
    """Their rows as they are told: names masked, with the complaint that is open."""
    ids = [row.customer_id for _, rows, _ in found.values() for row in rows]
    known, wishes = saving.named(conn, ids), saving.wishes(conn, ids)
    told = {}
    for store_id, (list_, rows, made) in found.items():
        people = {one.id: one for one in crews[store_id]}
        shown = []
        for row in rows:
            name, last4, complaint = known[row.customer_id]
            worker = people.get(row.staff_id or 0)
            said = wishes.get(row.customer_id, ())
            barred = any(NEVER in one for one in said)
            shown.append(
                ToSave(
                    row.customer_id,
                    masks.who(name, last4),
                    row.why.reason,
                    complaint,
                    worker,
                    row.outcome,
                    barred,
                    BARRED if barred else wish(said),
                )
            )
        told[store_id] = Saving(list_, shown, made)
    return told


def _chosen(conn: Connection, mornings: Sequence[Morning], tz: tzinfo) -> dict[int, list[Leaving]]:
    """The first three of each store who may be called, layer by layer.

    A layer of less worth only where those above are too few.
    """
    found: dict[int, list[Leaving]] = {one.store.id: [] for one in mornings}
    for layer in saving.LAYERS:
        few = [store_id for store_id, some in found.items() if len(some) < MOST]
        if few:
            able = saving.of_layer(conn, few, layer, mornings[0].today, tz)
            some = {store_id: _urgent_first(hers)[: 2 * MOST] for store_id, hers in able.items()}
            out = saving.stopped(conn, [one.candidate.customer_id for hers in some.values() for one in hers])
            for store_id, hers in some.items():
                found[store_id] += [one for one in hers if one.candidate.customer_id not in out]
    return {store_id: some[:MOST] for store_id, some in found.items()}


def _urgent_first(found: Sequence[Leaving]) -> list[Leaving]:
    place = {one.candidate.customer_id: nth for nth, one in enumerate(rank([one.candidate for one in found], 30))}
    return sorted(found, key=lambda one: place[one.candidate.customer_id])


def _given(found: Iterable[Leaving], workers: Sequence[Worker]) -> dict[int, int | None]:
    """Each to her own guide if she works today, else to whoever has fewest; one who complained to who leads."""
    working = on_shift(workers)
    able = not_off(workers)
    lead = next((one for one in working if one.role == "manager"), next(iter(leaders(able)), None))
    guides = [one for one in working if one.role == "guide"] or ([lead] if lead else able)
    load: Counter[int] = Counter()
    given: dict[int, int | None] = {}
    for one in found:
        hers = next((worker for worker in guides if worker.id == one.guide_id), None)
        least = min(guides, key=lambda worker: (load[worker.id], worker.starts or 0, worker.id), default=None)
        worker = lead if one.complaint and lead else hers or least
        load[worker.id if worker else 0] += 1
        given[one.candidate.customer_id] = worker.id if worker else None
    return given


def _short(known: Candidate) -> str:
    """大客，平时12天来一次，已38天没来."""
    usual = f"平时{known.typical_gap_days}天来一次" if known.purchase_days > 2 else ""
    away = f"已{known.since_days}天没来" if known.since_days is not None else ""
    return "，".join(filter(None, ["大客" if known.layer in ("leaving", "lost_big") else "", usual, away]))
