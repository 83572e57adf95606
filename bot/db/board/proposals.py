"""What the bot would do and waits for a leader's yes: the monthly clean-up of a store, whom and why sealed.

Nothing is deleted: who has been away for two years is marked, in a list of the kind `clean`, so that no other list has
her until she buys again. Who has points, a coupon or anything open is left alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import combinations

from sqlalchemy import Connection, Integer, bindparam, exists, func, insert, or_, select, type_coerce, update

from bot.db.changes import Recorder
from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.core.prepared import Prepared
from bot.db.core.types import Day, Moment
from bot.db.tables import (
    complaints,
    contacts,
    coupons,
    customer_phones,
    customer_stats,
    customer_stores,
    customers,
    followups,
    list_rows,
    lists,
    proposals,
)
from bot.domain.board.odd import is_odd

Row = dict[str, object]
KIND = "clean"
OUT = "out"
MOST, MOST_PAIRS = 60, 10
_PAIRS_LOOKED_AT = 200
_AWAY_DAYS = 700  # nearly two years: who was joined with somebody that came later is not away any more
_BORDER = bindparam("border", type_=Day())
_here = customer_stores.join(customers, customers.c.id == customer_stores.c.customer_id).outerjoin(
    customer_stats, customer_stats.c.customer_id == customers.c.id
)
_HERS = (
    customer_stores.c.store_id == bindparam("store"),
    customers.c.store_id == bindparam("store"),
    customers.c.state != "merged",
)
_AWAY = Prepared(
    select(customers.c.id, customers.c.points)
    .select_from(_here)
    .where(
        *_HERS,
        or_(
            customer_stats.c.last_on < _BORDER,
            customer_stats.c.last_on.is_(None) & (customers.c.created_at < bindparam("before", type_=Moment())),
        ),
    )
    .order_by(customer_stats.c.last_on, customers.c.id)
)
_EMPTY = Prepared(
    select(customers.c.id)
    .select_from(_here)
    .where(
        *_HERS,
        customers.c.phone.is_(None),
        customers.c.name.is_(None),
        customers.c.alias.is_(None),
        func.coalesce(customer_stats.c.orders, 0) == 0,
    )
    .order_by(customers.c.id)
)
_NAMED = Prepared(
    select(customers.c.id, customers.c.name, func.coalesce(customer_stats.c.orders, 0))
    .select_from(_here)
    .where(*_HERS, customers.c.name.is_not(None))
    .order_by(customers.c.id)
)
_WRONG = Prepared(  # whose number somebody dialled in vain, and which was not put right since
    select(contacts.c.customer_id)
    .select_from(_here.join(contacts, contacts.c.customer_id == customers.c.id))
    .where(
        *_HERS,
        contacts.c.outcome == "wrong_number",
        ~exists().where(
            customer_phones.c.customer_id == contacts.c.customer_id, customer_phones.c.until_at >= contacts.c.at
        ),
    )
    .order_by(contacts.c.customer_id)
    .distinct()
)
_ALIKE = Prepared(
    select(customers.c.birthday_index, customers.c.id, customers.c.name, customers.c.birthday, customers.c.phone_index)
    .select_from(_here)
    .where(*_HERS, customers.c.birthday_index.is_not(None), customers.c.name.is_not(None))
    .order_by(customers.c.birthday_index, customers.c.id)
)
_OPEN = tuple(
    Of(select(table.c.customer_id).where(table.c.state == state), table.c.customer_id)
    for table, state in ((complaints, "open"), (followups, "open"), (coupons, "live"))
)
_MARKED = Of(
    select(list_rows.c.customer_id)
    .join(lists, lists.c.id == list_rows.c.list_id)
    .outerjoin(customer_stats, customer_stats.c.customer_id == list_rows.c.customer_id)
    .where(
        lists.c.kind == KIND,
        func.coalesce(type_coerce(customer_stats.c.last_on, Integer), 0)
        <= type_coerce(lists.c.made_on, Integer) - _AWAY_DAYS,
    ),
    list_rows.c.customer_id,
)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """Whom a clean-up concerns: away for two years, twice on file (who may stay and who go), empty or made up.

    `kept`: how many would be among them, but have points, a coupon or something open. `wrong`: what only somebody who
    meets her can put right, a name that is none or a number that is not hers.
    """

    away: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    empty: tuple[int, ...]
    kept: int
    wrong: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.away or self.pairs or self.empty or self.wrong)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A clean-up that waits, or was decided."""

    id: int
    store_id: int
    cleaning: Cleaning
    state: str
    made_at: datetime


def find(conn: Connection, store_id: int, border: date, before: datetime) -> Cleaning:
    """Whom a clean-up of a store would concern: last bought before a day, or on file before a moment and never."""
    rows = _AWAY.rows(conn, store=store_id, border=border, before=before)
    idle, odd = _odd(conn, store_id)
    empty = sorted({*(row[0] for row in _EMPTY.rows(conn, store=store_id)), *idle})[:MOST]
    away = [(row_id, points) for row_id, points in rows if row_id not in set(empty)]
    marked = out_of_lists(conn, [row_id for row_id, _ in away] + empty)
    away = [one for one in away if one[0] not in marked]
    busy = _busy(conn, [*(row_id for row_id, _ in away), *empty])
    alone = [row_id for row_id, points in away if not points and row_id not in busy]
    pairs = _alike(conn, store_id)
    paired = {row_id for pair in pairs for row_id in pair}
    return Cleaning(
        tuple(row_id for row_id in alone if row_id not in paired)[:MOST],
        tuple(pairs),
        tuple(row_id for row_id in empty if row_id not in marked | busy),
        len(away) - len(alone),
        tuple(dict.fromkeys([*odd, *(row[0] for row in _WRONG.rows(conn, store=store_id))]))[:MOST],
    )


def _odd(conn: Connection, store_id: int) -> tuple[list[int], list[int]]:
    """Who has a name that is none: those who never bought, and the others."""
    unseal = keys_of(conn).unseal
    rows = _NAMED.rows(conn, store=store_id)
    found = [(row_id, bought) for row_id, name, bought in rows if is_odd(unseal("customers.name", row_id, name))]
    return [row_id for row_id, bought in found if not bought], [row_id for row_id, bought in found if bought]


def _busy(conn: Connection, ids: Sequence[int]) -> set[int]:
    return {row[0] for query in _OPEN for row in query.rows(conn, ids)}


def _alike(conn: Connection, store_id: int) -> list[tuple[int, int]]:
    """Pairs of one full name and one birthday with its year, or of which one has no number."""
    unseal = keys_of(conn).unseal
    groups: dict[bytes, list[tuple[int, bytes, bytes, bool]]] = {}
    for index, row_id, name, birthday, phone in _ALIKE.rows(conn, store=store_id):
        groups.setdefault(bytes(index), []).append((row_id, name, birthday, phone is not None))
    found: list[tuple[int, int]] = []
    taken: set[int] = set()
    many = [group for group in groups.values() if len(group) > 1][:_PAIRS_LOOKED_AT]
    for group in many:
        known = [
            (row_id, unseal("customers.name", row_id, name), unseal("customers.birthday", row_id, birthday), phone)
            for row_id, name, birthday, phone in group
        ]
        for one, other in combinations(known, 2):
            sure = one[2][:4].isdecimal() or not (one[3] and other[3])
            if one[1:3] == other[1:3] and sure and not taken & {one[0], other[0]} and len(found) < MOST_PAIRS:
                taken |= {one[0], other[0]}
                found.append((one[0], other[0]))
    return found


def out_of_lists(conn: Connection, ids: Iterable[int]) -> set[int]:
    """Those of some customers whom a clean-up took out of the lists, and who were not here since."""
    return {row[0] for row in _MARKED.rows(conn, ids)}


def mark(recorder: Recorder, store_id: int, ids: Sequence[int], on: date, now: datetime) -> None:
    """Take customers out of every list; taken back with the unit."""
    list_id = new_id()
    plain = {"id": list_id, "store_id": store_id, "staff_id": None, "kind": KIND, "made_on": on, "made_at": now}
    recorder.insert(lists, plain)
    for place, customer_id in enumerate(ids, 1):
        row_id = new_id()
        why = keys_of(recorder.conn).seal_json("list_rows.why", row_id, {"kind": KIND, "reason": "两年没来"})
        recorder.insert(
            list_rows,
            {"id": row_id, "list_id": list_id, "position": place, "customer_id": customer_id, "staff_id": None,
             "why": why, "state": "done", "outcome": OUT, "answered_at": now, "answered_by": None},
        )  # fmt: skip


def row(conn: Connection, store_id: int, cleaning: Cleaning, now: datetime) -> Row:
    """The row of a proposal."""
    row_id = new_id()
    content = keys_of(conn).seal_json("proposals.content", row_id, asdict(cleaning))
    return {"id": row_id, "store_id": store_id, "kind": KIND, "content": content, "state": "waiting", "made_at": now,
            "decided_by": None, "decided_at": None}  # fmt: skip


_EXPIRE = Prepared(
    update(proposals)
    .where(
        proposals.c.store_id == bindparam("store_id"),
        proposals.c.kind == bindparam("kind"),
        proposals.c.state == "waiting",
    )
    .values(state="expired")
)
_PROPOSE = Prepared(insert(proposals))


def propose(conn: Connection, rows: Sequence[Row]) -> None:
    """Let clean-ups wait, one a store; earlier ones that still wait have had their time."""
    if rows:
        _EXPIRE.run_many(conn, rows)
        _PROPOSE.run_many(conn, rows)


_COLUMNS = (proposals.c.id, proposals.c.store_id, proposals.c.content, proposals.c.state, proposals.c.made_at)


def by_id(conn: Connection, proposal_id: int) -> Proposal | None:
    """The proposal of this id."""
    row_ = conn.execute(select(*_COLUMNS).where(proposals.c.id == proposal_id)).first()
    return _proposal(conn, tuple(row_)) if row_ else None


def waiting(conn: Connection, store_id: int) -> Proposal | None:
    """The clean-up of a store that waits for a yes."""
    wanted = select(*_COLUMNS).where(
        proposals.c.store_id == store_id, proposals.c.state == "waiting", proposals.c.kind == KIND
    )
    row_ = conn.execute(wanted.order_by(proposals.c.id.desc()).limit(1)).first()
    return _proposal(conn, tuple(row_)) if row_ else None


def _proposal(conn: Connection, row_: tuple[object, ...]) -> Proposal:
    row_id, store_id, content, state, made_at = row_
    said = keys_of(conn).unseal_json("proposals.content", int(str(row_id)), content)  # type: ignore[arg-type]
    pairs = tuple((one, other) for one, other in said["pairs"])
    cleaning = Cleaning(tuple(said["away"]), pairs, tuple(said["empty"]), said["kept"], tuple(said.get("wrong", ())))
    return Proposal(row_id, store_id, cleaning, state, made_at)  # type: ignore[arg-type]
