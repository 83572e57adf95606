"""A house with people on both platforms, and platforms that do as a test says."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from bot.db.core.engine import Database
from tests.support.post_office import Office, bound


@pytest.fixture
def office(database: Database, now: datetime) -> Iterator[Office]:
    """A process that sends, on three channels that work; its clock stands still until it is moved."""
    database.transact(lambda conn: bound(conn, now))
    one = Office(database, now)
    yield one
    one.close()


@pytest.fixture
def second(database: Database, office: Office) -> Iterator[Callable[[], Office]]:
    """More processes over the same database, with the same platforms."""
    found: list[Office] = []

    def another() -> Office:
        found.append(Office(database, office.now, office.platforms))
        return found[-1]

    yield another
    for one in found:
        one.close()


@pytest.fixture
def night(now: datetime) -> datetime:
    """The same day at half past ten in the evening."""
    return now.replace(hour=22, minute=30) + timedelta(0)
