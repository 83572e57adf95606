"""交班: at six what is open goes to whoever takes over."""

from datetime import timedelta

from bot.actions.board import evening
from bot.cards.board import handover as cards
from bot.cards.board.handover import Handover
from bot.db.board import rota
from bot.db.people import zone
from bot.db.talk.queueing import NewPush
from bot.domain.board.days import Worker, told_in_the_evening
from bot.domain.shop import Store
from bot.schedule import JobContext, Write, job

_FRESH = timedelta(hours=5)


@job("handover", "交班", at="18:00")
def handover(ctx: JobContext) -> Write:
    """To each of the late shift what is open; where nothing is, nothing."""
    people = rota.workers(ctx.conn, [store.id for store in ctx.stores], ctx.today)
    stores = [store for store in ctx.stores if people.get(store.id)]
    open_ = evening.handovers(ctx.conn, stores, ctx.now, zone(ctx.chain.timezone))
    told = {
        store: told_in_the_evening(people[store.id], ctx.slot.hour * 60 + ctx.slot.minute)
        for store in stores
        if not open_[store.id].empty
    }
    return ctx.queue(
        {store.code: [_push(ctx, store, one, open_[store.id]) for one in some] for store, some in told.items()}
    )


def _push(ctx: JobContext, store: Store, to: Worker, told: Handover) -> NewPush:
    head = f"{'（补发）' if ctx.late else ''}晚班交接 · {store.name}"
    return NewPush(
        key=f"handover:{ctx.slot:%Y-%m-%d}:{store.code}:{to.code}",
        text=cards.whole(told, head),
        staff_id=to.id,
        discreet=cards.discreet(told, head),
        expires_at=ctx.slot + _FRESH,
    )
