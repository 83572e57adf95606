"""Stores, staff, their accounts and invites; who is asking is decided here and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, and_, bindparam, delete, insert, or_, select, update

from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.tables import accounts, chain, conversations, invites, menus, shifts, staff, stores
from bot.domain.errors import NotAllowedError
from bot.domain.shop import GUIDE_LIMITS_FEN, MANAGER_TIMES, Role, Scope, Staff, Store

CONSOLE = "console"
SAME_ACCOUNTS = {"wecom_bot": "wecom"}  # the smart bot and the app of a company see the same userids
INVITE_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is remembered of a person in a chat: the customer in focus and the numbered list, still sealed."""

    focus_id: int | None
    focus_at: datetime | None
    menu_id: int | None = None
    menu: bytes | None = None
    menu_at: datetime | None = None
    menu_spent_at: datetime | None = None


@lru_cache(maxsize=32)
def zone(name: str) -> ZoneInfo:
    """The time zone of this name."""
    return ZoneInfo(name)


_STAFF_COLUMNS = (
    staff.c.id, staff.c.code, staff.c.name, staff.c.role, staff.c.scope, staff.c.store_id,
    stores.c.name.label("store_name"), stores.c.data_at.label("store_data_at"),
    chain.c.scope.label("chain_scope"), chain.c.timezone, chain.c.vertical, chain.c.first7, chain.c.data_at,
    conversations.c.focus_id, conversations.c.focus_at,
    conversations.c.menu_id, menus.c.choices, menus.c.made_at, menus.c.spent_at,
)  # fmt: skip


def _who(by_account: bool) -> Select[tuple[object, ...]]:  # noqa: FBT001 — two statements, one shape
    source = staff.join(chain, chain.c.id == 1).outerjoin(stores, stores.c.id == staff.c.store_id)
    source = source.outerjoin(
        conversations, and_(conversations.c.staff_id == staff.c.id, conversations.c.chat == bindparam("chat"))
    )
    source = source.outerjoin(menus, menus.c.id == conversations.c.menu_id)
    wanted = staff.c.code == bindparam("account")
    if by_account:
        source = source.join(accounts, accounts.c.staff_id == staff.c.id)
        wanted = and_(accounts.c.channel == bindparam("channel"), accounts.c.account == bindparam("account"))
    return select(*_STAFF_COLUMNS).select_from(source).where(wanted, staff.c.active)


_BY_ACCOUNT = Prepared(_who(by_account=True))
_BY_CODE = Prepared(_who(by_account=False))


def identify(conn: Connection, channel: str, account: str, chat: str) -> tuple[Staff, Conversation] | None:
    """Who speaks from this account, with what is remembered of this chat; None for strangers and leavers.

    On the console the account is the staff code itself.
    """
    if channel == CONSOLE:
        rows = _BY_CODE.rows(conn, account=account, chat=chat)
    else:
        rows = _BY_ACCOUNT.rows(conn, channel=SAME_ACCOUNTS.get(channel, channel), account=account, chat=chat)
    if not rows:
        return None
    (staff_id, code, name, role, scope, store_id, store_name, store_data_at,
     chain_scope, timezone, vertical, first7, data_at, *remembered) = rows[0]  # fmt: skip
    person = Staff(
        id=staff_id,
        code=code,
        name=keys_of(conn).unseal("staff.name", staff_id, name),
        role=role,
        scope=_scope(role, scope or chain_scope),
        store_id=store_id,
        store_name=store_name or "",
        zone=zone(timezone),
        vertical=vertical,
        first7=first7,
        data_at=store_data_at or data_at,
    )
    return person, Conversation(*remembered)


def _scope(role: Role, scope: Scope) -> Scope:
    """A manager sees at least the store, head office the chain."""
    if role == "hq":
        return "chain"
    return "store" if role == "manager" and scope == "own" else scope


def make_chain(conn: Connection, name: str, vertical: str, scope: str, timezone: str) -> None:
    """Write the chain's settings, once."""
    if conn.execute(select(chain.c.id)).first() is None:
        conn.execute(
            insert(chain).values(
                id=1,
                name=name,
                vertical=vertical,
                scope=scope,
                timezone=timezone,
                first7=False,
                guide_limit_fen=GUIDE_LIMITS_FEN[vertical],
                manager_limit_fen=GUIDE_LIMITS_FEN[vertical] * MANAGER_TIMES,
            )
        )


def change_chain(conn: Connection, **values: object) -> None:
    """Change settings of the chain."""
    conn.execute(update(chain).values(**values))


def chain_zone(conn: Connection) -> ZoneInfo:
    """The chain's time zone."""
    return zone(conn.execute(select(chain.c.timezone)).scalar() or "Asia/Shanghai")


def add_store(conn: Connection, code: str, name: str, city: str | None = None) -> Store:
    """Add a store."""
    store = Store(new_id(), code, name, city)
    conn.execute(insert(stores).values(id=store.id, code=code, name=name, city=city))
    return store


def store_by_code(conn: Connection, code: str) -> Store | None:
    """The store of this code."""
    row = conn.execute(
        select(stores.c.id, stores.c.code, stores.c.name, stores.c.city, stores.c.opened_on, stores.c.data_at).where(
            stores.c.code == code
        )
    ).first()
    return Store(*row) if row else None


def store_code(conn: Connection, store_id: int) -> str | None:
    """The code of a store."""
    return conn.execute(select(stores.c.code).where(stores.c.id == store_id)).scalar()


def store_name(conn: Connection, store_id: int) -> str:
    """What a store is called."""
    return conn.execute(select(stores.c.name).where(stores.c.id == store_id)).scalar() or ""


def add_staff(  # noqa: PLR0913, PLR0917 — what a member of staff is
    conn: Connection, code: str, name: str, role: Role, store_id: int | None, now: datetime
) -> int:
    """Add a member of staff; gives the id."""
    staff_id = new_id()
    conn.execute(
        insert(staff).values(
            id=staff_id,
            code=code,
            name=keys_of(conn).seal("staff.name", staff_id, name),
            role=role,
            store_id=store_id,
            active=True,
            created_at=now,
        )
    )
    return staff_id


def staff_id_of(conn: Connection, code: str) -> int | None:
    """The id of an active member of staff."""
    return conn.execute(select(staff.c.id).where(staff.c.code == code, staff.c.active)).scalar()


def staff_name(conn: Connection, staff_id: int) -> str:
    """What a member of staff is called."""
    sealed = conn.execute(select(staff.c.name).where(staff.c.id == staff_id)).scalar()
    return keys_of(conn).unseal("staff.name", staff_id, sealed)


def colleagues(conn: Connection, store_id: int) -> list[tuple[int, str, str, Role]]:
    """Active staff of a store: id, code, name, role; managers first."""
    rows = conn.execute(
        select(staff.c.id, staff.c.code, staff.c.name, staff.c.role)
        .where(staff.c.store_id == store_id, staff.c.active)
        .order_by(staff.c.role.desc(), staff.c.id)
    )
    return [(row.id, row.code, keys_of(conn).unseal("staff.name", row.id, row.name), row.role) for row in rows]


def everyone(conn: Connection) -> list[tuple[int, str, str, Role, int | None]]:
    """All active staff of the chain: id, code, name, role, store id."""
    rows = conn.execute(
        select(staff.c.id, staff.c.code, staff.c.name, staff.c.role, staff.c.store_id).where(staff.c.active)
    )
    return [
        (row.id, row.code, keys_of(conn).unseal("staff.name", row.id, row.name), row.role, row.store_id) for row in rows
    ]


def read_one(conn: Connection) -> None:
    """Open one name, if there is any: raises UnavailableError where the keys are not those of this database."""
    row = conn.execute(select(staff.c.id, staff.c.name).limit(1)).first()
    if row:
        keys_of(conn).unseal("staff.name", row.id, row.name)


def forget_conversations(conn: Connection, staff_id: int) -> None:
    """Drop what was remembered of a leaver's chats, and invites nobody used."""
    for table in (invites, conversations, menus):
        conn.execute(delete(table).where(table.c.staff_id == staff_id))


def invite(conn: Connection, staff_id: int, code: str, now: datetime) -> None:
    """Remember an invite code (only its blind index) for 24 hours; earlier ones of this person end."""
    conn.execute(delete(invites).where(invites.c.staff_id == staff_id))
    conn.execute(
        insert(invites).values(
            id=new_id(),
            staff_id=staff_id,
            code_index=keys_of(conn).blind("invite", code),
            expires_at=now + INVITE_LIFE,
        )
    )


def accept(conn: Connection, code: str, channel: str, account: str, now: datetime) -> int:
    """Bind an account by a code, once; refuses used, old and unknown codes in the same words."""
    wanted = keys_of(conn).blinds("invite", code)
    used = conn.execute(
        update(invites)
        .where(invites.c.code_index.in_(wanted), invites.c.used_at.is_(None), invites.c.expires_at > now)
        .values(used_at=now)
        .returning(invites.c.staff_id)
    ).first()
    if used is None:
        raise NotAllowedError("绑定码不对或已过期（24小时内有效，只能用一次）。请店长或管理员再发一个。")
    bind(conn, used.staff_id, channel, account, now)
    return int(used.staff_id)


def bind(conn: Connection, staff_id: int, channel: str, account: str, now: datetime) -> None:
    """Let an account speak as a member of staff; her earlier one of this channel (a lost phone) ends.

    Whoever the account spoke as before, it no longer does.
    """
    channel = SAME_ACCOUNTS.get(channel, channel)
    mine_or_this = or_(accounts.c.staff_id == staff_id, accounts.c.account == account)
    conn.execute(delete(accounts).where(accounts.c.channel == channel, mine_or_this))
    conn.execute(
        insert(accounts).values(id=new_id(), staff_id=staff_id, channel=channel, account=account, bound_at=now)
    )


def bring_back(conn: Connection, code: str) -> bool:
    """Let somebody who had left work here again, without accounts; False where nobody of that code had left."""
    back = update(staff).where(staff.c.code == code, staff.c.active.is_(False)).values(active=True, left_at=None)
    return conn.execute(back).rowcount == 1


def bindings(conn: Connection, staff_id: int) -> Sequence[str]:
    """The channels a member of staff is bound on."""
    return [
        row.channel
        for row in conn.execute(
            select(accounts.c.channel).where(accounts.c.staff_id == staff_id).order_by(accounts.c.channel)
        )
    ]


def next_complaint_number(conn: Connection, store_id: int) -> int:
    """The next number of the store's complaints."""
    return int(
        conn.execute(
            update(stores)
            .where(stores.c.id == store_id)
            .values(last_complaint=stores.c.last_complaint + 1)
            .returning(stores.c.last_complaint)
        ).scalar_one()
    )


def add_shift(conn: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Write a rota: rows of staff_id, store_id, work_on, starts_minute, ends_minute."""
    if rows:
        conn.execute(insert(shifts), [{"id": new_id(), **row} for row in rows])
