"""Approving in chat: 批 lists what waits, and decides."""

import re
from dataclasses import dataclass, replace

from bot.actions import approving
from bot.cards import approvals as cards
from bot.chat import Reply
from bot.commands import LEADERS, Context, command
from bot.db.core.engine import keys_of
from bot.db.offers import approvals as stored
from bot.db.offers.approvals import Approval
from bot.domain.errors import ConflictError, NotFoundError, UsageError
from bot.handlers import writing

_TOKEN = re.compile(r"#([0-9a-f]{32})\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"#?(\d{1,6})号?[ ,，:：]*(.*)", re.DOTALL)
_NO = re.compile(r"(?:不同意|不批|不行|不可以|不发|不给|拒绝?|驳回|不)(?:了|吧)?[ ,，:：]*(.*)", re.DOTALL)
_YES = re.compile(r"(?:同意|批准?|行|可以|好的?|发|ok|没问题)?[了吧的]*[。!！]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided, by its number or by the token of a choice; neither: what waits is listed."""

    number: int | None = None
    token: str = ""
    granted: bool = True
    reason: str = ""


def parse_verdict(text: str) -> Verdict:
    """`3`, `3 不行 太贵`, nothing."""
    plain = text.strip()
    if not plain:
        return Verdict()
    pointed, numbered = _TOKEN.fullmatch(plain), _NUMBER.fullmatch(plain)
    if not pointed and not numbered:
        raise UsageError("批哪一条？写编号，例：批 3；不同意：批 3 不行 太贵")
    which, rest = (pointed[1], pointed[2]) if pointed else (numbered[1], numbered[2]) if numbered else ("", "")
    rest = rest.strip()
    no = _NO.fullmatch(rest)
    if not no and not _YES.fullmatch(rest):  # money is given on a plain yes alone
        named = f"#{which}" if pointed else which
        raise ConflictError(
            f"「{rest[:20]}」是同意还是不同意？", (("同意", f"批 {named}"), ("不同意", f"批 {named} 不行 {rest}"))
        )
    reason = no[1].strip() if no else ""
    if pointed:
        return Verdict(token=which, granted=no is None, reason=reason)
    return Verdict(int(which), granted=no is None, reason=reason)


@command("批", "审批", "批准", "pi", takes=parse_verdict, example="/批", roles=LEADERS, writes=True)
def approve(ctx: Context, asked: Verdict) -> Reply:
    """批请示：不写编号就列出在等的；「批 3」同意，「批 3 不行 太贵」不同意"""
    work = writing.writer(ctx)
    if asked.number is None and not asked.token:
        return _list(ctx)
    found = _pointed(ctx, asked.token) if asked.token else approving.the_one(work, asked.number or 0)
    made = approving.decide(work, found, granted=asked.granted, reason=asked.reason)
    verb = "同意" if asked.granted else "不同意"
    writing.close(ctx, work, "批", f"{found.number}号请示 {verb}：{found.offer.name}", found.customer_id)
    asked_for = cards.Decided(
        found.number, found.offer.name, approving.shown(work, found), approving.against(work, found)
    )
    return replace(cards.decided(asked_for, made, asked.reason), reason=asked.reason or found.override)


def _pointed(ctx: Context, token: str) -> Approval:
    row_id = keys_of(ctx.conn).untoken(token, ctx.staff.id)
    found = stored.by_id(ctx.conn, row_id) if row_id else None
    if found is None:
        raise NotFoundError("这条请示找不到了。发「批」看在等的。")
    return found


def _list(ctx: Context) -> Reply:
    work = writing.writer(ctx)
    token = keys_of(ctx.conn).token
    rows = [
        cards.Row(_said(ctx, one, approving.words(work, one, sight)), token(one.id, ctx.staff.id), one.number)
        for one, sight in approving.waiting(work)
    ]
    return cards.waiting(rows)


def _said(ctx: Context, one: Approval, words: str) -> str:
    """A line of the list, its number behind: in front is the digit; head office is told of which store."""
    said = f"{words.removeprefix(f'{one.number}号 ')}（{one.number}号）"
    return said if ctx.staff.store_id else f"{one.store} {said}"
