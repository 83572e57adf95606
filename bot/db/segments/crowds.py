"""Groups of customers as numbers: who is in one, what they bought lately, what they ask for, what is known of them.

Never a name, never a single person: what leaves this file counts people. Large groups are looked at by a sample that
is spread over all of them (every n-th id), always the same one.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, func, or_, select

from bot.db.core.engine import keys_of
from bot.db.tables import (
    customer_segments,
    customer_stats,
    customer_stores,
    customers,
    facts,
    order_lines,
    orders,
    products,
    stores,
)
from bot.domain.segments import attributes
from bot.domain.segments.attributes import Attribute
from bot.domain.segments.crowds import Habits
from bot.domain.segments.labels import Scheme
from bot.domain.stats import unpack

SAMPLE = 500
WINDOW = timedelta(days=28)
_LATELY_FEW = 5
_KNOWN = 10_000  # of a larger store every second, third … is looked at


def _in(store_ids: Sequence[int], scheme: Scheme, label: str) -> list[ColumnElement[bool]]:
    """The condition that the indexes of customer_segments serve: always by store."""
    return [customer_segments.c.store_id.in_(store_ids), customer_segments.c[scheme] == label]


def size(conn: Connection, store_ids: Sequence[int], scheme: Scheme, label: str) -> int:
    """How many are in a group now."""
    return conn.execute(select(func.count()).where(*_in(store_ids, scheme, label))).scalar_one()


def sample(conn: Connection, store_ids: Sequence[int], scheme: Scheme, label: str, of: int) -> list[int]:
    """People of a group of so many, spread over it: all, or between SAMPLE and twice as many."""
    every = of // SAMPLE or 1
    wanted = select(customer_segments.c.customer_id).where(
        *_in(store_ids, scheme, label), customer_segments.c.customer_id % every == 0
    )
    return list(conn.execute(wanted).scalars())


def all_stores(conn: Connection) -> list[int]:
    """Every store's id."""
    return list(conn.execute(select(stores.c.id).order_by(stores.c.id)).scalars())


def habits(conn: Connection, people: Sequence[int], today: date) -> Habits:
    """What these people do, as of a day."""
    now, before = today - WINDOW, today - 2 * WINDOW
    wanted = (
        select(orders.c.customer_id, orders.c.id, orders.c.ordered_on, orders.c.net_fen, order_lines.c.product_id)
        .select_from(orders.outerjoin(order_lines, order_lines.c.order_id == orders.c.id))
        .where(
            orders.c.customer_id.in_(people),
            orders.c.ordered_on > before,
            orders.c.ordered_on <= today,
            orders.c.kind == "sale",
            or_(orders.c.net_fen.is_(None), orders.c.net_fen != 0, orders.c.total_fen <= 0),
        )
    )
    bought: dict[bool, set[tuple[int, int]]] = {True: set(), False: set()}
    tickets: dict[int, tuple[int, date, int]] = {}
    for customer_id, order_id, on, net_fen, product_id in conn.execute(wanted):
        bought[on > now].add((customer_id, product_id or 0))
        if on > now:
            tickets[order_id] = (customer_id, on, net_fen or 0)
    came = len({customer_id for customer_id, *_ in tickets.values()})
    lately = came >= _LATELY_FEW
    by_item = _by_item(bought[True] if lately else _newest(conn, people))
    names = _names(conn, {*by_item, *_by_item(bought[False])})
    return Habits(
        people=len(people),
        came=came,
        visits=len({(customer_id, on) for customer_id, on, _ in tickets.values()}),
        tickets=len(tickets),
        spent_fen=sum(fen for *_, fen in tickets.values()),
        lately=lately,
        items=[(names[item], count) for item, count in by_item.most_common(5) if item in names and count > 1],
        falling=_falling(_by_item(bought[False]), _by_item(bought[True]), names),
        wishes=_wishes(conn, people),
    )


def _by_item(pairs: Iterable[tuple[int, int]]) -> Counter[int]:
    """How many people took each product; the most taken first, equal ones by id."""
    return Counter(item for _, item in sorted(set(pairs), key=lambda pair: (pair[1], pair[0])) if item)


def _newest(conn: Connection, people: Sequence[int]) -> set[tuple[int, int]]:
    """Who has which product among her newest lines."""
    wanted = select(customer_stats.c.customer_id, customer_stats.c.recent)
    rows = conn.execute(wanted.where(customer_stats.c.customer_id.in_(people)))
    return {(row.customer_id, line.product_id or 0) for row in rows for line in unpack(row.recent)}


def _falling(before: Counter[int], now: Counter[int], names: dict[int, str]) -> list[tuple[str, int, int]]:
    """Products that at least a third, and at least three, fewer people took than in the 28 days before."""
    fell = [(item, was, now[item]) for item, was in before.items() if was - now[item] >= max(3, was / 3)]
    fell.sort(key=lambda one: (one[2] - one[1], one[0]))
    return [(names[item], was, count) for item, was, count in fell[:3] if item in names]


def _names(conn: Connection, ids: Collection[int]) -> dict[int, str]:
    rows = conn.execute(select(products.c.id, products.c.name).where(products.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _wishes(conn: Connection, people: Sequence[int]) -> list[tuple[str, int]]:
    """What at least two of them asked for."""
    wanted = select(facts.c.customer_id, facts.c.id, facts.c.content)
    rows = conn.execute(wanted.where(facts.c.customer_id.in_(people), facts.c.state == "live"))
    asked = set()
    for customer_id, fact_id, content in rows:
        said = keys_of(conn).unseal_json("facts.content", fact_id, content)
        if said["kind"] == "demand":
            asked.add((said["value"], customer_id))
    counts = Counter(value for value, _ in sorted(asked))
    return [(value, count) for value, count in counts.most_common(3) if count > 1]


# --- what is known of the people of a store --------------------------------------------------------------------


def known(conn: Connection, store_id: int, what: Attribute, today: date) -> Counter[str]:
    """How many customers of a store are of each kind of source, age, gender or job; children are in none of them.

    Counted by the codes of bot/domain/segments/attributes.py; a job is as it was written, empty where unknown.
    """
    return Counter(code for _, code in _kinds(conn, store_id, what, today))


def of_kind(conn: Connection, store_id: int, what: Attribute, code: str, today: date) -> list[int]:
    """Who of a store, as far as it is looked at, is of a kind."""
    return [customer_id for customer_id, one in _kinds(conn, store_id, what, today) if one == code]


def _kinds(conn: Connection, store_id: int, what: Attribute, today: date) -> Iterator[tuple[int, str]]:
    wanted = select(customers.c.id, customers.c.gender, customers.c.source, customers.c.birthday, customers.c.job)
    here = wanted.join(customer_segments, customer_segments.c.customer_id == customers.c.id)
    of_store = customer_segments.c.store_id == store_id
    total = conn.execute(select(func.count()).where(of_store)).scalar_one()
    every = total // _KNOWN or 1
    open_ = keys_of(conn).unseal
    for row in conn.execute(here.where(of_store, customers.c.id % every == 0)):
        age = attributes.age(open_("customers.birthday", row.id, row.birthday), today)
        if age is None:
            continue
        if what == "age":
            yield row.id, age
        elif what == "job":
            yield row.id, attributes.job(open_("customers.job", row.id, row.job))
        else:
            yield row.id, attributes.gender(row.gender) if what == "gender" else attributes.source(row.source)


def repeats(conn: Connection, store_id: int | None, most: int) -> int:
    """How many of a store, or of the chain, came more than once, counted up to `most`."""
    wanted = select(customer_stats.c.customer_id).where(customer_stats.c.purchase_days > 1)
    if store_id:
        seen = customer_stores.c.customer_id == customer_stats.c.customer_id
        wanted = wanted.join(customer_stores, seen).where(customer_stores.c.store_id == store_id)
    return len(conn.execute(wanted.limit(most)).all())


def first_order_on(conn: Connection, store_id: int | None) -> date | None:
    """The day of the first order, of a store or the chain."""
    if store_id:
        return conn.execute(select(func.min(orders.c.ordered_on)).where(orders.c.store_id == store_id)).scalar()
    firsts = [first_order_on(conn, one) for one in all_stores(conn)]
    return min(filter(None, firsts), default=None)
