"""What the words about a row say of the customer herself: that is a note or a complaint, and never an outcome."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.domain import language
from bot.domain.language.patterns import Pattern
from bot.domain.language.values import NOBODY, Reading, Statement
from bot.domain.lists import outcomes, stops
from bot.domain.lists.cues import cues
from bot.domain.lists.values import Answer, Answers, Meaning

_CLAUSE = Pattern(r"[ ,，。;；!、/]+")
_TALKED = Pattern(r"说|讲|聊|[打接]通|接了|打过|骂")
_GIVES_UP = Pattern(r"减肥|怕胖|不(?:想|打算|准备)?[^,。 ]{1,8}了$|^不(?:要|买|来|去)")
_STOP, _PRICE = "别再联系", "价格"
_ALWAYS = ("allergy", "preference", "size")


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of the customer in a row: the words, and what of them is to be kept."""

    row: int
    words: str
    reading: Reading
    outcome: bool

    @property
    def complains(self) -> bool:
        """Whether it is said in so many words that she complained."""
        only = all(one.kind == "complaint" for one in self.reading.facts)
        return only and not self.outcome and ("投诉" in self.words or "客诉" in self.words)


def apart(read: Answers, products: Collection[str] = ()) -> tuple[Answers, list[Told]]:
    """The answers less what is no outcome, and that."""
    told: list[Told] = []
    left: list[Answer] = []
    for row, words in read.words:
        kept = _kept(words, products)
        if not kept:
            continue
        meaning = _left(words, kept, products)
        told.append(Told(row, words, Reading("note", NOBODY, kept), outcome=meaning is not None))
        if meaning:
            left.append(Answer((row,), meaning.outcome, meaning.when, meaning.reason, meaning.whom, meaning.rest))
    rows = {one.row for one in told}
    done = [replace(one, rows=tuple(row for row in one.rows if row not in rows)) for one in read.done]
    unclear = [replace(one, rows=tuple(row for row in one.rows if row not in rows)) for one in read.unclear]
    return replace(
        read,
        done=(*(one for one in done if one.rows), *left),
        unclear=tuple(one for one in unclear if one.rows),
    ), told


def _kept(words: str, products: Collection[str]) -> tuple[Statement, ...]:
    """The facts to be kept; the dictionary is not asked where the words are an outcome and nothing else."""
    wish = stops.wish(words)
    if not words or (not wish and outcomes.of_everybody(words)):
        return ()
    found = language.read(words, products=products, in_context=True).facts
    return tuple(one for one in found if _is_kept(one, words, wish))


def _is_kept(one: Statement, words: str, wish: stops.Wish) -> bool:
    if one.kind in _ALWAYS or language.consents(one):
        return True
    if one.kind == "avoid":
        return not _GIVES_UP.search(words)
    if one.kind == "complaint":
        return one.facet != _PRICE
    return one.kind == "contact_rule" and one.value != _STOP and wish != "stop"


def _left(words: str, kept: Collection[Statement], products: Collection[str]) -> Meaning | None:
    """What is still said of the call: by other clauses, by a refusal beside a complaint, or that they spoke."""
    whole = outcomes.meaning(words)
    if whole and whole.outcome in ("stop", "hand_over"):
        return whole
    clauses = [one for one in _CLAUSE.split(words) if one and not _kept(one, products)]
    if clauses and (meaning := outcomes.meaning(" ".join(clauses))):
        return meaning
    tags = {cue.tag for cue in cues(words)}
    if whole and tags & {"refused", "cannot"} and {one.kind for one in kept} == {"complaint"}:
        return whole
    if tags & {"tried", "talked"} or _TALKED.search(words):
        return Meaning("reached")
    return None
