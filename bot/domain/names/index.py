"""The names of one store, kept in memory: it fetches those who might fit, `keys.rank` decides who does."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from heapq import nsmallest
from typing import Generic, TypeVar

from bot.domain.names.keys import Keys, Query, is_useless, rank, understand

K = TypeVar("K", bound=Hashable)


class Index(Generic[K]):
    """People by their keys; adding a person again replaces her keys."""

    def __init__(self, people: Iterable[tuple[K, Keys]] = ()) -> None:
        self._people: dict[K, tuple[int, Keys]] = {}
        self._having: defaultdict[str, list[K]] = defaultdict(list)
        self._added = 0
        for person, known in people:
            self.add(person, known)

    def __len__(self) -> int:
        return len(self._people)

    def add(self, person: K, known: Keys) -> None:
        """Make a person findable by these keys and no others."""
        self.remove(person)
        self._added += 1
        self._people[person] = (self._added, known)
        for term in known.terms:
            self._having[term].append(person)

    def remove(self, person: K) -> None:
        """Forget a person; one not there is forgotten already."""
        if person not in self._people:
            return
        for term in self._people.pop(person)[1].terms:
            having = self._having[term]
            having.remove(person)
            if not having:
                del self._having[term]

    def ranked(self, query: str) -> Iterator[tuple[int, int, K]]:
        """Rank, order of adding and person for everybody who fits, in no order."""
        asked = understand(query)
        for person in () if is_useless(query) else self._candidates(asked):
            order, known = self._people[person]
            if (fit := rank(asked, known)) is not None:
                yield fit, order, person

    def _candidates(self, asked: Query) -> set[K]:
        """All who might fit, and few others."""
        base = asked.base or asked.called
        found = self._with_all(base)
        for term in asked.terms:
            found.update(self._having.get(term, ()))
        if len(base) > 2 and not base.isascii():
            for at in range(len(base)):
                found |= self._with_all(base[:at] + base[at + 1 :])
        return found

    def _with_all(self, chars: str) -> set[K]:
        lists = sorted((self._having.get(char, []) for char in chars), key=len)
        found = set(lists[0])
        for having in lists[1:]:
            found.intersection_update(having)
        return found


def find(index: Index[K], query: str, limit: int) -> list[tuple[K, int]]:
    """Who fits, at most `limit`, best rank first and among equals whoever was added first."""
    best = nsmallest(limit, index.ranked(query), key=lambda row: row[:2])
    return [(person, fit) for fit, _, person in best]
