"""Quiet by default: two digests a day for a person; what waited, and what is too much, goes together as one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, case, func, literal, not_, or_, select, update

from bot.chat import Choice
from bot.db.core.engine import keys_of
from bot.db.tables import outbox
from bot.db.talk import conversations, makeup
from bot.db.talk.makeup import Part
from bot.db.talk.outbox import GATHERED, MAKEUP, MEMBER, Owed, add, opened, sealable, zone_of
from bot.domain import quiet
from bot.domain.lists.kinds import TAG

Row = Any  # a row of the outbox
_SEVERAL = 2
STAYS = timedelta(hours=2)  # what waited for its reader is good for so long after it may come


def is_free(now: datetime) -> ColumnElement[bool]:
    """Whether no process holds a due row."""
    return or_(outbox.c.leased_by.is_(None), outbox.c.lease_until < now)


def stays_until(expires_at: datetime | None, at: datetime) -> datetime | None:
    """When something ends that is put off until then: what waits for its reader comes."""
    return max(expires_at, at + STAYS) if expires_at else None


def gathered(conn: Connection, heads: Sequence[Row], now: datetime) -> list[Row]:
    """What goes to each of these people now, given her oldest row: it alone, or together with what else waits."""
    if not heads:
        return []
    people = [head.staff_id for head in heads]
    day = quiet.day_began(now, zone_of(conn))
    had, waiting = _had_since(conn, people, day), _waiting(conn, people, now)
    found, too_much = [], []
    for staff_id in people:
        rows = waiting[staff_id]
        going = [row for row in rows if _has_room(row, *had.get(staff_id, (0, 0)))]
        too_much += [row for row in rows if row not in going and (row.not_before is None or row.not_before <= now)]
        if going:
            found.append(_one(conn, going, now))
    _put_off(conn, too_much, now)
    return found


def _has_room(row: Row, digests: int, words: int) -> bool:
    """Whether this may still come today."""
    if digests + words >= quiet.PUSHES_A_DAY:
        return False
    return bool(row.word) or digests < quiet.DIGESTS_A_DAY


def _put_off(conn: Connection, rows: Iterable[Row], now: datetime) -> None:
    """Let what was too much go with the next day's first digest."""
    at = quiet.next_day(now, zone_of(conn))
    ids = [row.id for row in rows]
    if ids:
        stays = literal(at + STAYS, outbox.c.expires_at.type)
        ends = case((outbox.c.expires_at < stays, stays), else_=outbox.c.expires_at)
        values = {"not_before": at, "rung": GATHERED, "expires_at": ends}
        conn.execute(update(outbox).where(outbox.c.id.in_(ids)).values(values))


def _one(conn: Connection, rows: Sequence[Row], now: datetime) -> Row:
    """The one row that goes: a make-up digest where several do."""
    earlier = next((row for row in rows if row.key.startswith(MAKEUP)), None)
    if earlier or len(rows) == 1:
        return earlier or rows[0]
    head = rows[0]
    whole = makeup.together([_part(conn, row) for row in rows])
    classes = {row.delivery for row in rows}
    ends = [row.expires_at for row in rows if row.expires_at]
    row_id = add(
        conn,
        now,
        body=sealable(whole.text, whole.discreet),
        key=f"{MAKEUP}{head.key}",
        staff_id=head.staff_id,
        menu_id=conversations.add_menu(conn, head.staff_id, whole.choices, now) if whole.choices else None,
        delivery=next(one for one in ("once", "dedupe", "at_least_once") if one in classes),
        word=all(row.word for row in rows),
        expires_at=max(ends) if len(ends) == len(rows) else None,
    )
    with_it = {"state": "sending", "rung": GATHERED, "leased_by": f"{MEMBER}{row_id}", "lease_until": None}
    conn.execute(update(outbox).where(outbox.c.id.in_([row.id for row in rows])).values(with_it))
    return conn.execute(select(outbox).where(outbox.c.id == row_id)).one()


def _part(conn: Connection, row: Row) -> Part:
    text, discreet = opened(conn, row.id, row.body)
    menu = conversations.menu(conn, row.staff_id, row.menu_id) if row.menu_id else conversations.NO_MENU
    return Part(text, discreet, menu.choices, keys_of(conn).token(row.id, row.staff_id))


def beside(conn: Connection, staff_id: int, owed: Owed, shown: Collection[Choice], now: datetime) -> Owed:
    """What is owed as it is told with an answer that shows some choices: what that shows anyhow is not told twice.

    Where several messages have digits they go together as a make-up digest does, so that every digit means one thing.
    """
    menus = [conversations.menu(conn, staff_id, menu).choices if menu else () for _, menu in owed.rows]
    kept = [
        (text, row_id, menu_id, choices)
        for text, (row_id, menu_id), choices in zip(owed.texts, owed.rows, menus, strict=True)
        if not choices or not set(choices) <= set(shown)
    ]
    asking = [menu_id for *_, menu_id, choices in kept if choices]
    if len(asking) < _SEVERAL:
        rows = tuple((row_id, menu_id) for _, row_id, menu_id, _ in kept)
        return Owed(_apart([text for text, *_ in kept], asking, shown), asking[0] if asking else None, rows)
    token = keys_of(conn).token
    whole = makeup.together([Part(text, "", choices, token(row_id, staff_id)) for text, row_id, _, choices in kept])
    return Owed(_apart([whole.text], asking, shown), conversations.add_menu(conn, staff_id, whole.choices, now))


def _apart(texts: list[str], asking: Collection[int | None], shown: Collection[Choice]) -> list[str]:
    """The texts; where an answer with choices of its own comes below, that the digits are its."""
    if not asking or not shown:
        return texts
    tags = "".join(dict.fromkeys(found[0] for text in texts for found in TAG.finditer(text)))
    how = f"要回上面的{tags}，请引用它" if tags else "上面的写 # 后的编号来回"
    return [*texts, f"（数字回的是下面这条。{how}。）"]


def _waiting(conn: Connection, staff_ids: Collection[int], now: datetime) -> dict[int, list[Row]]:
    """What waits for these people, oldest first, with what was gathered for their next digest."""
    found: dict[int, list[Row]] = defaultdict(list)
    its_time = (outbox.c.not_before.is_(None), outbox.c.not_before <= now, outbox.c.rung == GATHERED)
    wanted = select(outbox).where(
        outbox.c.staff_id.in_(staff_ids),
        outbox.c.state == "due",
        outbox.c.urgent.is_(False),
        outbox.c.tries == 0,
        is_free(now),
        or_(*its_time),
    )
    for row in conn.execute(wanted.order_by(outbox.c.id).with_for_update(skip_locked=True)):
        found[row.staff_id].append(row)
    return found


def _had_since(conn: Connection, staff_ids: Collection[int], day: datetime) -> dict[int, tuple[int, int]]:
    """How many digests and how many words each has had since then, perhaps had, or is about to have."""
    rows = conn.execute(
        select(outbox.c.staff_id, func.sum(case((outbox.c.word, 0), else_=1), type_=Integer), func.count())
        .where(
            outbox.c.staff_id.in_(staff_ids),
            outbox.c.sent_at >= day,
            outbox.c.state.in_(("sending", "sent", "unknown")),
            outbox.c.urgent.is_(False),
            or_(outbox.c.leased_by.is_(None), not_(outbox.c.leased_by.startswith(MEMBER))),
        )
        .group_by(outbox.c.staff_id)
    )
    return {staff_id: (digests, together - digests) for staff_id, digests, together in rows}
