"""The coupons that order files and posts say were used: each is redeemed with its order, or remarked, never refused."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from bot.actions import redeeming
from bot.db.bulk.branches import chain_zone
from bot.db.offers import coupons
from bot.domain.errors import ConflictError, NotFoundError, RefusalError
from bot.domain.selling import codes as coupon_codes
from bot.intake.options import Options

_TAKEN = "订单已经导入，券没有核："
_BETWEEN = re.compile(r"[、,，;；|]+")


@dataclass(frozen=True, slots=True)
class Used:
    """What a sale says of coupons: where, whose, when (None: on that day), the codes, and its rows in the file."""

    order_no: str
    store_id: int
    customer_id: int | None
    on: date
    at: datetime | None
    codes: str
    rows: tuple[int, ...]


def spend(conn: Connection, used: Used, options: Options) -> str:
    """Redeem every coupon of a sale; gives what is to be remarked, and nothing where all is well."""
    said = []
    for code in _BETWEEN.split(used.codes):
        if not code.strip():
            continue
        try:
            _redeem(conn, used, code, options)
        except RefusalError as refusal:
            said.append(refusal.say)
    return _TAKEN + " ".join(dict.fromkeys(said)) if said else ""


def _redeem(conn: Connection, used: Used, code: str, options: Options) -> None:
    coupon = coupons.by_code(conn, coupon_codes.read(code))
    if coupon is None:
        raise NotFoundError("没有这张券，请核对券码。")
    if used.customer_id not in (None, coupon.customer_id):
        raise ConflictError("这张券是别的客人的。")
    opens = timedelta(minutes=coupon.offer.terms.from_minute)  # without a time of day, the hour is not held against it
    at = used.at or datetime.combine(used.on, time(), chain_zone(conn)) + opens
    if options.dry_run:
        redeeming.look(conn, coupon, used.store_id, at, used.order_no)
        return
    redeeming.redeem(
        conn,
        coupon,
        store_id=used.store_id,
        staff_id=None,
        via=options.via,
        order_no=used.order_no,
        now=at,
    )
