"""排班 and 请假: who works when, as the manager types it, and who is off."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.actions.board import rostering
from bot.actions.notes import Writer
from bot.cards.board import rota as cards
from bot.chat import Reply
from bot.commands import STORE, Context, as_typed, command
from bot.db import changes
from bot.db.board import rota
from bot.domain.board import shifts
from bot.domain.errors import UsageError
from bot.domain.text import normal
from bot.handlers import writing
from bot.handlers.lists.shared import here

_WEEK = timedelta(days=6)
_WHO = re.compile(r"([^\d\s,，。周今明后每大这本下]{1,8}|[A-Za-z]\w{0,11})\s*(\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose hours, as typed; nobody: the week is looked at."""

    whom: str = ""
    plan: str = ""


def parse_rota(text: str) -> Asked:
    """`小李 周一到周五 9-17:30`; nothing: the week."""
    plain = normal(text).strip()
    if not plain or plain in ("本周", "这周", "看"):
        return Asked()
    found = _WHO.fullmatch(plain)
    if not found:
        raise UsageError("排谁的班，哪天，几点到几点？")
    return Asked(found[1], found[2])


@command("排班", "paiban", takes=parse_rota, example="/排班 小李 周一到周五 9-17:30", roles=("manager",), writes=True)
def arranged(ctx: Context, asked: Asked) -> Reply:
    """排班：谁、哪几天、几点到几点（星期几管四周）；只发「排班」看七天"""
    today = ctx.now.astimezone(ctx.staff.zone).date()
    if not asked.whom:
        return Reply(_week(ctx, today), focus=False, keeps_menu=True)
    one = rostering.whom(ctx.conn, ctx.staff, asked.whom, today)
    plan = shifts.plan(asked.plan, today)
    if plan is None:
        raise UsageError("没看懂。先写哪天，再写几点到几点：「周一到周五 9-17:30」「明天 13-21」「周六 休」。")
    work = writing.writer(ctx)
    rostering.arrange(work, one, plan)
    writing.close(ctx, work, "排班", f"{one.name}的排班，{len(plan)}天", None)
    return Reply(cards.written(one.name, plan), focus=False, keeps_menu=True)


def _week(ctx: Context, today: date) -> str:
    days: dict[date, list[tuple[str, shifts.Hours]]] = {today + timedelta(days=n): [] for n in range(7)}
    names = rota.names(ctx.conn, ctx.staff.store_id or 0, today, today + _WEEK)
    for row in rota.of_store(ctx.conn, ctx.staff.store_id or 0, today, today + _WEEK):
        if row.staff_id in names:
            days[row.on].append((names[row.staff_id], row.hours))
    return cards.week(ctx.staff.store_name, days)


@command("请假", "休假", "qingjia", takes=as_typed, example="/请假 小李 今天", roles=STORE, writes=True)
def off(ctx: Context, text: str) -> Reply:
    """请假、休息：「小李今天请假」「我明天休息」；当天没打的分给当班的人"""
    today = ctx.now.astimezone(ctx.staff.zone).date()
    leave = shifts.leave(text if shifts.leave(text, today) else f"{text}请假", today)
    if leave is None or not text:
        raise UsageError("谁，哪天休息？")
    work = writing.writer(ctx)
    done = rostering.take_off(work, here(ctx), leave)
    summary = f"{done.who.name}休息{len(done.days)}天"
    if done.dealt:
        summary += f"，分出去{sum(done.dealt.values())}条"
    _close(ctx, work, summary)
    said = cards.off(done.who.name, done.days, today, done.dealt, done.left)
    return Reply(said, focus=False, keeps_menu=True)


def _close(ctx: Context, work: Writer, summary: str) -> None:
    """File it; where the same message answered a list as well, both are one unit, and its words say both."""
    known = changes.unit_of(ctx.conn, work.recorder.unit_id)
    if known and work.recorder.wrote:
        work.recorder.close(replace(known, summary=f"{known.summary}；{summary}"))
    else:
        writing.close(ctx, work, "请假", summary, None)


def also(ctx: Context, off_too: tuple[str, str] | None, reply: Reply) -> Reply:
    """The answer to a message that besides says who is off, with that done; `off_too`: that clause, and the rest."""
    if off_too is None:
        return reply
    clause, rest = off_too
    first = reply.text or f"「{rest[:12]}」没看懂，没办。"
    return replace(reply, text=f"{first}\n{off.run(ctx, clause).text}")
