"""The chain itself: stores, everyone who works there, three weeks of rota and the goods on sale."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert, select, update

from bot.db import decisions
from bot.db import people as staff_db
from bot.db.core.ids import new_ids
from bot.db.offers import offers
from bot.db.tables import chain, customers, products, staff, stores
from bot.demo.days import Calendar
from bot.demo.dice import stream
from bot.demo.preset import Preset, people

_FEWEST_STORES = 6
_CUSTOMERS_A_STORE = 300
_FIRST = (("xiaowang", "小王"), ("xiaoli", "小李"))
_SECOND = (("waidian", "小何"),)
_EARLY, _LATE, _MANAGER = (570, 1050), (810, 1290), (630, 1170)  # 9:30-17:30, 13:30-21:30, 10:30-19:30
_ROTA_DAYS = 10  # before and after the demo's day
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Place:
    """A store and who works there; `guides` are ids, the first of store 001 is 小王."""

    id: int
    code: str
    manager: int
    guides: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shop:
    """What the customers' rows refer to; `goods` are product ids in the preset's order."""

    places: tuple[Place, ...]
    goods: tuple[int, ...]


def count_of_stores(customers: int) -> int:
    """Six stores, more for a large chain."""
    return min(max(_FEWEST_STORES, customers // _CUSTOMERS_A_STORE), len(people().stores))


def open_chain(conn: Connection, preset: Preset, vertical: str, calendar: Calendar, how_many: int) -> Shop:
    """Write the chain, its stores, staff, rota and goods."""
    opened_at = calendar.at - timedelta(days=800)
    staff_db.make_chain(conn, preset.chain, vertical, "store", calendar.zone.key)
    staff_db.change_chain(conn, vertical=vertical)
    hire = partial(staff_db.add_staff, conn, now=opened_at)
    head = hire(code="hq", name="林总监", role="hq", store_id=None)
    decisions.decide(conn, decisions.TELEGRAM, allowed=True, staff_id=head, now=opened_at)
    hire(code="admin", name="方工", role="admin", store_id=None)
    offers.seed(conn, vertical, opened_at)
    taken = {"hq", "admin"}
    places = tuple(_open_store(conn, number, opened_at, taken) for number in range(how_many))
    _write_rota(conn, places, calendar)
    return Shop(places, _write_goods(conn, preset, calendar))


def _open_store(conn: Connection, number: int, opened_at: datetime, taken: set[str]) -> Place:
    words = people()
    name, city = words.stores[number]
    code = f"{number + 1:03}"
    store = staff_db.add_store(conn, code, name, city)
    opened_on = opened_at.date() - timedelta(days=90 * ((number * 7) % 11))
    conn.execute(update(stores).where(stores.c.id == store.id).values(opened_on=opened_on))
    manager = "dianzhang" if number == 0 else f"dianzhang{code}"
    surname = words.managers[number % len(words.managers)]
    hire = partial(staff_db.add_staff, conn, store_id=store.id, now=opened_at)
    leader = hire(code=manager, name=f"{surname}店长", role="manager")
    guides = []
    for staff_code, called in _guides(number, taken):
        taken.add(staff_code)
        guides.append(hire(code=staff_code, name=called, role="guide"))
    return Place(store.id, code, leader, tuple(guides))


def _guides(number: int, taken: set[str]) -> Iterator[tuple[str, str]]:
    """Three to five: the cast where it works, then others by surname."""
    cast = {0: _FIRST, 1: _SECOND}.get(number, ())
    yield from cast
    words = people()
    wanted = 3 + stream("guides", number).randrange(3) - len(cast)
    used = {called for _, called in cast}
    start = number * 5 + 2
    for surname, pinyin in (*words.staff[start % 32 :], *words.staff):
        if wanted <= 0:
            return
        if f"小{surname}" in used:
            continue
        code = f"xiao{pinyin}" if f"xiao{pinyin}" not in taken else f"xiao{pinyin}{number + 1:03}"
        wanted -= 1
        used.add(f"小{surname}")
        yield code, f"小{surname}"


def _write_rota(conn: Connection, places: tuple[Place, ...], calendar: Calendar) -> None:
    """Early and late shifts in turn, one day off a week; 小王 is there at the demo's moment."""
    rows: list[dict[str, object]] = []
    for place in places:
        for turn, person in enumerate((*place.guides, place.manager)):
            for day in range(calendar.today - _ROTA_DAYS, calendar.today + _ROTA_DAYS + 1):
                star = person == places[0].guides[0] and day == calendar.today
                starts, ends = _shift(turn, day, is_manager=person == place.manager)
                if star:
                    starts, ends = star_shift(calendar)
                elif (day + 2 * turn) % 7 == 0:
                    continue
                rows.append(
                    {
                        "staff_id": person,
                        "store_id": place.id,
                        "work_on": date.fromordinal(day),
                        "starts_minute": starts,
                        "ends_minute": ends,
                    }
                )
    staff_db.add_shift(conn, rows)


def _shift(turn: int, day: int, *, is_manager: bool) -> tuple[int, int]:
    if is_manager:
        return _MANAGER
    return _EARLY if (turn + day // 7) % 2 == 0 else _LATE


def star_shift(calendar: Calendar) -> tuple[int, int]:
    """The shift that the demo's moment falls into, stretched at night."""
    local = calendar.at.astimezone(calendar.zone)
    minute = local.hour * 60 + local.minute
    starts, ends = _EARLY if minute < _LATE[0] else _LATE
    return min(starts, minute), max(ends, min(minute + 60, _DAY))


def _write_goods(conn: Connection, preset: Preset, calendar: Calendar) -> tuple[int, ...]:
    """The goods; what is new says since when, a variant says of what."""
    ids = new_ids(len(preset.goods))
    known = dict(zip([good.code for good in preset.goods], ids, strict=True))
    for good in preset.goods:
        since = calendar.this_month if good.new == 0 else calendar.today - (good.new or 0)
        conn.execute(
            insert(products).values(
                id=known[good.code],
                code=good.code,
                name=good.name,
                category=good.category,
                price_fen=good.price_fen,
                ingredients="、".join(good.words) or None,
                new_on=None if good.new is None else date.fromordinal(since),
                replaces_id=known.get(good.replaces),
                active=True,
            )
        )
    return tuple(ids)


def is_taken(conn: Connection) -> bool:
    """Whether somebody works or buys in this database already."""
    return any(conn.execute(select(table.c.id).limit(1)).first() for table in (stores, staff, customers))


def close_books(conn: Connection, shop: Shop, reach: dict[int, datetime]) -> None:
    """Write how far the orders of each store, and of the chain, reach."""
    for number, place in enumerate(shop.places):
        conn.execute(update(stores).where(stores.c.id == place.id).values(data_at=reach[number]))
    conn.execute(update(chain).values(data_at=max(reach.values())))
