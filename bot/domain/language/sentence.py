"""A message prepared for the rules: repaired text, clauses, people and who is the subject where."""

import re
from dataclasses import dataclass, field

from bot.domain.language import lexicon, names, people
from bot.domain.language.lexicon import Hit
from bot.domain.language.patterns import Pattern
from bot.domain.language.people import Relative
from bot.domain.language.values import Mention

_BREAK = Pattern(
    r"[,。;!?\n…~()\[\]“”\"‘’「」『』【】<>|]+|(?<!\d):|:(?!\d)"
    r"|(?<![A-Za-z0-9.]) | (?![A-Za-z0-9.])|(?<=[A-Za-z]) (?=\d)|(?<=\d) (?=[A-Z]\b)"
    r"|但是|可是|但(?!凡)|不过(?!敏|来|去|是|分|关|时)|而且|然后|另外|顺便|对了|所以|结果"
    r"|(?<=[一-龥])(?:那个然后|就是说)",
)
MASK = "◇"
_MOST = 60


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the message between two breaks; `closing` is the break that ends it."""

    text: str
    start: int
    closing: str = ""

    @property
    def end(self) -> int:
        """Where it ends in the message."""
        return self.start + len(self.text)


def split(text: str) -> tuple[Clause, ...]:
    """The clauses of a message in order; empty ones are dropped."""
    found: list[Clause] = []
    start = 0
    for match in _BREAK.finditer(text):
        _keep(found, text, (start, match.start()), match.group())
        start = match.end()
    _keep(found, text, (start, len(text)), "")
    return tuple(found[:_MOST])


def _keep(found: list[Clause], text: str, bounds: tuple[int, int], closing: str) -> None:
    start, end = bounds
    while start < end and text[start] in f" {MASK}的呢啊哦嗯":
        start += 1
    while end > start and text[end - 1] == " ":
        end -= 1
    if start < end:
        found.append(Clause(text[start:end], start, closing))


def mask(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with these stretches blanked by as many marks, so that offsets stay true."""
    for start, end in spans:
        text = text[:start] + MASK * (end - start) + text[end:]
    return text


_OF_ANOTHER = Pattern(
    r"不是(?:[她他]|本人|大人|◇+)(?:自己|本人)?(?:对?[^,。!?是 ]{1,6}(?:过敏|不能[吃喝]))?"
    r"[ ,]{0,2}(?:[啊哦]? ?)(?:而?是|其实是)"
)
_NOT_HER = Pattern(
    r"(?:可|倒)?不是(?:[她他]|本人|自己|大人|◇)(?!家|的|老|妈|爸|女|儿|孩|娃|婆|公|爱|闺|弟|妹|哥|姐|孙|先|对|朋|同)"
)
_HERSELF = Pattern(r"(?:而?是|其实是)(?:[她他]自己|[她他]本人|本人|自己|◇)")
_LISTED = Pattern(r"(?:[、,和跟与及或/+& ]|还有|以及|也|都|外加|加上|又对|对|什么的|类)*")
_SUBJECT = Pattern(r"^(?:[她他◇]|这位|那位|客人|顾客|说|对|还|也|有|是|记|备注|登记|,| )*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One message. `masked` is the text with the customer's name blanked; offsets are the same."""

    text: str
    masked: str
    clauses: tuple[Clause, ...]
    people: tuple[Relative, ...]
    products: tuple[str, ...]
    mention: Mention
    several: bool
    in_context: bool
    hint: str | None = None
    found: dict[int, list[Hit]] = field(default_factory=dict)

    def owner(self, place: int, *, near: bool = False) -> str | None:
        """The relative who is the subject at this place, None for the customer herself; `near`: in its own clause."""
        corrected, found = self._corrected()
        if corrected:
            return found
        start = next((c.start for c in self.clauses if c.start <= place <= c.end), 0)
        for person in reversed(self.people):
            if person.start >= place:
                continue
            if near and person.start < start:
                break
            if person.start >= start or not people.beside(self.masked, person.start):
                return person.of
        return None

    def _corrected(self) -> tuple[bool, str | None]:
        """「不是她，是她闺女」: whom the words finally mean."""
        if match := _OF_ANOTHER.search(self.masked):
            after = [p for p in self.people if match.end() <= p.end and p.start <= match.end() + 3 and p.of]
            if after:
                return True, after[0].of
        if match := _NOT_HER.search(self.masked):
            before = [p for p in self.people if p.of and p.end <= match.start() and _is_before(self.masked, p)]
            if before:
                return True, before[-1].of
        if _HERSELF.search(self.masked) and re.search(r"不是(?:[她他]的?|◇的?)?[一-龥]{1,3}", self.masked):
            return True, None
        return False, None

    def clause_at(self, place: int) -> Clause | None:
        """The clause that holds this place."""
        return next((c for c in self.clauses if c.start <= place < c.end), None)

    def substances(self, clause: Clause) -> list[Hit]:
        """Known substances and products of the catalogue in a clause, in its own offsets."""
        if clause.start not in self.found:
            self.found[clause.start] = self._substances(clause)
        return self.found[clause.start]

    def _substances(self, clause: Clause) -> list[Hit]:
        found = lexicon.allergens().find(clause.text)
        for name in self.products:
            at = clause.text.find(name)
            if name and at >= 0:
                found = [hit for hit in found if hit.end <= at or hit.start >= at + len(name)]
                found.append(Hit(at, at + len(name), name, name, "product"))
        taken = [(p.start - clause.start, p.end - clause.start) for p in self.people if p.of]
        free = [h for h in found if not any(a < h.end and h.start < b and b - a >= h.end - h.start for a, b in taken)]
        return sorted(
            (h for h in free if _stands_alone(clause.text, h) or any(b == h.start for _, b in taken)),
            key=lambda hit: hit.start,
        )


_LEADS = frozenset("对吃喝碰沾的、和跟与及,是用戴穿有 ◇她他闻说抹涂镀过了点怕忌打爱家换不加放也些种个含纯全或都因到一")
_FOLLOWS = frozenset("过敏类的、和跟与及 ,就会也都了粉肉皮味制饰不没或后一上嘴脸她他能什是还全等着吧啊")


def _stands_alone(text: str, hit: Hit) -> bool:
    """A one-character substance counts only between words: 铁 in 拿铁 is none."""
    if hit.end - hit.start > 1:
        return True
    before = text[hit.start - 1] if hit.start else " "
    after = text[hit.end] if hit.end < len(text) else " "
    return before in _LEADS and after in _FOLLOWS


def _is_before(text: str, person: Relative) -> bool:
    return re.search(r"是(?:[她他]|◇+)?(?:家|的)?$", text[: person.start]) is not None


def prepare(text: str, products: tuple[str, ...], *, in_context: bool) -> Sentence:
    """A repaired text made ready for the rules."""
    mention, spans, several = people.customer(text)
    told = None if mention or several else names.hint(text)
    pointed = told is not None and names.points_out(text[slice(*told)])
    if in_context and not pointed:
        told = None
    spans = [*spans, told] if told and pointed else spans
    masked = mask(text, spans)
    others = people.relatives(masked)
    taken = [(one.start, one.end) for one in others]
    named = [Relative(a, b, None) for a, b in spans if not any(b == start for start, _ in taken)]
    everyone = tuple(sorted(others + named, key=lambda one: one.start))
    return Sentence(
        text, masked, split(masked), everyone, products, mention, several, in_context, told and text[slice(*told)]
    )


def group_at_end(text: str, hits: list[Hit], gap: Pattern, end: int) -> list[Hit]:
    """The list of substances that runs up to `end`, apart from words the gap allows."""
    before = [hit for hit in hits if hit.end <= end]
    if not before or not gap.fullmatch(text, before[-1].end, end):
        return []
    found = [before[-1]]
    for hit in reversed(before[:-1]):
        if not _LISTED.fullmatch(text, hit.end, found[0].start):
            break
        found.insert(0, hit)
    return found


def group_at_start(text: str, hits: list[Hit], gap: Pattern, start: int) -> list[Hit]:
    """The list of substances that begins at `start`, apart from words the gap allows."""
    found: list[Hit] = []
    for hit in hits:
        if hit.start < start:
            continue
        between = _LISTED if found else gap
        if not between.fullmatch(text, found[-1].end if found else start, hit.start):
            break
        found.append(hit)
    return found


def only_substances(text: str, hits: list[Hit]) -> bool:
    """Whether a clause is nothing but a list of substances."""
    if not hits:
        return False
    head = _SUBJECT.match(text)
    start = head.end() if head else 0
    whole = group_at_start(text, hits, _LISTED, start)
    return len(whole) == len(hits) and not text[hits[-1].end :].strip(MASK + " 的类、等都")
