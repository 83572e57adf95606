"""Two processes of twelve threads want more than there is: never one too many, never one twice, killed or not.

The full storm (2,000 attempts by 400 customers on a cap of 100) runs with ZHANGGUI_TEST_STORM=1.
"""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.db.core.engine import Database, open_database
from bot.db.core.ids import new_ids
from bot.db.tables import coupons, customer_stores, customers
from bot.domain.errors import ConflictError
from bot.domain.selling.offers import Offer
from bot.domain.shop import Staff
from tests.offers.issuing import a_customer, an_offer, counts, give
from tests.support import engines

FULL = bool(os.environ.get("ZHANGGUI_TEST_STORM"))
CUSTOMERS, CAP, TIMES = (400, 100, 5) if FULL else (60, 24, 4)
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def xiaowang(people) -> Staff:
    return people("小王")


@pytest.fixture
def crowd(database: Database, xiaowang: Staff, now: datetime) -> list[int]:
    """Customers of the store, nothing known of them."""
    ids = list(new_ids(CUSTOMERS))
    long_ago = {"created_at": now.replace(year=2025), "changed_at": now}
    plain = {"store_id": xiaowang.store_id, "guide_id": xiaowang.id, "state": "active", **long_ago}
    seen = {"store_id": xiaowang.store_id, "since_at": now}

    def write(conn) -> None:
        conn.execute(insert(customers), [{"id": row_id, **plain} for row_id in ids])
        conn.execute(insert(customer_stores), [{"customer_id": row_id, **seen} for row_id in ids])

    database.transact(write)
    return ids


@contextmanager
def processes(url: str, offer: Offer, crowd: list[int], now: datetime) -> Iterator[list["subprocess.Popen[str]"]]:
    """Two processes, both ready; half of all attempts each."""
    told = {"url": url, "offer": offer.number, "customers": crowd, "now": now.isoformat()}
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.offers.storming", json.dumps({**told, "seed": seed, "times": times})],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed, times in enumerate((TIMES // 2, TIMES - TIMES // 2))
    ]
    try:
        for one in begun:
            assert one.stdout
            assert one.stdout.readline() == "ready\n"
        yield begun
    finally:
        for one in begun:
            one.kill()
            one.wait()
            for pipe in (one.stdin, one.stdout):
                assert pipe
                pipe.close()


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def told_by(process: "subprocess.Popen[str]") -> list[int]:
    """The customers of every coupon a process saw committed, once it has ended."""
    assert process.stdout
    return [int(line) for line in process.stdout if line.endswith("\n")]


def holders(database: Database, offer: Offer) -> Counter[int]:
    wanted = select(coupons.c.customer_id).where(coupons.c.offer_id == offer.id)
    return Counter(database.transact(lambda conn: conn.execute(wanted).scalars().all()))


def test_a_storm_gives_out_exactly_what_there_is(database, database_url, crowd, now):
    offer = an_offer(database, now, cap=CAP)

    with processes(database_url, offer, crowd, now) as both:
        for one in both:
            go(one)
        said = [customer for one in both for customer in told_by(one)]
        assert [one.wait() for one in both] == [0, 0]

    assert counts(database, offer) == (CAP, CAP * 600, CAP)
    assert holders(database, offer) == Counter(said)
    assert set(holders(database, offer).values()) == {1}


def test_a_process_killed_in_the_storm_leaves_the_count_true(database, database_url, crowd, now):
    offer = an_offer(database, now, budget_fen=CAP * 600 + 599)

    with processes(database_url, offer, crowd, now) as (victim, other):
        assert victim.stdout
        go(victim)
        early = [int(victim.stdout.readline())]
        go(other)
        early += [int(line) for line in (victim.stdout.readline() for _ in range(CAP // 6)) if line]
        victim.kill()
        victim.wait()
        said = early + told_by(victim)
        said += told_by(other)
        assert other.wait() == 0

    issued, fen, there = counts(database, offer)
    assert (issued, fen, there) == (CAP, CAP * 600, CAP)
    held = holders(database, offer)
    assert set(held.values()) == {1}
    assert set(said) <= set(held)  # whatever was said is there; the last of the victim it may not have said
    assert len(said) == len(set(said))


@pytest.mark.parametrize("more", [{}, {"cap_each": 3}])
def test_the_same_reply_twice_at_once_on_two_connections_gives_one_coupon(database, database_url, xiaowang, now, more):
    offer, second = an_offer(database, now, **more), open_database(database_url, engines.KEYS)
    hers = [a_customer(database, now, xiaowang) for _ in range(6)]
    refused: list[str] = []
    try:
        for her in hers:
            gate = threading.Barrier(2)

            def reply(through: Database, her: int = her, gate: threading.Barrier = gate) -> None:
                gate.wait()
                try:
                    give(through, xiaowang, her, offer, now)
                except ConflictError as error:
                    refused.append(error.say[:7])

            threads = [threading.Thread(target=reply, args=(one,)) for one in (database, second)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        second.close()

    assert counts(database, offer) == (6, 3600, 6)
    assert holders(database, offer) == Counter(hers)
    assert refused == ["她已经有一张" + "「"] * 6


@pytest.mark.parametrize("bound", [{"cap": 1}, {"budget_fen": 1199}])
def test_the_last_coupon_goes_to_one_of_two_replicas(database, database_url, xiaowang, now, bound):
    second = open_database(database_url, engines.KEYS)
    try:
        for turn in range(5):
            offer = an_offer(database, now, f"最后{turn}张", **bound)
            hers = [a_customer(database, now, xiaowang) for _ in range(2)]
            gate, got = threading.Barrier(2), []

            def reply(through: Database, her: int, gate=gate, got=got, offer=offer) -> None:
                gate.wait()
                try:
                    got.append(give(through, xiaowang, her, replace(offer), now).customer_id)
                except ConflictError as error:
                    got.append(error.say)

            threads = [threading.Thread(target=reply, args=pair) for pair in zip((database, second), hers, strict=True)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert counts(database, offer) == (1, 600, 1)
            assert f"「{offer.name}」已发完，没发。" in got
            assert len(set(got) & set(hers)) == 1
    finally:
        second.close()
