"""Redeeming a coupon, in chat, from a file or by the till; taking it back, and giving it back for a refund.

What is looked at before the database is asked is only for the sentence: whether there is a use is decided by it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from bot.actions.notes import Writer
from bot.cards import offers as offering
from bot.cards import redeeming as wording
from bot.db import changes, people
from bot.db.bulk.branches import chain_zone
from bot.db.offers import redemptions, tills
from bot.db.offers.redemptions import Use, Via
from bot.db.tables import redemptions as table
from bot.domain.errors import ConflictError, UnavailableError
from bot.domain.selling.offers import Coupon, Offer

GUESSES, GUESSING = 10, timedelta(hours=1)


class NotRedeemableError(ConflictError):
    """A coupon cannot be used here and now; `reason` is the word for it that a till may rely on."""

    def __init__(self, reason: str, say: str) -> None:
        """Take the word and the sentence."""
        super().__init__(say)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A use that was had; `coupon` as it was left by it. `again`: the same order had had it before."""

    coupon: Coupon
    use_no: int
    at: datetime
    again: bool = False


def redeem(  # noqa: PLR0913 — where, by whom, how, in which order and when
    conn: Connection,
    coupon: Coupon,
    *,
    store_id: int,
    staff_id: int | None,
    via: Via,
    order_no: str | None,
    now: datetime,
) -> Redeemed:
    """Use a coupon once; the same order again is told the same, and uses nothing. Raises NotRedeemableError."""
    values = {"store_id": store_id, "staff_id": staff_id, "via": via, "order_no": order_no, "at": now}
    row, redeemed = _spent(conn, coupon, values)
    if row:
        conn.execute(insert(table).values(**row))
        tills.tell(conn, coupon.id, "redeemed", now, order_no)
    return redeemed


def redeem_in_chat(writer: Writer, coupon: Coupon) -> Redeemed:
    """The same by somebody who may take it back."""
    conn, staff = writer.recorder.conn, writer.staff
    values = {"store_id": staff.store_id, "staff_id": staff.id, "via": "chat", "order_no": None, "at": writer.now}
    row, redeemed = _spent(conn, coupon, values)
    if row:
        writer.recorder.insert(table, row)
        tills.tell(conn, coupon.id, "redeemed", writer.now)
    return redeemed


def look(conn: Connection, coupon: Coupon, store_id: int, now: datetime, order_no: str | None = None) -> bool:
    """Whether this order has had it already; raises NotRedeemableError where nobody could redeem it now."""
    if order_no and _earlier(conn, coupon, order_no):
        return True
    if refusal := _refusal(conn, coupon, store_id, now.astimezone(chain_zone(conn))):
        raise refusal
    return False


def _spent(conn: Connection, coupon: Coupon, use: dict[str, Any]) -> tuple[dict[str, Any] | None, Redeemed]:
    """The row to write for one use taken, and what it left; no row where this order had it before."""
    state, left = redemptions.hold(conn, coupon.id)
    coupon = replace(coupon, state=state, uses_left=left)
    if use["order_no"] and (earlier := _earlier(conn, coupon, use["order_no"])):
        return None, earlier
    local = use["at"].astimezone(chain_zone(conn))
    refusal = _refusal(conn, coupon, use["store_id"], local)
    if refusal or not redemptions.spend(conn, coupon.id, use["store_id"], local.date()):
        raise refusal or NotRedeemableError("busy", "这张券正好有别人在核，请再试一次。")
    row = redemptions.row(conn, coupon.id, use)
    coupon = replace(coupon, uses_left=left - 1, state="used" if left == 1 else "live")
    return row, Redeemed(coupon, row["use_no"], use["at"])


def _earlier(conn: Connection, coupon: Coupon, order_no: str) -> Redeemed | None:
    """What this order had of the coupon before, as it was left then; one that was given back is not had again."""
    uses = redemptions.of_coupon(conn, coupon.id)
    mine = [use for use in uses if use.order_no == order_no]
    if not mine:
        return None
    use = next((one for one in mine if one.state == "live"), None)
    if use is None:
        say = f"「{coupon.offer.name}」在这一单用过，这一单退了，券已经还回去：再用请用新的单号。"
        raise NotRedeemableError("refunded", say)
    then = [one for one in uses if one.id <= use.id and (one.restored_at is None or one.restored_at > use.at)]
    left = max(0, coupon.uses - len(then))
    return Redeemed(replace(coupon, uses_left=left, state="live" if left else "used"), use.use_no, use.at, again=True)


def _refusal(conn: Connection, coupon: Coupon, store_id: int, local: datetime) -> NotRedeemableError | None:
    """Why a coupon cannot be used in a store at a local moment."""
    name, only, on = coupon.offer.name, coupon.offer.store_id, local.date()
    if coupon.state == "void":
        return NotRedeemableError("void", f"「{name}」这张已经作废，不能核。")
    if coupon.uses_left < 1:
        return NotRedeemableError("used", _used(conn, coupon, local))
    if only not in (None, store_id):
        there = people.store_name(conn, only or 0)
        return NotRedeemableError("store", f"「{name}」只能在{there}用，这里核不了。")
    if on > coupon.ends_on:
        return NotRedeemableError("expired", f"「{name}」{wording.day(coupon.ends_on)}就到期了，核不了。")
    if on < coupon.starts_on:
        return NotRedeemableError("early", f"「{name}」{wording.day(coupon.starts_on)}起才能用，今天还核不了。")
    return _not_now(coupon.offer, local)


def _not_now(offer: Offer, local: datetime) -> NotRedeemableError | None:
    """Why an offer does not hold on this weekday, or at this hour."""
    terms, minute = offer.terms, local.hour * 60 + local.minute
    if terms.weekdays and local.isoweekday() not in terms.weekdays:
        return NotRedeemableError("weekday", f"「{offer.name}」只在{offering.when(terms)}能用，今天核不了。")
    first, last = terms.from_minute, terms.to_minute
    if not (first <= minute < last if first <= last else minute >= first or minute < last):
        return NotRedeemableError("hour", f"「{offer.name}」只在{offering.when(terms)}能用，现在核不了。")
    return None


def _used(conn: Connection, coupon: Coupon, local: datetime) -> str:
    last = next((use for use in reversed(redemptions.of_coupon(conn, coupon.id)) if use.state == "live"), None)
    if last is None:
        return f"「{coupon.offer.name}」已经用完了。"
    at = last.at.astimezone(local.tzinfo)
    return wording.used(coupon.offer.name, redemptions.by_whom(conn, last), at, last.store)


def refuse_guessing(conn: Connection, staff_id: int, now: datetime) -> None:
    """Whoever keeps trying codes that are none must wait; raises UnavailableError."""
    if redemptions.wrong_codes(conn, staff_id, now - GUESSING) >= GUESSES:
        raise UnavailableError("券码试错太多次了，请过一小时再核；急的话请店长来核，或从客人的卡片里点。")


# --- giving back -----------------------------------------------------------------------------------------------


def restore_for(conn: Connection, order_nos: Iterable[str], now: datetime) -> int:
    """Give back what was used in sales of which these orders leave nothing; gives how many uses.

    Call it in the transaction that stores the orders. A partial refund gives nothing back, and a use that was given
    back for an order is not given back for it again. The last day of a coupon stays what it was.
    """
    numbers = set(order_nos)
    if not numbers:
        return 0
    zone, count = chain_zone(conn), 0
    for sale in redemptions.with_uses(conn, redemptions.emptied(conn, numbers)):
        begins = datetime.combine(sale.ordered_on, time(), zone)
        ends = datetime.combine(sale.ordered_on + timedelta(days=1), time(), zone)
        for use in redemptions.of_sale(conn, sale, (begins, ends)):
            redemptions.hold(conn, use.coupon_id)
            if redemptions.restore(conn, use, sale.order_no, now):
                tills.tell(conn, use.coupon_id, "restored", now, sale.order_no)
                count += 1
    return count


@dataclass(frozen=True, slots=True)
class TakingBack:
    """What a unit did to coupons: the uses it made, and the coupons it made or changed, as they are."""

    uses: Sequence[Use]
    coupons: Sequence[Coupon]


def taking_back(conn: Connection, unit_id: int) -> TakingBack:
    """What of coupons a unit is about to take back; raises ConflictError where a use was given back already."""
    uses = redemptions.by_ids(conn, changes.inserted(conn, unit_id, table.name))
    if any(use.state == "restored" for use in uses):
        raise ConflictError("撤不了：那一单退了，券已经自动还给客人。")
    return TakingBack(uses, tills.touched(conn, unit_id))


def took_back(conn: Connection, what: TakingBack, now: datetime) -> None:
    """The other half: once the rows are gone the coupons have their uses again, and the till's system hears of it."""
    for use in what.uses:
        redemptions.give_back(conn, use.coupon_id)
        tills.tell(conn, use.coupon_id, "restored", now)
    for coupon in what.coupons:
        tills.tell_difference(conn, coupon, now)
