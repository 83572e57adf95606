"""What did not get through is told to people: within minutes, in one message each, however many rows it is."""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from bot.db import people
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import outbox, staff
from bot.db.talk import outbox as owing
from bot.db.talk import rooms
from bot.wire import LATE

Row = Any  # a row of the outbox
_LOST, _MISSED = "lost:", "missed:"
_GATHER = timedelta(minutes=2)  # what goes wrong together is told together
_LINES = 8
_HEAD = 20  # signs of the message that say which it was
_HEADER = "有 {count} 条消息没送到，请跟本人说一声："
_SORRY = "抱歉，这条过了时候才给你：\n"
_MORE = "……其余的请管理员看 zhanggui outbox list"
_COUNT = re.compile(r"有 (\d+) 条")
_A_DAY, _KNOWN_FOR = timedelta(days=1), timedelta(days=5)


def report(conn: Connection, row_id: int, now: datetime) -> None:
    """Tell who should know of a row at its end: of what came too late whom it was for, of all else who leads.

    Where nobody leads it is the admins. Nobody misses what was for somebody who never had a way to be told.
    """
    lost = conn.execute(select(outbox).where(outbox.c.id == row_id)).one()
    if lost.key.startswith((_LOST, _MISSED)) or not _has_way(conn, lost):
        return
    text, discreet = owing.opened(conn, lost.id, lost.body)
    if lost.state == "expired" and lost.staff_id:
        _apologise(conn, lost, (text, discreet), now)
        return
    head = text.strip().partition("\n")[0]
    head = head if len(head) <= _HEAD else f"{head[:_HEAD]}…"
    name = people.staff_name(conn, lost.staff_id) if lost.staff_id else f"{_store(conn, lost.store_id)}群"
    told = {"unknown": f"不知道到没到，{lost.last_error}", "expired": "过了时候，没有发"}
    why = told.get(lost.state, lost.last_error)
    for staff_id in _audience(conn, lost.staff_id, lost.store_id):
        lines = f"· 给{name}「{head}」：{why}", f"· 给{name}的一条：{why}"
        _note(conn, staff_id, lines, now, urgent=lost.urgent)


def _apologise(conn: Connection, lost: Row, texts: tuple[str, str], now: datetime) -> None:
    """She gets it after all, with its list, as what it is: too late."""
    text, discreet = (text.removeprefix(LATE) for text in texts)
    owing.add(
        conn,
        now,
        body=owing.sealable(_SORRY + text, _SORRY + discreet if discreet else None),
        key=f"{_MISSED}{lost.key}",
        staff_id=lost.staff_id,
        menu_id=lost.menu_id,
        delivery="dedupe",
        urgent=lost.urgent,
        word=lost.word,
        expires_at=now + _A_DAY,
    )


def _has_way(conn: Connection, lost: Row) -> bool:
    if lost.staff_id:
        return bool(people.bindings(conn, lost.staff_id))
    return lost.store_id is not None and (lost.state != "expired" or rooms.reaches(conn, lost.store_id))


def _store(conn: Connection, store_id: int | None) -> str:
    return people.store_name(conn, store_id) if store_id else ""


def _audience(conn: Connection, staff_id: int | None, store_id: int | None) -> list[int]:
    """The managers of the store, not whom it was for; where there are none, the admins."""
    if staff_id:
        store_id = conn.execute(select(staff.c.store_id).where(staff.c.id == staff_id)).scalar()
    leads = and_(staff.c.role == "manager", staff.c.store_id == store_id)
    rows = conn.execute(
        select(staff.c.id, staff.c.role).where(staff.c.active, or_(leads, staff.c.role == "admin")).order_by(staff.c.id)
    ).all()
    others = [row for row in rows if row.id != staff_id]
    managers = [row.id for row in others if row.role == "manager"]
    return managers or [row.id for row in others]


def _note(conn: Connection, staff_id: int, lines: tuple[str, str], now: datetime, *, urgent: bool) -> None:
    """Add a line, and its discreet words, to the message that gathers them, or begin one."""
    waiting = conn.execute(
        select(outbox.c.id, outbox.c.body)
        .where(
            outbox.c.staff_id == staff_id,
            outbox.c.state == "due",
            outbox.c.leased_by.is_(None),
            outbox.c.urgent.is_(urgent),
            outbox.c.key.startswith(_LOST),
        )
        .with_for_update(skip_locked=True)
    ).first()
    if waiting is None:
        body = owing.sealable(*(f"{_HEADER.format(count=1)}\n{one}" for one in lines))
        values = {"staff_id": staff_id, "urgent": urgent, "word": not urgent, "delivery": "dedupe"}
        times = {"not_before": now + _GATHER, "expires_at": now + _KNOWN_FOR}
        owing.add(conn, now, body=body, key=f"{_LOST}{staff_id}:{new_id()}", **values, **times)
        return
    longer = [_longer(text, one) for text, one in zip(owing.opened(conn, waiting.id, waiting.body), lines, strict=True)]
    sealed = owing.sealed_body(keys_of(conn), waiting.id, owing.sealable(*longer))
    conn.execute(update(outbox).where(outbox.c.id == waiting.id).values(body=sealed))


def _longer(text: str, line: str) -> str:
    found = _COUNT.search(text)
    count = int(found[1]) + 1 if found else 1
    lines = text.split("\n")[1:]
    if count <= _LINES:
        lines.append(line)
    elif lines[-1] != _MORE:
        lines.append(_MORE)
    return "\n".join([_HEADER.format(count=count), *lines])
