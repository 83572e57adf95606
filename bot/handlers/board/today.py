"""今天: the day of a store for who leads it, her own for a guide, the chain's for head office."""

from dataclasses import replace

from bot.actions.board import counting, evening, morning
from bot.actions.lists import signals
from bot.cards.board import digest as cards
from bot.cards.board import mine
from bot.chat import Reply
from bot.commands import SHOP, Context, command, no_argument
from bot.db import shop
from bot.db.board import rota
from bot.db.core.engine import keys_of
from bot.db.lists import lists
from bot.domain.board.days import Worker
from bot.domain.shop import USUAL_DAYS, Store
from bot.handlers.layers.places import today_of
from bot.handlers.lists.shared import here


@command("今天", "早报", "jintian", "today", takes=no_argument, example="/今天", roles=SHOP)
def today(ctx: Context, _: None) -> Reply:
    """今天的事：店长看全店，导购看自己的，总部看全链"""
    if ctx.staff.role == "hq":
        said = counting.office(ctx.conn, ctx.now, today_of(ctx), ctx.staff.zone)
        return Reply(said, focus=False, keeps_menu=True)
    store = next(one for one in shop.all_stores(ctx.conn) if one.id == ctx.staff.store_id)
    return _leader(ctx, store) if ctx.staff.role == "manager" else _guide(ctx, store)


def _leader(ctx: Context, store: Store) -> Reply:
    tz, me = ctx.staff.zone, Worker(ctx.staff.id, ctx.staff.code, ctx.staff.name, "manager")
    found = morning.read(ctx.conn, [store], ctx.now, today_of(ctx), tz)[store.id]
    saving = morning.save(ctx.conn, [found], tz, USUAL_DAYS[ctx.staff.vertical]).get(store.id)
    morning.keep(ctx.conn, [saving] if saving else [], found.today, alone=True)
    token = keys_of(ctx.conn).token(saving.list.id, ctx.staff.id) if saving else ""
    shown = cards.Shown(saving.list.tag, saving.rows, token) if saving else None
    told = cards.digest(found, shown, me, tz, "")
    text = told.discreet if ctx.staff.veil == "closed" else told.text
    about = tuple(one.customer_id for one in saving.rows) if saving else ()
    return Reply(text, told.choices, about=about, focus=False, keeps_menu=not told.choices)


@command("详", "详细", "xiang", takes=no_argument, example="/详", roles=("manager",))
def details(ctx: Context, _: None) -> Reply:
    """早报里要救的每一位：依据、日期和数字"""
    store = next(one for one in shop.all_stores(ctx.conn) if one.id == ctx.staff.store_id)
    told, on = _leader(ctx, store), today_of(ctx)
    saving = morning.saved(ctx.conn, store.id, on, rota.workers(ctx.conn, [store.id], on).get(store.id, []))
    if saving is None or ctx.staff.veil == "closed":
        return told
    place = here(ctx)
    whys = {row.customer_id: row.why for row in lists.rows_of(ctx.conn, saving.list.id)}
    shown = [(one, signals.evidence(place, one.customer_id, whys[one.customer_id])) for one in saving.rows]
    return replace(told, text=cards.details(saving.list.tag, shown))


def _guide(ctx: Context, store: Store) -> Reply:
    on, tz = today_of(ctx), ctx.staff.zone
    workers = rota.workers(ctx.conn, [store.id], on).get(store.id, [])
    me = next((one for one in workers if one.id == ctx.staff.id), None)
    told = evening.handover(ctx.conn, store, ctx.now, tz, owner_id=ctx.staff.id)
    saving = morning.saved(ctx.conn, store.id, on, workers)
    rows = enumerate(saving.rows if saving else (), 1)
    hers = [(place, one) for place, one in rows if one.worker and one.worker.id == ctx.staff.id]
    token = keys_of(ctx.conn).token(saving.list.id, ctx.staff.id) if saving and hers else ""
    others = morning.still_listed(ctx.conn, ctx.staff.id, on)
    return mine.day(ctx.staff, me, told, mine.Hers(token, hers, others))
