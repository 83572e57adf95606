"""The demo chain: a believable little world, the same for the same seed and moment."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice

from bot.db import people as staff_db
from bot.db.core.engine import Database
from bot.db.core.ids import new_ids
from bot.demo import cast, notes, shop
from bot.demo.baskets import Shelf
from bot.demo.days import Calendar
from bot.demo.dice import stream
from bot.demo.ledger import Ledger
from bot.demo.matters import Desk
from bot.demo.passers import walk_ins
from bot.demo.people import Person, Town
from bot.demo.preset import load
from bot.demo.selling import coupons
from bot.demo.selling.wishes import Wishes
from bot.domain.errors import ConflictError

_BATCH = 200
_ACQUAINTED = 40  # how many earlier customers of a store may have brought a friend

Progress = Callable[[int, int], None]


def make(  # noqa: PLR0913 — the options of a command
    database: Database,
    *,
    vertical: str = "tea",
    seed: int = 7,
    customers: int = 1200,
    at: datetime,
    newest_orders: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Fill an empty database; `progress` is told how many customers are done, of how many.

    The last orders are of the day before `at`. Memory does not grow with `customers`; `newest_orders` keeps
    only so many of each one's latest. Raises ConflictError where somebody works or buys here already.
    """
    preset, customers = load(vertical), max(customers, cast.SIZE)
    if database.transact(shop.is_taken):
        raise ConflictError("这个库里已经有门店或客户了，示例只能建在空库里：请换一个 --db，或先备份再清空。")
    calendar, how_many = Calendar(at, database.transact(staff_db.chain_zone)), shop.count_of_stores(customers)
    chain = database.transact(lambda conn: shop.open_chain(conn, preset, vertical, calendar, how_many))
    shelf, ledger = Shelf(preset, calendar), Ledger(chain, preset, calendar)
    desk, wishes = Desk(chain, preset, calendar, customers), Wishes(chain, preset, calendar)
    town = Town(shelf, seed, [len(place.guides) for place in chain.places])
    friends: dict[int, list[int]] = {}
    done, stars, everyone = 0, range(0), _everyone(town, customers, newest_orders)
    while batch := list(islice(everyone, _BATCH)):
        ids = new_ids(len(batch))
        brought = _befriend(batch, ids, friends, seed)
        database.transact(lambda conn: ledger.write(conn, batch, ids, brought))  # noqa: B023 — run before the next turn
        if not done:
            stars = ids[: cast.SIZE]
            cast.matters(batch[: cast.SIZE], stars, shelf, desk)
        for person, customer_id in zip(batch, ids, strict=True):
            if person.number >= cast.SIZE:
                desk.consider(person, customer_id, stream(seed, "matters", person.number))
                wishes.consider(person, customer_id)
        done += len(batch)
        if progress:
            progress(done, customers)
    for store in range(how_many):
        database.transact(partial(ledger.write_walk_ins, sales=walk_ins(shelf, seed, store)))
    for last in (desk.write, wishes.write, partial(cast.keep_listed, ids=stars)):
        database.transact(last)
    database.transact(partial(shop.close_books, shop=chain, reach=ledger.reach))
    database.transact(partial(coupons.hand_out, places=chain.places, calendar=calendar, untouched=stars))


def _everyone(town: Town, customers: int, newest_orders: int | None) -> Iterator[Person]:
    """The cast, then all others, each with all she bought and said."""
    yield from cast.members(town.shelf, stream(town.seed, "cast"))
    for number in range(cast.SIZE, customers):
        dice = town.dice(number)
        person = town.meet(number, dice)
        if newest_orders is not None:
            person.visits = person.visits[-newest_orders:] if newest_orders else []
        notes.jot(person, town.preset, town.guides[person.store], dice)
        town.shop(person, dice)
        yield person


def _befriend(batch: list[Person], ids: range, friends: dict[int, list[int]], seed: int) -> dict[int, int]:
    """Who brought whom, by number: somebody of the same store who came in an earlier batch."""
    brought = {}
    for person in batch:
        known = friends.get(person.store)
        if person.source == "朋友介绍" and known:
            brought[person.number] = known[stream(seed, "friend", person.number).randrange(len(known))]
    for person, customer_id in zip(batch, ids, strict=True):
        friends[person.store] = [*friends.get(person.store, []), customer_id][-_ACQUAINTED:]
    return brought
