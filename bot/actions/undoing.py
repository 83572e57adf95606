"""Who may take back what: the author for a day, a manager anything of the store for thirty."""

from datetime import timedelta

from bot.commands import Context
from bot.db import changes, customers, stats
from bot.db.changes import Unit
from bot.domain.errors import NotFoundError

AUTHOR_LIFE = timedelta(hours=24)
LEADER_LIFE = timedelta(days=30)


def mine(ctx: Context) -> list[Unit]:
    """What this person may take back, newest first: her own of a day; a leader's own of thirty days."""
    life = LEADER_LIFE if ctx.staff.leads else AUTHOR_LIFE
    return changes.recent(ctx.conn, ctx.staff.id, ctx.now - life)


def of_store(ctx: Context) -> list[Unit]:
    """What a leader may take back of anybody in the store, newest first."""
    if not ctx.staff.leads or ctx.staff.store_id is None:
        return []
    return changes.recent_in_store(ctx.conn, ctx.staff.store_id, ctx.now - LEADER_LIFE)


def take_back(ctx: Context, unit: Unit) -> None:
    """Put everything of a unit back exactly; statistics of customers whose orders moved follow."""
    if unit.customer_id and unit.command not in ("建", "临", "并") and not _visible(ctx, unit.customer_id):
        raise NotFoundError("那位客户现在不在你这里，请店长来撤。")
    moved = changes.undo(ctx.conn, unit, ctx.staff.id, ctx.now)
    if moved:
        stats.rebuild(ctx.conn, moved)


def _visible(ctx: Context, customer_id: int) -> bool:
    return customers.by_id(ctx.conn, customer_id, seen_by=ctx.staff) is not None
