"""What every write of a handler shares: its unit, begun by the message or gone on with by an answer."""

from bot.actions.notes import Writer
from bot.cards import profile
from bot.commands import Context
from bot.db import changes, customers
from bot.db.changes import Recorder, Unit
from bot.domain.customers import Sight


def writer(ctx: Context, unit: int | None = None) -> Writer:
    """Begin the unit of this message, or go on with an earlier one."""
    return Writer(Recorder(ctx.conn, unit or ctx.unit), ctx.staff, ctx.now)


def who(ctx: Context, sight: Sight) -> str:
    """How a customer is named on file, wherever it will be read: as she is, without the veil of this chat."""
    return profile.who(customers.whole(ctx.conn, sight))


def close(ctx: Context, writing: Writer, command: str, summary: str, customer_id: int | None) -> None:
    """File what was written under its unit; an answer keeps the unit's first author, time and words.

    Nothing written, nothing filed.
    """
    if not writing.recorder.wrote:
        return
    known = changes.unit_of(ctx.conn, writing.recorder.unit_id)
    writing.recorder.close(
        known
        or Unit(
            id=writing.recorder.unit_id,
            staff_id=ctx.staff.id,
            store_id=ctx.staff.store_id,
            customer_id=customer_id,
            command=command,
            summary=summary,
            at=ctx.now,
            undone_at=None,
        )
    )
