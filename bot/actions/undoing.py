"""Who may take back what: the author for a day, a manager anything of the store for thirty."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.actions import discretion, redeeming
from bot.db import changes, customers, stats
from bot.db.bulk.orders import in_turn
from bot.db.changes import Unit
from bot.db.segments import stale, standings
from bot.db.talk import outbox
from bot.domain.errors import ConflictError, NotFoundError
from bot.domain.shop import Staff

AUTHOR_LIFE = timedelta(hours=24)
LEADER_LIFE = timedelta(days=30)


def mine(conn: Connection, staff: Staff, now: datetime) -> list[Unit]:
    """What this person may take back, newest first: her own of a day; a leader's own of thirty days."""
    life = LEADER_LIFE if staff.leads else AUTHOR_LIFE
    return discretion.units(conn, staff, changes.recent(conn, staff.id, now - life))


def of_store(conn: Connection, staff: Staff, now: datetime) -> list[Unit]:
    """What a leader may take back of anybody in the store, newest first."""
    if not staff.leads or staff.store_id is None:
        return []
    return discretion.units(conn, staff, changes.recent_in_store(conn, staff.store_id, now - LEADER_LIFE))


def take_back(conn: Connection, staff: Staff, now: datetime, unit: Unit) -> None:
    """Put everything of a unit back exactly; statistics of customers whose orders moved follow."""
    if (
        unit.customer_id
        and unit.command not in ("建", "临", "并")
        and customers.by_id(conn, unit.customer_id, seen_by=staff) is None
    ):
        if customers.for_write(conn, unit.customer_id or 0).state == "merged":
            raise ConflictError("她的档案后来合并了，请先撤合并。")
        raise NotFoundError("那位客户现在不在你这里，请店长来撤。")
    if unit.command == "并":
        in_turn(conn)
    if unit.command in ("建", "临") and unit.customer_id:
        standings.forget(conn, unit.customer_id)
    outbox.withdraw(conn, unit.id)
    coupons = redeeming.taking_back(conn, unit.id)
    moved = changes.undo(conn, unit, staff.id, now)
    redeeming.took_back(conn, coupons, now)
    if unit.customer_id:
        stale.mark(conn, [unit.customer_id])
    if moved:
        stats.rebuild(conn, moved)
