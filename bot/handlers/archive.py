"""The archive: 建 临 改 并."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.actions import accounts, archive, discretion, notes
from bot.cards import archive as cards
from bot.cards.notes import Line
from bot.cards.profile import who
from bot.chat import LET_GO, Choice, Reply
from bot.commands import STORE, Context, command
from bot.db import customers
from bot.db.core.engine import keys_of
from bot.domain import birthdays, phones
from bot.domain.customers import Sight
from bot.domain.errors import ConflictError, NotAllowedError, UsageError
from bot.domain.language import read
from bot.domain.language.values import Mention, Statement
from bot.domain.phones import Phone
from bot.domain.text import normal, spoken_digits
from bot.handlers import writing
from bot.handlers.customers import Key, certainly, leading_key, shown
from bot.handlers.notes import asked, clean, introducer

_AGREED = re.compile(r"(?:愿意|同意)\s*")
_NAME = re.compile(r"[\u3400-\u9fff·]{1,6}|[A-Za-z][A-Za-z .'-]{0,30}")
_GENDERS = {"女": "female", "男": "male", "女士": "female", "先生": "male", "小姐": "female"}
_ASIDE = ("referrer", "new_phone")
SOURCES = ("路过", "专程来", "线上", "介绍")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A number, a name, what else was said, and whether she agreed to leave her number."""

    phone: Phone
    name: str
    rest: str
    agreed: bool


def parse_newcomer(text: str) -> Newcomer:
    """`138… 王芳 朋友介绍来的`; a leading 愿意 is her consent, which the question's digit says."""
    plain = spoken_digits(normal(text))
    short = _AGREED.sub("", plain, count=1) if _AGREED.match(plain) else plain
    found = phones.find(short)
    if not found:
        raise UsageError("建档要手机号；她不愿留号就发「临」加一句描述。")
    phone, start, end = found[0]
    words = (short[:start] + " " + short[end:]).strip(" ，,、")
    clean(words)
    name = _NAME.match(words)
    rest = words[name.end() :].strip(" ，,、") if name else words
    return Newcomer(phone, name[0] if name else "", rest, short != plain)


@command(
    "建",
    "建档",
    "新建",
    "新客",
    "jian",
    takes=parse_newcomer,
    example="/建 13911112222 刘梅",
    roles=STORE,
    writes=True,
)
def create(ctx: Context, new: Newcomer) -> Reply:
    """建档：手机号、名字；先问她愿不愿意留号码"""
    if not new.phone.is_mobile and not new.phone.e164.startswith("+"):
        raise UsageError("这个号码不对，请核对后再发。")
    here = customers.by_phone(ctx.conn, new.phone.e164, seen_by=ctx.staff)
    if here and here.here:
        return cards.exists(here, keys_of(ctx.conn).token(here.customer.id, ctx.staff.id))
    if not new.agreed:
        return cards.ask_number(new.phone, f"{_dialled(new.phone)} {new.name} {new.rest}".strip(), new.name)
    work = writing.writer(ctx)
    known = customers.chain_knows(ctx.conn, new.phone.e164)
    if known:
        archive.welcome(work, known, new.phone.e164)
        customer_id = known
    else:
        customer_id = archive.make(work, {"phone": new.phone.e164, "name": new.name})
    notes.consent(work, customer_id, ["contact"], given=True)
    sight = _seen(ctx, customer_id)
    said = [one for one in _told(new.rest) if one.kind not in _ASIDE]
    lines = notes.note(work, sight, said)
    writing.close(ctx, work, "建", f"建档 {writing.who(ctx, sight)}", customer_id)
    told = discretion.lines(ctx.conn, ctx.staff, sight, lines)
    sight = _seen(ctx, customer_id)
    if known:
        return shown(ctx, sight)
    if asks := asked(ctx, lines):
        return cards.made(sight, told, asks)
    token = keys_of(ctx.conn).token(customer_id, ctx.staff.id)
    return cards.made(sight, told, _next_question(ctx, token, lines, _referrer(new.rest)))


def _dialled(phone: Phone) -> str:
    """A number as it can be typed again: as dialled at home, from abroad with its country."""
    return phone.national if phone.e164.startswith("+86") else phone.e164


def _next_question(ctx: Context, token: str, lines: Sequence[Line], referrer: str) -> tuple[Choice, ...]:
    """Who brought her, or how she came, if that was not said."""
    if referrer:
        return (Choice(introducer(ctx, referrer), f"介绍 #{token} {referrer}"), Choice("不用", LET_GO))
    if any(line.kind == "source" for line in lines):
        return ()
    return tuple(Choice(source, f"改 #{token} 来源 {source}") for source in SOURCES)


def _told(text: str) -> tuple[Statement, ...]:
    """What else was said of a new customer; a removal makes no sense of somebody new."""
    return tuple(one for one in read(text, in_context=True).facts if not one.negated) if text else ()


def _referrer(text: str) -> str:
    """Somebody named as having brought her: a `referrer` fact, or a name behind 介绍."""
    named = next((one.value for one in _told(text) if one.kind == "referrer"), "")
    found = re.search(r"介绍\S*\s+(\S{2,6})$", text)
    return named or (found[1] if found else "")


def _seen(ctx: Context, customer_id: int) -> Sight:
    sight = customers.by_id(ctx.conn, customer_id, seen_by=ctx.staff)
    if sight is None:
        raise ConflictError("这位客户归别的导购，请店长来建。")
    return sight


def parse_description(text: str) -> str:
    """How a customer without a number is remembered."""
    plain = normal(text)
    if len(plain) < 2:
        raise UsageError("怎么认出她？写几个字的特征。")
    if phones.find(plain):
        raise UsageError("有手机号就用「建」。")
    clean(plain)
    return plain[:60]


@command(
    "临",
    "临时",
    "lin",
    takes=parse_description,
    example="/临 金毛阿姨 燕麦奶不加糖",
    roles=STORE,
    writes=True,
)
def create_temporary(ctx: Context, text: str) -> Reply:
    """记一位不留号码的客人，以后可以「并」到正式档案"""
    work = writing.writer(ctx)
    customer_id = archive.make(work, {"alias": text, "state": "temporary"})
    sight = _seen(ctx, customer_id)
    said = [one for one in _told(text) if one.kind not in _ASIDE]
    lines = notes.note(work, sight, said)
    writing.close(ctx, work, "临", f"临时 {writing.who(ctx, sight)}", customer_id)
    return cards.made_temporary(sight, discretion.lines(ctx.conn, ctx.staff, sight, lines), asked(ctx, lines))


@dataclass(frozen=True, slots=True)
class Correction:
    """Whose, which field, and the new value."""

    key: Key
    field: str
    value: str


_FIELDS = {
    "手机": "phone", "手机号": "phone", "电话": "phone", "号码": "phone", "名字": "name", "姓名": "name",
    "生日": "birthday", "性别": "gender", "邮箱": "email", "地址": "address", "来源": "source",
    "导购": "guide", "称呼": "alias", "备注名": "alias",
}  # fmt: skip
_FIELD = re.compile(r"(" + "|".join(sorted(_FIELDS, key=len, reverse=True)) + r")\s*[:：改成为]*\s*(.+)", re.DOTALL)


def parse_correction(text: str) -> Correction:
    """`手机 139…`, `8000 生日 3月5日`, `名字 王芳芳`."""
    key = leading_key(normal(text))
    found = _FIELD.search(key.rest)
    if not found:
        raise UsageError("改什么？可以改：手机 名字 生日 性别 邮箱 地址 来源 导购 称呼")
    lead = key.rest[: found.start()].strip(" 的")
    target = Key(key.token, key.mention, key.number)
    if lead and not target:
        target = Key(mention=read(f"查 {lead}").customer)
    clean(found[2])
    return Correction(target, _FIELDS[found[1]], found[2].strip())


@command(
    "改",
    "修改",
    "更正",
    "gai",
    takes=parse_correction,
    example="/改 手机 13911112222",
    roles=STORE,
    writes=True,
)
def correct(ctx: Context, asked: Correction) -> Reply:
    """改资料：手机、名字、生日、性别、地址、来源、导购；旧号码会留作历史"""
    sight = certainly(ctx, asked.key)
    named = writing.who(ctx, sight)  # as she was called before
    work = writing.writer(ctx)
    if asked.field == "phone":
        phone = phones.read(spoken_digits(asked.value))
        if phone is None:
            raise UsageError("新号码不对，请发11位手机号。")
        archive.change_phone(work, customers.whole(ctx.conn, sight).customer, phone.e164)
        said = f"手机 尾号{phone.last4}"
    else:
        column, value, said = _value(ctx, asked)
        notes.change_customer(work, sight.customer.id, **{column: value})
    writing.close(ctx, work, "改", f"{named}{said}", sight.customer.id)
    sight = _seen(ctx, sight.customer.id)
    said = discretion.words(ctx.conn, ctx.staff, said) or said.partition(" ")[0]
    return Reply(f"{who(sight)}已改：{said}。错了回 撤", about=(sight.customer.id,), keeps_menu=True)


def _value(ctx: Context, asked: Correction) -> tuple[str, str | int, str]:
    """The column, its value and how to say it."""
    value = asked.value
    if asked.field == "birthday":
        day = birthdays.read(value)
        if day is None:
            raise UsageError("生日没看懂，例：改 生日 3月5日，或 改 生日 阴历八月初二")
        return "birthday", day.text(), f"生日 {day.say()}"
    if asked.field == "gender":
        if value not in _GENDERS:
            raise UsageError("性别请写 男 或 女。")
        return "gender", _GENDERS[value], f"性别 {value[0]}"
    if asked.field == "guide":
        if not ctx.staff.leads:
            raise UsageError("换导购请店长来改。")
        guide_id, name = accounts.colleague(ctx.conn, value, ctx.staff)
        return "guide_id", guide_id, f"导购 {name}"
    if asked.field == "name" and not _NAME.fullmatch(value):
        raise UsageError("名字只写姓名就好。")
    labels = {"name": "名字", "email": "邮箱", "address": "地址", "source": "来源", "alias": "称呼"}
    shown_value = "" if asked.field in ("name", "email", "address") else f" {value}"
    return asked.field, value, labels[asked.field] + shown_value


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers to be made one; `sure` once the preview was confirmed."""

    one: Key
    other: Key
    sure: bool


def parse_pair(text: str) -> Pair:
    """`8000 2203`, or one of them: the other is the one in focus."""
    plain = normal(text)
    sure = plain.startswith("确认 ")
    words = [_key(word) for word in plain.removeprefix("确认 ").split()]
    if not 1 <= len(words) <= 2:
        raise UsageError("合并哪两位？写两个尾号，或只写一位（另一位是刚查的）。")
    return Pair(words[0], words[1] if len(words) == 2 else Key(), sure)


def _key(word: str) -> Key:
    """One of the two: a token, a number, or what she is called."""
    key = leading_key(word)
    return Key(key.token, key.mention, key.number) if key else Key(mention=Mention(name=word))


@command("并", "合并", "bing", takes=parse_pair, example="/并 8000 2203", roles=STORE, writes=True)
def merge(ctx: Context, pair: Pair) -> Reply:
    """把两份档案并成一份，30天内可撤；导购只能把临时客人并进来"""
    one = certainly(ctx, pair.one)
    other = certainly(ctx, pair.other)
    if one.customer.id == other.customer.id:
        raise ConflictError("这是同一份档案，不用并。")
    temporary = "temporary" in (one.customer.state, other.customer.state)
    if ctx.staff.role == "guide" and not temporary:
        raise NotAllowedError("两份都是正式档案，要店长来并。")
    plan = archive.compare(ctx.conn, one, other)
    token = keys_of(ctx.conn).token
    if not pair.sure:
        pointed = " ".join(f"#{token(s.customer.id, ctx.staff.id)}" for s in (one, other))
        return cards.ask_merge(plan, f"并 确认 {pointed}")
    work = writing.writer(ctx)
    kept, gone = customers.whole(ctx.conn, plan.kept), customers.whole(ctx.conn, plan.gone)
    archive.merge(work, kept.customer, gone.customer)
    writing.close(ctx, work, "并", f"合并 {who(gone)} → {who(kept)}", plan.kept.customer.id)
    return cards.merged(_seen(ctx, plan.kept.customer.id), plan)
