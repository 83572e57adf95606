"""How many customers of a store have a birthday in the family today: found by the keyed day, then asked again."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, bindparam, select

from bot.db.core.among import Of
from bot.db.core.engine import keys_of
from bot.db.customers import BIRTHDAY
from bot.db.tables import chain, customers, facts
from bot.domain import birthdays
from bot.domain.birthdays import Birthday
from bot.domain.calendar import keeping as kept
from bot.domain.calendar import occurrences
from bot.domain.calendar.occurrences import USUAL, Keeping

_MOST_KEYS = 8  # a day has at most four keys, each under the current secret and the one before
_KEYS: tuple[object, ...] = tuple(bindparam(f"day{number}") for number in range(_MOST_KEYS))
_HERS = Of(
    select(customers.c.store_id, customers.c.id, customers.c.birthday).where(
        customers.c.birthday_index.in_(_KEYS), customers.c.state == "active"
    ),
    customers.c.store_id,
)
_FAMILY = Of(
    select(customers.c.store_id, customers.c.id, facts.c.id, facts.c.content)
    .join(customers, customers.c.id == facts.c.customer_id)
    .where(facts.c.day_index.in_(_KEYS), facts.c.state == "live", customers.c.state == "active"),
    customers.c.store_id,
)


def today(conn: Connection, store_ids: Sequence[int], on: date, keeping: Keeping) -> dict[int, set[int]]:
    """The customers of each store who celebrate on a day, herself or somebody of hers."""
    keys = keys_of(conn)
    blinds = [blind for key in occurrences.keys_on(on, keeping) for blind in keys.blinds(BIRTHDAY, key, 8)]
    given = {f"day{number}": blinds[min(number, len(blinds) - 1)] for number in range(_MOST_KEYS)}
    found: dict[int, set[int]] = {}
    for store_id, row_id, sealed in _HERS.rows(conn, store_ids, **given):
        if _celebrates(keys.unseal("customers.birthday", row_id, sealed), on, keeping):
            found.setdefault(store_id, set()).add(row_id)
    for store_id, customer_id, fact_id, content in _FAMILY.rows(conn, store_ids, **given):
        said = keys.unseal_json("facts.content", fact_id, content)
        if said["kind"] == "birthday" and _celebrates(said["value"], on, keeping):
            found.setdefault(store_id, set()).add(customer_id)
    return found


def _celebrates(kept: str, on: date, keeping: Keeping) -> bool:
    day = birthdays.read(kept)
    return day is not None and occurrences.celebrates_on(day, on, keeping)


def keeping_of(conn: Connection, day: Birthday) -> Keeping:
    """The same for one day; nothing is asked where it makes no difference."""
    return keeping(conn) if occurrences.is_odd(day) else USUAL


def keeping(conn: Connection) -> Keeping:
    """How the chain keeps the days a year lacks."""
    return kept.read(conn.execute(select(chain.c.keeping)).scalar() or "").how
