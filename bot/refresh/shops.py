"""The stores on the day that is looked at: the rules of each, its silent days, where its windows begin."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from bot.db import shop
from bot.db.segments import rules as rules_db
from bot.db.segments import silence
from bot.db.segments.measured import Reach
from bot.domain.analytics.book import FAR, Column
from bot.domain.segments.measures import span
from bot.domain.segments.rules import Banding, Basis, Rules

Windows = tuple[Basis, int, Basis, int]


@dataclass(frozen=True)
class Shops:
    """Every store, by id; a store's place in `ids` is its number in the columns.

    `is_past`: there are orders of later days than the one that is looked at. `silent`: the silent days by place.
    """

    today: date
    is_past: bool
    ids: tuple[int, ...]
    rules: tuple[Rules, ...]
    silent: tuple[list[int], ...]

    @cached_property
    def place(self) -> dict[int, int]:
        """The place of each id."""
        return {store_id: place for place, store_id in enumerate(self.ids)}

    @cached_property
    def windows(self) -> tuple[Windows, ...]:
        """Of each store: the basis of both schemes and the first day of their windows."""
        return tuple(
            (
                rules.spend.basis,
                self._first(place, rules.spend),
                rules.frequency.basis,
                self._first(place, rules.frequency),
            )
            for place, rules in enumerate(self.rules)
        )

    def _first(self, place: int, banding: Banding) -> int:
        silent = [date.fromordinal(day) for day in self.silent[place]]
        return span(banding.window_days, self.today, silent).first_on.toordinal()

    def by_place(self, values: Iterable[Any], none: object, kind: str) -> Column:
        """A value a store, to be taken by columns of places; `none` is that of customers without a store."""
        return np.array([*values, none, none], kind)  # the last two are the places GONE and NO_STORE

    def first_days(self, scheme: str) -> Column:
        """The first day of each store's window of a scheme, spend or visits, by place."""
        return self.by_place([windows[1] if scheme == "spend" else windows[3] for windows in self.windows], FAR, "i4")

    def bases(self, scheme: str) -> list[Basis]:
        """The basis of each store's scheme."""
        return [windows[0] if scheme == "spend" else windows[2] for windows in self.windows]

    def alike(self) -> Iterator[tuple[Rules, Column]]:
        """The rules there are, each with whether a store has them, by place."""
        kinds: list[Rules] = []
        of: dict[int, int] = {}  # the rules of a chain are one object, however many stores have them
        for rules in self.rules:
            if id(rules) not in of:
                if rules not in kinds:
                    kinds.append(rules)
                of[id(rules)] = kinds.index(rules)
        for number, rules in enumerate(kinds):
            yield rules, self.by_place([of[id(one)] == number for one in self.rules], False, "?")


def read(conn: Connection, reach: Reach, today: date) -> Shops:
    """The stores as they are now."""
    ids = tuple(sorted(store.id for store in shop.all_stores(conn)))
    in_force = rules_db.in_force(conn).now
    silent = tuple(silence.silent_ordinals(conn, store_id, today) for store_id in ids)
    last_on = reach.data_at.astimezone(ZoneInfo(reach.timezone)).date() if reach.data_at else today
    return Shops(today, last_on > today, ids, tuple(in_force.of(store_id) for store_id in ids), silent)
