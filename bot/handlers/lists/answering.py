"""Answers under a list: by digits and in words; one row looked at; why she stands there; why she does not come."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.actions.lists import handing, listing, meant, signals
from bot.actions.lists.answering import Answering, Result, asked_lately, lost, sight_of
from bot.actions.notes import Writer
from bot.cards.calling import answers as cards
from bot.cards.calling.answers import Answered, Detail
from bot.chat import Choice, Reply
from bot.commands import STORE, Context, as_typed, command
from bot.db import changes
from bot.db.core.engine import keys_of
from bot.db.lists import contacts, lists
from bot.db.lists.lists import List, Row
from bot.domain.errors import ConflictError, NotFoundError, UsageError
from bot.domain.lists import answers
from bot.domain.lists.references import MOST_ROWS
from bot.domain.lists.values import LOSS_REASONS, WORDS, Answer, Answers
from bot.domain.text import normal
from bot.handlers import writing
from bot.handlers.lists import telling
from bot.handlers.lists.shared import GONE, here, the_list

_TOKEN = re.compile(r"#([0-9a-f]{32})\s*(.*)", re.DOTALL)
_WHY_LOST = re.compile(r"#([0-9a-f]{32}) #([0-9a-f]{32})\s*(.*)", re.DOTALL)
_NO_ROW = 99
_NOTHING_OPEN = "这张名单上没有要你回的了。要改哪一位，请写上数字，例：2约了周日"
_UNCLEAR = "没看懂。例：1没接 2约了周日 3别再打了；转给同事：2给小李"


@dataclass(frozen=True, slots=True)
class Said:
    """A list by its token, and what was said of its rows."""

    token: str
    text: str


def parse_said(text: str) -> Said:
    """`#token 1没接 2约了周日`, as a digit of the list and the words behind it make it."""
    found = _TOKEN.fullmatch(text.strip())
    if not found:
        raise UsageError("这一步请在名单下面回数字，发「名单」看名单。")
    return Said(found[1], found[2].strip())


@command("名单答", takes=parse_said, roles=STORE, writes=True)
def answered(ctx: Context, said: Said) -> Reply:
    """名单的结果：1没接 2约了周日 3别再打了；2给小李；回数字看一位"""
    one, rows = the_list(ctx, said.token)
    by_position = {row.position: row for row in rows}
    bare = normal(said.text).strip(" 第位个号")
    if bare.isdecimal() and int(bare) in by_position:
        return _detail(ctx, one, by_position[int(bare)], said.token)
    read = _read(said.text, rows, _mine(ctx, one, rows))
    if one.staff_id == ctx.staff.id and (shared := _claimed(ctx, said.text, rows)):
        one, rows = shared
        read = _read(said.text, rows, _mine(ctx, one, rows))
    if read is None:
        raise UsageError(_UNCLEAR)
    if not (read.done or read.unclear or read.missing):
        raise UsageError(_NOTHING_OPEN)
    return _Written(ctx, one, {row.position: row for row in rows}).reply(read)


def _claimed(ctx: Context, text: str, hers: Sequence[Row]) -> tuple[List, list[Row]] | None:
    """The store's list, where somebody says 2我来 under her own: what is hers need not be claimed.

    What she gave away is taken back in her own.
    """
    read = answers.read(text, range(1, MOST_ROWS + 1))
    if read is None or not read.done or any(one.whom not in handing.ME for one in read.done):
        return None
    given = {row.position for row in hers if row.outcome == "hand_over"}
    if given & {place for one in read.done for place in one.rows}:
        return None
    found = meant.shared(ctx.conn, ctx.staff, ctx.now)
    return (found, lists.rows_of(ctx.conn, found.id)) if found else None


def _mine(ctx: Context, one: List, rows: Sequence[Row]) -> list[int]:
    """The open rows that are hers to speak of without a number: all of her own list, elsewhere no colleague's."""
    hers = (None, ctx.staff.id)
    return [row.position for row in rows if row.is_open and (one.staff_id == ctx.staff.id or row.staff_id in hers)]


def _read(text: str, rows: Sequence[Row], still: Sequence[int]) -> Answers | None:
    """What is said of the rows; 都, 其他 and the like speak of those alone that are open and no colleague's."""
    every = [row.position for row in rows]
    read = answers.read(text, every)
    fresh = answers.read(text, still or [_NO_ROW])
    if read is None or fresh is None:
        return read
    meant = {*still, *fresh.missing}
    done = [replace(one, rows=tuple(row for row in one.rows if row in meant)) for one in read.done]
    return replace(read, done=tuple(one for one in done if one.rows))


class _Written:
    """An answer written down, and what is said to it."""

    def __init__(self, ctx: Context, one: List, rows: dict[int, Row]) -> None:
        self.ctx, self.one, self.rows = ctx, one, rows
        self.work = writing.writer(ctx)
        self.place = here(ctx)

    def reply(self, read: Answers) -> Reply:
        read, heard = telling.apart(self.ctx, read)
        answering = Answering(self.work, self.place, self.rows)
        answering.hold({row for one in read.done for row in one.rows if one.outcome != "hand_over"})
        moved: dict[int, str] = {}
        extra: tuple[Choice, ...] = ()
        said = ""
        for one in read.done:
            if one.outcome == "hand_over":
                handed, extra, said = self._handed(one)
                moved |= handed
            else:
                answering.take(one)
        result = answering.result
        about = tuple(dict.fromkeys([*result.about, *(self.rows[place].customer_id for place in moved)]))
        lines = [line for _, line in sorted({**result.lines, **moved}.items())]
        wrote = self._close(result, read, about)
        asks, choices = self._asks(result, dict(read.words))
        told = Answered(lines, read.unclear, read.missing, self._left(), wrote)
        reply = cards.answered(told, choices or extra, asks, about)
        reply = replace(reply, text=f"{reply.text}\n{said}") if said else reply
        return telling.with_them(reply, telling.written(self.ctx, self.rows, heard))

    def _handed(self, one: Answer) -> tuple[dict[int, str], tuple[Choice, ...], str]:
        """Rows that change hands; whoever takes them herself sees her list at once."""
        to = handing.whom(self.place, self.work, one.whom)
        handed = handing.hand(self.work, self.place, self.one, [self.rows[place] for place in one.rows], to)
        if handed.made is None or to.id != self.ctx.staff.id:
            return handed.lines, (), ""
        rows = lists.rows_of(self.ctx.conn, handed.made.id)
        told = listing.told(self.place, handed.made, rows, to.id, f"{handed.made.tag}你认领的{len(rows)}位：")
        closed = self.ctx.staff.veil == "closed"
        return handed.lines, told.choices, told.discreet if closed else told.text

    def _close(self, result: Result, read: Answers, about: Sequence[int]) -> bool:
        if not about:
            return False
        said = "；".join(f"{'、'.join(map(str, one.rows))}{WORDS[one.outcome]}" for one in read.done)
        sight = sight_of(self.work, about[0])
        more = f"等{len(about)}位" if len(about) > 1 else ""
        summary = f"名单 {writing.who(self.ctx, sight)}{more}：{said}"
        wrote = False
        for work in (self.work, *result.gifts):
            wrote |= work.recorder.wrote
            writing.close(self.ctx, work, "名单答", summary, about[0])
        return wrote

    def _left(self) -> int:
        return sum(row.is_open for row in lists.rows_of(self.ctx.conn, self.one.id))

    def _asks(self, result: Result, typed: Mapping[int, str]) -> tuple[str, tuple[Choice, ...]]:
        """Why somebody does not come; else the words that go with coupons, coupons wished for, and complaints."""
        token = keys_of(self.ctx.conn).token
        if result.unsaid and self.ctx.staff.veil != "closed":  # her reason would stand in the chat
            customer_id, called = result.unsaid[0]
            unit = token(self.work.recorder.unit_id, self.ctx.staff.id)
            return cards.why_lost(called, f"缘由 #{unit} #{token(customer_id, self.ctx.staff.id)}")
        words = tuple(
            Choice(f"给{called}的话", f"转券 #{token(made.id, self.ctx.staff.id)}") for called, made in result.coupons
        )
        here = token(self.one.id, self.ctx.staff.id)
        gifts = tuple(
            Choice(f"发{row.why.offer or '券'}给第{row.position}位", f"名单答 #{here} {row.position}发券")
            for row in result.wishing
        )
        scolded = tuple(
            Choice(f"第{place}位记客诉", f"诉 #{token(self.rows[place].customer_id, self.ctx.staff.id)} {typed[place]}")
            for place in result.lines
            if "骂" in typed.get(place, "")
        )
        return "", (*words, *gifts, *scolded)


def _detail(ctx: Context, one: List, row: Row, token: str) -> Reply:
    place = here(ctx)
    line = listing.lines_of(place, [row])[0]
    found = Detail(
        line,
        one.tag,
        row.why.evidence,
        f"名单答 #{token}",
        keys_of(ctx.conn).token(row.customer_id, ctx.staff.id),
        closed=ctx.staff.veil == "closed",
    )
    return cards.detail(found, row.customer_id)


@command("名单因", takes=parse_said, roles=STORE)
def why(ctx: Context, said: Said) -> Reply:
    """这一位为什么在名单上：日期、数字、规则"""
    _, rows = the_list(ctx, said.token)
    row = next((one for one in rows if str(one.position) == said.text), None)
    if row is None:
        raise NotFoundError(f"没有第{said.text}位，这张名单有{len(rows)}位。")
    place = here(ctx)
    line = listing.lines_of(place, [row])[0]
    whys = signals.evidence(place, row.customer_id, row.why)
    reply = cards.evidence(line, whys, closed=ctx.staff.veil == "closed")
    return replace(reply, about=(row.customer_id,))


@command("名单选", takes=as_typed, roles=STORE)
def which(ctx: Context, text: str) -> Reply:
    """有几张名单时，选是哪一张"""
    found = meant.answerable(ctx.conn, ctx.staff, ctx.now, in_group=not ctx.address.private)
    if not found or not text:
        raise NotFoundError(meant.NONE_OPEN)
    token = keys_of(ctx.conn).token
    commands = [f"名单答 #{token(one.id, ctx.staff.id)} {text}" for one in found[:5]]
    return cards.which([one.tag for one in found[:5]], commands)


@command("名单谁", takes=parse_said, roles=STORE)
def whose(ctx: Context, said: Said) -> Reply:
    """说了结果没说第几位时，问是哪一位"""
    _, rows = the_list(ctx, said.token)
    return cards.whose(listing.lines_of(here(ctx), rows), f"名单答 #{said.token}", said.text)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody does not come any more: the unit of the answer, the customer, one of LOSS_REASONS."""

    unit: str
    customer: str
    reason: str


def parse_reason(text: str) -> Reason:
    """What a digit of the question says."""
    found = _WHY_LOST.fullmatch(text.strip())
    if not found or found[3].strip() not in LOSS_REASONS:
        raise UsageError("为什么不来了？请按刚才的数字选一个。")
    return Reason(found[1], found[2], found[3].strip())


@command("缘由", takes=parse_reason, roles=STORE, writes=True)
def lost_because(ctx: Context, said: Reason) -> Reply:
    """她为什么不来了"""
    untoken = keys_of(ctx.conn).untoken
    unit_id, customer_id = untoken(said.unit, ctx.staff.id), untoken(said.customer, ctx.staff.id)
    unit = changes.unit_of(ctx.conn, unit_id) if unit_id else None
    if unit is None or not customer_id:
        raise NotFoundError(GONE)
    if unit.undone_at:
        raise ConflictError("那条已经撤了，请重新回一遍。")
    work = writing.writer(ctx, unit.id)
    sight = sight_of(work, customer_id)
    lost(work, sight, said.reason)
    writing.close(ctx, work, unit.command, unit.summary, unit.customer_id)
    reason = "好了" if ctx.staff.veil == "closed" else f"为：{said.reason}"
    text = f"{cards.who(sight)}不来的原因记{reason}。错了回 撤"
    following = _next(ctx, work, unit.id)
    if following is None:
        return Reply(text, about=(customer_id,), keeps_menu=True, focus=False)
    asks, choices = cards.why_lost(cards.who(sight_of(work, following)), f"缘由 #{said.unit}"
                                   f" #{keys_of(ctx.conn).token(following, ctx.staff.id)}")  # fmt: skip
    return Reply(f"{text}\n{asks}", choices, about=(customer_id,), focus=False)


def _next(ctx: Context, work: Writer, unit_id: int) -> int | None:
    """Somebody else of the same answer who said no without saying why."""
    for contact_id in changes.inserted(ctx.conn, unit_id, "contacts"):
        one = contacts.by_id(ctx.conn, contact_id)
        if one and one.outcome == "refused" and not asked_lately(work, one.customer_id):
            return one.customer_id
    return None
