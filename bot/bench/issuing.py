"""Coupons given under load: how many a second eight guides issue, beside the same statements on the bare driver."""

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from bot.actions import giving
from bot.actions.notes import Writer
from bot.bench.figures import Figure
from bot.bench.issuing_raw import RawIssuing
from bot.bench.place import Place
from bot.bench.rounds import ratio, rounded
from bot.db import customers, people
from bot.db.changes import Recorder, Unit
from bot.db.core.ids import new_id
from bot.db.offers import offers
from bot.db.tables import customers as customers_table
from bot.domain.errors import UnavailableError
from bot.domain.selling.offers import Offer, Terms
from bot.domain.shop import Staff

_GUIDES = 8
_MOST = 40_000
_TERMS = Terms(off_fen=600, least_fen=3000, words="满30元减6元")


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Customers to give to, and who may give to each."""

    people: list[tuple[int, Staff]]
    place: Place


def measure(place: Place, rounds: int, seconds: float) -> Iterator[Figure]:
    """Eight guides give coupons of one offer, in turn with the bare statements; every customer gets one of each."""
    crowd = place.database.transact(lambda conn: _crowd(conn, place))
    issued, bare = [], []
    for turn in range(rounds):
        issued.append(_rate(_giving(crowd, _offer(place, f"压测券{turn}")), len(crowd.people), seconds, _GUIDES))
        with RawIssuing.over(place.database, _offer(place, f"裸券{turn}")) as raw:
            call = lambda number, raw=raw: raw.issue(*_ids(crowd, number))  # noqa: E731
            bare.append(_rate(call, len(crowd.people), seconds, 1 if place.database.is_sqlite else _GUIDES))
    ours, theirs = statistics.median(issued), statistics.median(bare)
    yield Figure("issuing.coupons_per_s", rounded(ours), "/s")
    yield Figure("issuing.raw_transactions_per_s", rounded(theirs), "/s")
    yield Figure("issuing.by_raw", ratio(ours, theirs), "x", 0.3, more=True)


def _crowd(conn: Connection, place: Place) -> _Crowd:
    codes = {store_id: f"guide{number:03}" for number, store_id in enumerate(place.filled.stores, 1)}
    guides = {store_id: _guide(conn, code) for store_id, code in codes.items()}
    rows = conn.execute(
        select(customers_table.c.id, customers_table.c.store_id).order_by(customers_table.c.id).limit(_MOST)
    )
    return _Crowd([(row.id, guides[row.store_id]) for row in rows], place)


def _guide(conn: Connection, code: str) -> Staff:
    found = people.identify(conn, people.CONSOLE, code, code)
    if found is None:
        raise UnavailableError(f"压测连锁里没有 {code}。")
    return found[0]


def _offer(place: Place, name: str) -> Offer:
    draft = offers.draft(name, "cut", _TERMS, 14, 600)
    return place.database.transact(lambda conn: offers.add(conn, draft, datetime.now(UTC)))


def _ids(crowd: _Crowd, number: int) -> tuple[int, int, int]:
    customer_id, guide = crowd.people[number]
    return customer_id, guide.id, guide.store_id or 0


def _giving(crowd: _Crowd, offer: Offer) -> Callable[[int], None]:
    """The whole transaction of one coupon: she is looked up, everything is checked, it is filed for 撤."""

    def give(number: int) -> None:
        customer_id, guide = crowd.people[number]
        crowd.place.database.transact(lambda conn: _given(conn, customer_id, guide, offer))

    return give


def _given(conn: Connection, customer_id: int, guide: Staff, offer: Offer) -> None:
    now, unit_id = datetime.now(UTC), new_id()
    sight = customers.by_id(conn, customer_id, seen_by=guide)
    if sight is None:
        raise UnavailableError("压测的客户不在了。")
    writer = Writer(Recorder(conn, unit_id), guide, now)
    giving.give(writer, sight, offer)
    writer.recorder.close(Unit(unit_id, guide.id, guide.store_id, customer_id, "发", "发券", now, None))


def _rate(call: Callable[[int], object], most: int, seconds: float, threads: int) -> float:
    """How often a second it is done by so many threads, each number once, until time or numbers are up."""
    numbers, done = itertools.count(), [0] * threads
    until = time.perf_counter() + seconds

    def work(seat: int) -> None:
        while time.perf_counter() < until and (number := next(numbers)) < most:
            call(number)
            done[seat] += 1

    began = time.perf_counter()
    workers = [threading.Thread(target=work, args=(seat,)) for seat in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(done) / (time.perf_counter() - began)
