"""Looking at a customer: 查 全 给看 电话 谁看过 为什么."""

import re
from dataclasses import dataclass, replace

from bot.actions import discretion, finding, hinted, profiles
from bot.actions.hinted import Asker
from bot.cards import lists
from bot.cards import profile as cards
from bot.chat import Reply
from bot.commands import LEADERS, STORE, Context, as_typed, command
from bot.db import audit, catalog, customers
from bot.db.core.engine import keys_of
from bot.domain import phones, words
from bot.domain.customers import Sight
from bot.domain.errors import NotAllowedError, NotFoundError, UsageError
from bot.domain.language.values import NOBODY, Mention
from bot.domain.names import is_useless
from bot.domain.shop import ROLES
from bot.domain.text import normal, spoken_digits
from bot.handlers.layers import explaining

_TOKEN = re.compile(r"#([0-9a-f]{32})\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"(?:客户|会员)?号\s*[:：]?\s*([0-9A-Za-z_-]{1,40})")
_LAST4 = re.compile(r"(?:尾号)?\s*(\d{4})(?!\d)\s*(.*)", re.DOTALL)
_HOW = {"读": "按一句话"}
_SEVERAL = re.compile(r"(?:\d{11}|\d{4})(?:[ 、,，和]+(?:\d{11}|\d{4}))+")
_FULL = re.compile(r"\s*全(?:部)?$")


@dataclass(frozen=True, slots=True)
class Key:
    """Whom a command means: a token from a list, a customer number, or words; `rest` is what else was said."""

    token: str = ""
    mention: Mention = NOBODY
    number: str = ""
    others: tuple[Mention, ...] = ()
    full: bool = False
    rest: str = ""

    def __bool__(self) -> bool:
        return bool(self.token or self.mention or self.number)


def parse_key(text: str) -> Key:  # noqa: PLR0911 — one return a spelling
    """The words after 查: a phone in any spelling, four digits, 号 and a customer number, a name or a hint."""
    if token := _TOKEN.fullmatch(text):
        return Key(token=token[1], rest=token[2].strip())
    plain = normal(text)
    short = _FULL.sub("", plain)
    full = short != plain
    figures = spoken_digits(short)
    if phone := phones.read(figures):
        return Key(mention=Mention(phone=phone.national), full=full)
    if number := _NUMBER.fullmatch(figures):
        return Key(number=number[1], full=full)
    bare = re.sub(r"\D", "", figures)
    if _SEVERAL.fullmatch(figures):
        several = [_digits(one) for one in re.findall(r"\d{11}|\d{4}", figures)]
        return Key(mention=several[0], others=tuple(several[1:]))
    if (last4 := _LAST4.fullmatch(figures)) and not last4[2].strip():
        return Key(mention=Mention(last4=last4[1]), full=full)
    if bare and bare == re.sub(r"[\s\-]", "", figures):
        return Key(number=bare, full=full)
    return Key(mention=_mention(short) if short else NOBODY, full=full)


def _digits(text: str) -> Mention:
    return Mention(last4=text) if len(text) == 4 else Mention(phone=text)


def _mention(text: str) -> Mention:
    """A name or a hint, as the language reads it; what it makes nothing of is taken as a name."""
    from bot.domain.language import read  # noqa: PLC0415 — the dictionary is not loaded for a number

    found = read(f"查 {text}").customer
    return found or Mention(name=text.strip()[:20])


def leading_key(text: str) -> Key:
    """A key at the head of a longer text: a token, a phone or four digits; what follows is `rest`."""
    if token := _TOKEN.fullmatch(text):
        return Key(token=token[1], rest=token[2].strip())
    figures = spoken_digits(text)
    for phone, start, end in phones.find(figures):
        if start == 0:
            return Key(mention=Mention(phone=phone.national), rest=text[end:].strip(" ，,:：的"))
    if number := re.match(_NUMBER.pattern + r"\s+", figures):
        return Key(number=number[1], rest=text[number.end() :].strip())
    if last4 := _LAST4.fullmatch(figures):
        return Key(mention=Mention(last4=last4[1]), rest=text[last4.start(2) :].strip(" ，,:：的"))
    return Key(rest=text)


def seen(ctx: Context, key: Key) -> list[Sight]:
    """Everyone a key may mean, in this person's scope; the focus where it names nobody."""
    if key.token:
        row_id = keys_of(ctx.conn).untoken(key.token, ctx.staff.id)
        found = customers.by_id(ctx.conn, row_id, seen_by=ctx.staff) if row_id else None
        return [found] if found else []
    if key.number:
        found = customers.by_number(ctx.conn, key.number, seen_by=ctx.staff)
        if found is None and len(key.number) == 7 and ctx.staff.first7:
            return customers.by_first7(ctx.conn, key.number, seen_by=ctx.staff)
        return [found] if found else []
    everyone = finding.find(ctx.conn, key.mention, staff=ctx.staff, now=ctx.now, focus=ctx.focus)
    for other in key.others:
        everyone = [*everyone, *finding.find(ctx.conn, other, staff=ctx.staff, now=ctx.now, focus=None)]
    return everyone


def the_one(ctx: Context, key: Key) -> Sight:
    """Exactly one customer to look at; refuses none and several."""
    found = seen(ctx, key)
    if not found:
        if not key:
            raise UsageError("说的是哪位？请先查一下她，或在后面写手机号。")
        raise NotFoundError
    if len(found) > 1:
        raise UsageError(f"有{len(found)}位，请先查出是哪一位，或写11位手机号。")
    return found[0]


def certainly(ctx: Context, key: Key) -> Sight:
    """Exactly one customer to write about: what fits her only by guessing is refused too."""
    if key.token or key.number or not key.mention:
        return the_one(ctx, key)
    try:
        return finding.resolve_for_write(ctx.conn, key.mention, staff=ctx.staff, now=ctx.now, focus=ctx.focus)
    except finding.Ambiguous as several:
        raise UsageError(f"像的有{len(several.candidates)}位，不确定是谁。请先查出来，或写11位手机号。") from several


def shown(ctx: Context, sight: Sight) -> Reply:
    """Her card."""
    return cards.card(profiles.view(ctx.conn, sight, ctx.staff, ctx.now))


@command(
    "查",
    "找",
    "搜",
    "查询",
    "查一下",
    "cha",
    "c",
    "find",
    "到店",
    "来了",
    takes=parse_key,
    example="/查 13800138000",
)
def find(ctx: Context, key: Key) -> Reply:
    """查客户：手机号、后四位、姓名、客户号，或描述一下她"""
    found = seen(ctx, key)
    slip = not found and len(key.mention.name or "") > 2  # 王芳方: a slip of the finger at the end
    if slip:
        found = seen(ctx, Key(mention=Mention(name=(key.mention.name or "")[:-1])))
    if not found:
        raise _nobody(key)
    if len(found) > 1 or slip:
        return lists.choose(
            found,
            lambda s: f"查 #{keys_of(ctx.conn).token(s.customer.id, ctx.staff.id)}",
            ctx.now,
            ctx.staff,
            sure=len(found) > 1,
            did=_did(ctx, key),
        )
    return whole(ctx, found[0]) if key.full else shown(ctx, found[0])


def _did(ctx: Context, key: Key) -> dict[int, str]:
    """What each of those a hint found did, as the hint remembers it."""
    if not key.mention.hint:
        return {}
    borne = hinted.borne_out(Asker(ctx.conn, ctx.staff, ctx.now, ctx.focus), key.mention.hint)
    return {
        row_id: lists.visit(one.at, one.things, ctx.now, ctx.staff, returned=one.kind == "refund")
        for row_id, one in borne.items()
    }


def _nobody(key: Key) -> Exception:
    if not key:
        return UsageError("查谁？发手机号、后四位或名字。")
    if key.mention.phone:
        phone = key.mention.phone
        return NotFoundError(
            "没有找到这位客户。",
            (
                ("建档（先问她：愿意留号码收优惠吗）", f"建 愿意 {phone}"),
                ("只记临时", "临 "),
                ("算了", "算了"),
            ),
        )
    if key.number.isdecimal():
        return NotFoundError("没有找到这位客户。手机号请发全11位，或只发后四位。")
    words_ = key.mention.name or key.mention.hint
    if words_ and is_useless(words_):
        return UsageError("太短了，请发名字、手机号或后四位。")
    return NotFoundError()


def whole(ctx: Context, sight: Sight) -> Reply:
    """Everything known of her."""
    conn = ctx.conn
    view = profiles.view(conn, sight, ctx.staff, ctx.now)
    today = ctx.now.astimezone(ctx.staff.zone).date()
    orders = [
        f"{words.day(on, today)}{'退' * (kind == 'refund')}{name} {'' if fen is None else words.money(fen)}".rstrip()
        for on, kind, fen, name in catalog.last_orders(conn, sight.customer.id)
    ]
    old = customers.old_numbers(conn, sight.customer.id)
    return cards.details(view, sight.guide_name, orders, len(old))


@command("全", "全部", "详情", "all", takes=parse_key, example="/全 8000")
def everything(ctx: Context, key: Key) -> Reply:
    """看全部：消费、等级、积分、所有记录（只发私聊）"""
    return whole(ctx, the_one(ctx, key))


@command("给看", "给她看", "show", takes=parse_key, example="/给看 8000")
def show_her(ctx: Context, key: Key) -> Reply:
    """可以转过手机给客人看的一张，没有内部信息"""
    return cards.for_her(profiles.view(ctx.conn, the_one(ctx, key), ctx.staff, ctx.now))


@dataclass(frozen=True, slots=True)
class Reveal:
    """Whose number, and why."""

    key: Key
    reason: str


def parse_reveal(text: str) -> Reveal:
    """A customer first (or nobody: the one in focus), then the reason; the reason is not optional."""
    key = leading_key(normal(text))
    if not key.rest:
        raise UsageError("看完整号码要写原因。")
    return Reveal(replace(key, rest=""), key.rest)


@command(
    "电话",
    "手机号",
    "dianhua",
    takes=parse_reveal,
    example="/电话 8000 到货通知她来取",
    roles=STORE,
)
def reveal(ctx: Context, asked: Reveal) -> Reply:
    """看一次完整手机号：要写原因，会记录，只发私聊"""
    if ctx.address.channel == "telegram":
        raise NotAllowedError("Telegram 上不显示完整号码，请在企业微信里看，或用门店电话回拨。")
    sight = certainly(ctx, asked.key)
    if not sight.customer.phone:
        raise NotFoundError("她没有留手机号。")
    start = ctx.now.astimezone(ctx.staff.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    times = audit.count(ctx.conn, ctx.staff.id, "电话", start) + 1
    national = sight.customer.phone.removeprefix("+86")
    noted = f"原因已记录（{asked.reason[:30]}），你今天第{times}次看号码。用完请别截图外传。"
    text = f"{cards.who(sight)}：{national}\n{noted}"
    return Reply(text, about=(sight.customer.id,), reason=asked.reason, keeps_menu=True)


@command("谁看过", "谁查过", takes=parse_key, example="/谁看过 8000", roles=LEADERS)
def who_looked(ctx: Context, key: Key) -> Reply:
    """谁看过这位客户，最近二十次"""
    sight = the_one(ctx, key)
    rows = audit.looks_at(ctx.conn, sight.customer.id)
    lines = [f"{cards.who(sight)}，最近{len(rows)}次："]
    for at, name, role, store, used, reason in rows:
        title = ROLES.get(role, "")
        told = discretion.words(ctx.conn, ctx.staff, reason, sight)
        why = f"（{told}）" if told else ""
        did = discretion.deed(ctx.staff, _HOW.get(used, used))
        lines.append(f"{words.clock(at, ctx.now, ctx.staff.zone)} {name}（{store}{title}）{did}{why}")
    return Reply("\n".join(lines) if rows else "还没有人看过她。", about=(sight.customer.id,), keeps_menu=True)


@command("为什么", "为啥", "why", takes=as_typed, example="/为什么 8000")
def why(ctx: Context, text: str) -> Reply:
    """她为什么在这一层：规则、日期、数字、分界线；「为什么 高频」看这一层怎么算"""
    key = parse_key(text)
    if not key.token and not key.number and (told := explaining.rule(ctx, text)):
        return told
    sight = the_one(ctx, key)
    return cards.why(profiles.view(ctx.conn, sight, ctx.staff, ctx.now), explaining.lines(ctx, sight))
