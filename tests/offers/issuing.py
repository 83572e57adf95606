"""Giving coupons in a test as a message would: one transaction, one unit, whoever asks."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from bot.actions import giving, undoing
from bot.actions.notes import Writer
from bot.db import changes, customers, people
from bot.db.changes import Recorder, Unit
from bot.db.core.engine import Database
from bot.db.core.ids import new_id
from bot.db.offers import offers
from bot.db.tables import coupons
from bot.db.tables import offers as offers_table
from bot.domain.selling.offers import Coupon, Offer, Terms
from bot.domain.shop import Staff


def an_offer(database: Database, now: datetime, name: str = "满30减6", **more: Any) -> Offer:
    """A cut of six yuan that costs six, unless said otherwise."""
    plain = offers.draft(name, "cut", Terms(off_fen=600, least_fen=3000, words="满30元减6元"), 14, 600)
    return database.transact(lambda conn: offers.add(conn, replace(plain, **more), now))


def a_customer(database: Database, now: datetime, guide: Staff, **more: Any) -> int:
    """Somebody who has been a customer of this guide's for a month."""
    row_id = new_id()
    joined_at = more.pop("joined_at", None) or datetime.fromtimestamp(now.timestamp() - 30 * 86400, now.tzinfo)
    values = {"name": "王芳", "store_id": guide.store_id, "guide_id": guide.id, "source": "路过", **more}
    database.transact(lambda conn: customers.add(conn, row_id, joined_at, **values))
    return row_id


def give(database: Database, who: Staff, customer_id: int, offer: Offer, now: datetime, **more: Any) -> Coupon:
    """One coupon, filed so that it can be taken back."""
    return database.transact(lambda conn: given(conn, who, customer_id, offer, now, **more))


def given(conn: Connection, who: Staff, customer_id: int, offer: Offer, now: datetime, **more: Any) -> Coupon:
    """The same in a transaction there is."""
    writer = Writer(Recorder(conn, new_id()), who, now)
    sight = customers.by_id(conn, customer_id, seen_by=who)
    assert sight
    made = giving.give(writer, sight, offer, **more)
    writer.recorder.close(Unit(writer.recorder.unit_id, who.id, who.store_id, customer_id, "发", "发券", now, None))
    return made


def take_back(database: Database, who: Staff, now: datetime, turn: int = 0) -> None:
    """撤 of what this person did last, or further back."""

    def work(conn: Connection) -> None:
        unit = changes.recent(conn, who.id, datetime.fromtimestamp(0, now.tzinfo))[turn]
        undoing.take_back(conn, who, now, unit)

    database.transact(work)


def counts(database: Database, offer: Offer) -> tuple[int, int, int]:
    """Coupons issued and fen committed as the offer says, and how many coupons there are."""

    def read(conn: Connection) -> tuple[int, int, int]:
        said = select(offers_table.c.issued, offers_table.c.committed_fen).where(offers_table.c.id == offer.id)
        there = select(func.count()).select_from(coupons).where(coupons.c.offer_id == offer.id)
        return (*conn.execute(said).one(), conn.execute(there).scalar_one())

    return database.transact(read)


def at(database: Database, offer: Offer) -> Offer:
    """The offer as it stands now."""
    found = database.transact(lambda conn: offers.by_id(conn, offer.id))
    assert found
    return found


def limit(database: Database, **fen: int) -> None:
    """What a guide and a manager may give alone."""
    database.transact(lambda conn: people.change_chain(conn, **fen))
