"""What is put aside, promised or to be thought of: 留 答应 提醒, and what became of it by its number or digit."""

from dataclasses import replace

from bot.actions import discretion, gate
from bot.actions.following import promises, reminding
from bot.actions.lists import choosing
from bot.cards import facts as wording
from bot.cards.followups import promises as cards
from bot.cards.followups.promises import Shown
from bot.chat import Reply
from bot.commands import STORE, Context, command
from bot.db import customers, people
from bot.db.core.engine import keys_of
from bot.db.followups import demands
from bot.db.followups import promises as kept
from bot.domain import words
from bot.domain.customers import Matter, MatterKind, Sight
from bot.domain.errors import ConflictError, NotFoundError, UsageError
from bot.domain.language.values import NOBODY, Mention, Reading
from bot.handlers import writing
from bot.handlers.customers import Key
from bot.handlers.followups import sayings
from bot.handlers.followups.sayings import Asked, Timed
from bot.handlers.notes import clean, meant, understood

_EXAMPLES: dict[str, str] = {
    "hold": "/留 灰直筒26 到礼拜六",
    "promise": "/答应 周五给回话",
    "reminder": "/提醒 周五 回电",
}
_MOST_NUMBERS = 999  # four digits are more likely somebody's
_WHOM = "给哪位？先查一下她，或在后面写尾号。"
_GONE = "这一件已经清掉了，发「{}」看还有哪些。"


@command(
    "留", "留货", "预留", "liu", takes=sayings.parse_hold, example="/留 灰直筒26 到礼拜六", roles=STORE, writes=True
)
def hold(ctx: Context, asked: Asked) -> Reply:
    """留货：东西、留到哪天；「留」看没取的，「留 12 拿走了」「留 12 延到周日」"""
    if not asked.text:
        return _about_open(ctx, asked, "hold")
    thing = sayings.held(asked.text, ctx.now, ctx.staff.zone)
    if not thing.text:
        raise UsageError("留什么？写上东西。")
    until = thing.at or promises.hold_until(ctx.now, ctx.staff.zone)
    return _opened(ctx, asked, "hold", Timed(thing.text, until))


@command("答应", "承诺", "daying", takes=sayings.parse_promise, example="/答应 周五给回话", roles=STORE, writes=True)
def promise(ctx: Context, asked: Asked) -> Reply:
    """记答应她的事，到点提醒当班的；「答应」看没办的，「答应 12 办了」"""
    if not asked.text:
        return _about_open(ctx, asked, "promise")
    thing = sayings.promised(asked.text, ctx.now, ctx.staff.zone)
    if not thing.text:
        raise UsageError("答应了什么？写一句。")
    return _opened(ctx, asked, "promise", thing)


@command("提醒", "提醒我", "tixing", takes=sayings.parse_promise, example="/提醒 周五 回电", roles=STORE, writes=True)
def reminder(ctx: Context, asked: Asked) -> Reply:
    """到时候提醒：「提醒 8000 周五 回电」「提醒 周五下午3点 打给王姐」"""
    if not asked.text:
        return _about_open(ctx, asked, "reminder")
    thing = sayings.promised(asked.text, ctx.now, ctx.staff.zone)
    if not thing.text:
        raise UsageError("提醒什么事？写一句。")
    if thing.at is None:
        raise UsageError("什么时候提醒？写上时间。")
    return _opened(ctx, asked, "reminder", thing)


def _opened(ctx: Context, asked: Asked, kind: MatterKind, thing: Timed) -> Reply:
    clean(thing.text)
    sight = _whose(ctx, asked, kind)
    if isinstance(sight, Reply):
        return sight
    work = writing.writer(ctx)
    matter = promises.open_one(work, sight, kind, words.clip(thing.text, 300), thing.at)
    summary = f"{writing.who(ctx, sight)}{cards.called(matter)} {words.clip(matter.text, 60)}"
    writing.close(ctx, work, cards.COMMANDS[kind], summary, sight.customer.id)
    extra = _minded(ctx, sight, matter) if kind == "hold" else _stopped(ctx, sight)
    if kind == "hold" and asked.text == thing.text:
        extra.append(f"没说留到哪天，先留{promises.HOLD_DAYS}天；要改：留 {matter.number} 延到周日")
    elif thing.at is None:
        extra.append("没说哪天，不会主动提醒。要提醒，回数字选日子：")
    return cards.opened(_shown(ctx, sight, matter), _told(ctx, sight, matter), extra)


def _whose(ctx: Context, asked: Asked, kind: MatterKind) -> Sight | Reply:
    """The one customer it is for: by number or name, by a name in the words, else whoever is spoken of."""
    mention = asked.whom or (_named(ctx, asked.text) if kind != "hold" and not asked.token else NOBODY)
    if not mention and not asked.token and ctx.focus is None:
        raise UsageError(f"{_WHOM}\n例：{_EXAMPLES[kind]} 给 8000")
    key = Key(token=asked.token, mention=mention)
    token = keys_of(ctx.conn).token
    verb = cards.COMMANDS[kind]
    reading = Reading("followup", mention)
    return meant(ctx, key, reading, asked.text, lambda s: f"{verb} #{token(s.customer.id, ctx.staff.id)} {asked.text}")


def _named(ctx: Context, text: str) -> Mention:
    return understood(ctx, f"答应 {text}").customer or NOBODY


def _minded(ctx: Context, sight: Sight, matter: Matter) -> list[str]:
    """What she is allergic to in the goods put aside for her."""
    made_of = demands.made_of(ctx.conn, matter.text)
    barred = promises.barred(ctx.conn, sight.customer.id, matter.text, ctx.now, made_of)
    if not barred:
        return []
    if ctx.staff.veil == "closed":
        return [wording.NOTICE]
    return [f"⚠️ 她{words.join(dict.fromkeys(barred))}过敏，请再问一句。"]


def _stopped(ctx: Context, sight: Sight) -> list[str]:
    """That she wants no calls: what is promised is said to her face."""
    known = gate.known_of(ctx.conn, sight.customer.id, ctx.now).facts
    if not any(one.kind == "contact_rule" and choosing.NEVER in one.value for one in known):
        return []
    return [wording.NOTICE if ctx.staff.veil == "closed" else "📵 她说过别再联系，别打电话，等她来店里再说。"]


def _told(ctx: Context, sight: Sight, matter: Matter) -> str:
    """Who will be reminded: 周六当班 小李 会收到。"""
    if matter.due_at is None:
        return ""
    found = reminding.expected(ctx.conn, matter, sight, ctx.staff.zone)
    if not found:
        return "到时候提醒你。" if matter.owner_id == ctx.staff.id else "到时候提醒当班的。"
    if found[0].id == ctx.staff.id:
        return "到时候提醒你。"
    at = reminding.alert_at(matter.due_at, ctx.staff.zone)
    day = words.day(at.date(), ctx.now.astimezone(ctx.staff.zone).date())
    return f"{day}{' ' * day[-1].isdecimal()}当班 {found[0].name} 会收到。"


def _shown(ctx: Context, sight: Sight, matter: Matter) -> Shown:
    """One of them as this person may see it; a choice names it by its number, the older ones by a token."""
    named = str(matter.number) if matter.number else f"号#{keys_of(ctx.conn).token(matter.id, ctx.staff.id)}"
    said = discretion.matter(ctx.conn, ctx.staff, sight, matter)
    return Shown(sight, said, ctx.staff, ctx.now, f"{cards.COMMANDS[matter.kind]} {named}")


# --- what became of it -----------------------------------------------------------------------------------------


def _about_open(ctx: Context, asked: Asked, kind: MatterKind) -> Reply:
    """Nothing new: what is open is listed, or one of it shown, done, dropped or put off."""
    if asked.token or asked.whom:
        raise UsageError("写上什么事，例：" + ("留 灰直筒26 到礼拜六" if kind == "hold" else "答应 周五给回话"))
    if not asked.deed:
        return _list(ctx, kind)
    matter, sight = _one(ctx, asked, kind)
    if asked.deed == "show":
        by = people.staff_name(ctx.conn, matter.owner_id) if matter.owner_id else "同事"
        return cards.shown(_shown(ctx, sight, matter), by)
    if asked.deed == "later":
        return _later(ctx, asked.when, matter, sight)
    return _closed(ctx, matter, sight, done=asked.deed == "done")


def _one(ctx: Context, asked: Asked, kind: MatterKind) -> tuple[Matter, Sight]:
    store_id = ctx.staff.store_id or 0
    if asked.row:
        row_id = keys_of(ctx.conn).untoken(asked.row, ctx.staff.id)
        matter = kept.open_one(ctx.conn, store_id, row_id) if row_id else None
    else:
        matter = kept.open_numbered(ctx.conn, store_id, asked.number)
    sight = customers.by_id(ctx.conn, matter.customer_id, seen_by=ctx.staff) if matter else None
    if matter is None or sight is None:
        verb = cards.COMMANDS[kind]
        named = f" #{asked.number}" if asked.number else ""
        more = f"；要新记一条，写上什么事，例：{_EXAMPLES[kind]}" if asked.number > _MOST_NUMBERS else ""
        raise NotFoundError(f"没有没办的{cards.NAMES[kind]}{named}，发「{verb}」看还有哪些{more}。")
    return matter, sight


def _list(ctx: Context, kind: MatterKind) -> Reply:
    kinds = ("hold",) if kind == "hold" else ("promise", "reminder")
    found = kept.open_of_store(ctx.conn, ctx.staff.store_id or 0, kinds)
    seen = [(customers.by_id(ctx.conn, matter.customer_id, seen_by=ctx.staff), matter) for matter in found]
    return cards.listed(kinds, [_shown(ctx, sight, matter) for sight, matter in seen if sight])


def _closed(ctx: Context, matter: Matter, sight: Sight, *, done: bool) -> Reply:
    work = writing.writer(ctx)
    if not promises.close(work, matter, "done" if done else "void"):
        raise ConflictError(_GONE.format(cards.COMMANDS[matter.kind]))
    what = (cards.DONE if done else cards.DROPPED)[matter.kind]
    writing.close(ctx, work, cards.COMMANDS[matter.kind], _summary(ctx, sight, matter, what), sight.customer.id)
    return cards.closed(_shown(ctx, sight, matter), done=done)


def _later(ctx: Context, when: str, matter: Matter, sight: Sight) -> Reply:
    at = sayings.put_off(when, matter.due_at, ctx.now, ctx.staff.zone)
    if at is None:
        said = f"{cards.COMMANDS[matter.kind]} {matter.number or ''}".strip()
        raise UsageError(f"延到什么时候？写以后的日子，例：{said} 延到周日")
    work = writing.writer(ctx)
    if not promises.put_off(work, matter, at):
        raise ConflictError(_GONE.format(cards.COMMANDS[matter.kind]))
    moved = replace(matter, due_at=at)
    until = f"延到{words.clock(at, ctx.now, ctx.staff.zone)}"
    writing.close(ctx, work, cards.COMMANDS[matter.kind], _summary(ctx, sight, matter, until), sight.customer.id)
    return cards.put_off(_shown(ctx, sight, moved), _told(ctx, sight, moved))


def _summary(ctx: Context, sight: Sight, matter: Matter, what: str) -> str:
    return f"{writing.who(ctx, sight)}{cards.called(matter)} {words.clip(matter.text, 40)} {what}"
