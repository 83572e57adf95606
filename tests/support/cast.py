"""The cast: everyone who speaks in a test, by the name that carries the permissions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.chat import Address
from bot.db import people
from bot.db.core.engine import Database
from bot.db.offers import offers
from bot.domain.shop import Role, Scope, Staff
from tests.support.copies import fill

TELEGRAM = "telegram"

ZONE = ZoneInfo("Asia/Shanghai")
STORES = {"001": ("徐汇店", "上海"), "002": ("静安店", "上海")}


@dataclass(frozen=True, slots=True)
class Person:
    """One of the cast; without a role she is nobody to the chain."""

    name: str
    code: str
    role: Role | None = None
    store: str | None = None


CAST = {
    person.name: person
    for person in (
        Person("小王", "xiaowang", "guide", "001"),
        Person("小李", "xiaoli", "guide", "001"),
        Person("店长", "dianzhang", "manager", "001"),
        Person("外店", "waidian", "guide", "002"),
        Person("总部", "hq", "hq"),
        Person("管理员", "admin", "admin"),
        Person("路人", "luren"),
    )
}


def add_cast(conn: Connection, now: datetime, scope: Scope = "store", vertical: str = "tea") -> None:
    """Write the chain, its offers, both stores and everyone who works there, a year before `now`."""
    fill(conn, lambda: _make(conn, now, scope, vertical), "cast", now.isoformat(), scope, vertical)


def _make(conn: Connection, now: datetime, scope: Scope, vertical: str) -> None:
    joined_at = now - timedelta(days=365)
    people.make_chain(conn, "示例连锁", vertical, scope, ZONE.key)
    offers.seed(conn, vertical, joined_at)
    stores = {code: people.add_store(conn, code, *named) for code, named in STORES.items()}
    for person in CAST.values():
        if person.role:
            store_id = stores[person.store].id if person.store else None
            people.add_staff(conn, person.code, person.name, person.role, store_id, joined_at)


def bind_telegram(conn: Connection, now: datetime) -> None:
    """Let everyone who works there speak on Telegram too."""
    for person in CAST.values():
        staff_id = people.staff_id_of(conn, person.code)
        if staff_id:
            people.bind(conn, staff_id, TELEGRAM, person.code, now)


def address(name: str, group: str | None = None) -> Address:
    """Where this person types: her own chat here or on Telegram, or the group of a store."""
    code = CAST[name].code
    if group == TELEGRAM:
        return Address(TELEGRAM, code, code)
    if group is None:
        return Address(people.CONSOLE, code, code)
    return Address(people.CONSOLE, code, f"group:{group}", private=False, store=group)


def staff(database: Database, name: str) -> Staff:
    """This person as the database knows her."""
    code = CAST[name].code
    found = database.transact(lambda conn: people.identify(conn, people.CONSOLE, code, code))
    assert found, f"{name} is not in the database"
    return found[0]
