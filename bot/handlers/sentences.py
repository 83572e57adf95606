"""Sentences that name no command: read, and done as the command they mean."""

import re
from dataclasses import replace

from bot.actions import undoing
from bot.cards.facts import ELSEWHERE
from bot.chat import LET_GO, SILENCE, Choice, Reply
from bot.commands import EVERYONE, Context, as_typed, command
from bot.db.core.engine import keys_of
from bot.db.talk import inbox
from bot.domain.errors import NotAllowedError, UnavailableError
from bot.domain.language.values import Mention, Reading
from bot.domain.text import normal
from bot.handlers import complaints, customers, notes, undo
from bot.handlers.customers import Key

_POINTS = re.compile(
    "(?:刚才|刚刚|昨|前天|早上|上午|中午|下午|晚上|上周|上礼拜|上个?月).*(?:那个|那位|姐|哥|阿姨|客人|宝妈|女的|男的)"
)
_RECALLS = re.compile("(?:刚才|刚刚|昨|前天|早上|上午|中午|下午|上周|上礼拜|上个?月).{2,30}的|姓.的?")
_LETTERS = re.compile(r"[a-z0-9]{3,}", re.IGNORECASE)


@command("读", takes=as_typed, roles=EVERYONE, writes=True)
def sentence(ctx: Context, text: str) -> Reply:
    """读懂一句话"""
    plain = normal(text)
    reading = notes.understood(ctx, plain)
    if ctx.staff.role == "admin" and reading.intent not in ("smalltalk", "other"):
        raise NotAllowedError("管理员账号看不了客户资料，请找门店的导购或店长。")
    if _RECALLS.fullmatch(plain):
        return customers.find.run(ctx, Key(mention=Mention(hint=plain)))
    writes = bool(reading.facts) or reading.intent in ("complaint", "note", "followup", "outcome")
    if ctx.staff.role == "hq" and writes and reading.intent != "lookup":
        raise NotAllowedError("记录由门店来写，请找那家店的导购或店长。")
    if reading.facts and reading.intent not in ("lookup", "coupon", "redeem", "undo"):
        notes.clean(plain)
        if reading.intent == "complaint":
            return complaints.complained(ctx, Key(), plain, reading)
        return notes.noted(ctx, Key(), plain, reading)
    return _without_facts(ctx, plain, reading)


def _without_facts(ctx: Context, plain: str, reading: Reading) -> Reply:
    """Nothing to write: a look, taking back, small talk, or not understood."""
    if reading.intent == "undo":
        return _undone(ctx, reading)
    if reading.intent in ("coupon", "redeem"):
        raise UnavailableError("发券和核券还没开通，开通后会通知大家。")
    if reading.intent == "complaint":
        notes.clean(plain)
        return complaints.complained(ctx, Key(), plain, reading)
    if reading.intent == "lookup" or (reading.customer and not reading.several):
        return _about_allergy(ctx, plain, customers.find.run(ctx, Key(mention=reading.customer)))
    if _POINTS.search(plain):
        return customers.find.run(ctx, Key(mention=Mention(hint=plain)))
    if reading.intent == "smalltalk" and not _LETTERS.search(plain):
        return SILENCE
    return _keep(ctx, plain) if reading.intent in ("note", "followup", "outcome") else _unsure(ctx, plain)


def _about_allergy(ctx: Context, text: str, reply: Reply) -> Reply:
    """Asked for allergies, a card without any must not read as "none"."""
    if "过敏" not in text or len(reply.about) != 1:
        return reply
    if ctx.staff.veil == "closed":
        return replace(reply, text=f"这里不说有没有记过，{ELSEWHERE}；没记不等于没有，先问她一句。\n{reply.text}")
    if "过敏" in reply.text.partition("\n")[0]:
        return reply
    return replace(reply, text=f"档案里没记过敏；没记不等于没有，先问她一句。\n{reply.text}")


def _undone(ctx: Context, reading: Reading) -> Reply:
    """撤回, or 错了是李姐: taken back, then offered for whom it really was."""
    units = undoing.mine(ctx.conn, ctx.staff, ctx.now)
    if not reading.customer or not units:
        return undo.undo.run(ctx, undo.Which())
    said = inbox.text_of(ctx.conn, units[0].id)
    undoing.take_back(ctx.conn, ctx.staff, ctx.now, units[0])
    answer = notes.noted(ctx, Key(), said, _readdressed(ctx, said, reading)) if said else Reply("")
    return Reply(
        f"已撤回：{units[0].summary}\n{answer.text}".rstrip(),
        answer.choices,
        about=answer.about,
        focus=answer.focus,
        keeps_menu=answer.keeps_menu,
    )


def _readdressed(ctx: Context, said: str, reading: Reading) -> Reading:
    first = notes.understood(ctx, said)
    return Reading(first.intent, reading.customer, first.facts)


def _keep(ctx: Context, text: str) -> Reply:
    """It sounds like a note, but nothing in it has a place: offered as it is."""
    if ctx.focus is None:
        return _unsure(ctx, text)
    token = keys_of(ctx.conn).token(ctx.focus, ctx.staff.id)
    choices = (Choice("原样记下", f"记 #{token} {text}"), Choice("不用", LET_GO))
    return Reply("没听出要记哪一项，要原样记下吗？", choices, focus=False)


def _unsure(ctx: Context, text: str) -> Reply:
    """Never "unknown command": three likely readings by number."""
    token = keys_of(ctx.conn).token(ctx.focus, ctx.staff.id) if ctx.focus else ""
    readings = [Choice("查这位客户", f"查 {text[:40]}")]
    if token:
        readings.append(Choice("记到刚才那位", f"记 #{token} {text}"))
    readings.append(Choice("看能做什么", "帮助"))
    lines = ["没太明白，你是想：", *(f"{n} {one.label}" for n, one in enumerate(readings, 1))]
    return Reply("\n".join(lines), tuple(readings), focus=False)
