"""One sloppy sentence in, its intent, person and facts out; pure, by dictionary and rules.

The rooms behind these functions are entered at the first sentence: a number or a button never loads them.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from bot.domain.language.values import Intent, Mention, Reading, Statement

__all__ = [
    "Intent",
    "Mention",
    "Reading",
    "Statement",
    "better",
    "canonical",
    "conflicts",
    "consents",
    "is_known",
    "problems",
    "read",
    "to_json",
    "use_cache",
    "warm",
]

# ruff: noqa: PLC0415 — the point of this file


def read(text: str, *, products: Collection[str] = (), in_context: bool = False) -> Reading:
    """What a sentence says; `products` are the catalogue's names, `in_context` says that somebody is spoken of."""
    from bot.domain.language.reading import read as understood

    return understood(text, products=products, in_context=in_context)


def consents(statement: Statement) -> frozenset[str]:
    """The kinds of consent (health, child) that a statement may only be kept with."""
    from bot.domain.language.consent import consents as needed

    return needed(statement)


def problems(text: str) -> list[str]:
    """What must not be kept of a text: insult, id_card, bank_card."""
    from bot.domain.language.hygiene import problems as found

    return found(text)


def better(text: str) -> str:
    """A wording that a customer may read, for an insulting one."""
    from bot.domain.language.hygiene import better as worded

    return worded(text)


def canonical(word: str) -> str:
    """The plain name of a substance: 芒国 → 芒果; an unknown word stays itself."""
    from bot.domain.language.families import canonical as plain

    return plain(word)


def is_known(word: str) -> bool:
    """Whether a word names, or belongs to, a substance that people are allergic to."""
    from bot.domain.language.families import canonical as plain
    from bot.domain.language.families import family_of
    from bot.domain.language.lexicon import allergens

    return allergens().plain(plain(word)) is not None or len(family_of(word)) > 1


def conflicts(allergen: str, ingredients: Iterable[str]) -> bool:
    """Whether one of the ingredients or dishes may hold what the person must not touch."""
    from bot.domain.language.families import conflicts as hits

    return hits(allergen, ingredients)


def use_cache(folder: Path) -> None:
    """Let the dictionary keep its cache in this folder, and nowhere else."""
    from bot.domain.language.words import use_cache as use

    use(folder)


def warm() -> None:
    """Load the dictionary now instead of at the first open question."""
    from bot.domain.language.words import warm as load

    load()


def to_json(reading: Reading) -> dict[str, object]:
    """The reading in the words of `zhanggui parse`; `due` and `until` only where they were said."""
    customer = {key: value for key in _MENTION if (value := getattr(reading.customer, key))}
    facts = [
        {key: getattr(fact, key) for key in _FACT} | {key: value for key in _TIMES if (value := getattr(fact, key))}
        for fact in reading.facts
    ]
    return {"intent": reading.intent, "customer": customer or None, "facts": facts}


_MENTION = ("phone", "last4", "name", "hint")
_FACT = ("kind", "value", "facet", "of", "negated")
_TIMES = ("due", "until")
