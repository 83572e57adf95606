"""From a message to its reading: the order in which the rules are asked."""

from collections.abc import Collection

from bot.domain.language import cues, intents, names, shortcuts
from bot.domain.language.facts import (
    allergies,
    avoidances,
    complaints,
    contact,
    dates,
    household,
    preferences,
    reactions,
    sizes,
    trade,
)
from bot.domain.language.patterns import Pattern
from bot.domain.language.repair import repair
from bot.domain.language.sentence import MASK, Sentence, prepare
from bot.domain.language.values import Intent, Mention, Reading, Statement
from bot.domain.text import normal, spoken_digits

_LONGEST = 1000
_CHORE = Pattern(r"记得|别忘|务必|一定要|到时")
_LEVELS = (
    Pattern(r"(?:[零一二三四五六七八九十\d]分|0卡?|全|半|少|微|无|多|去|免|不加|不要|正常|标准)(?:糖|甜)"),
    Pattern(r"(?:少|去|多|微|无|全|免|不加|不要|正常|标准|半)冰"),
)
_WARMTH = Pattern(r"冰的?|热的?|温的?|凉的?|冷的?|常温|温热|热饮|冷饮|(?:去|少|多|微|正常|不要|不加)冰")
_MENDED = Pattern(r"不对|不是|[说写记听]错|更正|哦不|改成")
_TOLD = frozenset({"source", "referrer", "new_phone", "nps", "contact_rule", "loss_reason"})
_OURS = Pattern(r"[咱我你][们家]|这款|那款|这个|店里")
_SHARED = Pattern(r"一个[^,。!?]{1,12}[, ]?(?:另)?一个")


def read(text: str, *, products: Collection[str] = (), in_context: bool = False) -> Reading:
    """What one message says. `products` are names of the catalogue; `in_context` a customer is in focus."""
    plain = normal(text[:_LONGEST])[:_LONGEST]
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
    facts = _facts(sentence, angry=forced == "complaint")
    if forced == "complaint" and not any(fact.kind == "complaint" for fact in facts):
        facts.append(Statement("complaint", sentence.text, "其他"))
    return _reading(sentence, forced, facts)


def _sentence(sentence: Sentence) -> Reading:
    """An order to the bot, a question, or a statement: whichever the words show first."""
    text = sentence.text
    wanted = names.asked_for(text)
    if cues.own(sentence.masked) and not sentence.mention:
        return _reading(sentence, "smalltalk", [])
    if intent := intents.explicit(sentence, text):
        return _reading(sentence, intent, [])
    asked = any(cues.asked(clause) for clause in sentence.clauses)
    if asked and not _states(sentence):
        return _question(sentence, sentence.hint or wanted)
    if wanted and intents.seeks(text):
        return _lookup(sentence, wanted)
    return _statement(sentence, wanted)


def _statement(sentence: Sentence, wanted: str | None) -> Reading:
    """What is told, if it is told of a customer."""
    hint = sentence.hint
    facts = [] if allergies.joking(sentence) else _facts(sentence)
    if allergies.joking(sentence) or _quiet(sentence, facts) or _idle(sentence, facts):
        return _reading(sentence, "smalltalk", [])
    if intents.undoes(sentence.text, facts):
        return _reading(sentence, "undo", [])
    if not _weighty(facts) and intents.looks_up(sentence, hint=wanted is not None):
        return _lookup(sentence, wanted or hint)
    if not facts:
        return _silent(sentence, hint)
    return _reading(sentence, intents.of_facts(sentence, facts), facts, hint)


def _states(sentence: Sentence) -> bool:
    """A question word inside a removal or an angry complaint asks nothing."""
    if complaints.strong(sentence.masked) and complaints.statements(sentence):
        return True
    return any(fact.negated for fact in allergies.statements(sentence))


def _question(sentence: Sentence, hint: str | None) -> Reading:
    text = sentence.masked
    if cues.stock(text) and not sentence.mention and not cues.pronoun(text):
        return _reading(sentence, "smalltalk", [])
    if cues.chatter(text) and not sentence.mention and not cues.somebody(text):
        return _reading(sentence, "smalltalk", [])
    if cues.aggregate(text) and not sentence.mention and not cues.pronoun(text):
        return _reading(sentence, "other", [])
    known = bool(sentence.mention or sentence.several or sentence.in_context or hint)
    if cues.personal(text, known=known) or (known and not cues.stock(text) and (sentence.mention or hint)):
        return _lookup(sentence, hint)
    return _reading(sentence, "smalltalk", [])


def _lookup(sentence: Sentence, hint: str | None) -> Reading:
    mention = sentence.mention or Mention(hint=hint)
    return Reading("lookup", mention, (), sentence.several)


def _silent(sentence: Sentence, hint: str | None) -> Reading:
    if (sentence.mention or hint) and sentence.masked.strip(f"{MASK} 的,。!?") == "":
        return _lookup(sentence, hint)
    intent = intents.silent(sentence)
    return _reading(sentence, intent, [], hint if intent not in ("smalltalk", "other") else None)


def _quiet(sentence: Sentence, facts: list[Statement]) -> bool:
    """Goods on the shelf and talk of the trade: nothing to write."""
    text = sentence.masked
    if sentence.mention or cues.somebody(text):
        return False
    if {fact.kind for fact in facts} - {"preference"} or complaints.strong(text):
        return False
    return cues.stock(text)


def _idle(sentence: Sentence, facts: list[Statement]) -> bool:
    """Facts of nobody in particular inside staff talk."""
    if sentence.mention or sentence.several or cues.somebody(sentence.masked):
        return False
    if not facts:
        return False
    if {fact.kind for fact in facts} & _TOLD:
        return False
    if {fact.kind for fact in facts} == {"promise"} and _CHORE.search(sentence.text) and not sentence.in_context:
        return True
    return cues.chatter(sentence.text) and not complaints.strong(sentence.masked) and not any(f.negated for f in facts)


def _weighty(facts: list[Statement]) -> bool:
    return any(fact.kind not in ("promise", "hold", "competitor", "family") for fact in facts)


def _facts(sentence: Sentence, *, angry: bool = False) -> list[Statement]:
    """All facts, each once, the grave ones first."""
    if _SHARED.search(sentence.masked) and any(person.of for person in sentence.people):
        return []
    allergic = [] if allergies.denied_outright(sentence.masked) else _allergies(sentence)
    rules = contact.statements(sentence)
    complained = [
        one
        for one in _complaints(sentence, grave=bool(allergic or rules))
        if not (contact.refuses_offers(rules) and one.value.startswith(("别", "不")) and contact.on_offers(one.value))
    ]
    busy = bool(complained) and (angry or complaints.strong(sentence.masked))
    tastes = [] if busy else _tastes(sentence)
    held = trade.holds(sentence)
    wanted = trade.demands(sentence)
    dated = dates.statements(sentence) + household.statements(sentence)
    came = trade.origins(sentence) + trade.competitors(sentence) + trade.losses(sentence)
    later = trade.promises(sentence) or trade.comebacks(sentence)
    later = [] if intents.numbered(sentence) else later
    later = [one for one in later if not any(kept.value in one.value for kept in held)]
    sized = [] if held or busy else sizes.statements(sentence)
    praised = [] if busy else complaints.praise(sentence)
    everything = [
        *allergic,
        *tastes,
        *sized,
        *dated,
        *rules,
        *complained,
        *praised,
        *wanted,
        *came,
        *held,
        *([] if busy else later),
    ]
    return _distinct(everything, mended=_MENDED.search(sentence.text) is not None)


def _complaints(sentence: Sentence, *, grave: bool) -> list[Statement]:
    """Complaints; where something graver is told only those with a facet of their own."""
    found = complaints.statements(sentence)
    if grave and not (complaints.strong(sentence.masked) and _OURS.search(sentence.text)):
        return [fact for fact in found if fact.facet != "其他"]
    general = complaints.general(sentence)
    return found or ([general] if general else [])


def _allergies(sentence: Sentence) -> list[Statement]:
    said = allergies.statements(sentence)
    return said + reactions.statements(sentence, said)


def _tastes(sentence: Sentence) -> list[Statement]:
    refused = avoidances.statements(sentence)
    regions = {i: avoidances.regions(clause.text) for i, clause in enumerate(sentence.clauses)}
    loose = not trade.holds(sentence) and not trade.demands(sentence)
    liked = preferences.statements(sentence, regions, loose=loose)
    return [one for one in refused if not contact.on_offers(one.value)] + [
        one for one in liked if not (one.value.startswith(("别", "不")) and contact.on_offers(one.value))
    ]


def _distinct(facts: list[Statement], *, mended: bool) -> list[Statement]:
    """Each fact once; what is an allergy is not also an avoidance or a liking."""
    kept: list[Statement] = []
    goods = [fact.value for fact in facts if fact.kind in ("demand", "hold")]
    allergic = {(fact.value, fact.of) for fact in facts if fact.kind == "allergy" and not fact.negated}
    for fact in facts:
        same = any((fact.kind, fact.value, fact.of, fact.facet) == (k.kind, k.value, k.of, k.facet) for k in kept)
        shadow = fact.kind == "avoid" and any(value in fact.value and of == fact.of for value, of in allergic)
        shadow = shadow or (fact.kind == "preference" and (fact.value, fact.of) in allergic)
        shadow = shadow or (fact.kind in ("preference", "size") and any(fact.value in value for value in goods))
        if not same and not shadow and fact.value:
            kept = [other for other in kept if not _corrects(fact, other, mended=mended)] + [fact]
    return kept


def _corrects(fact: Statement, other: Statement, *, mended: bool) -> bool:
    """「三分糖 不对 是五分糖」: of two levels of sugar, or of ice, the one said last holds."""
    if (fact.kind, fact.of) != ("preference", other.of) or other.kind != "preference":
        return False
    levels = (*_LEVELS, _WARMTH) if mended else _LEVELS
    return any(level.fullmatch(fact.value) and level.fullmatch(other.value) for level in levels)


def _reading(sentence: Sentence, intent: Intent, facts: list[Statement], hint: str | None = None) -> Reading:
    mention = sentence.mention
    if not mention and hint and intent not in ("smalltalk", "other", "undo"):
        mention = Mention(hint=hint)
    return Reading(intent, mention, tuple(facts), sentence.several)
