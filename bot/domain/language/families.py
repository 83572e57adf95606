"""Allergen families: which ingredients a warning must hit. When in doubt a warning hits."""

from collections.abc import Iterable
from functools import cache, lru_cache

from bot.domain.language import lexicon
from bot.domain.text import normal


@cache
def _parents() -> dict[str, frozenset[str]]:
    """Each substance or dish with the families that hold it directly."""
    found: dict[str, set[str]] = {}
    for line in lexicon.lines("families"):
        family, _, members = line.partition(":")
        for member in members.split():
            found.setdefault(member, set()).add(family.strip())
    return {member: frozenset(families) for member, families in found.items()}


@cache
def _known() -> lexicon.Lexicon:
    """Every word that a family or a substance may be found by, with its plain form."""
    substances = lexicon.allergens()
    found = {word: (substances.plain(word) or word, "") for word in substances.words()}
    for member, families in _parents().items():
        for word in (member, *families):
            found.setdefault(word, (substances.plain(word) or word, ""))
    return lexicon.Lexicon(found)


@lru_cache(maxsize=4096)
def canonical(word: str) -> str:
    """The plain name of a substance: 芒国 → 芒果, 牛乳 → 牛奶; an unknown word stays itself."""
    plain = normal(word).strip(" 的类")
    for wrong, right in lexicon.pairs("typos"):
        if plain == wrong:
            plain = right
    return _known().plain(plain) or plain


@cache
def family_of(word: str) -> frozenset[str]:
    """The substance itself, the substances its name contains, and all families above them."""
    plain = canonical(word)
    found = {plain}
    waiting = [plain, *(hit.plain for hit in _known().find(plain))]
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += [family for family in _parents().get(one, ()) if family not in found]
    return frozenset(found)


def conflicts(allergen: str, ingredients: Iterable[str]) -> bool:
    """Whether one of the ingredients or dishes may hold what the person must not touch."""
    plain = canonical(allergen)
    above = family_of(plain)
    return any(_hits(plain, above, canonical(one)) for one in ingredients)


def _hits(allergen: str, above: frozenset[str], ingredient: str) -> bool:
    """The ingredient is the allergen, belongs to it, or names only a family of it."""
    if not allergen or not ingredient:
        return False
    if any(len(family) > 1 and family in ingredient for family in above):
        return True
    return allergen in family_of(ingredient) or ingredient in above or (len(allergen) > 1 and allergen in ingredient)
