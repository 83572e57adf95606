"""What is open (and was closed) between customers and stores: complaints, promises, holds and reminders."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Table, update

from bot.db.bulk.loading import Insert
from bot.db.core.crypto import Keyring
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_ids
from bot.db.tables import FIRST_COMPLAINT, complaints, followups, stores
from bot.demo.days import Calendar
from bot.demo.habits import Visit
from bot.demo.people import Person, spoken
from bot.demo.preset import Errand, Preset, Trouble
from bot.demo.shop import Shop

T = TypeVar("T")

_QUOTA = {"open": 2, "closed": 5, "promise": 3, "hold": 2, "reminder": 1, "done": 5}
_NOON, _EVENING, _CLOSING, _LAST = 12 * 60, 20 * 60, 21 * 60, 24 * 60 - 1
_FRESH_DAYS, _LATELY_DAYS, _REMEMBERED_DAYS = 4, 30, 120
_CANDIDATES = 60  # customers of a store who are thought of


@dataclass(frozen=True, slots=True)
class _Matter:
    """A row to be, complaint or follow-up."""

    store: int
    customer_id: int
    opened_at: datetime
    content: dict[str, Any]
    plain: dict[str, Any]
    closing: str = ""


class Desk:
    """Gives every store a few matters of each kind, and keeps them until the end: their numbers rise with time."""

    def __init__(self, shop: Shop, preset: Preset, calendar: Calendar, customers: int) -> None:
        """Take what rows refer to and how many customers will come."""
        self._shop = shop
        self._preset = preset
        self._calendar = calendar
        self._chance = _CANDIDATES * len(shop.places) / customers
        self._had: Counter[tuple[int, str]] = Counter()
        self._complaints: list[_Matter] = []
        self._followups: list[_Matter] = []

    def consider(self, person: Person, customer_id: int, dice: Random) -> None:
        """Let this customer have a matter, if her store still wants one she can have; at most one."""
        if not person.sales or dice.random() > self._chance:
            return
        last = person.sales[-1].visit
        ago = self._calendar.today - last.day
        if ago <= _FRESH_DAYS and self._wants(person, "open"):
            self.complain(person, customer_id, self._pick(self._preset.complaints, person, "open"), last, closed=False)
        elif ago <= _LATELY_DAYS and (errand := self._errand(person)):
            self.promise(person, customer_id, errand, last, days=self._had[person.store, errand.kind] - 1)
        elif ago <= _REMEMBERED_DAYS and self._wants(person, "closed"):
            self.complain(person, customer_id, self._pick(self._preset.complaints, person, "closed"), last, closed=True)
        elif ago <= _REMEMBERED_DAYS and self._wants(person, "done"):
            self.promise(person, customer_id, self._pick(self._preset.followups, person, "done"), last, days=None)

    def _wants(self, person: Person, kind: str) -> bool:
        wants = self._had[person.store, kind] < _QUOTA[kind]
        self._had[person.store, kind] += wants
        return wants

    def _errand(self, person: Person) -> Errand | None:
        """The next errand her store wants, of one kind after another."""
        for kind in ("promise", "hold", "reminder"):
            if self._wants(person, kind):
                errands = tuple(one for one in self._preset.followups if one.kind == kind)
                return self._pick(errands, person, kind)
        return None

    def _pick(self, among: tuple[T, ...], person: Person, kind: str) -> T:
        """Another one each time and in each store."""
        shift = {"closed": 3, "done": 2}.get(kind, 0)
        return among[(self._had[person.store, kind] + 2 * person.store + shift) % len(among)]

    def complain(self, person: Person, customer_id: int, trouble: Trouble, visit: Visit, *, closed: bool) -> None:
        """She complained soon after a visit; what is open is to be answered by this evening."""
        place = self._shop.places[person.store]
        guide = place.guides[person.guide or 0]
        opened_at = self._calendar.moment(visit.day, visit.minute + 12)
        due_day = min(visit.day + 1, self._calendar.today)
        plain: dict[str, Any] = {
            "urgent": trouble.urgent,
            "state": "closed" if closed else "open",
            "owner_id": place.manager if trouble.urgent else guide,
            "opened_by": guide,
            "due_at": self._calendar.moment(due_day, _EVENING) if closed else self._answered_by(),
        }
        if closed:
            soon = due_day == self._calendar.today
            later = Visit(visit.day, min(visit.minute + 15, _LAST)) if soon else Visit(due_day, 990)
            plain |= {"closed_at": self._calendar.moment(*later), "closed_by": plain["owner_id"]}
        content = {"text": spoken(trouble.text, person.gender), "facets": list(trouble.facets)}
        closing = spoken(trouble.closing, person.gender) if closed else ""
        self._complaints.append(_Matter(person.store, customer_id, opened_at, content, plain, closing))

    def promise(self, person: Person, customer_id: int, errand: Errand, visit: Visit, *, days: int | None) -> None:
        """Something was promised at a visit: due in so many days from today, or done already."""
        place = self._shop.places[person.store]
        opened_at = self._calendar.moment(visit.day, visit.minute + 2)
        plain: dict[str, Any] = {
            "kind": errand.kind,
            "state": "open",
            "owner_id": place.guides[person.guide or 0],
            "due_at": self._due(days or 0),
        }
        if days is None:
            day = min(visit.day + 2, self._calendar.today - 1)
            later = Visit(day, 1080 if day > visit.day else min(visit.minute + 20, _LAST))
            plain |= {"state": "done", "due_at": self._calendar.moment(day, _CLOSING)}
            plain["closed_at"] = self._calendar.moment(*later)
        text = spoken(errand.text, person.gender).format(good=person.favourite or self._preset.goods[0].name)
        self._followups.append(_Matter(person.store, customer_id, opened_at, {"text": text}, plain))

    def _answered_by(self) -> datetime:
        """This evening; tomorrow noon once that is over."""
        evening = self._calendar.today_plus(0, _EVENING)
        return evening if evening > self._calendar.at else self._calendar.today_plus(1, _NOON)

    def _due(self, days: int) -> datetime:
        """Closing time in so many days; today's last minute once the shop is shut."""
        due_at = self._calendar.today_plus(days, _CLOSING)
        return due_at if due_at > self._calendar.at else self._calendar.today_plus(days, _LAST)

    def write(self, conn: Connection) -> None:
        """Write all, oldest first; each gets the next number of its store."""
        self._write(conn, complaints, self._complaints, FIRST_COMPLAINT, stores.c.last_complaint)
        self._write(conn, followups, self._followups, 0, stores.c.last_followup)

    def _write(
        self, conn: Connection, table: Table, found: list[_Matter], before_first: int, last: Column[int]
    ) -> None:
        keys, rows = keys_of(conn), []
        numbers: Counter[int] = Counter()
        ordered = sorted(found, key=lambda one: (one.opened_at, one.store, one.customer_id))
        for matter, row_id in zip(ordered, new_ids(len(ordered)), strict=True):
            numbers[matter.store] += 1
            values = self._row(keys, table, matter, row_id) | {"number": before_first + numbers[matter.store]}
            rows.append(tuple([values.get(column.name) for column in table.columns]))
        Insert(table).run(conn, rows)
        for store, count in numbers.items():
            place = self._shop.places[store]
            conn.execute(update(stores).where(stores.c.id == place.id).values({last: before_first + count}))

    def _row(self, keys: Keyring, table: Table, matter: _Matter, row_id: int) -> dict[str, Any]:
        closing = {"how": matter.closing, "outcome": "接受"}
        return {
            "id": row_id,
            "store_id": self._shop.places[matter.store].id,
            "customer_id": matter.customer_id,
            "opened_at": matter.opened_at,
            "content": keys.seal_json(f"{table.name}.content", row_id, matter.content),
            "resolution": keys.seal_json("complaints.resolution", row_id, closing) if matter.closing else None,
            **matter.plain,
        }
