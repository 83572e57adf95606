"""What happens on a platform besides messages; each may be told twice, so its effect is the same twice."""

from datetime import datetime

from sqlalchemy import Connection

from bot.actions import accounts
from bot.db import audit, logins, people
from bot.db.changes import Recorder
from bot.db.core.ids import new_id
from bot.db.talk import outbox, rooms
from bot.wire import Event


def note(conn: Connection, event: Event, now: datetime) -> bool:
    """Give an event its effect; False where the bot should not stay: nobody who leads brought it into this group."""
    there = event.address
    if event.kind in ("blocked", "unblocked"):
        logins.block(conn, there.channel, there.account, event.at if event.kind == "blocked" else None)
    elif event.kind == "moved":
        rooms.move(conn, there, event.detail)
    elif event.kind == "left":
        rooms.leave(conn, there)
    elif event.kind == "joined":
        return _joined(conn, event, now)
    elif event.kind in ("unseated", "resigned"):
        _gone(conn, event, now)
    else:
        for staff_id, _code, _name, role, _store in people.everyone(conn):
            if role == "admin":
                key = f"alert:{there.channel}:{event.detail[:40]}:{event.at:%Y-%m-%d}:{staff_id}"
                outbox.tell(conn, staff_id, key, f"平台提醒：{event.detail}", now)
    return True


def _joined(conn: Connection, event: Event, now: datetime) -> bool:
    there = event.address
    if rooms.placed(conn, there).store is not None:  # a store's group that moved, or took the bot in again
        return True
    found = logins.holder(conn, there.channel, there.account)
    if found is None or found[2] == "guide":
        return False
    key = f"joined:{there.key}:{event.at.timestamp():.0f}"
    title = event.detail or "新群"
    said = f"我进了「{title}」。请在那个群里发「/本群」，它就是你门店的群。"
    outbox.tell(conn, found[0], key, said, now, urgent=True)
    return True


def _gone(conn: Connection, event: Event, now: datetime) -> None:
    """Whoever left sees nothing from this moment; the managers of the store are told.

    Out of sight of the app may be a slip in the console: then only this account ends.
    """
    there = event.address
    found = logins.holder(conn, there.channel, there.account)
    if found is None:
        return
    staff_id, code, _role, store_id = found
    name = people.staff_name(conn, staff_id)
    if event.kind == "resigned":
        accounts.off_board(Recorder(conn, new_id()), staff_id, now)
        text = f"{name}（{code}）已离开企业微信，账号停了。名下的客户请用「改 … 导购 …」分给同事。"
    else:
        logins.unbind(conn, there.channel, there.account)
        text = f"{name}（{code}）不在应用的可见范围里了，企业微信上查不了客户。弄错了请把她加回来，再给她一个绑定码。"
    audit.add(conn, at=now, person=None, command="离职", outcome="ok", about=(), inbox_id=None, reason=code)
    for other, _code, _name, role, store in people.everyone(conn):
        if other != staff_id and (role == "admin" or (role == "manager" and store == store_id)):
            key = f"{event.kind}:{staff_id}:{event.at.timestamp():.0f}:{other}"
            outbox.tell(conn, other, key, text, now)
