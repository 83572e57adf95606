"""Offers in chat: 开券 reads one out of a line and opens it after a look, 停券 stops one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.cards import plays as cards
from bot.chat import Reply
from bot.commands import LEADERS, Context, command
from bot.db import people, shop
from bot.db.offers import offers as stored
from bot.db.offers import opening
from bot.domain.errors import NotAllowedError, NotFoundError, UsageError
from bot.domain.selling.drafts import picking
from bot.domain.selling.drafts.offer import Good, settled
from bot.domain.selling.drafts.reading import read
from bot.domain.selling.drafts.values import Draft
from bot.domain.selling.offers import Offer
from bot.domain.text import normal
from bot.domain.words import join, money
from bot.handlers import writing
from bot.handlers.notes import clean

_SURE = "确认 "
_EXAMPLE = "开券 满30减6 7天 限100张 每人1张 预算600 工作日15-17点 001店"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed of an offer; `sure` once the echo was read."""

    text: str
    sure: bool


def parse_offer(text: str) -> Asked:
    """The line as it is; what it says is read when the day and the goods are known."""
    plain = normal(text)
    if not plain:
        raise UsageError("开什么券？写给什么、几天、多少张、哪家店，顺序随便。")
    return Asked(plain.removeprefix(_SURE), plain.startswith(_SURE))


@command("开券", "建券", "新券", "kaiquan", takes=parse_offer, example=f"/{_EXAMPLE}", roles=LEADERS, writes=True)
def open_(ctx: Context, asked: Asked) -> Reply:
    """开一种券：写给什么、几天、张数、预算、时段、哪家店，看一眼再开"""
    clean(asked.text)
    today = ctx.now.astimezone(ctx.staff.zone).date()
    draft = read(asked.text, today)
    store_id, place = _store(ctx, draft)
    goods = opening.goods(ctx.conn)
    offer = _named_apart(ctx, settled(draft, goods, store_id))
    _within_limits(ctx, offer, draft, goods)
    if not asked.sure:
        return cards.draft(offer, place, _names(offer, goods), f"开券 {_SURE}{asked.text}")
    work = writing.writer(ctx)
    made = opening.open_offer(work.recorder, offer, ctx.staff.id, ctx.now)
    writing.close(ctx, work, "开券", f"{made.number}号「{made.name}」", None)
    return cards.opened(made, place)


def _names(offer: Offer, goods: Mapping[str, Good]) -> list[str]:
    items = [good.name for good in goods.values() if good.id in offer.terms.items]
    return [*items, *offer.terms.categories]


def _store(ctx: Context, draft: Draft) -> tuple[int | None, str]:
    """Where it holds: as said; a manager's is her own store's."""
    stores = {one.code: one for one in shop.all_stores(ctx.conn)}
    found = None
    if draft.store:
        wanted = draft.store.zfill(3) if draft.store.isdecimal() else draft.store
        found = stores.get(wanted) or next((one for one in stores.values() if one.name == wanted), None)
        if found is None:
            known = join(f"{one.code} {one.name}" for one in list(stores.values())[:6])
            raise UsageError(f"没有「{draft.store}」这家店，有：{known}")
    if ctx.staff.store_id is None:
        return (found.id, f"{found.code} {found.name}") if found else (None, "全部门店")
    if draft.of_all_stores or (found and found.id != ctx.staff.store_id):
        raise NotAllowedError("店长只能开自己店的券，别的店和全部门店请找总部开。")
    return ctx.staff.store_id, people.store_name(ctx.conn, ctx.staff.store_id)


def _within_limits(ctx: Context, offer: Offer, draft: Draft, goods: Mapping[str, Good]) -> None:
    """A manager opens what costs no more than she may give; a cost that no price bears out she cannot state."""
    if ctx.staff.role != "manager":
        return
    _, most = stored.limits(ctx.conn)
    if offer.cost_fen > most:
        raise NotAllowedError(f"每张最多花{money(offer.cost_fen)}，超过店长的额度{money(most)}，请找总部开。")
    if draft.cost_fen:
        try:
            settled(replace(draft, cost_fen=None), goods, offer.store_id)
        except UsageError:
            raise NotAllowedError("这样东西没有登记价格，成本要总部来定，请找总部开。") from None


def _named_apart(ctx: Context, offer: Offer) -> Offer:
    """Two offers of one name in one place could not be told apart in chat: the later one gets a number."""
    taken = {one.name for one in stored.standing(ctx.conn, offer.store_id)}
    turns = range(2, len(taken) + 3)
    names = [offer.name, *(f"{offer.name}·{turn}" for turn in turns)]
    return replace(offer, name=next(name for name in names if name not in taken))


def parse_stop(text: str) -> str:
    """A number or a name."""
    plain = normal(text)
    if not plain:
        raise UsageError("停哪种券？写编号或名字，发「券 全部」看在发的。")
    return re.sub(r"^#? ?(\d{1,5})号?$", r"#\1", plain)


@command("停券", "关券", "tingquan", takes=parse_stop, example="/停券 3", roles=LEADERS, writes=True)
def stop(ctx: Context, which: str) -> Reply:
    """停一种券：不再发，已经发出去的还能用"""
    found = picking.picked(which, stored.standing(ctx.conn, ctx.staff.store_id))
    if not found:
        raise NotFoundError(f"没有「{which[:12]}」这种在发的券。发「券 全部」看在发的。")
    if len(found) > 1:
        raise UsageError(f"像的有：{join(f'{one.number}号 {one.name}' for one in found[:5])}。请写编号。")
    if ctx.staff.store_id is not None and found[0].store_id != ctx.staff.store_id:
        raise NotAllowedError(f"「{found[0].name}」是总部开的，请找总部停。")
    work = writing.writer(ctx)
    opening.stop(work.recorder, found[0])
    writing.close(ctx, work, "停券", f"停 {found[0].number}号「{found[0].name}」", None)
    return cards.stopped(found[0])
