"""Lists and their rows as stored: why somebody stands in one is sealed; a list made in a chat goes with its unit."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, literal_column, select

from bot.db.bulk.loading import Insert
from bot.db.changes import Recorder
from bot.db.core.among import Of
from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_ids
from bot.db.core.prepared import Prepared
from bot.db.tables import customers, list_rows, lists
from bot.domain.lists import kinds
from bot.domain.lists.kinds import Kind, Tag
from bot.domain.lists.values import Outcome


@dataclass(frozen=True, slots=True)
class Why:
    """Why a customer stands in a list: a reason for the line, evidence for 为什么, the offer that may be given.

    `kind` is what she is due for; `care`: greetings alone, no offer; `words` may be said to her.
    """

    kind: Kind
    reason: str
    evidence: tuple[str, ...] = ()
    offer: str = ""
    care: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A list; `staff_id` None: the store's. `nth` of its kind and day, for its tag."""

    id: int
    store_id: int
    staff_id: int | None
    kind: Kind
    made_on: date
    made_at: datetime
    nth: int = 1

    @property
    def tag(self) -> str:
        """How it is headed."""
        return kinds.tag(self.kind, self.made_on, self.nth, of_store=self.staff_id is None)


@dataclass(frozen=True, slots=True)
class Row:
    """Who stands at a position; `staff_id` is who is to do it."""

    id: int
    list_id: int
    position: int
    customer_id: int
    staff_id: int | None
    why: Why
    state: str
    outcome: Outcome | None
    answered_at: datetime | None
    answered_by: int | None

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it."""
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to be written."""

    customer_id: int
    staff_id: int | None
    why: Why


@dataclass(frozen=True, slots=True)
class NewList:
    """A list to be written; its positions are those of its rows, from 1."""

    kind: Kind
    store_id: int
    staff_id: int | None
    on: date
    rows: Sequence[NewRow] = field(default=())


class SealedRow(NamedTuple):
    """A row as it is stored: why somebody stands there is not opened."""

    id: int
    list_id: int
    position: int
    customer_id: int
    staff_id: int | None
    why: bytes
    state: str
    outcome: Outcome | None
    answered_at: datetime | None
    answered_by: int | None

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it."""
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Made:
    """A list ready to be written, and its rows."""

    list: List
    rows: tuple[Row, ...]
    sealed: tuple[SealedRow, ...]


_ADD_LISTS, _ADD_ROWS = Insert(lists), Insert(list_rows)
_LIST = select(lists.c.id, lists.c.store_id, lists.c.staff_id, lists.c.kind, lists.c.made_on, lists.c.made_at)
_OF_DAY = Prepared(
    select(func.count()).where(
        lists.c.store_id == bindparam("store"),
        lists.c.kind == bindparam("kind"),
        lists.c.made_on == bindparam("day"),
        func.coalesce(lists.c.staff_id, 0) == bindparam("staff"),
        lists.c.id < bindparam("before"),
    )
)
_ONE = Prepared(_LIST.where(lists.c.id == bindparam("list")))
_OF_STAFF = Prepared(
    _LIST.where(lists.c.staff_id == bindparam("staff"), lists.c.made_on >= bindparam("since")).order_by(
        lists.c.id.desc()
    )
)
_OF_STORE = Prepared(
    _LIST.where(
        lists.c.store_id == bindparam("store"), lists.c.staff_id.is_(None), lists.c.made_on >= bindparam("since")
    ).order_by(lists.c.id.desc())
)
_ROW = tuple(list_rows.c)
_ROWS = Prepared(select(*_ROW).where(list_rows.c.list_id == bindparam("list")).order_by(list_rows.c.position))
_OPEN_OF = Of(select(*_ROW).where(list_rows.c.state == literal_column("'open'")), list_rows.c.customer_id)
_MINE = Prepared(
    select(*_ROW)
    .where(list_rows.c.staff_id == bindparam("staff"), list_rows.c.state == literal_column("'open'"))
    .order_by(list_rows.c.id)
)
_BEFORE = Of(
    select(lists.c.store_id, lists.c.kind, lists.c.staff_id, func.count())
    .where(lists.c.made_on == bindparam("day", type_=lists.c.made_on.type))
    .group_by(lists.c.store_id, lists.c.kind, lists.c.staff_id),
    lists.c.store_id,
)


def held(conn: Connection, row: Row) -> Row:
    """A row as it is now, which nobody else answers before this transaction ends; nor its customer in another list."""
    conn.execute(select(customers.c.id).where(customers.c.id == row.customer_id).with_for_update(key_share=True))
    return opened(conn, conn.execute(select(*_ROW).where(list_rows.c.id == row.id).with_for_update()).one())


def add(conn: Connection, new: Sequence[NewList], now: datetime, recorder: Recorder | None = None) -> list[List]:
    """Write lists; with a recorder they are taken back with its unit."""
    made = prepared(conn, new, now)
    if recorder is None:
        put(conn, made)
    else:
        for one in made:
            recorder.insert(lists, dict(zip(lists.c.keys(), _plain(one.list), strict=True)))
            for row in one.sealed:
                recorder.insert(list_rows, row._asdict())
    return [one.list for one in made]


def prepared(conn: Connection, new: Sequence[NewList], now: datetime) -> list[Made]:
    """Lists ready to be written: only reads."""
    before: Counter[tuple[Any, ...]] = Counter()
    for on in {one.on for one in new}:
        for *of, many in _BEFORE.rows(conn, [one.store_id for one in new if one.on == on], day=on):
            before[on, *of] = many
    keys, ids = keys_of(conn), iter(new_ids(sum(1 + len(one.rows) for one in new)))
    made = []
    for one in new:
        before[whose := (one.on, one.store_id, one.kind, one.staff_id)] += 1
        whole = List(next(ids), one.store_id, one.staff_id, one.kind, one.on, now, before[whose])
        sealed = tuple(_sealed(keys, next(ids), whole.id, place, row) for place, row in enumerate(one.rows, 1))
        rows = tuple(Row(*row[:5], plain.why, *row[6:]) for row, plain in zip(sealed, one.rows, strict=True))
        made.append(Made(whole, rows, sealed))
    return made


def put(conn: Connection, made: Sequence[Made]) -> None:
    """Write what is ready."""
    _ADD_LISTS.run(conn, [_plain(one.list) for one in made])
    _ADD_ROWS.run(conn, [row for one in made for row in one.sealed])


def _plain(one: List) -> tuple[Any, ...]:
    return (one.id, one.store_id, one.staff_id, one.kind, one.made_on, one.made_at)


def append(conn: Connection, one: List, rows: Sequence[NewRow]) -> None:
    """Put more rows below those of a list; whoever stands in it keeps her number."""
    first = len(rows_of(conn, one.id)) + 1
    keys = keys_of(conn)
    ids = new_ids(len(rows))
    _ADD_ROWS.run(conn, [_sealed(keys, ids[n], one.id, first + n, row) for n, row in enumerate(rows)])


def _sealed(keys: Keyring, row_id: int, list_id: int, place: int, row: NewRow) -> SealedRow:
    why = keys.seal_json("list_rows.why", row_id, _packed(row.why))
    return SealedRow(row_id, list_id, place, row.customer_id, row.staff_id, why, "open", None, None, None)


def _packed(why: Why) -> dict[str, Any]:
    said = {"kind": why.kind, "reason": why.reason, "evidence": list(why.evidence), "offer": why.offer,
            "care": why.care, "words": why.words}  # fmt: skip
    return {key: value for key, value in said.items() if value}


def _unpacked(said: dict[str, Any]) -> Why:
    return Why(**{**said, "evidence": tuple(said.get("evidence", ())), "reason": said.get("reason", "")})


def _counted(conn: Connection, one: List) -> List:
    ((before,),) = _OF_DAY.rows(
        conn, store=one.store_id, kind=one.kind, day=one.made_on, staff=one.staff_id or 0, before=one.id
    )
    return List(one.id, one.store_id, one.staff_id, one.kind, one.made_on, one.made_at, before + 1)


def by_id(conn: Connection, list_id: int) -> List | None:
    """The list of this id."""
    rows = _ONE.rows(conn, list=list_id)
    return _counted(conn, List(*rows[0])) if rows else None


def rows_of(conn: Connection, list_id: int) -> list[Row]:
    """Its rows by position."""
    return [opened(conn, row) for row in _ROWS.rows(conn, list=list_id)]


def opened(conn: Connection, row: Sequence[Any]) -> Row:
    """A row with why somebody stands there."""
    row_id, list_id, position, customer_id, staff_id, why, *rest = row
    said = keys_of(conn).unseal_json("list_rows.why", row_id, why)
    return Row(row_id, list_id, position, customer_id, staff_id, _unpacked(said), *rest)


def of_staff(conn: Connection, staff_id: int, since: date) -> list[List]:
    """A person's lists since a day, newest first."""
    return [_counted(conn, List(*row)) for row in _OF_STAFF.rows(conn, staff=staff_id, since=since)]


def of_store(conn: Connection, store_id: int, since: date) -> list[List]:
    """The lists that were shown to a store's group since a day, newest first."""
    return [_counted(conn, List(*row)) for row in _OF_STORE.rows(conn, store=store_id, since=since)]


def tagged(found: Iterable[List], wanted: Tag) -> List | None:
    """The one a tag names, of some lists."""
    for one in found:
        same = (one.kind, one.made_on.month, one.made_on.day, one.nth, one.staff_id is None)
        if same == (wanted.kind, wanted.month, wanted.day, wanted.nth, wanted.of_store):
            return one
    return None


def open_of(conn: Connection, customer_ids: Iterable[int]) -> list[Row]:
    """Every open row of some customers, in whoever's list."""
    return sorted((opened(conn, row) for row in _OPEN_OF.rows(conn, customer_ids)), key=lambda row: row.id)


def of_person(conn: Connection, staff_id: int, on: date) -> list[tuple[List, Row]]:
    """The open rows of a day's lists that a person is to do, wherever they stand."""
    rows = [opened(conn, row) for row in _MINE.rows(conn, staff=staff_id)]
    whole = {row.list_id: by_id(conn, row.list_id) for row in rows}
    return [(one, row) for row in rows if (one := whole[row.list_id]) and one.made_on == on]
