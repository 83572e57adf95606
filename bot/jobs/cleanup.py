"""每月清理: what could be tidied up in a store waits for a yes of who leads it."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from sqlalchemy import Connection

from bot.actions.board import cleaning
from bot.cards.board import cleaning as cards
from bot.db.board import proposals, rota
from bot.db.board.proposals import Cleaning, Row
from bot.db.core.engine import keys_of
from bot.db.people import zone
from bot.db.talk.queueing import NewPush
from bot.domain import quiet
from bot.domain.board.days import Worker, leaders
from bot.domain.shop import Store
from bot.schedule import JobContext, Write, job


@job("cleanup", "每月清理", at="09:30", month_days=(1,), deadline=timedelta(days=2))
def cleanup(ctx: JobContext) -> Write:
    """Two years away, twice on file, empty: proposed, never done by itself."""
    people = rota.workers(ctx.conn, [store.id for store in ctx.stores], ctx.today)
    pushes: dict[str, list[NewPush]] = {}
    proposed: dict[str, Row] = {}
    for store in ctx.stores:
        lead = leaders(people.get(store.id, []))
        found = cleaning.find(ctx.conn, store.id, ctx.now, zone(ctx.chain.timezone)) if lead else None
        if found:
            proposed[store.code] = made = proposals.row(ctx.conn, store.id, found, ctx.now)
            pushes[store.code] = [_push(ctx, store, one, found, int(str(made["id"]))) for one in lead]
    queue = ctx.queue(pushes)

    def write(conn: Connection, mine: Collection[str]) -> Mapping[str, int]:
        proposals.propose(conn, [row for code, row in proposed.items() if code in mine])
        return queue(conn, mine)

    return write


def _push(ctx: JobContext, store: Store, to: Worker, found: Cleaning, proposal: int) -> NewPush:
    return NewPush(
        key=f"cleanup:{ctx.slot:%Y-%m-%d}:{store.code}:{to.code}",
        text=cleaning.told(ctx.conn, store.name, found),
        staff_id=to.id,
        choices=cards.choices(keys_of(ctx.conn).token(proposal, to.id)),
        gathers=True,
        not_before=quiet.with_the_list(ctx.slot),
        expires_at=ctx.slot + timedelta(days=5),
    )
