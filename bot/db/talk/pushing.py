"""Rows of the outbox given to a process that sends; docs/architecture.md draws their states.

A row is reserved while it is `due`: `leased_by` and `lease_until` keep other processes off. Only right before the
request it becomes `sending` (`settling.begin`), so that a process that ends leaves unclear what was on its way, and
no more. Of a person, and of a store, one row is out at a time, and one that waits to be tried again holds back the
later ones: what is said comes in its order, and who asks for a pause has one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, not_, or_, select, update

from bot.db.core.engine import keys_of
from bot.db.core.types import Id
from bot.db.tables import outbox, staff
from bot.db.talk import conversations, gathering, ladder, settling
from bot.db.talk.outbox import MAKEUP, MEMBER, opened, sealable, sealed_body, zone_of
from bot.db.talk.settling import LEASE, Desk, Push
from bot.domain import quiet
from bot.wire import LATE

Row = Any  # a row of the outbox
_MOST_AT_ONCE = 200
_LATE = timedelta(minutes=30)  # after its time it says so


def claim(conn: Connection, desk: Desk, now: datetime, most: int = _MOST_AT_ONCE) -> list[Push]:
    """Reserve what is to be sent now, one row for each person and store; clear away first what is not any more."""
    rescue(conn, desk, now)
    expire(conn, now)
    found = _locked(conn, _heads(conn, desk, now)[:most], now)
    fresh = [row for row in found if row.staff_id and not (row.urgent or row.tries)]
    rows = [row for row in found if row not in fresh] + gathering.gathered(conn, fresh, now)
    pushes = []
    for push in _pushes(conn, desk, [_marked(conn, row, now) for row in rows]):
        if settling.is_too_late(push, now):
            settling.end(conn, push, "unknown", "隔得太久，再发怕重复", now)
        else:
            pushes.append(push)
    if pushes:
        leased = {"leased_by": desk.name, "lease_until": now + LEASE}
        conn.execute(update(outbox).where(outbox.c.id.in_([push.id for push in pushes])).values(leased))
    return pushes


def _marked(conn: Connection, row: Row, now: datetime) -> Row:
    """The row with 补发 in its text for good where it comes late; what may be there already stays as it was."""
    wanted = row.not_before if row.not_before and not row.tries else row.created_at
    if now - wanted <= _LATE or row.sent_at or row.key.startswith(MAKEUP):
        return row
    text, discreet = opened(conn, row.id, row.body)
    if text.startswith(LATE):
        return row
    marked = sealable(LATE + text, LATE + discreet if discreet else None)
    sealed = sealed_body(keys_of(conn), row.id, marked)
    conn.execute(update(outbox).where(outbox.c.id == row.id).values(body=sealed))
    return conn.execute(select(outbox).where(outbox.c.id == row.id)).one()


def rescue(conn: Connection, desk: Desk, now: datetime) -> None:
    """Take up what was being sent by a process that ended, or stood still: it may have arrived."""
    lost = conn.execute(
        select(outbox)
        .where(
            outbox.c.state == "sending",
            outbox.c.lease_until < now,
            or_(outbox.c.leased_by != desk.name, outbox.c.id.not_in(desk.holds)),
        )
        .with_for_update(skip_locked=True)
    ).all()
    for row in lost:
        settling.lose(conn, _push(conn, row, ()), row.rung, now)


def expire(conn: Connection, now: datetime) -> None:
    """Let go what it is too late to say; what may have arrived is unknown."""
    late = conn.execute(
        select(outbox)
        .where(outbox.c.state == "due", outbox.c.expires_at <= now, gathering.is_free(now))
        .with_for_update(skip_locked=True)
    ).all()
    for row in late:
        push = _push(conn, row, ())
        settling.end(conn, push, "unknown" if push.unsure else "expired", row.last_error or "过了时候", now)


def _heads(conn: Connection, desk: Desk, now: datetime) -> list[int]:
    """The row each line of people and stores comes to next, oldest first; whoever has one under way is left out."""
    awake = not quiet.is_quiet(now.astimezone(zone_of(conn)))
    begun = (
        outbox.c.state == "due",
        or_(outbox.c.tries > 0, outbox.c.not_before.is_(None), outbox.c.not_before <= now),
    )
    out = (outbox.c.state == "sending", not_(outbox.c.leased_by.startswith(MEMBER)))
    urgent = func.min(case((outbox.c.urgent, outbox.c.id)), type_=Id)
    other = func.min(case((outbox.c.urgent, None), else_=outbox.c.id), type_=Id)
    undisturbed = or_(staff.c.quiet_until.is_(None), staff.c.quiet_until <= now)
    her, its = outbox.c.staff_id, outbox.c.store_id
    people = (
        select(urgent, other)
        .join(staff, staff.c.id == her)
        .where(
            *begun,
            or_(outbox.c.urgent, undisturbed) if awake else outbox.c.urgent,
            her.in_(ladder.reachable_people(desk.channels)),
            her.not_in(select(her).where(*out, her.is_not(None))),
        )
        .group_by(her)
    )
    groups = (
        select(urgent, other)
        .where(
            *begun,
            outbox.c.urgent.is_(True) if not awake else its.is_not(None),
            its.in_(ladder.reachable_stores(desk.channels)),
            its.not_in(select(its).where(*out, its.is_not(None))),
        )
        .group_by(its)
    )
    rows = [*conn.execute(people), *conn.execute(groups)]
    return sorted(first or then for first, then in rows)


def _locked(conn: Connection, ids: Sequence[int], now: datetime) -> list[Row]:
    """Those of the rows that can go now; what another process has, or what rests, is left out."""
    wanted = select(outbox).where(
        outbox.c.id.in_(ids),
        outbox.c.state == "due",
        or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now),
        gathering.is_free(now),
    )
    return list(conn.execute(wanted.order_by(outbox.c.id).with_for_update(skip_locked=True)))


def _pushes(conn: Connection, desk: Desk, rows: Sequence[Row]) -> list[Push]:
    """The rows with their ways."""
    asked = [(row.staff_id, row.delivery) for row in rows if row.staff_id]
    hers = ladder.ways_of_people(conn, asked, desk.channels)
    its = ladder.ways_of_stores(conn, [row.store_id for row in rows if row.store_id], desk.channels)
    found = []
    for row in rows:
        ways = hers[row.staff_id, row.delivery] if row.staff_id else its.get(row.store_id, ())
        if ways:
            found.append(_push(conn, row, ladder.from_rung(ways, row.rung)))
    return found


def _push(conn: Connection, row: Row, ways: ladder.Ways) -> Push:
    text, discreet = opened(conn, row.id, row.body)
    menu = conversations.menu(conn, row.staff_id, row.menu_id) if row.menu_id and ways else conversations.NO_MENU
    return Push(
        id=row.id,
        key=row.key,
        text=text,
        discreet=discreet,
        staff_id=row.staff_id,
        store_id=row.store_id,
        delivery=row.delivery,
        tries=row.tries,
        urgent=row.urgent,
        word=row.word,
        unsure_since=row.sent_at,
        ways=ways,
        menu_id=menu.id,
        choices=menu.choices,
    )
