"""Where an import stands: the database it asks and writes, its options, and pretending where nothing may be written."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import count
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.db.bulk import branches
from bot.db.core.engine import Database
from bot.intake.options import Options
from bot.intake.pace import Pace

T = TypeVar("T")


class Desk:
    """One import: reads outside transactions, writes in short ones; a dry run only pretends to write."""

    def __init__(self, database: Database, options: Options) -> None:
        """Take the database and what was asked."""
        self.database = database
        self.options = options
        self.pace = Pace()
        self._pretended = count(-1, -1)

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for statements that only read."""
        return self.database.reading()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run a short transaction."""
        return self.database.transact(work)

    def zone(self) -> ZoneInfo:
        """The chain's time zone."""
        with self.reading() as conn:
            return branches.chain_zone(conn)

    def pretend_id(self) -> int:
        """The id of a row that a dry run would have made: no real id is negative."""
        return next(self._pretended)
