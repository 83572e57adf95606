"""Accounts of staff: invited by a code, bound by sending it, ended at once when somebody leaves."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, select

from bot.db import people, search
from bot.db.changes import Recorder
from bot.db.tables import accounts, staff
from bot.domain import ids
from bot.domain.errors import NotAllowedError, NotFoundError, UsageError
from bot.domain.shop import ROLES, Staff


def invite(conn: Connection, staff_id: int, now: datetime) -> str:
    """A fresh code for a member of staff; it is shown once and kept only as a blind index."""
    code = ids.invite_code(secrets.token_bytes(16))
    people.invite(conn, staff_id, code, now)
    return code


def bind(conn: Connection, text: str, channel: str, account: str, now: datetime) -> str:
    """Bind the account that sent a code; gives the welcome."""
    code = ids.read_code(text)
    if code is None:
        raise UsageError("绑定码不对：8位字母和数字，里面没有 0、1、I、L、O，请照抄一遍。例：绑定 ABCD2345")
    staff_id = people.accept(conn, code, channel, account, now)
    return f"绑定好了，{people.staff_name(conn, staff_id)}。发客户手机号或后四位就能查，发「帮助」看能做什么。"


def whom(conn: Connection, words: str, asker: Staff) -> tuple[int, str]:
    """The member of staff that a code or name means, within the asker's reach: id and name."""
    found = [
        (staff_id, name, role, store_id)
        for staff_id, code, name, role, store_id in people.everyone(conn)
        if words in (code, name)
    ]
    near = [one for one in found if asker.role in ("hq", "admin") or one[3] == asker.store_id]
    if not near:
        raise NotFoundError("没有这位同事，请发员工号（例：停用 xiaoli）。")
    if len(near) > 1:
        raise UsageError("有同名的同事，请发员工号。")
    staff_id, name, role, _ = near[0]
    if asker.role == "manager" and role != "guide":
        raise NotAllowedError(f"{ROLES[role]}的账号要总部或管理员来停。")
    if staff_id == asker.id:
        raise NotAllowedError("不能停用自己，请找总部或管理员。")
    return staff_id, name


def colleague(conn: Connection, words: str, asker: Staff) -> tuple[int, str]:
    """A colleague of the same store by code or name: id and name."""
    found = [one for one in people.colleagues(conn, asker.store_id or 0) if words in (one[1], one[2])]
    if len(found) != 1:
        named = f"叫「{words[:10]}」的" if asker.veil == "none" else "这位"
        raise NotFoundError(f"本店没有{named}同事，请发员工号。")
    return found[0][0], found[0][2]


def off_board(recorder: Recorder, staff_id: int, now: datetime) -> None:
    """End a member of staff's access on every channel, in a way that 撤 can take back."""
    conn = recorder.conn
    recorder.update(staff, staff_id, active=False, left_at=now)
    for row in conn.execute(select(accounts.c.id).where(accounts.c.staff_id == staff_id)).all():
        recorder.delete(accounts, {"id": row.id})
    people.forget_conversations(conn, staff_id)
    search.forget()
