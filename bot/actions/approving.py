"""Asking somebody who may: the store's managers, or head office; her yes gives the coupon, checked all over again."""

from bot.actions import discretion, gate, giving
from bot.actions.gate import NeedsApprovalError
from bot.actions.notes import Writer
from bot.cards import profile
from bot.db import customers, people
from bot.db.offers import approvals as stored
from bot.db.offers import offers as batches
from bot.db.offers.approvals import Approval
from bot.db.talk import outbox
from bot.domain.customers import Sight
from bot.domain.errors import ConflictError, NotAllowedError, NotFoundError
from bot.domain.selling.gate import Barred
from bot.domain.selling.offers import Coupon, Offer


def give_or_ask(writer: Writer, sight: Sight, offer: Offer, *, override: str = "") -> Coupon | Approval:
    """Give a coupon; where somebody else must agree, ask her instead."""
    try:
        return giving.give(writer, sight, offer, override=override)
    except NeedsApprovalError as needed:
        return ask(writer, sight, offer, needed.why, override=override)


def ask(writer: Writer, sight: Sight, offer: Offer, why: str, *, override: str = "") -> Approval:
    """Ask for a coupon and tell those who may agree; raises ConflictError where it was asked already."""
    conn, staff = writer.recorder.conn, writer.staff
    before = stored.waits_for(conn, sight.customer.id, offer.id)
    if before:
        raise ConflictError(f"这张已经请示过了（{before.number}号），还在等答复。")
    store_id = staff.store_id or sight.customer.store_id
    those = stored.who_may(conn, store_id, offer, staff)
    if not those:
        raise NotAllowedError(f"{why}，可是还没有能批的人：请管理员先加店长或总部账号。")
    asked = stored.add(
        writer.recorder,
        Approval(0, store_id, 0, sight.customer.id, offer, why, override.strip(), "waiting", staff.id, writer.now),
    )
    whole = customers.whole(conn, sight)
    what, bar = f"发「{offer.name}」（{why}）", _insisted(writer, asked)
    managers = {row_id for row_id, _, _, role in people.colleagues(conn, store_id) if role == "manager"}
    for staff_id, _ in those:
        warning = _warning(bar, asked, knows=staff_id in managers)
        said = f"🔔 {staff.name} 请示：给{profile.who(whole)}{what}。{warning}{_how(asked)}"
        discreet = f"🔔 {staff.name} 请示{what}。{_warning(bar, asked, knows=False)}{_how(asked)}"
        key = f"unit:{writer.recorder.unit_id}:{staff_id}"
        outbox.tell(conn, staff_id, key, said, writer.now, discreet, urgent=bar is not None)
    return asked


def _insisted(writer: Writer, asked: Approval) -> Barred | None:
    """What stands against it, where whoever asks insists all the same."""
    if not asked.override:
        return None
    return gate.against(writer.recorder.conn, asked.customer_id, asked.offer, writer.now)


def _warning(bar: Barred | None, asked: Approval, *, knows: bool) -> str:
    """That she must not have it, and why it is wanted all the same: never decided without knowing."""
    if bar is None:
        return ""
    if not knows:
        return "⚠️ 店里有提醒，这张不宜给她，导购坚持要发。"
    return f"⚠️ {gate.plainly(bar)}，坚持要发的原因：{asked.override[:60]}。"


def _how(asked: Approval) -> str:
    return f"回「批 {asked.number}」同意，「批 {asked.number} 不」不同意。"


def waiting(writer: Writer) -> list[tuple[Approval, Sight]]:
    """What this person may decide, oldest first, with the customer as she sees her; nobody out of her sight."""
    conn, staff = writer.recorder.conn, writer.staff
    listed = [one for one in stored.waiting(conn, staff.store_id) if _may(writer, one)]
    seen = [(one, customers.by_id(conn, one.customer_id, seen_by=staff)) for one in listed]
    return [(one, sight) for one, sight in seen if sight]


def the_one(writer: Writer, number: int) -> Approval:
    """What waits under a number of her store; for head office, of whichever store has it alone.

    Raises NotFoundError, or ConflictError where it was decided.
    """
    conn, store_id = writer.recorder.conn, writer.staff.store_id
    if store_id is not None:
        found = stored.by_number(conn, store_id, number)
    else:
        several = [one for one in stored.waiting(conn, None) if one.number == number]
        if len(several) > 1:
            raise ConflictError(f"有{len(several)}家店都有{number}号，请从「批」的列表里选。")
        found = several[0] if several else None
    if found is None:
        raise NotFoundError(f"没有{number}号请示。发「批」看在等的。")
    return found


def decide(writer: Writer, asked: Approval, *, granted: bool, reason: str = "") -> Coupon | None:
    """Say yes, which gives her the coupon if it still may be given, or no; whoever asked is told.

    Raises NotAllowedError where it is not hers to decide, ConflictError where it is decided or cannot be done now.
    """
    conn, staff = writer.recorder.conn, writer.staff
    if not _may(writer, asked):
        raise NotAllowedError("这张要别人来批：" + _whom(writer, asked))
    state: stored.State = "granted" if granted else "refused"
    if not stored.decide(writer.recorder, asked, state, staff.id, writer.now):
        raise ConflictError(f"{asked.number}号已经有答复了。")
    sight = giving.sight_of(conn, asked.customer_id, staff)
    made = None
    if granted:
        now_there = batches.by_id(conn, asked.offer.id) or asked.offer
        why = giving.check(writer, sight, now_there, override=asked.override)
        made = giving.issue(writer, sight, now_there, override=why, asker=asked.asked_by)
    _tell_asker(writer, asked, sight, made, reason)
    return made


def shown(writer: Writer, asked: Approval) -> Sight | None:
    """Whom it is for, as this person sees her."""
    return customers.by_id(writer.recorder.conn, asked.customer_id, seen_by=writer.staff)


def against(writer: Writer, asked: Approval) -> str:
    """What stands against what was asked, as this person may be told it; empty where nothing does."""
    bar = _insisted(writer, asked)
    return (gate.why(bar, writer.staff) or "店里有提醒不宜给她") if bar else ""


def _may(writer: Writer, asked: Approval) -> bool:
    """A leader of that store, or head office, within her limit, and never whoever asked."""
    staff = writer.staff
    if not staff.leads or staff.id == asked.asked_by:
        return False
    here = staff.store_id is None or staff.store_id == asked.store_id
    return here and gate.may_give(writer.recorder.conn, asked.offer, staff)


def _whom(writer: Writer, asked: Approval) -> str:
    asker = writer.staff
    names = [name for _, name in stored.who_may(writer.recorder.conn, asked.store_id, asked.offer, asker)]
    return "请找" + "、".join(names[:3]) if names else "请找总部"


def _tell_asker(writer: Writer, asked: Approval, sight: Sight, made: Coupon | None, reason: str) -> None:
    conn, staff = writer.recorder.conn, writer.staff
    called = profile.who(customers.whole(conn, sight))
    answer = f"同意了{asked.number}号请示" if made else f"没同意{asked.number}号请示"
    what = f"「{asked.offer.name}」" + (f"已发，尾码 {made.tail}。" if made else "没发。")
    why = f"（{reason.strip()[:60]}）" if reason.strip() else ""
    key = f"unit:{writer.recorder.unit_id}:{asked.asked_by}"
    outbox.tell(
        conn,
        asked.asked_by,
        key,
        f"🔔 {staff.name} {answer}{why}：{called}，{what}",
        writer.now,
        f"🔔 {staff.name} {answer}：{what}",
    )


def words(writer: Writer, asked: Approval, sight: Sight) -> str:
    """What is asked, in a line, as this person may be shown it."""
    said = f"{asked.number}号 {asked.asker}：{profile.who(sight)} 发「{asked.offer.name}」（{asked.why}）"
    reason = against(writer, asked)
    if not reason:
        return said
    typed = discretion.words(writer.recorder.conn, writer.staff, asked.override, sight)
    return f"{said}，⚠️ {reason}，坚持要发" + (f"：{typed}" if typed else "")
