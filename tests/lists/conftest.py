"""The layered world of jobs' tests, talked to and run by hand: two stores, refreshed, everybody on the rota."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

import bot.handlers
import bot.jobs
from bot.chat import Choice, Incoming, Outcome
from bot.commands import collect as collect_commands
from bot.db import people
from bot.db.core.engine import Database, keys_of
from bot.db.shop import all_stores
from bot.db.tables import outbox, staff, stores
from bot.db.talk import conversations
from bot.dispatch import Dispatcher
from bot.schedule import collect, newest_slot
from bot.serve.due import Due, Ran, run_slot
from tests.support import due
from tests.support.cast import CAST, ZONE, address
from tests.support.layered import layered_world

JOBS = collect(bot.jobs)
TEN = datetime(2026, 11, 20, 10, tzinfo=ZONE)


@dataclass(slots=True)
class Shop:
    """The world, its clock, and everyone in it."""

    database: Database
    clock: datetime = TEN
    said: int = 0
    choices: tuple[Choice, ...] = ()
    dispatcher: Dispatcher = field(init=False)

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self.database, collect_commands(bot.handlers))

    def say(self, name: str, text: str, *, group: str | None = None, quoted: str = "") -> Outcome:
        """What the bot answers, a second after the message before."""
        self.said += 1
        self.clock += timedelta(seconds=1)
        self.database.transact(self._arrives)
        message = Incoming(str(self.said), address(name, group), text, self.clock, quoted=quoted)
        outcome = self.dispatcher.handle(message)
        self.choices = (outcome.reply.private or outcome.reply).choices
        return outcome

    def _arrives(self, conn: Connection) -> None:
        """Whatever is queued is on the phones: its digits answer it."""
        wanted = select(outbox.c.id, outbox.c.menu_id, staff.c.id, staff.c.code).outerjoin(
            staff, staff.c.id == outbox.c.staff_id
        )
        for row_id, menu_id, staff_id, code in conn.execute(wanted.where(outbox.c.state == "due")).all():
            conn.execute(update(outbox).where(outbox.c.id == row_id).values(state="sent"))
            if menu_id:
                conversations.point(conn, staff_id, f"console:{code}", menu_id, self.clock)

    def run(self, name: str, at: datetime | None = None) -> Ran:
        """A job now, for every store."""
        now = at or self.clock
        slot = newest_slot(JOBS[name], now, timedelta(days=1), ZONE)
        assert slot
        with self.database.reading() as conn:
            some = all_stores(conn)
        return run_slot(self.database, Due(JOBS[name], slot), some, now)

    def told(self, to: str) -> list[str]:
        """Everything that was queued for a person, or for a store's group, oldest first."""

        def read(conn: Connection) -> list[str]:
            staff_id = people.staff_id_of(conn, CAST[to].code) if to in CAST else None
            store = None if to in CAST else people.store_by_code(conn, to)
            whose = outbox.c.staff_id == staff_id if staff_id else outbox.c.store_id == (store.id if store else 0)
            rows = conn.execute(select(outbox.c.id, outbox.c.body).where(whose).order_by(outbox.c.id)).all()
            return [keys_of(conn).unseal("outbox.body", row.id, row.body).partition("\x1f")[0] for row in rows]

        return self.database.transact(read)

    def write(self, what: Callable[..., None], *values: object) -> None:
        """Something nobody can say."""
        self.database.transact(lambda conn: what(conn, *values))


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    layered_world(database, TEN - timedelta(hours=12))
    database.transact(lambda conn: conn.execute(update(stores).values(data_at=TEN - timedelta(hours=12))))
    return Shop(database)


@pytest.fixture
def grouped(shop: Shop) -> Shop:
    shop.write(due.grouped, TEN)
    return shop


def name_of(database: Database, staff_id: int) -> str:
    """What somebody is called here."""
    with database.reading() as conn:
        code = conn.execute(select(staff.c.code).where(staff.c.id == staff_id)).scalar()
    return next(one.name for one in CAST.values() if one.code == code)
