"""What a till needs to know of a coupon, and what is owed to the till's own system; never whose it is."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.offers import coupons
from bot.db.tables import changes, products, stores
from bot.db.talk import outbox
from bot.domain.selling.offers import Coupon, Offer


def terms(conn: Connection, offer: Offer) -> dict[str, Any]:
    """An offer as a till applies it: products by their codes, money in fen, minutes of the local day."""
    said = offer.terms
    wanted = [*said.items, *([said.gift_id] if said.gift_id else [])]
    codes: dict[int, str] = {}
    if wanted:
        found = conn.execute(select(products.c.id, products.c.code).where(products.c.id.in_(wanted)))
        codes = {row.id: row.code for row in found}
    return {
        "offer": offer.name,
        "offer_no": offer.number,
        "kind": offer.kind,
        "off_fen": said.off_fen,
        "percent": said.percent,
        "least_fen": said.least_fen,
        "items": [codes[row_id] for row_id in said.items if row_id in codes],
        "categories": list(said.categories),
        "gift": codes.get(said.gift_id or 0),
        "weekdays": list(said.weekdays),
        "from_minute": said.from_minute,
        "to_minute": said.to_minute,
        "words": said.words,
    }


def tell(conn: Connection, coupon_id: int, event: str, now: datetime, order_no: str | None = None) -> None:
    """Owe the till's system what became of a coupon (issued, redeemed, restored, void), where the chain has one.

    Call it behind the change: what is told is how the coupon stands now.
    """
    if not outbox.tells_till(conn):
        return
    coupon = coupons.by_id(conn, coupon_id)
    if coupon:
        owe(conn, coupon, event, now, order_no)


def owe(conn: Connection, coupon: Coupon, event: str, now: datetime, order_no: str | None = None) -> None:
    """The same of a coupon at hand, which may be about to go."""
    if not outbox.tells_till(conn):
        return
    only = coupon.offer.store_id
    store = conn.execute(select(stores.c.code).where(stores.c.id == only)).scalar() if only else None
    key = f"{outbox.TILL}:coupon:{coupon.id}:{event}:{new_id()}"
    body = {
        "event": event,
        "key": key,
        "at": now.isoformat(),
        "code": coupon.code,
        "state": "void" if event == "void" else coupon.state,
        "uses_left": 0 if event == "void" else coupon.uses_left,
        "uses": coupon.uses,
        "starts_on": coupon.starts_on.isoformat(),
        "ends_on": coupon.ends_on.isoformat(),
        "store": store,
        "order_no": order_no,
        **terms(conn, coupon.offer),
    }
    outbox.tell_till(conn, key, json.dumps(body, ensure_ascii=False), now)


def touched(conn: Connection, unit_id: int) -> list[Coupon]:
    """The coupons that a unit of writing made or changed, for the till's system to hear what undo makes of them."""
    if not outbox.tells_till(conn):
        return []
    rows = conn.execute(
        select(changes.c.id, changes.c.before).where(changes.c.unit_id == unit_id, changes.c.target == "coupons")
    )
    images = [keys_of(conn).unseal_json("changes.before", row.id, row.before) for row in rows]
    found = (coupons.by_id(conn, row_id) for row_id in {image["key"]["id"]: None for image in images})
    return [coupon for coupon in found if coupon]


def tell_difference(conn: Connection, was: Coupon, now: datetime) -> None:
    """Tell how a coupon stands now, where it stood otherwise; one that is gone is void."""
    stands = coupons.by_id(conn, was.id)
    if stands is None:
        owe(conn, was, "void", now)
    elif (stands.state, stands.uses_left) != (was.state, was.uses_left):
        owe(conn, stands, "void" if stands.state == "void" else "restored", now)
