"""Sentences that name no command: read, and done as the command they mean."""

import re
from dataclasses import replace

from bot.actions import undoing
from bot.actions.board import rostering
from bot.cards.facts import ELSEWHERE
from bot.chat import LET_GO, SILENCE, Choice, Reply
from bot.commands import EVERYONE, SHOP, Context, as_typed, command
from bot.db.core.engine import keys_of
from bot.db.talk import inbox
from bot.domain.errors import NotAllowedError, UsageError
from bot.domain.language.values import Mention, Reading
from bot.domain.selling import codes as coupon_codes
from bot.domain.selling.drafts import asking
from bot.domain.text import normal
from bot.handlers import complaints, customers, notes, undo
from bot.handlers.board import rota
from bot.handlers.customers import Key
from bot.handlers.followups import quiet
from bot.handlers.selling import considering, coupons, redeem

_WRITES = ("complaint", "note", "followup", "outcome", "coupon", "redeem")
_POINTS = re.compile(
    "(?:刚才|刚刚|昨|前天|早上|上午|中午|下午|晚上|上周|上礼拜|上个?月).*(?:那个|那位|姐|哥|阿姨|客人|宝妈|女的|男的)"
)
_RECALLS = re.compile("(?:刚才|刚刚|昨|前天|早上|上午|中午|下午|上周|上礼拜|上个?月).{2,30}的|姓.的?")
_GIVES = re.compile(
    r"^(?:麻烦|帮我|请)?(?:给|帮)?(?:[她他]|[一-龥]{1,4}?)?(?:发|送|补|来)(?:[她他])?[一1]?[张个]?"
    r"(?:\d{1,5}(?:元|块)|\d{1,5}的|\d{1,5}(?:吧|券))"
)
_AROUND_NAMES = re.compile("尾号|手机号?|客户|会员|号|的|那位|这位| ")
_CODE = re.compile(r"[0-9A-Za-z]{4,5}(?:[- ]?[0-9A-Za-z]{4,5}){0,2}")
_LETTERS = re.compile(r"[a-z0-9]{3,}", re.IGNORECASE)


@command("读", takes=as_typed, roles=EVERYONE, writes=True)
def sentence(ctx: Context, text: str) -> Reply:
    """读懂一句话"""
    plain = normal(text)
    if (asked := quiet.heard(plain)) is not None and ctx.staff.role in SHOP:
        return quiet.busy.run(ctx, asked)
    if rostering.heard(ctx.conn, ctx.staff, plain, ctx.now.astimezone(ctx.staff.zone).date()):
        return rota.off.run(ctx, plain)
    reading = notes.understood(ctx, plain)
    if ctx.staff.role == "admin" and reading.intent not in ("smalltalk", "other"):
        raise NotAllowedError("管理员账号看不了客户资料，请找门店的导购或店长。")
    if _RECALLS.fullmatch(plain):
        return customers.find.run(ctx, Key(mention=Mention(hint=plain)))
    if _GIVES.match(plain) and reading.intent not in ("lookup", "redeem", "complaint"):
        reading = replace(reading, intent="coupon")
    writes = bool(reading.facts) or reading.intent in _WRITES
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
    if reading.intent in ("undo", "coupon", "redeem", "complaint"):
        return _done(ctx, plain, reading)
    if reading.intent == "lookup" or (reading.customer and not reading.several):
        return _about_allergy(ctx, plain, customers.find.run(ctx, Key(mention=reading.customer)))
    if _POINTS.search(plain):
        return customers.find.run(ctx, Key(mention=Mention(hint=plain)))
    if reading.intent == "smalltalk" and not _LETTERS.search(plain):
        return SILENCE
    return _keep(ctx, plain) if reading.intent in ("note", "followup", "outcome") else _unsure(ctx, plain)


def _done(ctx: Context, plain: str, reading: Reading) -> Reply:
    """What the sentence asks to be done."""
    if reading.intent == "undo":
        return _undone(ctx, reading)
    if reading.intent == "coupon":
        return _give(ctx, plain, reading)
    if reading.intent == "redeem":
        return _redeem(ctx, plain)
    notes.clean(plain)
    return complaints.complained(ctx, Key(), plain, reading)


def _give(ctx: Context, text: str, reading: Reading) -> Reply:
    """给她发个50的吧, 给王姐发张回归券: given when it is a plain order for somebody known; else only talked about."""
    asked = asking.read(text)
    named = reading.customer and not reading.several
    if asked.mood != "gives" or (not asked.whom and named):
        return considering.considered(ctx, Key(mention=reading.customer), asked, text)
    if asked.whom and not (named and _is_named(asked.whom, reading.customer)):
        raise UsageError(f"没认出「{asked.whom}」是哪位客人，没有发。先查她，或写上后四位，例：发 8000 满减")
    return coupons.give.run(ctx, coupons.Wish(Key(mention=reading.customer), asked.which))


def _is_named(whom: str, mention: Mention) -> bool:
    """Whether the words for whom a coupon is are the customer that was read, not somebody of hers (王姐老公)."""
    known = (mention.name, mention.last4, mention.phone, mention.hint)
    return _AROUND_NAMES.sub("", whom) in {_AROUND_NAMES.sub("", one) for one in known if one}


def _redeem(ctx: Context, text: str) -> Reply:
    """帮我把 k3t9 核了: a code that may be one, else hers who is spoken of."""
    known = [one[0] for one in _CODE.finditer(text) if set(one[0].upper()) <= {*coupon_codes.ALPHABET, "-", " "}]
    return redeem.redeem.run(ctx, redeem.parse_redeem(known[0] if known else ""))


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
