"""Offers opened and stopped in chat, so that 撤 takes it back; the goods an offer may name."""

from datetime import datetime

from sqlalchemy import Connection, select

from bot.db.changes import Recorder
from bot.db.offers import offers as stored
from bot.db.tables import offers, products
from bot.domain.errors import ConflictError
from bot.domain.selling.drafts.offer import Good
from bot.domain.selling.offers import Offer


def goods(conn: Connection) -> dict[str, Good]:
    """Everything on sale, by name."""
    rows = conn.execute(
        select(products.c.id, products.c.name, products.c.category, products.c.price_fen)
        .where(products.c.active)
        .order_by(products.c.id)
    )
    return {row.name: Good(*row) for row in rows}


def named(conn: Connection, ids: tuple[int, ...]) -> list[str]:
    """What these products are called."""
    rows = conn.execute(select(products.c.name).where(products.c.id.in_(ids)).order_by(products.c.id))
    return list(rows.scalars())


def open_offer(recorder: Recorder, offer: Offer, staff_id: int, now: datetime) -> Offer:
    """Write a new offer; its number is given here."""
    made = stored.add(recorder.conn, offer, now, staff_id)
    recorder.made(offers, made.id)
    return made


def stop(recorder: Recorder, offer: Offer) -> None:
    """Let no more of an offer go out; what is out stays good."""
    if not recorder.claim(offers, offer.id, "live", state="stopped"):
        raise ConflictError(f"{offer.number}号「{offer.name}」已经停了。")
