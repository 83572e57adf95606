"""忙: nothing is pushed to her for a while but what is urgent; 忙完了 ends it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.actions.following import quiet
from bot.cards.followups import quiet as cards
from bot.chat import Reply
from bot.commands import SHOP, Context, command, no_argument
from bot.domain import words
from bot.domain.due import due
from bot.domain.errors import UsageError
from bot.domain.text import normal
from bot.handlers import writing

USUAL, LONGEST = timedelta(hours=1), timedelta(hours=12)
_OVER = re.compile(r"(?:完|好|过去|结束)[了啦]?|不忙了?|取消")
_N = r"(?:\d{1,3}|[一二两三四五六七八九十半]{1,3})"
_SPAN = rf"(?:{_N}个?(?:半)?(?:小时|钟头|分钟)|半天|一?会儿|一阵子?|到.{{1,8}}|完了|好了)"
_HALF_DAY, _HALF_DAYS = re.compile("(?:大?半天|半日)(?:吧|左右)?"), timedelta(hours=4)
_NONE = re.compile(r"^[-−–—负]|(?<!\d)0+个?(?:小时|钟头|分)|^(?:0+|零个?.*)$")
_PAST = re.compile("昨|前天|上个?(?:周|星期|礼拜|月)")
_WHILE = re.compile(r"(?:一?会儿?|一阵子?|一下|着|了|死了|疯了|得很|呢|啊|中)*")


@dataclass(frozen=True, slots=True)
class Busy:
    """Until when, as it was said; `over`: not any more."""

    when: str = ""
    over: bool = False


def parse_busy(text: str) -> Busy:
    """`1小时`, `到3点`, `半小时`, `完了`, or nothing: an hour."""
    plain = normal(text).strip(" ，,。!！")
    if _OVER.fullmatch(plain):
        return Busy(over=True)
    if _WHILE.fullmatch(plain):
        return Busy()
    return Busy(plain)


def heard(text: str) -> Busy | None:
    """A whole message that says no more than that one is busy, run together as it is typed: 忙一小时, 忙到三点."""
    plain = normal(text).strip(" ，,。!！")
    found = re.fullmatch(rf"(?:我|现在|先)*忙({_SPAN})", plain)
    return parse_busy(found[1]) if found else None


@command("忙", "勿扰", "安静", "mang", takes=parse_busy, example="/忙 1小时", roles=SHOP, writes=True)
def busy(ctx: Context, asked: Busy) -> Reply:
    """忙的时候不吵你，攒着一起发：「忙 1小时」「忙 到3点」「忙完了」"""
    return over.run(ctx, None) if asked.over else _set(ctx, _until(ctx, asked.when))


def _until(ctx: Context, when: str) -> datetime:
    if _NONE.search(when):
        raise UsageError("忙多久？要比0多，写「10分钟」「1小时」「到3点」这样。不忙了发「忙完了」。")
    at = _read(when, ctx)
    if at is None:
        said = f"「{when[:8]}」已经过了。" if _PAST.search(when) else ""
        raise UsageError(f"{said}忙到什么时候？写「1小时」「到3点」这样。")
    if at - ctx.now > LONGEST:
        said = words.clock(at, ctx.now, ctx.staff.zone)
        raise UsageError(f"到{said}太久了，最多{LONGEST // timedelta(hours=1)}小时。")
    return at


def _read(when: str, ctx: Context) -> datetime | None:
    if not when:
        return ctx.now + USUAL
    return ctx.now + _HALF_DAYS if _HALF_DAY.fullmatch(when) else due(when, ctx.now, ctx.staff.zone)


def _set(ctx: Context, until: datetime) -> Reply:
    work = writing.writer(ctx)
    quiet.until(work, until)
    said = words.clock(until, ctx.now, ctx.staff.zone).removeprefix("今天")
    writing.close(ctx, work, "忙", f"忙到 {said}", None)
    return cards.busy(said)


@command("忙完了", "忙完", "忙好了", "不忙了", "不忙", takes=no_argument, example="/忙完了", roles=SHOP, writes=True)
def over(ctx: Context, nothing: None) -> Reply:
    """忙完了，攒着的马上发"""
    del nothing
    was = quiet.quiet_until(ctx.conn, ctx.staff.id)
    if was is None or was <= ctx.now:
        return cards.never_busy()
    work = writing.writer(ctx)
    quiet.until(work, None)
    writing.close(ctx, work, "忙", "忙完了", None)
    return cards.over()
