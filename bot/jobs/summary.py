"""播报: the day in counts, to the group of each store and to head office."""

from datetime import timedelta

from bot.actions.board import counting
from bot.db.board import rota
from bot.db.people import zone
from bot.db.talk.queueing import NewPush
from bot.domain.shop import Store
from bot.schedule import JobContext, Write, job

_FRESH = timedelta(hours=3)


@job("summary", "每日小结", at="20:30")
def summary(ctx: JobContext) -> Write:
    """To the group of a store."""
    workers = rota.workers(ctx.conn, [store.id for store in ctx.stores], ctx.today)
    said = counting.days(ctx.conn, ctx.stores, ctx.now, zone(ctx.chain.timezone), workers)
    return ctx.queue({store.code: [_to_group(ctx, store, said[store.id])] for store in ctx.stores if store.id in said})


def _to_group(ctx: JobContext, store: Store, said: str) -> NewPush:
    return NewPush(
        key=f"summary:{ctx.slot:%Y-%m-%d}:{store.code}",
        text=f"{'（补发）' if ctx.late else ''}{said}",
        store_id=store.id,
        expires_at=ctx.slot + _FRESH,
    )


@job("office", "总部小结", at="20:30", each="chain")
def office(ctx: JobContext) -> Write:
    """To head office."""
    people = rota.of_role(ctx.conn, "hq")
    said = counting.office(ctx.conn, ctx.now, ctx.today, zone(ctx.chain.timezone)) if people else ""
    return ctx.for_chain(
        [
            NewPush(
                key=f"office:{ctx.slot:%Y-%m-%d}:{one.code}",
                text=f"{'（补发）' if ctx.late else ''}{said}",
                staff_id=one.id,
                expires_at=ctx.slot + timedelta(hours=14),
            )
            for one in people
        ]
    )
