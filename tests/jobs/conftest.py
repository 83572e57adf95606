"""What tests of the machinery share: two stores, jobs that tell what they did, and what stands in the outbox."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from bot.db.core.engine import Database
from bot.db.tables import job_runs, outbox
from tests.support.cast import add_cast


@pytest.fixture
def shop(database: Database, now: datetime) -> Database:
    """Both stores and everyone who works there."""
    database.transact(lambda conn: add_cast(conn, now))
    return database


@pytest.fixture
def owed(database: Database) -> Callable[[], Counter[str]]:
    """How often each text is owed."""

    def read() -> Counter[str]:
        with database.reading() as conn:
            rows = conn.execute(select(outbox.c.id, outbox.c.body)).all()
        return Counter(database.keys.unseal("outbox.body", row.id, row.body) for row in rows)

    return read


@pytest.fixture
def runs(database: Database) -> Callable[[], list[tuple[str, str, int, bool]]]:
    """What was claimed: job and local slot, target, how many messages, whether late."""

    def read() -> list[tuple[str, str, int, bool]]:
        with database.reading() as conn:
            rows = conn.execute(select(job_runs).order_by(job_runs.c.slot, job_runs.c.job, job_runs.c.target)).all()
        return [(f"{row.job} {row.slot:%d %H:%M}", row.target, row.queued, row.late) for row in rows]

    return read
