"""Giving a coupon: every check for its sentence, then the database decides; taken back by 撤 while it is unused."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.actions import discretion, gate
from bot.actions.gate import Known, NeedsApprovalError
from bot.actions.notes import Writer
from bot.cards import offers as lines
from bot.db import customers
from bot.db.core.engine import keys_of
from bot.db.offers import coupons as issued
from bot.db.offers import offers as batches
from bot.db.offers import tills
from bot.db.offers.coupons import Issue
from bot.db.tables import coupons, offers
from bot.domain import words
from bot.domain.customers import Sight
from bot.domain.errors import ConflictError, Offers
from bot.domain.selling.gate import Barred
from bot.domain.selling.offers import Coupon, Offer
from bot.domain.shop import Staff

_INSTEAD = 3


def give(writer: Writer, sight: Sight, offer: Offer, *, override: str = "") -> Coupon:
    """Give a customer a coupon of an offer; `override` is why she may have it although an allergy stands against it.

    Raises ConflictError with what may be given instead, NeedsApprovalError before anything is written.
    """
    why = check(writer, sight, offer, override=override)
    conn, staff, cost = writer.recorder.conn, writer.staff, f"这张券最多值{words.money(offer.cost_fen)}"
    if not gate.may_give(conn, offer, staff):
        raise NeedsApprovalError(f"{cost}，超过能直接发的额度")
    if doubt := gate.doubtful(conn, sight, offer, staff, writer.now):
        raise NeedsApprovalError(doubt)
    return issue(writer, sight, offer, override=why)


def check(writer: Writer, sight: Sight, offer: Offer, *, override: str = "") -> str:
    """Refuse with a sentence whatever stands against it; gives the reason typed, where one was needed."""
    conn, staff = writer.recorder.conn, writer.staff
    gate.refuse_unfit(offer, staff, writer.today)
    refuse_backwards(writer)
    known = gate.known_of(conn, sight.customer.id, writer.now)
    gate.refuse_unwilling(known)
    gate.refuse_out_of_season(conn, sight, offer, staff, writer.today)
    found = gate.barred_by(conn, known, offer)
    if found is None or not found.whole:
        return ""
    if is_reason(override):
        return override.strip()
    instead = alternatives(conn, sight, staff, fitting(conn, sight, staff, writer.now, known=known))
    raise gate.refusal(found, offer, discretion.words(conn, staff, gate.why(found, staff), sight), instead)


def is_reason(typed: str) -> bool:
    """Whether what was typed can be a reason: two letters at least."""
    return sum(char.isalpha() for char in typed) > 1


def refuse_backwards(writer: Writer) -> None:
    """A clock that says an earlier day than this person was heard on opens nothing; raises ConflictError."""
    last = batches.last_heard(writer.recorder.conn, writer.staff.id)
    if last is not None and last.astimezone(writer.staff.zone).date() > writer.today:
        raise ConflictError("机器的日期比之前早了，先不发券：请管理员校对时间。")


def issue(writer: Writer, sight: Sight, offer: Offer, *, override: str = "", asker: int | None = None) -> Coupon:
    """Write the coupon and count it, both or neither; `asker` is who gives it where somebody else agreed."""
    recorder = writer.recorder
    conn, customer_id = recorder.conn, sight.customer.id
    what = Issue(
        customer_id=customer_id,
        store_id=writer.staff.store_id or sight.customer.store_id,
        staff_id=asker or writer.staff.id,
        now=writer.now,
        today=writer.today,
        override=override,
    )
    made = issued.insert_one(conn, offer, what)
    if made is None:
        raise _had(conn, sight, offer, writer)
    recorder.made(coupons, made.id)
    if not batches.take_one(conn, offer, writer.today):
        raise _gone(conn, offer)
    recorder.counted(offers, offer.id, issued=1, committed_fen=offer.cost_fen)
    tills.tell(conn, made.id, "issued", writer.now)
    return made


def _had(conn: Connection, sight: Sight, offer: Offer, writer: Writer) -> ConflictError:
    live = [one for one in issued.of_customer(conn, sight.customer.id, writer.today) if one.offer.id == offer.id]
    if live:
        until = lines.until(live[0].ends_on, writer.today)
        return ConflictError(f"她已经有一张「{offer.name}」没用（尾码 {live[0].tail}，到{until}），没有再发。")
    return ConflictError(f"「{offer.name}」每人{offer.cap_each}张，她已经领过了，没有再发。")


def _gone(conn: Connection, offer: Offer) -> ConflictError:
    now_there = batches.by_id(conn, offer.id)
    if now_there is None or now_there.state != "live":
        return ConflictError(f"「{offer.name}」已经结束了，没发。")
    return gate.gone(offer)


def fitting(conn: Connection, sight: Sight, staff: Staff, now: datetime, *, known: Known | None = None) -> list[Offer]:
    """What a card may propose to her here, best first: on today (the hour aside), left, wanted, allowed, not had."""
    return [offer for offer, _ in proposals(conn, sight, staff, now, known=known)]


def proposals(
    conn: Connection, sight: Sight, staff: Staff, now: datetime, *, known: Known | None = None
) -> list[tuple[Offer, Barred | None]]:
    """The same, each with what of it must be named as barred."""
    today = now.astimezone(staff.zone).date()
    standing = batches.standing(conn, staff.store_id)
    batches.close(conn, [offer for offer in standing if batches.has_ended(offer, today)])
    found = [offer for offer in standing if batches.is_on(offer, today) and batches.is_left(offer)]
    if not found:
        return []
    known = known or gate.known_of(conn, sight.customer.id, now)
    if known.declines or known.complains:
        return []
    if not gate.celebrates(conn, sight, today):
        apart = gate.birthday_offer(conn, staff)
        found = [offer for offer in found if offer.name != apart]
    had = issued.had_by(conn, sight.customer.id)
    found = [offer for offer in found if issued.place(offer, had.get(offer.id, ()), today) is not None]
    usual = {line.product_id for line in sight.stats.recent}

    def rank(one: tuple[Offer, Barred | None]) -> tuple[bool, bool, bool, int]:
        offer, bar = one
        return bar is not None, not usual & set(offer.terms.items), offer.store_id is None, offer.number

    return sorted(gate.clear(conn, known, found), key=rank)


def gives_alone(conn: Connection, sight: Sight, offer: Offer, staff: Staff, now: datetime) -> bool:
    """Whether this person may give her this offer without asking anybody."""
    return gate.may_give(conn, offer, staff) and not gate.doubtful(conn, sight, offer, staff, now)


def command(conn: Connection, customer_id: int, staff: Staff, offer: Offer) -> str:
    """What a digit or a button says to give this offer to this customer; works for this person alone."""
    return f"发 #{keys_of(conn).token(customer_id, staff.id)} {offer.number}"


def alternatives(conn: Connection, sight: Sight, staff: Staff, found: Sequence[Offer]) -> Offers:
    """Some offers as choices."""
    return tuple((offer.name, command(conn, sight.customer.id, staff, offer)) for offer in found[:_INSTEAD])


def sight_of(conn: Connection, customer_id: int, staff: Staff) -> Sight:
    """Her as this person sees her now; raises ConflictError where she does not, any more."""
    found = customers.by_id(conn, customer_id, seen_by=staff)
    if found is None:
        raise ConflictError("她的档案现在不在你这里（可能合并或转店了），没有发。")
    return found
