"""Who works in the shop, who of them is let in on which channel, and who wrote to the smart bot."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from bot.db.core.engine import keys_of
from bot.db.tables import accounts, inbox, rooms, staff
from bot.domain.errors import UnavailableError

_SMART_BOT = "wecom_bot"
_WECOM = "wecom"  # the smart bot and the app see the same accounts
_FIRST = ("manager", "hq", "guide", "admin")


@dataclass(frozen=True, slots=True)
class Accounts:
    """Active staff by role; the accounts of them by channel; who stopped the bot; whom to invite first."""

    roles: Mapping[str, int] = field(default_factory=dict)
    bound: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people_bound: int = 0
    blocked: tuple[tuple[str, str], ...] = ()  # channel and staff code
    to_invite: str = ""
    head_office: str = ""  # the code of one of head office


def look_at_accounts(conn: Connection) -> Accounts:
    """Read them."""
    working = conn.execute(select(staff.c.id, staff.c.code, staff.c.role).where(staff.c.active)).all()
    codes = {row.id: row.code for row in working}
    rows = conn.execute(
        select(accounts.c.staff_id, accounts.c.channel, accounts.c.account, accounts.c.blocked_at).order_by(
            accounts.c.id
        )
    ).all()
    mine = [row for row in rows if row.staff_id in codes]
    bound: dict[str, tuple[str, ...]] = {}
    for row in mine:
        bound[row.channel] = (*bound.get(row.channel, ()), row.account)
    invited = {row.staff_id for row in mine}
    waiting = sorted((_FIRST.index(row.role), row.code) for row in working if row.id not in invited)
    return Accounts(
        roles=Counter(row.role for row in working),
        bound=bound,
        people_bound=len(invited),
        blocked=tuple((row.channel, codes[row.staff_id]) for row in mine if row.blocked_at),
        to_invite=waiting[0][1] if waiting else "",
        head_office=next((row.code for row in working if row.role == "hq"), ""),
    )


def writers(conn: Connection) -> int:
    """How many people ever wrote to the smart bot in private.

    A chat is one person's where it bears the name of an account, or where the newest message that is still kept says
    so; old messages are emptied, and then a chat of nobody we know may be a group.
    """
    chats = conn.execute(
        select(inbox.c.chat, func.max(inbox.c.id).filter(inbox.c.body.is_not(None)))
        .where(inbox.c.channel == _SMART_BOT)
        .group_by(inbox.c.chat)
    ).all()
    known = {f"{_SMART_BOT}:{account}" for account in _accounts(conn)}
    groups = set(conn.execute(select(rooms.c.chat).where(rooms.c.channel == _SMART_BOT)).scalars())
    return sum(
        chat in known or (chat.removeprefix(f"{_SMART_BOT}:") not in groups and _is_private(conn, newest))
        for chat, newest in chats
    )


def _accounts(conn: Connection) -> list[str]:
    return list(conn.execute(select(accounts.c.account).where(accounts.c.channel == _WECOM)).scalars())


def _is_private(conn: Connection, row_id: int | None) -> bool:
    if row_id is None:
        return False
    body = conn.execute(select(inbox.c.body).where(inbox.c.id == row_id)).scalar()
    with suppress(UnavailableError):
        said = keys_of(conn).unseal_json("inbox.body", row_id, body)
        return bool(said and said["private"])
    return False
