"""Complaints: 诉 opens one, 诉结 closes it, 诉办 says what is done meanwhile."""

import re
from dataclasses import dataclass

from bot.actions import complaints, discretion
from bot.cards import complaints as cards
from bot.chat import Reply
from bot.commands import STORE, Context, command
from bot.db import customers, matters
from bot.db.core.engine import keys_of
from bot.domain import masks
from bot.domain.customers import Matter, Sight
from bot.domain.errors import ConflictError, NotFoundError, UsageError
from bot.domain.language.values import Reading
from bot.handlers import writing
from bot.handlers.customers import Key
from bot.handlers.notes import Note, meant, parse_note, understood

_NUMBERED = re.compile(r"#?(\d{1,6})[ ,，、:：]*(.*)", re.DOTALL)
_LEAD = re.compile(r"^(?:尾号)?\d{4,11}[ ，,]*")
_CONFIRM = re.compile(r"确认 (\S.*) (\S+)", re.DOTALL)


def parse_complaint(text: str) -> Note:
    """Whose, and what happened; a number alone says nothing."""
    if not re.sub(r"#[0-9a-f]{32}|[\d\s#-]", "", text):
        raise UsageError("出了什么事？写一句经过。")
    return parse_note(text)


@command(
    "诉",
    "客诉",
    "投诉",
    "抱怨",
    "su",
    takes=parse_complaint,
    example="/诉 排队20分钟还做错了，她很气",
    roles=STORE,
    writes=True,
)
def complain(ctx: Context, asked: Note) -> Reply:
    """记客诉：编号、负责人、几点前回她"""
    return complained(ctx, asked.key, asked.text, understood(ctx, f"客诉 {asked.text}"))


def complained(ctx: Context, key: Key, text: str, reading: Reading) -> Reply:
    """Open a complaint of exactly one customer, or ask who she is."""
    token = keys_of(ctx.conn).token
    text = _LEAD.sub("", text)
    sight = meant(ctx, key, reading, text, lambda s: f"诉 #{token(s.customer.id, ctx.staff.id)} {text}")
    if isinstance(sight, Reply):
        return sight
    facets = list(dict.fromkeys(f.facet for f in reading.facts if f.kind == "complaint" and f.facet))
    work = writing.writer(ctx)
    matter = complaints.file(work, sight, text, facets)
    writing.close(ctx, work, "诉", f"{writing.who(ctx, sight)}客诉 #{matter.number}", sight.customer.id)
    return cards.opened(sight, discretion.matter(ctx.conn, ctx.staff, sight, matter), ctx.staff, ctx.now)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A complaint's number and the words after it; no number lists what is open."""

    number: int | None
    text: str


def parse_numbered(text: str) -> Numbered:
    """`57 已打电话，她说行`, or nothing."""
    found = _NUMBERED.fullmatch(text.strip())
    if not found:
        if text.strip():
            raise UsageError("先写客诉编号。")
        return Numbered(None, "")
    return Numbered(int(found[1]), found[2].strip())


def _open(ctx: Context, number: int) -> tuple[Matter, Sight]:
    matter = matters.open_complaint(ctx.conn, ctx.staff.store_id or 0, number)
    sight = customers.by_id(ctx.conn, matter.customer_id, seen_by=ctx.staff) if matter else None
    if matter is None or sight is None:
        raise NotFoundError(f"没有未结的客诉 #{number}。发「诉结」看未结的。")
    return matter, sight


@command(
    "诉结",
    "结案",
    "客诉结",
    "sujie",
    takes=parse_numbered,
    example="/诉结 101 已打电话道歉，她说行",
    roles=STORE,
    writes=True,
)
def close(ctx: Context, asked: Numbered) -> Reply:
    """结客诉：写编号和怎么处理的；不写就列出未结的"""
    if asked.number is None:
        return _list(ctx)
    matter, sight = _open(ctx, asked.number)
    confirmed = _CONFIRM.fullmatch(asked.text)
    if not asked.text:
        raise UsageError(f"#{asked.number} 怎么处理的？例：诉结 {asked.number} 已打电话道歉，她说行")
    if not confirmed:
        how, outcome = complaints.read_resolution(asked.text)
        said = discretion.words(ctx.conn, ctx.staff, f"处理＝{how}，结果＝{outcome}")
        return cards.ask_close(sight, matter, how, outcome, said)
    work = writing.writer(ctx)
    complaints.close(work, matter, confirmed[1], confirmed[2])
    writing.close(ctx, work, "诉结", f"{writing.who(ctx, sight)}客诉 #{matter.number} 结案", sight.customer.id)
    said = discretion.words(ctx.conn, ctx.staff, f"：{confirmed[1]}，{confirmed[2]}")
    return cards.closed(sight, matter, said)


def _list(ctx: Context) -> Reply:
    rows = matters.open_complaints(ctx.conn, ctx.staff.store_id or 0)
    visible = [row for row in rows if customers.by_id(ctx.conn, row[0].customer_id, seen_by=ctx.staff)]
    named = [masks.who(name, last4) for _matter, name, last4 in visible]
    return cards.listed(visible, ctx.now, ctx.staff, named)


@command("诉办", takes=parse_numbered, roles=STORE, writes=True)
def remedy(ctx: Context, asked: Numbered) -> Reply:
    """客诉怎么处理"""
    matter, sight = _open(ctx, asked.number or 0)
    if not asked.text:
        raise ConflictError("怎么处理？请按列表里的数字。")
    work = writing.writer(ctx)
    if asked.text == "请店长":
        told = cards.for_manager(customers.whole(ctx.conn, sight), matter, ctx.staff.name)
        names = complaints.call_manager(work, matter, told, cards.for_manager_abroad(matter, ctx.staff.name))
        reply = cards.called(sight, matter, names)
    else:
        complaints.remedy(work, matter, asked.text)
        reply = cards.remedied(sight, matter, discretion.words(ctx.conn, ctx.staff, asked.text))
    summary = f"{writing.who(ctx, sight)}客诉 #{matter.number} {asked.text}"
    writing.close(ctx, work, "诉办", summary, sight.customer.id)
    return reply
