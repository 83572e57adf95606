"""Accounts on the platforms: whose each is, whether it can be written to, and its end."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.db.core.prepared import Prepared
from bot.db.people import SAME_ACCOUNTS
from bot.db.tables import accounts, staff
from bot.domain.shop import Role


def block(conn: Connection, channel: str, account: str, at: datetime | None) -> None:
    """Note that somebody stopped the bot on this channel, or (None) took it up again."""
    channel = SAME_ACCOUNTS.get(channel, channel)
    this = (accounts.c.channel == channel, accounts.c.account == account)
    conn.execute(update(accounts).where(*this).values(blocked_at=at))


_HEARD = Prepared(
    update(accounts)
    .where(
        accounts.c.channel == bindparam("at_channel"),
        accounts.c.account == bindparam("at_account"),
        accounts.c.blocked_at.is_not(None),
    )
    .values(blocked_at=None)
)


def heard(conn: Connection, channel: str, account: str) -> None:
    """Whoever speaks to the bot may be written to again."""
    _HEARD.run(conn, at_channel=SAME_ACCOUNTS.get(channel, channel), at_account=account)


def unbind(conn: Connection, channel: str, account: str) -> None:
    """End one account, whoever spoke from it."""
    channel = SAME_ACCOUNTS.get(channel, channel)
    conn.execute(delete(accounts).where(accounts.c.channel == channel, accounts.c.account == account))


def holder(conn: Connection, channel: str, account: str) -> tuple[int, str, Role, int | None] | None:
    """Who an account speaks as: id, code, role and store; None for strangers and leavers."""
    channel = SAME_ACCOUNTS.get(channel, channel)
    row = conn.execute(
        select(staff.c.id, staff.c.code, staff.c.role, staff.c.store_id)
        .join(accounts, accounts.c.staff_id == staff.c.id)
        .where(accounts.c.channel == channel, accounts.c.account == account, staff.c.active)
    ).first()
    return (row.id, row.code, row.role, row.store_id) if row else None
