"""客诉钟: complaints that come to their time and pass it are told upwards, step by step."""

from datetime import timedelta

from bot.actions.board import clock
from bot.db.people import zone
from bot.schedule import JobContext, Write, job


@job("complaints", "客诉到点", every=clock.STEP, each="chain", deadline=timedelta(hours=1))
def complaints(ctx: JobContext) -> Write:
    """Her owner an hour before it is due, who leads when it is due, head office a day later."""
    return ctx.for_chain(clock.reminders(ctx.conn, ctx.now, zone(ctx.chain.timezone)))
