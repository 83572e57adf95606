"""From a message to its reading: the order in which the rules are asked."""

import re
from collections.abc import Collection
from dataclasses import replace

from bot.domain.language import cues, intents, people, shortcuts
from bot.domain.language.clauses import MASK
from bot.domain.language.facts import allergies, avoidances, complaints, contact, dates, household, preferences, reactions, sizes, trade
from bot.domain.language.repair import repair
from bot.domain.language.sentence import Sentence, prepare
from bot.domain.language.values import Intent, Mention, Reading, Statement
from bot.domain.text import normal, spoken_digits

_LONGEST = 1000


def read(text: str, *, products: Collection[str] = (), in_context: bool = False) -> Reading:
    """What one message says. `products` are names of the catalogue; `in_context` a customer is in focus."""
    plain = normal(text[:_LONGEST])
    if shortcuts.attack(plain):
        return Reading("other", Mention())
    if short := shortcuts.read(plain):
        return short
    body, forced = shortcuts.strip(plain)
    repaired = repair(spoken_digits(body))
    if not repaired:
        return Reading("other", Mention())
    sentence = prepare(repaired, tuple(products), in_context=in_context)
    return _told(sentence, forced) if forced else _sentence(sentence)


def _told(sentence: Sentence, forced: Intent) -> Reading:
    """A message whose command says what it is."""
    facts = _facts(sentence)
    if forced == "complaint" and not any(fact.kind == "complaint" for fact in facts):
        facts.append(Statement("complaint", sentence.text, "其他"))
    return _reading(sentence, forced, facts)


def _sentence(sentence: Sentence) -> Reading:
    text = sentence.text
    hint = _hint(sentence)
    if intent := intents.explicit(sentence, text):
        return _reading(sentence, intent, [])
    asked = any(cues.asked(clause) for clause in sentence.clauses)
    if asked and not _states(sentence):
        return _question(sentence, hint)
    if _quiet(sentence):
        return _reading(sentence, "smalltalk", [])
    facts = _facts(sentence)
    if intents.undoes(text, facts):
        return _reading(sentence, "undo", [])
    if not _weighty(facts) and intents.looks_up(sentence, hint=hint is not None):
        return _lookup(sentence, hint)
    if not facts:
        return _silent(sentence, hint)
    if _idle(sentence, facts):
        return _reading(sentence, "smalltalk", [])
    intent = intents.of_facts(sentence, facts)
    return _reading(sentence, intent, [] if intent == "smalltalk" else facts, hint)


def _states(sentence: Sentence) -> bool:
    """A question word inside a removal or an angry complaint asks nothing."""
    if complaints.strong(sentence.text) and complaints.statements(sentence):
        return True
    return any(fact.negated for fact in allergies.statements(sentence))


def _question(sentence: Sentence, hint: str | None) -> Reading:
    text = sentence.masked
    known = bool(sentence.mention or sentence.several or sentence.in_context or hint)
    if cues.personal(text, known=known) or (known and not cues.stock(text) and (sentence.mention or hint)):
        return _lookup(sentence, hint)
    if cues.aggregate(text):
        return _reading(sentence, "other", [])
    return _reading(sentence, "smalltalk", [])


def _lookup(sentence: Sentence, hint: str | None) -> Reading:
    mention = sentence.mention
    if not mention and hint:
        mention = Mention(hint=hint)
    elif mention and hint and MASK not in hint and not mention.phone and not mention.last4:
        mention = replace(mention, hint=None)
    return Reading("lookup", mention, (), sentence.several)


def _silent(sentence: Sentence, hint: str | None) -> Reading:
    if sentence.mention and sentence.masked.strip(f"{MASK} 的,。!?") == "":
        return _lookup(sentence, hint)
    intent = intents.silent(sentence)
    return _reading(sentence, intent, [], hint if intent not in ("smalltalk", "other") else None)


def _hint(sentence: Sentence) -> str | None:
    if sentence.mention or sentence.several:
        return None
    text = re.sub(r"^(?:找一下|查一下|找下|查下|查|找|谁记得|谁知道|帮我|看看|看一下|调一下|麻烦|记一下|备注)+ ?", "", sentence.text)
    return people.hint(text)


def _quiet(sentence: Sentence) -> bool:
    """The guide's own life, talk among colleagues, goods on the shelf: nothing to write."""
    text = sentence.masked
    if cues.own(text):
        return True
    if sentence.mention or re.search(r"[她他]|客人|顾客|客户", text):
        return False
    return cues.stock(text) and not complaints.strong(text) and not trade.demands(sentence)


def _idle(sentence: Sentence, facts: list[Statement]) -> bool:
    """Facts of nobody in particular inside staff talk."""
    if sentence.mention or sentence.several or re.search(r"[◇她他]|客人|顾客|客户|这位|那位", sentence.masked):
        return False
    return cues.chatter(sentence.text) and not complaints.strong(sentence.text) and not any(f.negated for f in facts)


def _weighty(facts: list[Statement]) -> bool:
    return any(fact.kind not in ("source", "promise", "hold", "competitor", "family") for fact in facts)


def _facts(sentence: Sentence) -> list[Statement]:
    """All facts, each once, the grave ones first."""
    allergic = [] if allergies.denied_outright(sentence.masked) else _allergies(sentence)
    complained = complaints.statements(sentence)
    if not complained and not allergic and (general := complaints.general(sentence)):
        complained = [general]
    busy = bool(complained) and complaints.strong(sentence.text)
    rules = contact.statements(sentence)
    tastes = [] if busy else _tastes(sentence)
    held = trade.holds(sentence)
    wanted = trade.demands(sentence)
    dated = dates.statements(sentence) + household.statements(sentence)
    came = trade.origins(sentence) + trade.competitors(sentence) + trade.losses(sentence)
    later = trade.promises(sentence) or trade.comebacks(sentence)
    sized = [] if held or busy else sizes.statements(sentence)
    praised = [] if busy else complaints.praise(sentence)
    everything = [*allergic, *tastes, *sized, *dated, *rules, *complained, *praised, *wanted, *came, *held, *([] if busy else later)]
    return _distinct(everything)


def _allergies(sentence: Sentence) -> list[Statement]:
    said = allergies.statements(sentence)
    return said + reactions.statements(sentence, said)


def _tastes(sentence: Sentence) -> list[Statement]:
    refused = avoidances.statements(sentence)
    regions = {i: avoidances.regions(clause.text) for i, clause in enumerate(sentence.clauses)}
    loose = not trade.holds(sentence) and not trade.demands(sentence)
    return refused + preferences.statements(sentence, regions, loose=loose)


def _distinct(facts: list[Statement]) -> list[Statement]:
    """Each fact once; what is an allergy is not also an avoidance or a liking."""
    kept: list[Statement] = []
    allergic = {(fact.value, fact.of) for fact in facts if fact.kind == "allergy" and not fact.negated}
    for fact in facts:
        same = any((fact.kind, fact.value, fact.of, fact.facet) == (k.kind, k.value, k.of, k.facet) for k in kept)
        shadow = fact.kind in ("avoid", "preference") and (fact.value, fact.of) in allergic
        if not same and not shadow and fact.value:
            kept.append(fact)
    return kept


def _reading(sentence: Sentence, intent: Intent, facts: list[Statement], hint: str | None = None) -> Reading:
    mention = sentence.mention
    if not mention and hint and intent not in ("smalltalk", "other", "undo") and not sentence.in_context:
        mention = Mention(hint=hint)
    return Reading(intent, mention, tuple(facts), sentence.several)
