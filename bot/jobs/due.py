"""到期: promises, holds and reminders that are due, to whoever is on shift: morning, evening, and at the hour."""

from collections.abc import Sequence
from datetime import timedelta

from bot.actions.following import pushing
from bot.actions.following.pushing import Round
from bot.db.followups import crew as working
from bot.db.followups import promises as kept
from bot.db.followups.promises import Due
from bot.db.jobs import CHAIN
from bot.schedule import JobContext, Write, job


@job("due", "今天要办的", at="09:30")
def morning(ctx: JobContext) -> Write:
    """What is due today and what was not done yesterday; promises a day late go to who leads the store."""
    before = kept.last_runs(ctx.conn, "due", [store.code for store in ctx.stores], ctx.slot)
    rounds = _rounds(ctx)
    return ctx.queue({code: pushing.morning(at, rows, before.get(code)) for code, (at, rows) in rounds.items()})


@job("due-evening", "关门前还没办的", at="20:00", deadline=timedelta(minutes=55))
def evening(ctx: JobContext) -> Write:
    """What is due by closing time or in the night."""
    return ctx.queue({code: pushing.evening(at, rows) for code, (at, rows) in _rounds(ctx).items()})


def _rounds(ctx: JobContext) -> dict[str, tuple[Round, Sequence[Due]]]:
    """Of each store where something is due its round and what is due; others are left out."""
    due = pushing.due_by(ctx.conn, [store.id for store in ctx.stores], ctx.slot)
    crews = working.crews(ctx.conn, due, ctx.today)
    return {
        store.code: (Round(ctx.conn, store.id, crews.get(store.id, []), ctx.slot, ctx.now, ctx.late), due[store.id])
        for store in ctx.stores
        if store.id in due
    }


@job("due-hour", "到点提醒", every=pushing.STEP, each="chain", deadline=pushing.LATEST)
def hour(ctx: JobContext) -> Write:
    """What is due at an hour, when it comes; what fell into a time when nothing ran is told late."""
    before = kept.last_runs(ctx.conn, "due-hour", [CHAIN], ctx.slot).get(CHAIN)
    since = max(before or ctx.slot - pushing.STEP, ctx.slot - pushing.LATEST)
    return ctx.for_chain(pushing.at_their_hour(ctx.conn, ctx.slot, ctx.now, since))
