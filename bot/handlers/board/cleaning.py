"""清理: what could be tidied up, and the yes to it."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.actions.board import cleaning
from bot.cards.board import cleaning as cards
from bot.chat import Reply
from bot.commands import Context, command, no_argument
from bot.db import customers
from bot.db.board import proposals
from bot.db.board.proposals import Proposal
from bot.db.core.engine import keys_of
from bot.domain import masks
from bot.domain.errors import NotFoundError, UsageError
from bot.handlers import writing

_SAID = re.compile(r"#([0-9a-f]{32}) ?(同意|看|不)")
_SHOWN = 15


@command("清理", "qingli", takes=no_argument, example="/清理", roles=("manager",), writes=True)
def propose(ctx: Context, _: None) -> Reply:
    """清理档案：两年没来的、重复的、空的，你同意才动"""
    store_id = ctx.staff.store_id or 0
    waiting = proposals.waiting(ctx.conn, store_id)
    if waiting is None:
        found = cleaning.find(ctx.conn, store_id, ctx.now, ctx.staff.zone)
        if not found:
            return cards.nothing()
        work = writing.writer(ctx)
        waiting = cleaning.make(work, store_id, found)
        writing.close(ctx, work, "清理", "提出清理", None)
    text = cleaning.told(ctx.conn, ctx.staff.store_name, waiting.cleaning)
    return Reply(text, cards.choices(keys_of(ctx.conn).token(waiting.id, ctx.staff.id)), focus=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The token of a proposal, and yes, no, or who it is."""

    token: str
    verb: Literal["同意", "看", "不"]


def parse_verdict(text: str) -> Verdict:
    """What a choice says."""
    found = _SAID.fullmatch(text.strip())
    if not found:
        raise UsageError("发「清理」看这个月要清理什么。")
    return Verdict(found[1], found[2])  # type: ignore[arg-type]  # one of the three


@command("清理批", takes=parse_verdict, roles=("manager",), writes=True)
def decide(ctx: Context, asked: Verdict) -> Reply:
    """同意或不同意清理"""
    row_id = keys_of(ctx.conn).untoken(asked.token, ctx.staff.id)
    found = proposals.by_id(ctx.conn, row_id) if row_id else None
    if found is None or found.store_id != ctx.staff.store_id:
        raise NotFoundError("这次清理找不到了，发「清理」看现在的。")
    if asked.verb == "看":
        return _who(ctx, found, asked.token)
    work = writing.writer(ctx)
    marked, merged, left = cleaning.decide(work, found, granted=asked.verb == "同意")
    summary = f"清理 {marked}位不进名单，合并{merged}对" if asked.verb == "同意" else "这个月不清理"
    writing.close(ctx, work, "清理批", summary, None)
    return cards.done(marked, merged, left) if asked.verb == "同意" else cards.refused()


def _who(ctx: Context, found: Proposal, token: str) -> Reply:
    """The first of them, masked; each look is on record."""
    known = found.cleaning
    ids = [row_id for pair in known.pairs for row_id in pair] + [*known.away, *known.empty, *known.wrong]
    seen = [customers.by_id(ctx.conn, row_id, seen_by=ctx.staff) for row_id in ids[:_SHOWN]]
    named = [
        masks.who(one.customer.called, one.customer.last4)
        + (f" 上次{one.stats.last_on:%Y-%m-%d}" if one.stats.last_on else " 没买过")
        for one in seen
        if one
    ]
    return cards.who(named, len(ids) - len(seen), [one.customer.id for one in seen if one], token)
