"""Writing down: 记 敏, the answers to what they ask, and sentences that name no command."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.actions import discretion, finding, notes
from bot.cards import lists
from bot.cards import notes as cards
from bot.cards.notes import Line, Noted
from bot.cards.profile import who
from bot.chat import LET_GO, Choice, Reply
from bot.commands import STORE, Context, command
from bot.db import catalog, customers, facts, search
from bot.db.core.engine import keys_of
from bot.domain import masks
from bot.domain.customers import Sight
from bot.domain.errors import NotFoundError, UsageError
from bot.domain.language import better, canonical, is_known, problems, read
from bot.domain.language import consents as consents_for
from bot.domain.language.values import Mention, Reading, Statement
from bot.domain.text import normal
from bot.handlers import writing
from bot.handlers.customers import Key, leading_key, the_one

_ASIDE = ("referrer", "new_phone")
_WHOM = "记给哪位？先查一下她，或在句首写尾号，例：记 8000 三分糖去冰"


@dataclass(frozen=True, slots=True)
class Note:
    """Whom a note is for, where that was said first, and what it says."""

    key: Key
    text: str


def parse_note(text: str) -> Note:
    """A customer (or nobody) and the words; refuses what must not be kept."""
    key = leading_key(normal(text)) if text.lstrip().startswith("#") else Key(rest=normal(text))
    if not key.rest:
        raise UsageError("记什么？写一句话就行。")
    clean(key.rest)
    return Note(Key(token=key.token), key.rest)


def clean(text: str) -> None:
    """Refuse words a customer should never read, and numbers that have no place here."""
    found = problems(text)
    if "insult" in found:
        raise UsageError(f"这样写客人看到会难受，没有存。可以写成：{better(text)}")
    if "id_card" in found:
        raise UsageError("里面像有身份证号，没有存。身份证不用记，要核对请当面看证件。")
    if "bank_card" in found:
        raise UsageError("里面像有银行卡号，没有存。退款请走收银原路退回，卡号不用记。")


def understood(ctx: Context, text: str) -> Reading:
    """The sentence read with this shop's product names."""
    return read(text, products=catalog.names(ctx.conn), in_context=ctx.focus is not None)


@command(
    "记",
    "记一下",
    "记录",
    "备注",
    "计",
    "ji",
    "j",
    "note",
    takes=parse_note,
    example="/记 三分糖去冰，不吃香菜",
    writes=True,
    roles=STORE,
)
def take_note(ctx: Context, asked: Note) -> Reply:
    """记一句话：喜好、过敏、尺码、生日、家人、联系方式，一次说完也行"""
    return noted(ctx, asked.key, asked.text, understood(ctx, asked.text))


def noted(ctx: Context, key: Key, text: str, reading: Reading) -> Reply:
    """Store what a sentence says of exactly one customer, or ask who she is."""
    if reading.several:
        raise UsageError("一次记一位，请分开发，每条写清是谁。")
    sight = meant(
        ctx, key, reading, text, lambda s: f"记 #{keys_of(ctx.conn).token(s.customer.id, ctx.staff.id)} {text}"
    )
    if isinstance(sight, Reply):
        return sight
    said = [one for one in reading.facts if one.kind not in _ASIDE]
    aside = [one for one in reading.facts if one.kind in _ASIDE]
    if not said and not aside:
        said = [Statement("note", _without_number(text, key.mention or reading.customer))]
    return written(ctx, sight, said, aside)


def _without_number(text: str, mention: Mention | None) -> str:
    """The words of a note without the number in front that only said whom it is for."""
    if mention is None or not (mention.phone or mention.last4):
        return text
    return re.sub(r"^(?:尾号)?[\d\- ]{4,14}[的,，:：]?\s*", "", text) or text


def _others_named(ctx: Context, text: str) -> list[Sight]:
    """Whoever of the store is named in the text, with the one in focus last; nothing if that is only her."""
    named = search.mentioned(ctx.conn, text, seen_by=ctx.staff)
    others = [sight for sight in named if sight.customer.id != ctx.focus]
    focus = customers.by_id(ctx.conn, ctx.focus or 0, seen_by=ctx.staff)
    return [*others, *([focus] if focus else [])] if others else []


def meant(ctx: Context, key: Key, reading: Reading, text: str, again: Callable[[Sight], str]) -> Sight | Reply:
    """The one customer a write is for; a numbered question where the words may mean somebody else."""
    if key.token or key.number:
        return the_one(ctx, key)
    mention = key.mention or reading.customer
    if not mention and ctx.focus is None:
        raise UsageError(_WHOM)
    if not mention and (named := _others_named(ctx, text)):
        return lists.choose(named, again, ctx.now, ctx.staff)
    try:
        return finding.resolve_for_write(ctx.conn, mention, staff=ctx.staff, now=ctx.now, focus=ctx.focus)
    except finding.Ambiguous as several:
        sure = len(several.candidates) > 1
        return lists.choose(several.candidates, again, ctx.now, ctx.staff, sure=sure)


def written(ctx: Context, sight: Sight, said: list[Statement], aside: list[Statement]) -> Reply:
    """Write the statements and echo them, with what has to be asked."""
    removed = [one for one in said if one.negated and one.kind == "allergy"]
    if removed and len(said) == len(removed):
        return _confirm_removal(ctx, sight, removed)
    work = writing.writer(ctx)
    lines = notes.note(work, sight, [one for one in said if one not in removed])
    asks = frozenset(kind for line in lines if line.state == "pending" for kind in _kinds(line))
    unit = keys_of(ctx.conn).token(ctx.unit, ctx.staff.id)
    choices = list(asked(ctx, lines))
    choices += _follow_ups(ctx, sight, aside)
    if not asks and any(line.kind == "complaint" and line.state == "live" for line in lines):
        choices += _escalation(unit)
    writing.close(ctx, work, "记", cards.summary(writing.who(ctx, sight), lines), sight.customer.id)
    return cards.echo(sight, Noted(discretion.lines(ctx.conn, ctx.staff, sight, lines), asks, tuple(choices)))


def asked(ctx: Context, lines: Sequence[Line]) -> tuple[Choice, ...]:
    """The question of consent, where something in this message's unit waits for it."""
    if not any(line.state == "pending" for line in lines):
        return ()
    unit = keys_of(ctx.conn).token(ctx.unit, ctx.staff.id)
    rest = "只记其余" if any(line.state == "live" for line in lines) else "不同意，不记"
    return Choice("同意", f"同意 #{unit}"), Choice(rest, f"不同意 #{unit}")


def _kinds(line: Line) -> frozenset[str]:
    return frozenset(consents_for(Statement(line.kind, line.value, line.facet, line.of)))


def _escalation(unit: str) -> list[Choice]:
    return [Choice("转客诉", f"诉转 #{unit}"), Choice("不用", "算了")]


def _follow_ups(ctx: Context, sight: Sight, aside: list[Statement]) -> list[Choice]:
    """A new number and a referrer are done only after one more digit."""
    token = keys_of(ctx.conn).token(sight.customer.id, ctx.staff.id)
    found: list[Choice] = []
    for one in aside:
        if one.kind == "new_phone":
            found.append(Choice(f"手机改成尾号{one.value[-4:]}", f"改 #{token} 手机 {one.value}"))
        else:
            found.append(Choice(introducer(ctx, one.value), f"介绍 #{token} {one.value}"))
    return found


def introducer(ctx: Context, name: str) -> str:
    """What the button that records an introducer says."""
    return f"介绍人是{name if ctx.staff.veil == 'none' else masks.name(name)}"


def _confirm_removal(ctx: Context, sight: Sight, removed: list[Statement]) -> Reply:
    """Striking out an allergy is asked once more: being wrong here hurts."""
    said = "、".join(one.value for one in removed)
    shown = discretion.words(ctx.conn, ctx.staff, said)
    names = f"{shown}过敏" if shown else "这一条"
    token = keys_of(ctx.conn).token(sight.customer.id, ctx.staff.id)
    known = {f.value for f in facts.of_customer(ctx.conn, sight.customer.id, ctx.now) if f.kind == "allergy"}
    if not any(one.value in k or k in one.value for one in removed for k in known):
        return Reply(f"{who(sight)}没有记过 {names}，不用划。", about=(sight.customer.id,), keeps_menu=True)
    choices = (
        Choice(f"划掉 {names}", f"敏 #{token} 删 {said} 她本人说不过敏"),
        Choice("留着", "算了"),
    )
    text = f"{who(sight)}确认{f'不过敏 {shown}' if shown else '划掉这一条'}？划掉后卡上不再提醒。"
    return Reply(text, choices, about=(sight.customer.id,))


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy to add, or to strike out for a reason."""

    key: Key
    values: tuple[str, ...]
    reason: str | None
    unknown: str | None = None

    @property
    def named(self) -> str:
        """The allergens as one word."""
        return "、".join(self.values)


_SPLIT = re.compile("[ 、,，和]+")
_NO_ALLERGEN = re.compile("[?？吗呢啥]|什么|没有|知道|你好|^不|^无$|她|他|没")
_REMOVE = re.compile(r"(?:删除?|去掉|划掉|不是)\s*(\S+)\s*(.*)", re.DOTALL)


def parse_allergy(text: str) -> Allergy:
    """`芒果`, `8000 芒果 花生`, `删 芒果 原因`; a question or a denial is none."""
    key = leading_key(normal(text))
    bare = Key(key.token, key.mention, key.number)
    words_ = key.rest.removeprefix("确认 ")
    if not words_:
        raise UsageError("对什么过敏？")
    if found := _REMOVE.fullmatch(words_):
        return Allergy(bare, tuple(_SPLIT.split(found[1])), found[2])
    clean(words_)
    said = words_.removesuffix("过敏")
    if _NO_ALLERGEN.search(said):
        raise UsageError("没听出是什么。「敏」后面只写过敏的东西，例：敏 芒果；划掉用：敏 删 芒果 原因")
    values = tuple(filter(None, _SPLIT.split(said)))
    unknown = None if words_ != key.rest else next((one for one in values if not is_known(one)), None)
    return Allergy(bare, values, None, unknown)


@command(
    "敏",
    "过敏",
    "忌",
    "min",
    takes=parse_allergy,
    example="/敏 芒果",
    writes=True,
    roles=STORE,
)
def allergy(ctx: Context, wanted: Allergy) -> Reply:
    """记过敏；「敏 删 芒果 原因」划掉一条"""
    told = discretion.words(ctx.conn, ctx.staff, wanted.named)
    if not wanted.reason and wanted.reason is not None:
        raise UsageError(f"划掉过敏要写原因，例：敏 删 {told or '名称'} 她说是记错了")
    sight = meant(ctx, wanted.key, Reading("note", Mention()), "", lambda s: _again(ctx, s, wanted))
    if isinstance(sight, Reply):
        return sight
    if wanted.unknown:
        again = f"敏 #{keys_of(ctx.conn).token(sight.customer.id, ctx.staff.id)} 确认 {' '.join(wanted.values)}"
        sure = (Choice("是", again), Choice("不是", LET_GO))
        unheard = discretion.words(ctx.conn, ctx.staff, wanted.unknown)
        asks_ = f"没听过「{unheard}」" if unheard else "这个词没听过"
        return Reply(f"{asks_}，是过敏的东西吗？", sure, about=(sight.customer.id,))
    removing = wanted.reason is not None
    said = [Statement("allergy", canonical(value), negated=removing) for value in wanted.values]
    work = writing.writer(ctx)
    lines = notes.note(work, sight, said, ask_again=True)
    if not lines:
        raise NotFoundError(f"{who(sight)}没有记过 {f'{told}过敏' if told else '这一条'}。")
    asks = frozenset(kind for line in lines if line.state == "pending" for kind in _kinds(line))
    choices = asked(ctx, lines)
    writing.close(ctx, work, "敏", cards.summary(writing.who(ctx, sight), lines), sight.customer.id)
    reply = cards.echo(sight, Noted(discretion.lines(ctx.conn, ctx.staff, sight, lines), asks, choices))
    return replace(reply, reason=wanted.reason or "")


def _again(ctx: Context, sight: Sight, wanted: Allergy) -> str:
    token = keys_of(ctx.conn).token(sight.customer.id, ctx.staff.id)
    return f"敏 #{token} " + (f"删 {wanted.named} {wanted.reason}" if wanted.reason else " ".join(wanted.values))
