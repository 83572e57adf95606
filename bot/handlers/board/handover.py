"""交班: what is open, for whoever takes over."""

from bot.actions.board import evening
from bot.cards.board import handover as cards
from bot.chat import Reply
from bot.commands import STORE, Context, command, no_argument
from bot.db import shop


@command("交班", "交接", "jiaoban", takes=no_argument, example="/交班", roles=STORE)
def handover(ctx: Context, _: None) -> Reply:
    """交班：没结的客诉、答应过的、留货，和不能说错的"""
    store = next(one for one in shop.all_stores(ctx.conn) if one.id == ctx.staff.store_id)
    told = evening.handover(ctx.conn, store, ctx.now, ctx.staff.zone)
    text = cards.discreet(told) if ctx.staff.veil == "closed" else cards.whole(told)
    return Reply(text, about=told.about, focus=False, keeps_menu=True)
