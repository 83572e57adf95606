"""The rules of the layers: 规则. Everybody may look, head office changes."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from bot.actions import segmenting
from bot.actions.segmenting import Limit, Planned
from bot.cards import segments as cards
from bot.cards.segments import Noted, Shown
from bot.chat import LET_GO, Choice, Reply, numbered
from bot.commands import SHOP, Context, command
from bot.db import shop
from bot.db.segments import rules
from bot.db.segments.rules import Version
from bot.domain.errors import NotAllowedError, NotFoundError, UsageError
from bot.domain.segments.quantities import money_of
from bot.domain.shop import Store
from bot.domain.text import normal
from bot.domain.words import money
from bot.handlers import writing
from bot.handlers.layers.places import named, today_of

Kind = Literal["show", "record", "change", "back", "limit"]
_LIMITS: dict[str, Limit] = {"导购额度": "guide_limit_fen", "店长额度": "manager_limit_fen"}
_LIMIT_EXAMPLES: dict[Limit, int] = {"guide_limit_fen": 30, "manager_limit_fen": 300}
_MOST_LIMIT_FEN = 100_000_000
_MOST_STORES = 6
_DO = re.compile(r"生效 ([0-9a-f]{8}) ?")
_TRY = re.compile(r"试点 ?")
_REASON = re.compile(r"(?:[,，;；。 ]|^)(?:因为|原因|理由)[是:： ]*(.+)$", re.DOTALL)
_WHERE = re.compile(r"(?<![^\s,，])([0-9A-Za-z一-鿿]{1,14}?)(?:号店|店)(?=$|[\s,，试先的])")
_IN = re.compile(r"(?:先?只|先)?(?:试点|试|在)\s*")
_TRIED = re.compile(r"(?:^|[\s,，])(?:先?只|先)?(?:试点|试试|试|在)(?=\s|$)")
_BACK = re.compile("回退|退回|还原")
_EXAMPLES = (
    ("五等分|分位|等分", "五等分 按全链"),
    ("窗口|最近", "频次 窗口 56天"),
    ("沉睡", "沉睡 45天"),
    ("新客|新人", "新客 14天"),
    ("周期", "周期 20天"),
    ("消费|大客|小客|金额|花费|单笔|累计", "高消费 改 8000元"),
)
_RECORD = ("记录", "历史", "改动")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of the rules: words of a wish and of a reason; `mark`: what was shown is to be done."""

    kind: Kind
    wish: str = ""
    reason: str = ""
    mark: str = ""
    tries: bool = False
    limit: Limit = "guide_limit_fen"
    fen: int = 0


def parse_rules(text: str) -> Asked:
    """Nothing, 记录, 回退, 导购额度 30, or a wish; with a store and a reason, and what a button says before it."""
    plain = normal(text)
    if not plain or plain in ("看", "现在", "查看"):
        return Asked("show")
    if plain in _RECORD:
        return Asked("record")
    for word, limit in _LIMITS.items():
        if plain.startswith(word):
            return _limit(word, plain.removeprefix(word), limit)
    mark = _DO.match(plain)
    plain = _DO.sub("", plain, count=1)
    tries = _TRY.match(plain) is not None
    plain = _TRY.sub("", plain, count=1)
    reason = _REASON.search(plain)
    plain = _REASON.sub("", plain)
    wish = plain.strip(" ,，的")
    kind: Kind = "back" if _BACK.search(wish) else "change"
    wish = _BACK.sub(" 回退 ", wish).strip() if kind == "back" else wish  # 回退005店
    return Asked(
        kind,
        wish=wish,
        reason=reason[1].strip() if reason else "",
        mark=mark[1] if mark else "",
        tries=tries,
    )


def _limit(word: str, rest: str, limit: Limit) -> Asked:
    said = re.sub(r"改(?:成|为)?|[:： ]", "", rest)
    fen = 0 if re.fullmatch(r"[0零]元?", said) else money_of(said)
    if fen is None or fen > _MOST_LIMIT_FEN:
        raise UsageError(f"{word}改成多少元？0：每张都要批。\n例：/规则 {word} {_LIMIT_EXAMPLES[limit]}")
    return Asked("limit", limit=limit, fen=fen)


@command(
    "规则", "分层规则", "guize", "rules", takes=parse_rules, example="/规则 高频 改 一周2次", roles=SHOP, writes=True
)
def rule(ctx: Context, asked: Asked) -> Reply:
    """分层规则：每条分界、试点、谁改过；总部能改，先看会移动多少人"""
    if asked.kind == "show":
        return _show(ctx, ctx.staff.store_id)
    if asked.kind == "record":
        return cards.record(
            [_noted(ctx, one, _names(ctx)) for one in _hers(ctx, ctx.staff.store_id)], ctx.staff, ctx.now
        )
    if asked.kind == "limit":
        _refuse_others(ctx)
        return _set_limit(ctx, asked)
    asked, store = _placed(ctx, asked)
    if store and not asked.wish and not asked.tries:
        if ctx.staff.store_id not in (None, store.id):
            raise NotAllowedError("只能看自己店的规则，发：规则")
        return _show(ctx, store.id)
    _refuse_others(ctx)
    if asked.tries and store is None:
        return _which_store(ctx, asked)
    return _change(ctx, asked, store)


def _refuse_others(ctx: Context) -> None:
    if ctx.staff.role != "hq":
        raise NotAllowedError("规则要总部来改，请找总部。看现在的规则发：规则")


def _change(ctx: Context, asked: Asked, store: Store | None) -> Reply:
    """Show what a change would do; or do it, where just that was shown."""
    place = store.id if store else None
    if asked.kind == "back":
        waiting = rules.in_force(ctx.conn).waiting.get(place)
        if waiting:
            return _give_up(ctx, asked, waiting, store)
    today = today_of(ctx)
    planned = segmenting.plan_back(ctx.conn, store, today) if asked.kind == "back" else _planned(ctx, asked, store)
    if not asked.mark:
        return _preview(asked, planned, store)
    work = writing.writer(ctx)
    segmenting.decide(work, planned, asked.mark)
    where = f"只在{store.name}" if store else ""
    writing.close(ctx, work, "规则", f"规则 {where} {planned.change.words}".replace("  ", " "), None)
    back = f"规则 回退 {store.code}店" if store else "规则 回退"
    said = f"好，今晚{where}生效：{planned.change.words}\n生效前可以 撤，以后可以「{back}」。"
    return Reply(said, focus=False, reason=asked.reason)


def _planned(ctx: Context, asked: Asked, store: Store | None) -> Planned:
    try:
        return segmenting.plan(ctx.conn, asked.wish, store, today_of(ctx))
    except UsageError as wrong:
        raise UsageError(f"{wrong.say}\n例：/规则 {_example(asked.wish)}") from wrong


def _example(wish: str) -> str:
    """What may be said of what was meant."""
    return next((example for words, example in _EXAMPLES if re.search(words, wish)), "高频 改 一周2次")


def _preview(asked: Asked, planned: Planned, store: Store | None) -> Reply:
    words = f"{asked.wish}{_of(store)}" + (f" 因为{asked.reason}" if asked.reason else "")
    choices = [Choice(f"今晚{f'在{store.name}' if store else ''}生效", f"规则 生效 {planned.mark} {words}")]
    if store is None and asked.kind == "change":
        choices.append(Choice("只试一家店", f"规则 试点 {words}"))
    choices.append(Choice("取消", LET_GO))
    lines = cards.foreseen(planned.foreseen)
    return Reply("\n".join(lines), tuple(choices), focus=False)


def _which_store(ctx: Context, asked: Asked) -> Reply:
    """Ask in which store a change is to be tried: those first where it moves most people."""
    moved = _planned(ctx, asked, None).foreseen.by_store
    stores = sorted(shop.all_stores(ctx.conn), key=lambda one: (-moved.get(one.name, 0), one.code))
    reason = f" 因为{asked.reason}" if asked.reason else ""
    choices = [
        Choice(f"{one.name} {moved.get(one.name, 0)}人", f"规则 {asked.wish}{_of(one)}{reason}")
        for one in stores[:_MOST_STORES]
    ]
    choices.append(Choice("取消", LET_GO))
    lines = ["在哪家店试？后面是会移动的人数。", *(f"{digit} {choice.label}" for digit, choice in numbered(choices))]
    if len(stores) > _MOST_STORES:
        lines.append(f"别的店这样发：规则 {asked.wish} 只试 店号店")
    return Reply("\n".join(lines), tuple(choices), focus=False)


def _give_up(ctx: Context, asked: Asked, waiting: Version, store: Store | None) -> Reply:
    """What waits has not come into force: going back is letting it go."""
    mark = f"{waiting.id & 0xFFFFFFFF:08x}"
    if asked.mark != mark:
        choices = (Choice("不生效了", f"规则 生效 {mark} {asked.wish}{_of(store)}"), Choice("算了", LET_GO))
        return Reply(f"今晚要生效的是：{waiting.change}\n还没生效，要取消它吗？", choices, focus=False)
    work = writing.writer(ctx)
    rules.drop(work.recorder, waiting)
    writing.close(ctx, work, "规则", f"规则 取消今晚的改动：{waiting.change}", None)
    return Reply("好，今晚不改了，规则照旧。错了回 撤", focus=False, reason=asked.reason)


def _set_limit(ctx: Context, asked: Asked) -> Reply:
    word = next(word for word, limit in _LIMITS.items() if limit == asked.limit)
    work = writing.writer(ctx)
    was = segmenting.limit(work, asked.limit, asked.fen)
    if was == asked.fen:
        return Reply(f"{word}已经是{money(was)}。", focus=False, keeps_menu=True)
    said = f"{word}改成{money(asked.fen)}（原来{money(was)}）"
    writing.close(ctx, work, "规则", f"规则 {said}", None)
    return Reply(f"{said}，马上生效：一张券成本不超过它，不用批。错了回 撤", focus=False)


def _show(ctx: Context, place: int | None) -> Reply:
    """The rules of a store; (None) the chain's, and what pilots do otherwise."""
    known, names = rules.in_force(ctx.conn), _names(ctx)
    mine = known.live.get(place) if place in known.now.pilots else known.live.get(None)
    where = f"{names[place]}试点" if place in known.now.pilots and place else "全链"
    since = f"{mine.applied_on:%Y-%m-%d}起" if mine and mine.applied_on else "行业默认"
    of_her = (None, place) if place else (None, *names)
    pilots = {
        names[store_id]: cards.differs(one, known.now.chain)
        for store_id, one in known.now.pilots.items()
        if store_id in of_her and store_id != place
    }
    waiting = [_noted(ctx, one, names) for at, one in known.waiting.items() if at in of_her]
    last = [one for one in _hers(ctx, place) if one.state != "waiting"][:3]
    shown = Shown(
        cards.whole(known.of(place), where, since), pilots, waiting, [_noted(ctx, one, names) for one in last]
    )
    return cards.shown(shown, ctx.staff, ctx.now)


def _hers(ctx: Context, place: int | None) -> list[Version]:
    """The newest versions that concern a store: its own and the chain's; (None) all there are."""
    found = rules.history(ctx.conn)
    return [one for one in found if place is None or one.store_id in (None, place)]


def _noted(ctx: Context, version: Version, names: dict[int, str]) -> Noted:
    where = f"只在{names[version.store_id]}" if version.store_id else ""
    why = rules.reason(ctx.conn, version)
    return Noted(where, version.change, version.author, version.made_at, version.state, why)


def _placed(ctx: Context, asked: Asked) -> tuple[Asked, Store | None]:
    """The store that is meant, and the wish without it; 五等分 按门店 names none."""
    stores = shop.all_stores(ctx.conn)
    for where in _WHERE.finditer(asked.wish):
        said = _IN.sub("", where[1], count=1)
        found = named(stores, said)
        if found is None and (said != where[1] or said.isascii()):
            raise NotFoundError(f"没有认出「{said}店」，请写店号，例如：规则 高频 改 一周2次 只试 001店")
        if found:
            rest = f"{asked.wish[: where.start()]} {asked.wish[where.end() :]}"
            return replace(asked, wish=_TRIED.sub(" ", rest).strip(" ,，的")), found
    return asked, None


def _of(store: Store | None) -> str:
    return f" 只试 {store.code}店" if store else ""


def _names(ctx: Context) -> dict[int, str]:
    return {store.id: store.name for store in shop.all_stores(ctx.conn)}
