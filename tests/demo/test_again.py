"""After the demo's day its tills sell last week's goods again, in posts that the bot takes without a word."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.db import shop
from bot.db.core.engine import Database
from bot.demo import make
from bot.demo.selling.again import sales
from bot.intake.options import Options
from bot.intake.posted import read_post, store_post
from tests.support.cast import ZONE

AT = datetime(2026, 11, 22, 15, tzinfo=ZONE)


@pytest.fixture
def engine() -> str:
    """One engine is enough: what is read is read by plain statements."""
    return "sqlite"


def test_what_is_sold_until_a_moment_is_taken_and_nothing_is_sold_twice(database: Database, tmp_path: Path) -> None:
    make(database, customers=60, at=AT)
    sold = database.transact(sales)
    morning = AT + timedelta(hours=17, minutes=30)

    posts = sold.until(morning)
    days = [order["ordered_at"][:10] for body in posts for order in json.loads(body)["orders"]]
    taken = [store_post(database, read_post(body), Options(tmp_path, morning, via="post")) for body in posts]
    assert set(days) == {"2026-11-22"}
    assert [(one.refused, one.ignored, one.read - one.new) for one in taken] == [((), (), 0)]
    with database.reading() as conn:
        assert {one.data_at.astimezone(ZONE).date() for one in shop.all_stores(conn) if one.data_at} == {AT.date()}

    sold.known(morning)
    assert sold.until(morning) == []
    assert sold.until(AT) == []


def test_a_long_leap_brings_the_last_two_weeks(database: Database) -> None:
    make(database, customers=20, at=AT)

    posts = database.transact(sales).until(AT + timedelta(days=300))

    days = {order["ordered_at"][:10] for body in posts for order in json.loads(body)["orders"]}
    assert (min(days), max(days)) == ("2027-09-04", "2027-09-18")
