"""Groups of customers: 人群. Sizes for everybody, what they do for who leads; never a name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.cards import crowds as cards
from bot.cards.crowds import FEWEST_CHAIN, FEWEST_HERE, Size
from bot.chat import Choice, Reply
from bot.commands import Context, command
from bot.db import shop
from bot.db.segments import crowds, flows, rules, standings
from bot.domain.errors import NotAllowedError, UsageError
from bot.domain.segments import attributes, layering
from bot.domain.segments.attributes import ATTRIBUTES, Attribute
from bot.domain.segments.labels import SCHEMES, Scheme
from bot.domain.segments.rules import Rules
from bot.domain.shop import Store
from bot.domain.text import normal
from bot.handlers.layers.labels import Named, meant
from bot.handlers.layers.places import named, today_of

_SHOWN: tuple[Scheme, ...] = ("frequency", "spend", "layer", "stage")
_STORE = re.compile(r"([0-9A-Za-z一-鿿]{1,12}?)(?:号店|店)(?=$|\s)|(?<!\S)(\d{1,6})(?=$|\s)")
_OTHERWISE: dict[Attribute, tuple[str, ...]] = {
    "source": ("渠道",), "age": ("岁数", "年纪"), "gender": ("男女",), "job": ("工作",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Words for a group (none: all of them), with a store perhaps."""

    words: str


def parse_crowd(text: str) -> Asked:
    """Nothing, a label, 来源 年龄 性别 职业; head office may name a store."""
    return Asked(normal(text).strip())


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose customers are looked at: a store's, or (None) the chain's; from how many people details are shown."""

    store: Store | None
    name: str
    rules: Rules
    fewest: int

    @property
    def store_id(self) -> int | None:
        return self.store.id if self.store else None


@command("人群", "分群", "renqun", "crowds", takes=parse_crowd, example="/人群")
def crowd(ctx: Context, asked: Asked) -> Reply:
    """人群：各层多少人、比昨天多少；「人群 高频」看她们买什么、花多少、缺什么"""
    place, said = _place(ctx, asked.words)
    on = standings.as_of(ctx.conn)
    if on is None:
        return Reply("分层还没有算过，今晚算完就有了。", focus=False, keeps_menu=True)
    note = cards.as_of(on, today_of(ctx))
    if not said:
        return _overview(ctx, place, note)
    what = next((what for what, name in ATTRIBUTES.items() if said in (name, *_OTHERWISE[what])), None)
    if what:
        return _known(ctx, place, what)
    found = meant(said, place.rules)
    if not found and (kind := attributes.meant(said)):
        return _of_kind(ctx, place, *kind)
    if not found:
        raise UsageError("没有这个人群。可以说：人群 高频、人群 沉睡、人群 来源、人群 20-30岁；发「人群」看全部。")
    if len(found) > 1:
        code = f"{place.store.code}店 " if place.store and ctx.staff.role == "hq" else ""
        choices = tuple(
            Choice(f"{SCHEMES[one.scheme]} {one.name}", f"人群 {code}{SCHEMES[one.scheme]}{one.name}")
            for one in found[:5]
        )
        return Reply("说的是哪一种？回数字：", choices, focus=False)
    return _group(ctx, place, found[0], note)


def _place(ctx: Context, words: str) -> tuple[_Place, str]:
    """Her own store; of head office the store that is named, else the chain."""
    stores = shop.all_stores(ctx.conn)
    known = rules.in_force(ctx.conn)
    where = next((found for found in _STORE.finditer(words) if named(stores, found[1] or found[2])), None)
    store = named(stores, where[1] or where[2]) if where else None
    if store and where:
        words = f"{words[: where.start()]} {words[where.end() :]}".strip()
    if ctx.staff.role != "hq":
        own = next(one for one in stores if one.id == ctx.staff.store_id)
        if store and store != own:
            raise NotAllowedError(f"只能看自己店（{own.name}）的人群，别的店请找总部。")
        store = own
    fewest = FEWEST_CHAIN if ctx.staff.role == "hq" else FEWEST_HERE
    return _Place(store, store.name if store else "全链", known.of(store.id if store else None), fewest), words


def _overview(ctx: Context, place: _Place, note: str) -> Reply:
    sizes = {scheme: _sizes(ctx, place, scheme) for scheme in _SHOWN}
    first = crowds.first_order_on(ctx.conn, place.store_id)
    repeats = crowds.repeats(ctx.conn, place.store_id, layering.ENOUGH_REPEAT)
    little = layering.too_little(first, repeats, today_of(ctx))
    reply = cards.overview(place.name, note, sizes, ())
    return Reply(f"{reply.text}\n{little}", focus=False, keeps_menu=True) if little else reply


def _sizes(ctx: Context, place: _Place, scheme: Scheme) -> list[Size]:
    """Every label of a scheme with its size, and with what came less what went today."""
    on = standings.as_of(ctx.conn)
    held = flows.sizes(ctx.conn, place.store_id, scheme)
    moved = flows.flows(ctx.conn, on, place.store_id, scheme) if on else {}
    began = sum(people for (before, _), people in moved.items() if not before) == sum(held.values())
    more: dict[str, int] = {}
    for (before, after), people in moved.items():
        more[before] = more.get(before, 0) - people
        more[after] = more.get(after, 0) + people
    names = place.rules.names(scheme)
    return [
        Size(name, held.get(code, 0), None if began else more.get(code, 0))
        for code, name in names.items()
        if held.get(code) or more.get(code)
    ]


def _group(ctx: Context, place: _Place, label: Named, note: str) -> Reply:
    title = f"{place.name}{SCHEMES[label.scheme]}「{label.name}」" + (f"（{note}）" if note else "")
    if ctx.staff.role == "guide":
        size = next(
            (one for one in _sizes(ctx, place, label.scheme) if one.name == label.name), Size(label.name, 0, None)
        )
        return cards.counted(title, size)
    store_ids = [place.store.id] if place.store else crowds.all_stores(ctx.conn)
    people = crowds.size(ctx.conn, store_ids, label.scheme, label.code)
    if people < place.fewest:
        return cards.few(title, people, place.fewest)
    sample = crowds.sample(ctx.conn, store_ids, label.scheme, label.code, people)
    found = crowds.habits(ctx.conn, sample, today_of(ctx))
    if ctx.staff.veil == "closed":
        found = replace(found, wishes=())
    return cards.detail(title, people, found, bought=label.code != "never")


def _known(ctx: Context, place: _Place, what: Attribute) -> Reply:
    store = _store_of(ctx, place, what, ATTRIBUTES[what])
    return cards.known(place.name, what, crowds.known(ctx.conn, store.id, what, today_of(ctx)), place.fewest)


def _of_kind(ctx: Context, place: _Place, what: Attribute, codes: Sequence[str]) -> Reply:
    """Who is of a kind: what they do; of several age bands how many are in each."""
    names = attributes.names(what) or {}
    store = _store_of(ctx, place, what, names[codes[0]])
    if len(codes) > 1:
        counts = crowds.known(ctx.conn, store.id, what, today_of(ctx))
        return cards.known(place.name, what, counts, place.fewest, codes)
    people = crowds.of_kind(ctx.conn, store.id, what, codes[0], today_of(ctx))
    title = f"{place.name}{ATTRIBUTES[what]}「{names[codes[0]]}」"
    if len(people) < place.fewest:
        return cards.few(title, len(people), place.fewest)
    every = len(people) // crowds.SAMPLE or 1
    found = crowds.habits(ctx.conn, people[::every], today_of(ctx))
    return cards.detail(title, len(people), replace(found, wishes=()) if ctx.staff.veil == "closed" else found)


def _store_of(ctx: Context, place: _Place, what: Attribute, said: str) -> Store:
    """The store whose customers may be looked at by what is known of them."""
    if ctx.staff.role == "guide":
        raise NotAllowedError(f"客人的{ATTRIBUTES[what]}要店长来看，请找店长。")
    if place.store is None:
        raise UsageError(f"{ATTRIBUTES[what]}一家一家店看。\n例：/人群 001店 {said}")
    if ctx.staff.veil == "closed" and what != "gender":
        raise NotAllowedError("这里不显示客人资料里写的内容，请到企业微信看。")
    return place.store
