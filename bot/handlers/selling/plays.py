"""Plays in chat: 打法 shows what is done for each layer; head office changes it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from bot.cards import plays as cards
from bot.chat import Reply
from bot.commands import Context, command
from bot.db.offers import offers as stored
from bot.db.offers import plays
from bot.domain.errors import NotAllowedError, UsageError
from bot.domain.selling.plays import Play, preset
from bot.domain.selling.plays.saying import promises
from bot.domain.selling.plays.words import GAPS, is_whole, unknown_gaps
from bot.domain.text import normal
from bot.domain.words import join
from bot.handlers import writing
from bot.handlers.notes import clean

_PARTS = {"券": "offer", "优惠": "offer", "话术": "words", "话": "words", "动作": "action", "做什么": "action"}
_CHANGE = re.compile(rf"({'|'.join(_PARTS)}|还原|恢复)[ :：,，]*(.*)", re.DOTALL)
_NOTHING = ("无", "没有", "不发", "别发", "不发券", "别发券", "只问候", cards.NO_COUPON)
_LONGEST = 200
_WIDE = str.maketrans(",!?;:()", "，！？；：（）")
_MARKS = re.compile(r"(?<!\d)[,!?;:()]|[,!?;:()](?!\d)")


def parse_play(text: str) -> str:
    """`沉睡`, `沉睡 券 回归券`, or nothing: read against the plays there are."""
    return normal(text)


@command("打法", "玩法", "dafa", takes=parse_play, example="/打法 沉睡", writes=True)
def play(ctx: Context, text: str) -> Reply:
    """每一层客人怎么做：做什么、发哪种券、怎么说；总部可以改"""
    every, changed = plays.of(ctx.conn, ctx.staff.vertical), plays.changed(ctx.conn)
    edits = ctx.staff.role == "hq"
    if not text:
        return cards.listed(every, changed, edits=edits)
    found, rest = _named(every, text)
    if not rest:
        return cards.shown(found, changed=found.key in changed, edits=edits)
    if not edits:
        raise NotAllowedError("打法由总部改，请找总部。")
    return _changed(ctx, found, rest)


def _named(every: Mapping[str, Play], text: str) -> tuple[Play, str]:
    """The play a text begins with, by its longest name, and the words after it."""
    names = {name: one for one in every.values() for name in one.called}
    name = max((name for name in names if text.startswith(name)), key=len, default="")
    if not name:
        typed = text.split(maxsplit=1)[0]
        shown = get_close_matches(typed, names, n=3, cutoff=0.3) or [one.called[0] for one in every.values()]
        raise UsageError(f"没有「{typed[:10]}」这一层，有：{join(shown)}")
    return names[name], text[len(name) :].strip(" ,，:：")


def _changed(ctx: Context, found: Play, rest: str) -> Reply:
    change = _CHANGE.fullmatch(rest)
    if not change:
        raise UsageError(f"改什么？券、话术、动作都能改。{cards.how(found)}")
    work = writing.writer(ctx)
    if change[1] in ("还原", "恢复"):
        wanted = preset(ctx.staff.vertical)[found.key]
        if not plays.restore(work.recorder, found.key):
            raise UsageError(f"「{found.called[0]}」没有改过，不用还原。")
    else:
        wanted = _with(ctx, found, _PARTS[change[1]], change[2].strip())
        plays.keep(work.recorder, wanted, ctx.staff.id, ctx.now)
    writing.close(ctx, work, "打法", f"打法 {found.called[0]} {change[1]}", None)
    return cards.kept(wanted, _speaks_still(found, wanted) if change[1] in ("券", "优惠") else ())


def _speaks_still(before: Play, after: Play) -> list[str]:
    """What of a play still speaks of something to be had though another coupon goes with it now, or none."""
    if after.offer == before.offer:
        return []
    return [part for part, lines in (("动作", (after.action,)), ("话术", after.words)) if any(map(promises, lines))]


def _with(ctx: Context, found: Play, part: str, value: str) -> Play:
    if not value:
        raise UsageError("改成什么？写在后面就行。")
    if len(value) > _LONGEST:
        raise UsageError(f"太长了，最多{_LONGEST}字。")
    if part == "offer":
        return _with_offer(ctx, found, value)
    clean(value)
    value = _MARKS.sub(lambda mark: mark[0].translate(_WIDE), value)  # as a customer reads it
    if part == "action":
        return replace(found, action=value)
    if not is_whole(value):
        raise UsageError("【】要成对写，里面写要填的，例如【称呼】。")
    if odd := unknown_gaps(value):
        raise UsageError(f"「【{odd[0]}】」填不出来，能用的有：{join(f'【{gap}】' for gap in GAPS)}")
    rest = tuple(line for line in preset(ctx.staff.vertical)[found.key].words if line != value)
    return replace(found, words=(value, *rest))


def _with_offer(ctx: Context, found: Play, value: str) -> Play:
    if value in _NOTHING:
        return replace(found, offer="", kind="")
    named = stored.by_name(ctx.conn, value, None)
    if len(named) != 1:
        known = [one.name for one in named or stored.standing(ctx.conn, None)]
        title = "像的有几种" if named else f"没有「{value[:12]}」这种在发的券，有"
        raise UsageError(f"{title}：{join(known[:8])}。新的先发「开券」。")
    return replace(found, offer=named[0].name, kind=named[0].kind)
