"""周报: Monday's week, to who leads a store and to head office."""

from collections.abc import Sequence
from datetime import timedelta

from bot.actions.board import counting
from bot.db.board import rota
from bot.db.people import zone
from bot.db.talk.queueing import NewPush
from bot.domain import quiet
from bot.domain.board.days import Worker, leaders
from bot.schedule import JobContext, Write, job

_FRESH = timedelta(days=2)


@job("week", "周报", at="09:00", weekdays=(1,), deadline=timedelta(hours=12))
def week(ctx: JobContext) -> Write:
    """To who leads a store; where nothing was said, noted or listed, nothing."""
    workers = rota.workers(ctx.conn, [store.id for store in ctx.stores], ctx.today)
    pushes = {}
    for store in ctx.stores:
        crew = workers.get(store.id, [])
        lead = leaders(crew)
        said = counting.store_week(ctx.conn, store, ctx.today, zone(ctx.chain.timezone), crew) if lead else ""
        pushes[store.code] = _told(ctx, said, store.code, lead)
    return ctx.queue(pushes)


@job("office_week", "总部周报", at="09:00", weekdays=(1,), each="chain", deadline=timedelta(hours=12))
def office_week(ctx: JobContext) -> Write:
    """To head office."""
    people = rota.of_role(ctx.conn, "hq")
    said = counting.office_week(ctx.conn, ctx.today, ctx.now, zone(ctx.chain.timezone)) if people else ""
    return ctx.for_chain(_told(ctx, said, "chain", people))


def _told(ctx: JobContext, said: str, whose: str, people: Sequence[Worker]) -> list[NewPush]:
    """What is said to each of these; nothing where nothing is."""
    return [
        NewPush(
            key=f"week:{ctx.slot:%Y-%m-%d}:{whose}:{one.code}",
            text=f"{'（补发）' if ctx.late else ''}{said}",
            staff_id=one.id,
            gathers=bool(ctx.stores),
            not_before=quiet.with_the_list(ctx.slot) if ctx.stores else None,
            expires_at=ctx.slot + _FRESH,
        )
        for one in (people if said else ())
    ]
