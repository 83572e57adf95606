"""早报: how the day begins, to who leads a store; whom to save is given to who works."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from sqlalchemy import Connection

from bot.actions.board import morning
from bot.actions.board.morning import Saving
from bot.cards.board import digest as cards
from bot.db.core.engine import keys_of
from bot.db.people import zone
from bot.db.talk.queueing import NewPush
from bot.domain.board.days import Morning, Worker, told_in_the_morning
from bot.domain.shop import USUAL_DAYS
from bot.schedule import JobContext, Write, job

_FRESH = timedelta(hours=9)


@job("digest", "早报", at="08:30")
def digest(ctx: JobContext) -> Write:
    """Yesterday, three to save, what is due, the groups, the data, a praise."""
    tz = zone(ctx.chain.timezone)
    read = morning.read(ctx.conn, ctx.stores, ctx.now, ctx.today, tz)
    found = {one.store.code: one for one in read.values() if one.workers}
    saving = morning.save(ctx.conn, list(found.values()), tz, USUAL_DAYS[ctx.chain.vertical])
    queue = ctx.queue({code: _pushes(ctx, one, saving.get(one.store.id)) for code, one in found.items()})
    made = {code: saving[one.store.id] for code, one in found.items() if one.store.id in saving}

    def write(conn: Connection, mine: Collection[str]) -> Mapping[str, int]:
        morning.keep(conn, [one for code, one in made.items() if code in mine], ctx.today, alone=ctx.writes)
        return queue(conn, mine)

    return write


def _pushes(ctx: JobContext, found: Morning, saving: Saving | None) -> list[NewPush]:
    return [_push(ctx, found, saving, one) for one in told_in_the_morning(found.workers)]


def _push(ctx: JobContext, found: Morning, saving: Saving | None, to: Worker) -> NewPush:
    token = keys_of(ctx.conn).token(saving.list.id, to.id) if saving else ""
    shown = cards.Shown(saving.list.tag, saving.rows, token) if saving else None
    told = cards.digest(found, shown, to, zone(ctx.chain.timezone), "（补发）早，" if ctx.late else "早，")
    return NewPush(
        key=f"digest:{ctx.slot:%Y-%m-%d}:{found.store.code}:{to.code}",
        text=told.text,
        staff_id=to.id,
        choices=told.choices,
        discreet=told.discreet,
        expires_at=ctx.slot + _FRESH,
    )
