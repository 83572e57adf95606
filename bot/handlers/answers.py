"""What only buttons and digits say: her consent, letting go, turning a remark into a complaint, who referred her."""

import re
from dataclasses import dataclass

from bot.actions import complaints, discretion, finding, notes
from bot.cards import complaints as cards
from bot.cards import lists
from bot.cards import notes as notes_card
from bot.cards.notes import Line
from bot.cards.profile import who
from bot.chat import Choice, Reply
from bot.commands import STORE, Context, as_typed, command
from bot.db import changes, customers, facts
from bot.db.core.engine import keys_of
from bot.domain import masks, phones
from bot.domain.customers import Fact, Sight
from bot.domain.errors import ConflictError, NotFoundError, UsageError
from bot.domain.language.values import NOBODY, Mention, Reading
from bot.domain.text import normal
from bot.handlers import writing
from bot.handlers.customers import Key, leading_key
from bot.handlers.notes import meant

_TOKEN = re.compile(r"#([0-9a-f]{32})\s*(.*)", re.DOTALL)
_IS = re.compile(r"^(?:介绍人)?\s*(?:是|由|被|:)?\s*")
_BROUGHT = re.compile(r"\s*(?:带|介绍|推荐|拉|领|转介绍)(?:过?来|给我们)?了?的?(?:客人|客户)?$")
_WITH_DIGITS = re.compile(r"(\D{1,12}?)?\s*(?:[（(]?尾号)?\s*(\d{4})[)）]?")


@dataclass(frozen=True, slots=True)
class Pointed:
    """A token and the words after it."""

    token: str
    rest: str


def parse_pointed(text: str) -> Pointed:
    """What a button sends: `#token` and perhaps more."""
    found = _TOKEN.fullmatch(text.strip())
    if not found:
        raise UsageError("这一步请按列表里的数字。")
    return Pointed(found[1], found[2].strip())


def _unit(ctx: Context, pointed: Pointed) -> changes.Unit:
    row_id = keys_of(ctx.conn).untoken(pointed.token, ctx.staff.id)
    unit = changes.unit_of(ctx.conn, row_id) if row_id else None
    if unit is None or unit.customer_id is None:
        raise NotFoundError("找不到刚才那条，请重新发一遍。")
    if unit.undone_at:
        raise ConflictError("那条已经撤了，请重新发一遍。")
    return unit


def _still(ctx: Context, unit: changes.Unit, state: str) -> tuple[Sight, list[Fact]]:
    """The customer of a unit, if she is still in scope, and the unit's facts in a state."""
    sight = customers.by_id(ctx.conn, unit.customer_id or 0, seen_by=ctx.staff)
    if sight is None:
        raise NotFoundError
    made = set(changes.inserted(ctx.conn, unit.id, "facts"))
    known = facts.of_customer(ctx.conn, sight.customer.id, ctx.now)
    return sight, [fact for fact in known if fact.id in made and fact.state == state]


def _heard(ctx: Context, pointed: Pointed, *, given: bool) -> tuple[changes.Unit, Sight, list[Fact], notes.Writer]:
    """Her answer to the question of a unit, recorded; what waited for it is still as it was."""
    unit = _unit(ctx, pointed)
    sight, pending = _still(ctx, unit, "pending")
    if not pending:
        raise ConflictError("没有在等她同意的记录了。")
    work = writing.writer(ctx, unit.id)
    known = facts.consents_of(ctx.conn, sight.customer.id)
    kinds = {kind for fact in pending for kind in notes.kinds_of(fact) if not known.get(kind)}
    notes.consent(work, sight.customer.id, kinds, given=given)
    return unit, sight, pending, work


@command("同意", takes=parse_pointed, roles=STORE, writes=True)
def agreed(ctx: Context, pointed: Pointed) -> Reply:
    """她同意记敏感信息"""
    unit, sight, pending, work = _heard(ctx, pointed, given=True)
    for fact in pending:
        notes.confirm(work, fact)
    writing.close(ctx, work, unit.command, unit.summary, unit.customer_id)
    made = len(changes.inserted(ctx.conn, unit.id, "facts"))
    remarks = _still(ctx, unit, "live")[1]
    about = (sight.customer.id,)
    grievance = next((fact for fact in remarks if fact.kind == "complaint"), None)
    text = f"好，{made}条已记到 {who(sight)}。错了回 撤"
    if grievance is None:
        return Reply(text, about=about, keeps_menu=True)
    choices = (Choice("转客诉", f"诉转 #{pointed.token}"), Choice("不用", "算了"))
    said = discretion.words(ctx.conn, ctx.staff, grievance.value, sight)
    return Reply(f"{text}\n{f'「{said}」' if said else '里面的意见'}要不要转客诉？", choices, about=about)


@command("不同意", takes=parse_pointed, roles=STORE, writes=True)
def refused(ctx: Context, pointed: Pointed) -> Reply:
    """她不同意，敏感的不记"""
    unit, sight, pending, work = _heard(ctx, pointed, given=False)
    facts.drop(ctx.conn, [fact.id for fact in pending])
    writing.close(ctx, work, unit.command, unit.summary, unit.customer_id)
    left = [Line(fact.kind, fact.value, fact.facet, fact.of) for fact in _still(ctx, unit, "live")[1]]
    named = writing.who(ctx, sight)
    changes.redact(ctx.conn, unit.id, notes_card.summary(named, left) if left else f"{named}没同意记的已删")
    return Reply(
        f"好，{who(sight)}的敏感内容已删，没有存。每次见面口头问一声就行。",
        about=(sight.customer.id,),
        keeps_menu=True,
    )


@command("诉转", takes=parse_pointed, roles=STORE, writes=True)
def escalate(ctx: Context, pointed: Pointed) -> Reply:
    """把意见转成客诉"""
    unit = _unit(ctx, pointed)
    sight, remarks = _still(ctx, unit, "live")
    grievances = [fact for fact in remarks if fact.kind == "complaint"]
    if not grievances:
        raise ConflictError("那条里没有意见可转了。")
    work = writing.writer(ctx, unit.id)
    text = "；".join(fact.value for fact in grievances)
    facets = list(dict.fromkeys(fact.facet for fact in grievances if fact.facet))
    matter = complaints.file(work, sight, text, facets)
    for fact in grievances:
        notes.void(work, fact)
    writing.close(ctx, work, unit.command, unit.summary, unit.customer_id)
    return cards.opened(sight, discretion.matter(ctx.conn, ctx.staff, sight, matter), ctx.staff, ctx.now)


@command("算了", "不用", "不用了", "取消", takes=as_typed, roles=("guide", "manager", "hq", "admin"))
def let_go(ctx: Context, text: str) -> Reply:
    """放下刚才问的"""
    del ctx, text
    return Reply("好，不用了。", focus=False)


@dataclass(frozen=True, slots=True)
class Referral:
    """Who was brought (nobody: the one in focus), and by whom: a token that a list showed, or words."""

    key: Key
    by: str


def parse_referral(text: str) -> Referral:
    """`张姐带来的`, `8000 王姐`, `2203介绍的`, `张姐 6610`, or what a button sends."""
    if text.strip().startswith("#"):
        pointed = parse_pointed(text)
        return Referral(Key(token=pointed.token), pointed.rest)
    said = _BROUGHT.sub("", _IS.sub("", normal(text)))
    key = leading_key(said)
    by = _IS.sub("", key.rest).strip(" ，,的")
    if key.mention and not by:
        return Referral(Key(), said.strip())
    if not by:
        raise UsageError("谁介绍来的？写上介绍人。")
    return Referral(Key(mention=key.mention, number=key.number), by)


def _brought(ctx: Context, asked: Referral) -> Sight | Reply:
    """The one who was brought; by a token as a list has shown her."""
    if asked.key.token:
        row_id = keys_of(ctx.conn).untoken(asked.key.token, ctx.staff.id)
        sight = customers.by_id(ctx.conn, row_id, seen_by=ctx.staff) if row_id else None
        if sight is None:
            raise NotFoundError
        return sight
    if not asked.key and ctx.focus is None:
        raise UsageError("哪位是介绍来的？先查一下她，或在前面写尾号，例：介绍 8000 张姐")
    key = asked.key or Key(mention=Mention(name="她"))
    token = keys_of(ctx.conn).token
    return meant(
        ctx,
        key,
        Reading("note", NOBODY),
        "",
        lambda s: f"介绍 #{token(s.customer.id, ctx.staff.id)} {asked.by}",
    )


def _bringers(ctx: Context, asked: Referral) -> tuple[list[Sight], bool]:
    """Who may be meant by the one who brought her; and whether that is certain."""
    if inner := _TOKEN.fullmatch(asked.by):
        other_id = keys_of(ctx.conn).untoken(inner[1], ctx.staff.id)
        found = customers.by_id(ctx.conn, other_id, seen_by=ctx.staff) if other_id else None
        return ([found] if found else []), True
    figures = _WITH_DIGITS.fullmatch(asked.by)
    mention = Mention(name=asked.by) if figures is None else Mention(last4=figures[2], name=figures[1] or None)
    if phone := phones.read(asked.by):
        mention = Mention(phone=phone.national)
    try:
        sure = finding.resolve_for_write(ctx.conn, mention, staff=ctx.staff, now=ctx.now, focus=None)
    except finding.Ambiguous as several:
        return several.candidates, False
    except NotFoundError:
        return [], False
    return [sure], not asked.key.token  # what a note made of a sentence is asked once more


@command(
    "介绍", "介绍人", "转介绍", "jieshao",
    takes=parse_referral, example="/介绍 张姐带来的", roles=STORE, writes=True,
)  # fmt: skip
def referred(ctx: Context, asked: Referral) -> Reply:
    """记介绍人：「介绍 张姐带来的」「介绍 8000 张姐」"""
    sight = _brought(ctx, asked)
    if isinstance(sight, Reply):
        return sight
    found, sure = _bringers(ctx, asked)
    others = [one for one in found if one.customer.id != sight.customer.id]
    if found and not others:
        raise UsageError(f"介绍人不能是她自己：{who(sight)}。写带她来的那位，例：介绍 8000 张姐")
    if not others:
        by = masks.phone(asked.by) if phones.read(asked.by) else asked.by[:10]
        named = f"「{by}」" if ctx.staff.veil == "none" and not asked.by.startswith("#") else ""
        raise NotFoundError(f"没有找到介绍人{named}，请先给介绍人建档。")
    token = keys_of(ctx.conn).token
    if not sure:
        hers = token(sight.customer.id, ctx.staff.id)
        return lists.choose(
            others,
            lambda s: f"介绍 #{hers} #{token(s.customer.id, ctx.staff.id)}",
            ctx.now,
            ctx.staff,
            sure=len(others) > 1,
        )
    work = writing.writer(ctx)
    notes.change_customer(work, sight.customer.id, referrer_id=others[0].customer.id, source="介绍")
    summary = f"{writing.who(ctx, sight)}介绍人 {writing.who(ctx, others[0])}"
    writing.close(ctx, work, "介绍", summary, sight.customer.id)
    return Reply(
        f"{who(sight)}的介绍人记为 {who(others[0])}。错了回 撤",
        about=(sight.customer.id, others[0].customer.id),
        keeps_menu=True,
    )
