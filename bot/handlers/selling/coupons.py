"""Coupons in chat: 券 lists what is on or hers, 发 gives one."""

import re
from dataclasses import dataclass, replace

from bot.actions import approving, gate, giving, profiles
from bot.actions.finding import Ambiguous, resolve_for_write
from bot.actions.gate import Known
from bot.cards import coupons as cards
from bot.cards import lists
from bot.cards import offers as lines
from bot.cards.facts import ELSEWHERE
from bot.chat import Choice, Reply, numbered
from bot.commands import STORE, Context, as_typed, command
from bot.db import customers, people
from bot.db.core.engine import keys_of
from bot.db.offers import approvals, goods
from bot.db.offers import coupons as issued
from bot.db.offers import offers as batches
from bot.db.offers.approvals import Approval
from bot.db.talk import conversations
from bot.domain.customers import Sight
from bot.domain.errors import ConflictError, NotFoundError, UsageError
from bot.domain.language.values import Mention
from bot.domain.selling.drafts import picking
from bot.domain.selling.offers import Coupon, Offer
from bot.domain.selling.plays import saying
from bot.domain.text import normal
from bot.handlers import writing
from bot.handlers.customers import Key, certainly, leading_key, parse_key, the_one

_EVERY = ("全部", "所有", "都有什么", "有什么", "列表")
_INSISTS = re.compile(r"(?:^|[ ,，])(?:坚持发?|原因)[是:： ]*(.*)$", re.DOTALL)
_FOR = re.compile(r"(?:给|帮)(?![她他])([^ ,，]{2,12}) ?[ ,，发] ?(.*)")
_GIVES = "发 #"
_MOST, _FORWARDED = 5, 3


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom a coupon is for, which one, and why she may have it although something stands against it."""

    key: Key
    which: str
    reason: str = ""
    insists: bool = False


def parse_give(text: str) -> Wish:
    """`8000 满减`, `回归券`, `50的吧`, `12`, and what a choice says: `#token 12`, with `原因 …` behind."""
    plain = text.strip() if text.startswith("#") else normal(text)
    key = _head(plain)
    insists = _INSISTS.search(key.rest)
    which = key.rest[: insists.start()] if insists else key.rest
    whose = Key(token=key.token, mention=key.mention, number=key.number)
    return Wish(whose, which.strip(), insists[1].strip() if insists else "", insists is not None)


def _head(plain: str) -> Key:
    """Whom the first words name; an amount names nobody, and who is named behind 给 is never passed over."""
    if picking.HEAD_IS_MONEY.match(plain):
        return Key(rest=plain)
    if found := _FOR.fullmatch(plain):
        return replace(parse_key(found[1]), rest=found[2])
    return leading_key(plain)


@command("券", "优惠券", "她的券", "quan", takes=parse_key, example="/券 8000")
def coupons(ctx: Context, key: Key) -> Reply:
    """看券：不写客人就列出在发的券，写了就看她的"""
    listed = (key.mention.name or key.mention.hint) in _EVERY or (key.full and not key)
    if listed or (not key and ctx.focus is None):
        return _on(ctx)
    return _hers(ctx, the_one(ctx, key))


def _on(ctx: Context) -> Reply:
    today = ctx.now.astimezone(ctx.staff.zone).date()
    found = [one for one in batches.standing(ctx.conn, ctx.staff.store_id) if not batches.has_ended(one, today)]
    places = [place(ctx, one) for one in found]
    return cards.listed(found, today, places, gives=ctx.staff.store_id is not None)


def place(ctx: Context, offer: Offer) -> str:
    """Where an offer holds, if not everywhere."""
    return f"只在{people.store_name(ctx.conn, offer.store_id)}" if offer.store_id else ""


def _hers(ctx: Context, sight: Sight) -> Reply:
    today = ctx.now.astimezone(ctx.staff.zone).date()
    held = issued.of_customer(ctx.conn, sight.customer.id, today)
    if ctx.staff.veil == "closed":  # 生日券 would tell of her birthday
        said = [f"{cards.kind_of(one)} {one.tail} 到{lines.until(one.ends_on, today)}" for one in held]
    else:
        said = [lines.held(one, today) for one in held]
    known = gate.known_of(ctx.conn, sight.customer.id, ctx.now)
    gives = ctx.staff.store_id and not veiled(ctx, known)
    fitting = giving.fitting(ctx.conn, sight, ctx.staff, ctx.now, known=known) if gives else []
    token = keys_of(ctx.conn).token
    again = tuple(Choice(f"转发 {one.tail}", f"转券 #{token(one.id, ctx.staff.id)}") for one in held[:_FORWARDED])
    return cards.hers(sight, said, again if ctx.staff.store_id else (), choices(ctx, sight, fitting))


def choices(ctx: Context, sight: Sight, offers: list[Offer]) -> tuple[Choice, ...]:
    """Offers as choices that give them to her."""
    return tuple(
        Choice(f"发{one.name}", giving.command(ctx.conn, sight.customer.id, ctx.staff, one)) for one in offers[:_MOST]
    )


def veiled(ctx: Context, known: Known) -> bool:
    """Whether nothing may be given here: where what she must mind is hidden, what is refused would tell of it."""
    return ctx.staff.veil == "closed" and (profiles.to_mind(known) or bool(known.declines))


@command(
    "发",
    "发券",
    "发张券",
    "送券",
    "fa",
    takes=parse_give,
    example="/发 8000 满减",
    roles=STORE,
    writes=True,
)
def give(ctx: Context, asked: Wish) -> Reply:
    """发券：写客人和券名、金额都行；先查她再发「发 回归券」"""
    if asked.insists and not giving.is_reason(asked.reason):
        named_ = asked.which if asked.which and not asked.which.isdecimal() else "回归券"
        lacks = "原因太短了，写清楚一点" if asked.reason else "坚持发要写原因"
        raise UsageError(f"{lacks}，会留在记录里，例：发 {named_} 坚持 给同事带的")
    asked = _on_the_list(ctx, _led_by_a_name(ctx, asked))
    sight = whom(ctx, asked)
    if isinstance(sight, Reply):
        return sight
    return offered(ctx, sight, asked)


def _led_by_a_name(ctx: Context, asked: Wish) -> Wish:
    """发 王芳 满减: where the first words are no offer and the next are, they name somebody, who must be found."""
    head, *others = picking.parts(asked.which)
    if not others:
        return asked
    live = batches.live(ctx.conn, ctx.staff.store_id, ctx.now.astimezone(ctx.staff.zone).date())
    if picking.picked(head, live) or not any(picking.picked(one, live) for one in others):
        return asked
    if asked.key:
        raise UsageError("一次发一位、一张，例：发 8000 满减")
    return replace(asked, key=parse_key(head), which=asked.which.partition(head)[2].strip(" ,，、"))


def _on_the_list(ctx: Context, asked: Wish) -> Wish:
    """发 3 while a list of coupons is on screen: its third row."""
    number = None if asked.key else picking.row(asked.which)
    found = {digit: choice.command for digit, choice in numbered(_menu(ctx))} if number is not None else {}
    if not any(said.startswith(_GIVES) for said in found.values()):
        return asked
    said = found.get(number or 0, "")
    if not said.startswith(_GIVES):
        raise UsageError(f"列表里第{number}项不是券，请看一眼再发。")
    return replace(parse_give(said.removeprefix("发 ")), reason=asked.reason, insists=asked.insists)


def _menu(ctx: Context) -> tuple[Choice, ...]:
    """The choices on screen here, while they can be chosen."""
    there = ctx.address
    home = there.key if there.private else f"{there.channel}:{there.account}"
    known = people.identify(ctx.conn, there.channel, there.account, home)
    menu = conversations.last_menu(ctx.conn, known[1]) if known else conversations.NO_MENU
    return () if menu.is_spent or menu.is_old(ctx.now) else menu.choices


def offered(ctx: Context, sight: Sight, asked: Wish) -> Reply:
    """Give her the one offer that is meant, or ask which."""
    known = gate.known_of(ctx.conn, sight.customer.id, ctx.now)
    if veiled(ctx, known):
        raise ConflictError(f"这里不能给她发券，{ELSEWHERE}。")
    gate.refuse_unwilling(known)
    today = ctx.now.astimezone(ctx.staff.zone).date()
    live = batches.live(ctx.conn, ctx.staff.store_id, today)
    found = [one for one in live if asked.key.token and asked.which == str(one.number)]
    chosen = bool(found)
    found = found or picking.picked(asked.which, live)
    if len(found) == 1 and (chosen or picking.row(asked.which) is None):
        return _give(ctx, sight, found[0], known, asked.reason)
    fitting = giving.fitting(ctx.conn, sight, ctx.staff, ctx.now, known=known)
    wanted = [one for one in fitting if one in found] or picking.nearest(asked.which, fitting)
    if not wanted:
        raise ConflictError("现在没有能发给她的券。发「券 全部」看在发的。")
    title = _title(asked.which) if found else _missing(asked.which)
    return cards.which(sight, choices(ctx, sight, wanted), title)


def _title(which: str) -> str:
    return "一次发一张，发哪张" if len(picking.parts(which)) > 1 else "发哪张"


def _missing(which: str) -> str:
    fen = picking.amount(which)
    return f"没有{fen // 100}元的券，换一张" if fen else f"没有「{which[:12]}」这种券，换一张"


def whom(ctx: Context, asked: Wish) -> Sight | Reply:
    """The one customer it is for; a numbered question where the words fit several."""
    if asked.key.token or asked.key.number:
        return certainly(ctx, asked.key)
    if not asked.key and ctx.focus is None:
        raise UsageError("发给哪位？先查一下她，或写：发 8000 回归券")
    return named(ctx, asked.key.mention, f"{asked.which}{f' 坚持 {asked.reason}' if asked.reason else ''}")


def named(ctx: Context, mention: Mention, rest: str) -> Sight | Reply:
    """The one customer the words can mean, as they stand before the name of an offer."""
    try:
        return resolve_for_write(ctx.conn, mention, staff=ctx.staff, now=ctx.now, focus=ctx.focus)
    except Ambiguous as several:
        token = keys_of(ctx.conn).token
        found = several.candidates
        number = picking.row(rest)
        rest = rest if number is None else f"第{number}张"  # behind a token a bare number is an offer's own
        again = lambda one: f"发 #{token(one.customer.id, ctx.staff.id)} {rest}".rstrip()  # noqa: E731
        return lists.choose(found, again, ctx.now, ctx.staff, sure=len(found) > 1)


@command("转券", takes=as_typed, roles=STORE)
def forward(ctx: Context, text: str) -> Reply:
    """再要一遍转发给客人的话和券码"""
    row_id = keys_of(ctx.conn).untoken(text.removeprefix("#"), ctx.staff.id)
    coupon = issued.by_id(ctx.conn, row_id) if row_id else None
    sight = customers.by_id(ctx.conn, coupon.customer_id, seen_by=ctx.staff) if coupon else None
    if coupon is None or sight is None:
        raise NotFoundError("找不到这张券，请先查她，再发「券」。")
    if coupon.state != "live":
        raise ConflictError("这张券已经用过了。" if coupon.state == "used" else "这张券已经撤回了。")
    known = gate.known_of(ctx.conn, sight.customer.id, ctx.now)
    if known.complains and not veiled(ctx, known):
        raise ConflictError("她有一件客诉还没办结，先别发活动的话。")
    return cards.again(sight, _said(ctx, sight, coupon, known), keys_of(ctx.conn).token(coupon.id, ctx.staff.id))


def _said(ctx: Context, sight: Sight, coupon: Coupon, known: Known) -> str:
    """What goes to her with a coupon; none of the offer's words that name what she must not have."""
    bar = gate.barred_by(ctx.conn, known, coupon.offer)
    greeting = profiles.greeting(ctx.conn, sight, ctx.staff, known, coupon.offer, ctx.now)
    today = ctx.now.astimezone(ctx.staff.zone).date()
    words_ = coupon.offer.terms.words
    hurts = bool(words_) and saying.hurts(words_, known.facts, goods.everything(ctx.conn))
    return cards.to_her(coupon, greeting, today, tells=not hurts and not (bar and bar.words))


def _give(ctx: Context, sight: Sight, offer: Offer, known: Known, reason: str) -> Reply:
    work = writing.writer(ctx)
    try:
        made = approving.give_or_ask(work, sight, offer, override=reason)
    except ConflictError as refused:
        raise _insisting(ctx, sight, offer, known, refused) from refused
    named_ = writing.who(ctx, sight)
    if isinstance(made, Approval):
        writing.close(ctx, work, "发", f"{named_}请示发 {offer.name}", sight.customer.id)
        return replace(_waits(ctx, sight, made, known), reason=reason)
    writing.close(ctx, work, "发", f"{named_}发券 {offer.name}", sight.customer.id)
    warning = "" if gate.tells_nothing(ctx.staff) else cards.minding(gate.barred_by(ctx.conn, known, offer))
    token = keys_of(ctx.conn).token(made.id, ctx.staff.id)
    reply = cards.given(sight, made, work.today, _said(ctx, sight, made, known), warning, token)
    return replace(reply, reason=reason)


def _insisting(ctx: Context, sight: Sight, offer: Offer, known: Known, refused: ConflictError) -> ConflictError:
    """The refusal, with the way to insist where an allergy is what stands against it."""
    bar = gate.barred_by(ctx.conn, known, offer)
    if not refused.offers or not (bar and bar.whole) or gate.tells_nothing(ctx.staff):
        return refused
    insist = f"{giving.command(ctx.conn, sight.customer.id, ctx.staff, offer)} 坚持"
    return ConflictError(refused.say, (*refused.offers, ("坚持发，写原因", insist)))


def _waits(ctx: Context, sight: Sight, asked: Approval, known: Known) -> Reply:
    """Somebody was asked; what she may give alone meanwhile is one digit away."""
    fitting = giving.fitting(ctx.conn, sight, ctx.staff, ctx.now, known=known)
    alone = [one for one in fitting if one.id != asked.offer.id]
    alone = [one for one in alone if giving.gives_alone(ctx.conn, sight, one, ctx.staff, ctx.now)]
    alone.sort(key=lambda one: -one.cost_fen)
    shown = tuple(Choice(f"先{one.label}", one.command) for one in choices(ctx, sight, alone[:2]))
    told = [name for _, name in approvals.who_may(ctx.conn, asked.store_id, asked.offer, ctx.staff)]
    text = cards.waits(sight, asked.offer, asked.why, told, asked.number)
    return Reply(text, shown, about=(sight.customer.id,), keeps_menu=not shown)
