"""收银没传: a till that has been silent for 26 hours is told to who leads its store, and to who runs the bot."""

from datetime import datetime, timedelta

from bot.actions.board import silence
from bot.cards.board import freshness as cards
from bot.db import shop
from bot.db.board import rota
from bot.db.people import zone
from bot.db.talk.queueing import NewPush
from bot.domain import quiet
from bot.domain.board.days import leaders
from bot.domain.shop import Store
from bot.schedule import JobContext, Write, job

_FRESH = timedelta(hours=10)


@job("freshness", "收银没传", at="09:30 14:00 18:30", each="chain")
def freshness(ctx: JobContext) -> Write:
    """Once a day each: a till that fell silent since the morning is told at the next look."""
    tz, stores = zone(ctx.chain.timezone), {one.id: one for one in shop.all_stores(ctx.conn)}
    long = silence.silent(ctx.conn, stores.values(), ctx.now, tz)
    people = rota.workers(ctx.conn, long, ctx.today)
    told = [(store, one) for store in stores.values() if store.id in long for one in leaders(people.get(store.id, []))]
    pushes = [
        _push(
            ctx,
            f"freshness:{ctx.today:%Y-%m-%d}:{store.code}:{one.code}",
            cards.to_leader(store.name, store.data_at or ctx.now, long[store.id], ctx.now, tz),
            one.id,
        )
        for store, one in told
    ]
    before = _slot_before(ctx)
    known = silence.silent(ctx.conn, [stores[one] for one in long], before, tz) if before else {}
    return ctx.for_chain(pushes + _to_admins(ctx, [(stores[one], long[one]) for one in long if one not in known]))


def _slot_before(ctx: JobContext) -> datetime | None:
    """The look before this one on the same day."""
    earlier = [at for at in freshness.at if at < ctx.slot.time()]
    return ctx.slot.replace(hour=earlier[-1].hour, minute=earlier[-1].minute) if earlier else None


def _to_admins(ctx: JobContext, silent: list[tuple[Store, timedelta]]) -> list[NewPush]:
    """All of them in the morning, later those that came to it."""
    if not silent:
        return []
    text = cards.to_admin([(one.name, long) for one, long in silent])
    key = f"freshness:{ctx.slot:%Y-%m-%d %H:%M}"
    return [_push(ctx, f"{key}:{one.code}", text, one.id) for one in rota.of_role(ctx.conn, "admin")]


def _push(ctx: JobContext, key: str, text: str, staff_id: int) -> NewPush:
    until: datetime = ctx.slot + _FRESH
    later = quiet.with_the_list(ctx.slot) or ctx.slot
    return NewPush(key, text, staff_id, gathers=True, not_before=later, expires_at=until)
