"""What customers of a store said in a time: complaints, remarks, wishes, marks; counted, never with a name."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.core.prepared import Prepared
from bot.db.core.types import Moment
from bot.db.followups.demands import alike
from bot.db.tables import complaints, demands, facts, units

_LATEST = 300  # of one person's writes, and of a store's complaints and wishes
_SINCE, _UNTIL = bindparam("since", type_=Moment()), bindparam("until", type_=Moment())
_newest = (
    select(complaints.c.id, complaints.c.customer_id, complaints.c.content, complaints.c.opened_at)
    .where(complaints.c.store_id == bindparam("store"))
    .order_by(complaints.c.number.desc())
    .limit(_LATEST)
    .subquery()
)
_FILED = Prepared(
    select(_newest.c.id, _newest.c.customer_id, _newest.c.content).where(
        _newest.c.opened_at >= _SINCE, _newest.c.opened_at < _UNTIL
    )
)
_wrote = (
    select(units.c.customer_id, units.c.at, units.c.undone_at)
    .where(units.c.staff_id == bindparam("staff"))
    .order_by(units.c.id.desc())
    .limit(_LATEST)
    .subquery()
)
_WROTE = Prepared(
    select(_wrote.c.customer_id)
    .where(_wrote.c.at >= _SINCE, _wrote.c.at < _UNTIL, _wrote.c.undone_at.is_(None), _wrote.c.customer_id.is_not(None))
    .distinct()
)
_SAID = Of(
    select(facts.c.customer_id, facts.c.id, facts.c.content).where(
        facts.c.state == "live", facts.c.said_at >= _SINCE, facts.c.said_at < _UNTIL
    ),
    facts.c.customer_id,
)
_WANTED = Prepared(
    select(demands.c.customer_id, demands.c.wanted, demands.c.id)
    .where(
        demands.c.store_id == bindparam("store"), demands.c.state != "void", demands.c.at >= _SINCE,
        demands.c.at < _UNTIL,
    )
    .order_by(demands.c.id.desc())
    .limit(_LATEST)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Themes:
    """How many customers each was said by; `marks` are the NPS marks, 0 to 10, each with what it was about."""

    complaints: Counter[str]
    wishes: Counter[str]
    rivals: Counter[str]
    marks: tuple[int, ...]
    praised: int


def of_stores(
    conn: Connection, crews: Mapping[int, Iterable[int]], since: datetime, until: datetime
) -> dict[int, Themes]:
    """What was said in each store, from one moment to before another; what its staff noted was said there."""
    when = {"since": since, "until": until}
    spoken: defaultdict[int, set[int]] = defaultdict(set)
    for store_id, crew in crews.items():
        for staff_id in crew:
            for (customer_id,) in _WROTE.rows(conn, staff=staff_id, **when):
                spoken[customer_id].add(store_id)
    heard = {store_id: _Heard() for store_id in crews}
    for store_id, said in heard.items():
        _filed(conn, store_id, said, when)
    for customer_id, fact_id, content in _SAID.rows(conn, spoken, **when):
        fact = keys_of(conn).unseal_json("facts.content", fact_id, content)
        for store_id in spoken[customer_id]:
            heard[store_id].take(customer_id, fact)
    return {store_id: said.counted() for store_id, said in heard.items()}


def _filed(conn: Connection, store_id: int, said: "_Heard", when: dict[str, datetime]) -> None:
    for row_id, customer_id, content in _FILED.rows(conn, store=store_id, **when):
        for facet in keys_of(conn).unseal_json("complaints.content", row_id, content).get("facets") or ("其他",):
            said.troubles.add((facet, customer_id))
    for customer, wanted, row in _WANTED.rows(conn, store=store_id, **when):
        said.wishes.add((wanted, customer or -row))


@dataclass(slots=True)
class _Heard:
    """What was said in one store, by whom."""

    troubles: set[tuple[str, int]] = field(default_factory=set)
    wishes: set[tuple[str, int]] = field(default_factory=set)
    rivals: set[tuple[str, int]] = field(default_factory=set)
    marks: dict[int, int] = field(default_factory=dict)
    praised: set[int] = field(default_factory=set)

    def take(self, customer_id: int, said: dict[str, str]) -> None:
        """A fact that somebody noted."""
        kind, value = said["kind"], said["value"]
        if kind == "complaint":
            self.troubles.add((said.get("facet") or "其他", customer_id))
        elif kind == "demand":
            self.wishes.add((value, customer_id))
        elif kind == "competitor":
            self.rivals.add((value, customer_id))
        elif kind == "praise":
            self.praised.add(customer_id)
        elif kind == "nps" and value.isdecimal():
            self.marks[customer_id] = int(value)

    def counted(self) -> Themes:
        """By how many people."""
        counts = (_counted(self.troubles), _counted(_together(self.wishes)), _counted(self.rivals))
        return Themes(*counts, tuple(self.marks.values()), len(self.praised))


def _together(wishes: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """What names the same thing under its shortest name, as 缺 counts it: 无糖版 and 无糖版的奶茶."""
    names: list[str] = []
    found = set()
    for what, whose in sorted(wishes, key=lambda one: (len(one[0]), one)):
        name = next((known for known in names if alike(known, what)), None)
        if name is None:
            names.append(name := what)
        found.add((name, whose))
    return found


def _counted(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    """By how many people; equal ones by their words."""
    counts = Counter(what for what, _ in pairs)
    return Counter(dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))))
