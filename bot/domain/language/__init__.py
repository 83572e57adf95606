"""One sloppy sentence in, its intent, person and facts out; pure, by dictionary and rules."""

from bot.domain.language.consent import consents
from bot.domain.language.families import canonical, conflicts, family_of
from bot.domain.language.hygiene import better, problems
from bot.domain.language.reading import read
from bot.domain.language.values import Intent, Mention, Reading, Statement
from bot.domain.language.words import use_cache, warm

__all__ = [
    "Intent",
    "Mention",
    "Reading",
    "Statement",
    "better",
    "canonical",
    "conflicts",
    "consents",
    "family_of",
    "problems",
    "read",
    "to_json",
    "use_cache",
    "warm",
]


_MENTION = ("phone", "last4", "name", "hint")
_DETAILS = ("facet", "of", "negated", "due", "until")


def to_json(reading: Reading) -> dict[str, object]:
    """The reading in the words of `zhanggui parse`; empty keys are left out."""
    customer = {key: value for key in _MENTION if (value := getattr(reading.customer, key))}
    facts = [
        {"kind": fact.kind, "value": fact.value} | {key: value for key in _DETAILS if (value := getattr(fact, key))}
        for fact in reading.facts
    ]
    return {"intent": reading.intent, "customer": customer or None, "facts": facts}
