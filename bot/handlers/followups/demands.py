"""What was asked for and not there: 缺 writes it down and counts, 到货 lists whom to call."""

import re
from dataclasses import dataclass, replace

from bot.actions import discretion
from bot.actions.following import arrivals, demands
from bot.actions.lists import listing
from bot.cards import facts as wording
from bot.cards.followups import demands as cards
from bot.cards.notes import Line
from bot.chat import Reply
from bot.commands import STORE, Context, command
from bot.db import customers
from bot.db.core.engine import keys_of
from bot.db.lists import lists
from bot.domain import masks, words
from bot.domain.customers import Sight
from bot.domain.errors import UsageError
from bot.domain.language.values import NOBODY, Mention, Reading
from bot.domain.text import normal
from bot.handlers import writing
from bot.handlers.customers import Key
from bot.handlers.followups import sayings
from bot.handlers.lists.shared import here
from bot.handlers.notes import clean, meant

_TOKEN = re.compile(r"#([0-9a-f]{32})\s*(.*)", re.DOTALL)
_NOBODY = re.compile(r"(?:^|[ ,，])(?:路人|散客|匿名|没留名|没留号|不认识|生客|过路的?)$")
_TITLED = re.compile(r"(?:^|[ ,，]|给|是)([一-龥]{1,3}(?:姐|哥|阿姨|叔|女士|先生|小姐|太太|老师))(?:要的?|问的?)?$")
_GLUED = re.compile(r"^(\d{4})(?=(?:在?问|想|要|找))")
_BEHIND = re.compile(r"([一-龥])(\d{4})$")
_ASKING = re.compile(
    r"^(?:有人|客人|她|他|顾客)?(?:(?:在?问|想要|想买|要|找)(?:过|了)?)?(?:有没有)?(?=\S)|(?:有没有|没有|没货|断货|卖完)[了吗呢]?$"
)
_CAME = re.compile(r"^(?:的)?(?:是|了)?\s*|(?:到货|到店|来货|到)了?$")
_HERSELF = re.compile("[她他].{0,6}过敏|对.{1,8}过敏|怀孕|糖尿病")
_LONGEST = 60
_SHORTEST, _TOP = 2, 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for, and by whom; `nobody`: by somebody who left no name."""

    key: Key
    what: str
    nobody: bool = False


def parse_wanted(text: str) -> Wanted:
    """`无糖版`, `无糖版 8000`, `8000 无糖版`, `无糖版 路人`, or nothing."""
    if token := _TOKEN.fullmatch(text.strip()):
        return Wanted(Key(token=token[1]), _what(token[2]))
    plain = _GLUED.sub(r"\1 ", normal(text))
    if gone := _NOBODY.search(plain):
        return Wanted(Key(), _what(plain[: gone.start()]), nobody=True)
    whom, rest = sayings.customer(_BEHIND.sub(r"\1 \2", plain))
    if not whom and (titled := _TITLED.search(rest)) and titled.start():
        whom, rest = Mention(name=titled[1]), rest[: titled.start()]
    return Wanted(Key(mention=whom), _what(rest))


def _what(text: str) -> str:
    said = _ASKING.sub("", normal(text)).strip(" ，,。的")
    clean(said)
    if _HERSELF.search(said):
        raise UsageError("过敏和身体的事单独发一条，这里只写缺的东西。")
    return words.clip(said, _LONGEST)


@command("缺", "缺货", "想要", "que", takes=parse_wanted, example="/缺 无糖版", roles=STORE, writes=True)
def lacking(ctx: Context, asked: Wanted) -> Reply:
    """记客人问了没有的：「缺 无糖版」「缺 无糖版 8000」；「缺」看本月问得最多的"""
    if not asked.what:
        if asked.key or asked.nobody:
            raise UsageError("缺什么？写上东西。")
        return _counted(ctx)
    sight = _by_whom(ctx, asked)
    if isinstance(sight, Reply):
        return sight
    work = writing.writer(ctx)
    line = demands.want(work, sight, _nameless(ctx, asked.what))
    nth = demands.asked_for(ctx.conn, ctx.staff, ctx.now, asked.what)
    said = f"{writing.who(ctx, sight)}缺 {asked.what}" if sight else "缺一样东西（没留名）"
    writing.close(ctx, work, "缺", said, sight.customer.id if sight else None)
    shown = discretion.words(ctx.conn, ctx.staff, asked.what, sight)
    return cards.noted(shown, nth, sight, ctx.staff, _warning(ctx, sight, line))


def _by_whom(ctx: Context, asked: Wanted) -> Sight | Reply | None:
    """Who asked: named, or in focus; nobody where she left no name."""
    if asked.nobody or (not asked.key and ctx.focus is None):
        return None
    token = keys_of(ctx.conn).token
    return meant(
        ctx,
        asked.key,
        Reading("note", NOBODY),
        asked.what,
        lambda s: f"缺 #{token(s.customer.id, ctx.staff.id)} {asked.what}",
    )


def _nameless(ctx: Context, text: str) -> str:
    """What is asked for is kept as it is written: without anybody's name or number."""
    return masks.scrub(text, customers.named_in(ctx.conn, text, ctx.staff.store_id or 0))


def _warning(ctx: Context, sight: Sight | None, line: Line | None) -> str:
    """That she is allergic to what she asked for."""
    if sight is None or line is None or "⚠" not in line.note:
        return ""
    return wording.NOTICE if ctx.staff.veil == "closed" else line.note.strip("（）")


def _counted(ctx: Context) -> Reply:
    """What was asked for most this month."""
    found = demands.this_month(ctx.conn, ctx.staff, ctx.now)
    return cards.counted_closed(len(found)) if ctx.staff.veil == "closed" else cards.counted(found[:_TOP])


def parse_arrived(text: str) -> str:
    """What has come."""
    said = _CAME.sub("", normal(text)).strip(" ，,。的")
    clean(said)
    if not said:
        raise UsageError("什么到货了？写上名称。")
    if len(said) < _SHORTEST:
        raise UsageError(f"「{said}」太短，会对上好多样，至少写两个字。")
    return words.clip(said, _LONGEST)


@command("到货", "来货", "补货", "daohuo", takes=parse_arrived, example="/到货 无糖版", roles=STORE, writes=True)
def arrived(ctx: Context, goods: str) -> Reply:
    """到货了：谁问过，出名单和话，回「1约了 2没接」"""
    waiting = demands.waiting(ctx.conn, ctx.staff, ctx.now, goods)
    mine = [one for one in waiting if one.customer_id is None or _seen(ctx, one.customer_id)]
    shown = discretion.words(ctx.conn, ctx.staff, goods)
    if not mine:
        return cards.nobody(shown, _before(ctx, goods, shown))
    work, place, before = writing.writer(ctx), here(ctx), _before(ctx, goods, shown)
    found = arrivals.call(work, place, _nameless(ctx, goods), mine)
    rows = lists.rows_of(ctx.conn, found.made.id) if found.made else []
    about = tuple(row.customer_id for row in rows)
    said = f"到货 {goods}" if about else "到货（都没留名）"
    writing.close(ctx, work, "到货", said, about[0] if about else None)
    left = [(sight, why) for customer_id, why in found.left if (sight := _seen(ctx, customer_id))]
    told = None
    if found.made:
        head = f"{found.made.tag}{shown or '货'}到了，问过的{len(rows)}位："
        told = listing.told(place, found.made, rows, ctx.staff.id, head)
    closed = ctx.staff.veil == "closed"
    listed = (told.discreet if closed else told.text) if told else ""
    reply = cards.called(listed, shown or "货", found.nameless, [] if closed else left, before)
    return replace(reply, choices=told.choices if told else (), about=about, focus=False, keeps_menu=told is None)


def _before(ctx: Context, goods: str, shown: str) -> str:
    """Where those who asked for it were listed already; empty where they were not."""
    found = demands.listed_before(ctx.conn, ctx.staff, ctx.now, goods)
    if found is None:
        return ""
    when = words.clock(found.made.made_at, ctx.now, ctx.staff.zone)
    return cards.listed(shown, found.how_many, when, found.made.tag, found.by)


def _seen(ctx: Context, customer_id: int) -> Sight | None:
    return customers.by_id(ctx.conn, customer_id, seen_by=ctx.staff)
