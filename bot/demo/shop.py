"""The chain itself: stores, everyone who works there, three weeks of rota and the goods on sale."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from bot.db import people as staff_db
from bot.db.ids import new_id, new_ids
from bot.db.tables import chain, products, staff, stores
from bot.demo.days import Calendar
from bot.demo.dice import stream
from bot.demo.preset import Preset, people
from bot.domain.shop import Role

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
    staff_db.change_chain(conn, vertical=vertical, name=preset.chain)
    staff_db.add_staff(conn, "hq", "林总监", "hq", None, opened_at)
    staff_db.add_staff(conn, "admin", "方工", "admin", None, opened_at)
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
    leader = staff_db.add_staff(conn, manager, f"{words.managers[number % len(words.managers)]}店长", "manager", store.id, opened_at)
    guides = []
    for staff_code, called in _guides(number, taken):
        taken.add(staff_code)
        guides.append(staff_db.add_staff(conn, staff_code, called, "guide", store.id, opened_at))
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
        if f"小{surname}" in used or (number == 0 and surname == "何"):
            continue
        code = f"xiao{pinyin}" if f"xiao{pinyin}" not in taken else f"xiao{pinyin}{number + 1:03}"
        wanted -= 1
        used.add(f"小{surname}")
        yield code, f"小{surname}"
