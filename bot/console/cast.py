"""Who may be spoken as at the console, and whom a code, a name or a role means."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.db import people
from bot.db.core.engine import Database
from bot.domain.shop import ROLES, Role


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as the console shows her; `store` is the store's name, empty for head office."""

    code: str
    name: str
    role: Role
    store: str

    @property
    def title(self) -> str:
        """What she is and where."""
        return "·".join(filter(None, (ROLES[self.role], self.store)))


def cast(database: Database) -> list[Person]:
    """All active staff, store by store."""
    with database.reading() as conn:
        everyone = people.everyone(conn)
        names = {store_id: people.store_name(conn, store_id) for *_, store_id in everyone if store_id}
    found = [Person(code, name, role, names.get(store_id or 0, "")) for _, code, name, role, store_id in everyone]
    return sorted(found, key=lambda one: (not one.store, one.store, one.role != "guide", one.code))


def meant(everyone: Sequence[Person], said: str, store: str = "") -> list[Person]:
    """Whoever is meant: one where it is clear, several or none where it is not; a colleague of `store` first."""
    wanted = said.strip()
    for matches in (
        [one for one in everyone if wanted == one.code],
        [one for one in everyone if wanted == one.name],
        [one for one in everyone if wanted in (one.role, ROLES[one.role])],
    ):
        near = [one for one in matches if one.store == store]
        if matches:
            return near if len(near) == 1 else matches
    return []


def listed(everyone: Sequence[Person]) -> str:
    """The cast, a line each."""
    return "\n".join(f"  {one.code}  {one.name}（{one.title}）" for one in everyone)
