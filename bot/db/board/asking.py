"""How many of a group have something noted of them: one number, never whom; a group too large is not opened."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from bot.db.core.engine import keys_of
from bot.db.tables import customer_segments, facts
from bot.domain.language.families import canonical, family_of
from bot.domain.segments.labels import Scheme
from bot.domain.text import normal

MOST = 3_000
"""People whose notes are opened for one question: some hundredths of a second."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something noted: of these kinds, with this word in it; an allergy by its family, no word: any."""

    kinds: tuple[str, ...]
    word: str

    def holds(self, kind: str, value: str) -> bool:
        """Whether a fact meets it."""
        if kind not in self.kinds:
            return False
        if kind == "allergy":
            return not self.word or canonical(self.word) in family_of(value)
        return normal(self.word) in normal(value)


@dataclass(frozen=True, slots=True)
class Group:
    """A store's (None: the chain's) customers, or those of them with some labels."""

    store_id: int | None
    labels: tuple[tuple[Scheme, str], ...]


def size(conn: Connection, group: Group) -> int:
    """How many are in it."""
    return int(conn.execute(select(func.count()).select_from(customer_segments).where(*_in(group))).scalar_one())


Tally = Counter[frozenset[Condition]]


def tally(conn: Connection, group: Group, conditions: Collection[Condition]) -> Tally:
    """How many of them meet these conditions and no other, for every choice of some; of none: the rest is they.

    Their relatives' allergies are not theirs.
    """
    unseal = keys_of(conn).unseal_json
    wanted = (
        select(facts.c.customer_id, facts.c.id, facts.c.content)
        .join(customer_segments, customer_segments.c.customer_id == facts.c.customer_id)
        .where(facts.c.state == "live", *_in(group))
    )
    met: dict[int, set[Condition]] = {}
    for customer_id, fact_id, content in conn.execute(wanted):
        said = unseal("facts.content", fact_id, content)
        if not said.get("of"):
            met.setdefault(customer_id, set()).update(
                one for one in conditions if one.holds(said["kind"], said["value"])
            )
    return Counter(frozenset(one) for one in met.values() if one)


def _in(group: Group) -> list[ColumnElement[bool]]:
    here = [] if group.store_id is None else [customer_segments.c.store_id == group.store_id]
    return [*here, *(customer_segments.c[scheme] == code for scheme, code in group.labels)]
