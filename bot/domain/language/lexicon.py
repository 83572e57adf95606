"""Word lists of the package, read once, and the quick search for their words in a text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Hit:
    """One word of a list found in a text: where, as written, its plain form and its group."""

    start: int
    end: int
    word: str
    plain: str
    group: str = ""


class Lexicon:
    """Longest-match search for a closed set of words; time grows with the text alone."""

    def __init__(self, words: Mapping[str, tuple[str, str]]) -> None:
        self._words = dict(words)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {char: sorted(sizes, reverse=True) for char, sizes in lengths.items()}

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def words(self) -> Iterable[str]:
        """Every word, as written."""
        return self._words.keys()

    def plain(self, word: str) -> str | None:
        """The plain form of a whole word, None for one that is not listed."""
        entry = self._words.get(word)
        return entry[0] if entry else None

    def at(self, text: str, start: int) -> Hit | None:
        """The longest word that begins at this place."""
        for size in self._lengths.get(text[start], ()):
            word = text[start : start + size]
            if entry := self._words.get(word):
                return Hit(start, start + len(word), word, *entry)
        return None

    def find(self, text: str, start: int = 0, end: int | None = None) -> list[Hit]:
        """All words from left to right, the longest first, none inside another."""
        end = len(text) if end is None else end
        found = []
        while start < end:
            hit = self.at(text, start) if text[start] in self._lengths else None
            if hit and hit.end <= end:
                found.append(hit)
                start = hit.end
            else:
                start += 1
        return found

    def any(self, text: str) -> bool:
        """Whether one of the words is in the text."""
        lengths = self._lengths
        return any(char in lengths and self.at(text, i) for i, char in enumerate(text))


def lines(name: str) -> list[str]:
    """The lines of a data file without comments and blanks."""
    raw = files("bot.domain.language").joinpath(f"data/{name}.txt").read_text("utf-8")
    return [line for line in raw.splitlines() if line.strip() and not line.startswith("#")]


@cache
def words(name: str) -> Lexicon:
    """A plain list: each word stands for itself."""
    return Lexicon({word: (word, "") for line in lines(name) for word in line.split()})


@cache
def grouped(name: str) -> Lexicon:
    """A list of 「group: words」; each word carries its group."""
    found: dict[str, tuple[str, str]] = {}
    for line in lines(name):
        group, _, members = line.partition(":")
        for word in members.split():
            found.setdefault(word, (word, group.strip()))
    return Lexicon(found)


@cache
def sections(name: str) -> Lexicon:
    """A list whose groups open with 「[group]」 lines."""
    found: dict[str, tuple[str, str]] = {}
    group = ""
    for line in lines(name):
        if line.startswith("["):
            group = line.strip("[] ")
            continue
        for word in line.split():
            found.setdefault(word, (word, group))
    return Lexicon(found)


@cache
def allergens() -> Lexicon:
    """Substances; the plain form of a synonym is the first word of its line."""
    found: dict[str, tuple[str, str]] = {}
    group = ""
    for line in lines("allergens"):
        if line.startswith("["):
            group = line.strip("[] ")
            continue
        plain, *others = line.split()
        found[plain] = (plain, group)
        for word in others:
            found.setdefault(word, (plain, group))
    return Lexicon(found)


@cache
def tastes() -> tuple[Lexicon, Lexicon]:
    """All words of taste with their facet; and those that count wherever they stand."""
    every: dict[str, tuple[str, str]] = {}
    alone: dict[str, tuple[str, str]] = {}
    for line in lines("preferences"):
        head, _, members = line.partition(":")
        for word in members.split():
            target = alone if head.endswith("!") else every
            target.setdefault(word, (word, head.strip("! ")))
    return Lexicon(every | alone), Lexicon(alone)


@cache
def pairs(name: str) -> tuple[tuple[str, str], ...]:
    """A list of 「wrong right」, the longest first."""
    found = [tuple(line.split(None, 1)) for line in lines(name)]
    return tuple(sorted(((a, b) for a, b in found), key=lambda pair: -len(pair[0])))
