"""What customers of a store asked for lately and was not there; some of them left no name."""

from collections import defaultdict

from sqlalchemy import Connection

from bot.db.bulk.loading import Insert
from bot.db.core.ids import new_ids
from bot.db.tables import demands
from bot.demo.days import Calendar
from bot.demo.people import Person
from bot.demo.preset import Preset
from bot.demo.shop import Place, Shop

_ASKED = (5, 3, 2, 1)  # how many asked for each thing
_LATELY_DAYS, _OVER_DAYS, _KNOWN = 30, 9, 6
_FIRST, _APART = 10 * 60 + 20, 47  # minutes of a day


class Wishes:
    """Gives every store a few, from the notes its vertical knows."""

    def __init__(self, shop: Shop, preset: Preset, calendar: Calendar) -> None:
        """Take what rows refer to."""
        self._shop = shop
        self._calendar = calendar
        self._wanted = tuple(
            dict.fromkeys(value for one in preset.facts if one.kind == "demand" for value in one.values)
        )
        self._known: dict[int, list[int]] = defaultdict(list)

    def consider(self, person: Person, customer_id: int) -> None:
        """Take her for one who asked, if she was there lately."""
        here = self._known[person.store]
        if person.sales and len(here) < _KNOWN and self._calendar.today - person.sales[-1].visit.day <= _LATELY_DAYS:
            here.append(customer_id)

    def write(self, conn: Connection) -> None:
        """Write all."""
        rows = [row for number, place in enumerate(self._shop.places) for row in self._of(number, place)]
        Insert(demands).run(conn, [(row_id, *row) for row_id, row in zip(new_ids(len(rows)), rows, strict=True)])

    def _of(self, number: int, place: Place) -> list[tuple[object, ...]]:
        """Another thing is the most wanted in each store; every other one who asked is known."""
        rows: list[tuple[object, ...]] = []
        known = iter(self._known[number])
        for turn, count in enumerate(_ASKED[: len(self._wanted)]):
            wanted = self._wanted[(turn + number) % len(self._wanted)]
            for asker in range(count):
                day = self._calendar.today - 1 - (5 * turn + 2 * asker) % _OVER_DAYS
                at = self._calendar.moment(day, _FIRST + _APART * (3 * turn + asker))
                who = next(known, None) if asker % 2 == 0 else None
                by = place.guides[(turn + asker) % len(place.guides)]
                rows.append((place.id, who, by, wanted, "open", at))
        return rows
