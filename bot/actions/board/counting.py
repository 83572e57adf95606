"""The day and the week of a store in counts, and of the chain for head office."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import Connection

from bot.actions.board import silence
from bot.cards.board import digest, summary, week
from bot.db import shop
from bot.db.board import bands, chainwide, outcomes, themes, trade, watch
from bot.db.lists import trials
from bot.db.segments import rules, standings
from bot.db.segments.rules import InForce
from bot.domain.board import effect, wording
from bot.domain.board.days import Band, Worker
from bot.domain.shop import Store
from bot.domain.words import clock

_WEEK = timedelta(days=7)
_LISTED = timedelta(weeks=4)
_EFFECT = timedelta(weeks=12)
"""Of a store; of the chain four weeks are people enough."""


def days(
    conn: Connection, stores: Sequence[Store], now: datetime, tz: tzinfo, workers: Mapping[int, Sequence[Worker]]
) -> dict[int, str]:
    """The day of each store for its group: of yesterday where today's orders are not there yet.

    A store of which there is nothing to say is not there.
    """
    on, ids = now.astimezone(tz).date(), [store.id for store in stores]
    since = datetime.combine(on, time(), tz)
    crews = {row_id: [one.id for one in workers.get(row_id, ())] for row_id in ids}
    said = themes.of_stores(conn, crews, since, since + timedelta(days=1))
    of = {store.id: min(on, store.data_at.astimezone(tz).date()) for store in stores if store.data_at}
    told = {row_id: day for row_id, day in of.items() if on - day <= timedelta(days=1)}
    refreshed, known = standings.as_of(conn), rules.in_force(conn)
    held = bands.bands(conn, told, refreshed, "frequency", known) if refreshed and told else {}
    visits = _visits(conn, told, on, known)
    silent = silence.silent(conn, stores, now, tz)
    found = {}
    for store in stores:
        spoken = summary.themes(said[store.id].complaints, said[store.id].wishes)
        if store.data_at is not None or spoken:
            head = f"【{wording.called(store.name)}·{wording.weekday(on)}】"
            came = visits.get(store.id, "收银数据没到，今天不报人数")
            reach = _reach(store, silent.get(store.id), now, tz)
            found[store.id] = summary.group(head, came, held.get(store.id, ()), spoken, reach)
    return found


def _visits(conn: Connection, told: Mapping[int, date], on: date, known: InForce) -> dict[int, str]:
    """Who came to each store on its last day that is told."""
    found = {}
    for of in set(told.values()):
        ids = [store_id for store_id, day in told.items() if day == of]
        came, before = (
            trade.came(conn, ids, day, lambda store_id: known.of(store_id).asleep_days) for day in (of, of - _WEEK)
        )
        for one in ids:
            said = summary.visits(came[one].people, came[one].new, came[one].back, before[one][:2], of)
            found[one] = said if of == on else f"今天的单还没传，先报昨天：{said}"
    return found


def _reach(store: Store, silent: timedelta | None, now: datetime, tz: tzinfo) -> str:
    if store.data_at is None:
        return ""
    return f"收银{wording.hours(silent)}没传数据了" if silent else f"数据到{clock(store.data_at, now, tz)}"


def office(conn: Connection, now: datetime, on: date, tz: tzinfo) -> str:
    """The day of the chain for head office."""
    stores = shop.all_stores(conn)
    known, refreshed = rules.in_force(conn), standings.as_of(conn)
    held = chainwide.bands(conn, refreshed, known.of(None).names("frequency")) if refreshed else ()
    matters = chainwide.matters(conn, now)
    silent = silence.silent(conn, stores, now, tz)
    late = [one for one in stores if one.id in silent]
    never = [one for one in stores if one.data_at is None]
    lines = [
        f"客诉没结{matters.open}件，过期{matters.late}件" if matters.open else "没有没结的客诉",
        week.some_stores("收银超过26小时没传", [one.name for one in late]),
        week.some_stores("从没传过收银数据", [one.name for one in never]),
    ]
    return summary.office(f"【全链·{wording.weekday(on)}】", len(stores), lines, held)


def store_week(conn: Connection, store: Store, monday: date, tz: tzinfo, workers: Sequence[Worker]) -> str:
    """The week before a Monday for who leads a store; empty where there was nothing."""
    ends = datetime.combine(monday, time(), tz)
    said = themes.of_stores(conn, {store.id: [one.id for one in workers]}, ends - _WEEK, ends)[store.id]
    names = {one.id: one.name for one in workers}
    looked = [(names[one.staff_id], one.on, one.people, one.usual) for one in watch.peaks(conn, names, monday, tz)]
    lines = [
        week.counted("意见", said.complaints),
        week.counted("问过没有", said.wishes),
        week.counted("提到别家", said.rivals),
        week.marks(said.marks, said.praised),
        _answered(conn, store, monday, tz),
        _effect(conn, store.id, monday, _EFFECT, tz),
        week.looked(looked),
    ]
    return week.message(f"【{wording.called(store.name)}·上周】{_span(monday)}", lines)


def office_week(conn: Connection, monday: date, now: datetime, tz: tzinfo) -> str:
    """The week before a Monday for head office."""
    ends = datetime.combine(monday, time(), tz)
    matters = chainwide.matters(conn, now)
    held: Sequence[Band] = ()
    if refreshed := standings.as_of(conn):
        held = chainwide.changed(conn, refreshed, refreshed - _WEEK, rules.in_force(conn).of(None).names("layer"))
    lines = [
        "　".join(map(digest.band, held)),
        _effect(conn, None, monday, _LISTED, tz),
        week.counted("意见", chainwide.complaints_of(conn, ends - _WEEK, ends)),
        week.counted("问过没有", chainwide.wishes(conn, ends - _WEEK, ends)),
        f"客诉没结{matters.open}件，过期{matters.late}件" if matters.open else "",
        week.looked([(who, one.on, one.people, one.usual) for who, one in watch.of_chain(conn, monday, tz)]),
    ]
    return week.message(f"【全链·上周】{_span(monday)}", lines)


def _answered(conn: Connection, store: Store, monday: date, tz: tzinfo) -> str:
    """What became of those listed in the four weeks that ended two weeks ago: each had her fortnight to come."""
    until = monday - trials.WINDOW
    since = until - _LISTED
    drawn = trials.arms(conn, store.id, since, until, tz)
    told = outcomes.outcomes(conn, store.id, since, until)
    return week.answered(_days(since, until), drawn.listed, drawn.came, told.reached, told.by_outcome)


def _effect(conn: Connection, store_id: int | None, monday: date, over: timedelta, tz: tzinfo) -> str:
    until = monday - trials.WINDOW
    drawn = trials.arms(conn, store_id, until - over, until, tz)
    found = effect.effect(drawn.listed, drawn.came, drawn.held, drawn.held_came)
    return week.effect(_days(until - over, until), found, drawn.held, drawn.fen)


def _span(monday: date) -> str:
    return _days(monday - _WEEK, monday)


def _days(since: date, until: date) -> str:
    """From one day to before another."""
    return f"{since:%m-%d}至{until - timedelta(days=1):%m-%d}"
