"""What the words about one row of a list mean: one outcome, or nothing that could be acted on."""

from bot.domain.language import lexicon
from bot.domain.language.patterns import Pattern
from bot.domain.lists import colleagues, stops
from bot.domain.lists.cues import A_DAY, BEFORE, LATER_ON, TAGS, VAGUE, WHEN, Cue, Tag, cues, reason
from bot.domain.lists.values import Meaning, Outcome

_CORRECTED = Pattern(
    r"(?<=[ ,])不是[ ,]+|(?:[哦噢啊呃嗯额][,， ]*)*(?:不对|(?:说|写|搞|弄|记|看|点|发)错了?|打错字了?|更正"
    r"|(?<!打)错了|应该是"
    r"|改成)[ ,，。!:]*(?:应该)?(?:是|改)?[ ,:]*"
)
_NOT_THIS = Pattern(r"(?:不是|并非)(?P<wrong>[^,。 ]{1,12}?)[ ,，]*(?:而是|就是|是)(?P<right>.+)")
_CLAUSE = Pattern(r"[ ,，。;；!、/]+")
_SOME_DAY = Pattern(r"再(?:过来|来|说)")
_WANTS = Pattern(r"(?:(?<!不)(?<!没)想要|有没有|有无|求|能不能[给发]|给[她我他]?)[^,。 不没]{0,4}(?:券|优惠|折|红包)")
_REPORTED = Pattern(r"说|讲|答应|要求")
_OF_CALLS: frozenset[Tag] = frozenset({"tried", "talked", "silent", "open", "back", "appointment", "coupon"})
_EDGE = " ,，。;；!！、:：.)=~-—/?"
_FILLER = Pattern(
    r"^(?:[ ,，。、:.)=~-]|是|嗯|哦|呃|那个|的话|这位|这个|人|客人|客户|的)+|(?:[ ,，。、;!~-]|然后|还有"
    r"|以及|另外|就|但是?|和|吧|哈|啊|呢|哦|嘛|啦|喔|哎)+$"
)
_BLANK = Pattern(
    r"她|他|客人|客户|人家|都|也|已经|已|还|又|了|的|是|说|讲|我|全|刚才?|今天|电话|就|过|在|给|呢|啊|哈|吧"
    r"|[ ,，。!~、]"
)


def bare(words: str) -> str:
    """The words without the fillers and marks at their ends."""
    before = ""
    while before != words:
        before, words = words, _FILLER.sub("", words).strip(_EDGE)
    return words


def retracted(words: str) -> bool:
    """Whether the words end by taking themselves back: 「打过了 不对 是」."""
    ends = [match.end() for match in _CORRECTED.finditer(words)]
    return bool(ends) and not bare(words[ends[-1] :])


def of_everybody(words: str) -> bool:
    """Whether the words are an outcome and nothing else, as must be where no number is named: not 「都来开会」."""
    if colleagues.whom(words) or stops.wish(words):
        return True
    found = cues(words)
    left = words
    for cue in reversed(found):
        left = left[: cue.start] + left[cue.end :]
    if not found or _BLANK.sub("", WHEN.sub("", left)):
        return False
    return {cue.tag for cue in found} <= _OF_CALLS or _REPORTED.search(words) is not None


def of_call(words: str) -> bool:
    """Whether the words begin by telling that somebody was called, and tell one outcome: 打过了 说周末来, 没接."""
    first = _CLAUSE.split(words)[0]
    found = cues(first)
    told = {cue.tag for cue in found} & {"tried", "talked", "silent"}
    left = first
    for cue in reversed(found):
        left = left[: cue.start] + left[cue.end :]
    return bool(told) and not _BLANK.sub("", WHEN.sub("", left)) and meaning(words) is not None


def reported(words: str) -> bool:
    """Whether the words tell what people said: 「都说别打了」, not 「都别打了」."""
    return _REPORTED.search(words) is not None


def meaning(words: str) -> Meaning | None:
    """The outcome that the words tell; None where they tell none, or two that contradict each other."""
    words = bare(_corrected(words))
    if not words:
        return None
    clauses = [clause for clause in _CLAUSE.split(words) if clause]
    for clause in clauses:
        if name := colleagues.whom(clause):
            rest = " ".join(one for one in clauses if one != clause)
            return None if cues(rest) or stops.wish(rest) else Meaning("hand_over", whom=name, rest=rest)
    return _told(words)


def _corrected(words: str) -> str:
    """The words after the last correction."""
    ends = [match.end() for match in _CORRECTED.finditer(words)]
    words = words[ends[-1] :] if ends else words
    turned = _NOT_THIS.search(words)
    if turned and (cues(turned["wrong"]) or stops.wish(turned["wrong"])) and bare(turned["right"]):
        words = words[: turned.start()] + turned["right"]
    return words


def _told(words: str) -> Meaning | None:
    words = stops.without_denied(words)
    wish = stops.wish(words)
    if wish == "stop":
        return Meaning("stop", rest=words)
    found = cues(words)
    why = reason(words, brand=lexicon.words("brands").any(words))
    outcome = _outcome(words, found, why)
    if outcome is None or (wish == "limited" and outcome != "later"):
        return None
    if outcome == "refused" and why and _WANTS.search(words) and not {"refused", "cannot"} & {one.tag for one in found}:
        return Meaning("reached", reason=why, rest=_rest(words, why))
    when = _when(words, found, outcome)
    if when is None:
        return None
    if wish == "limited" and not when:
        return None
    kept = why if outcome == "refused" else "搬走" if outcome == "moved" else ""
    return Meaning(outcome, when, kept, "", _rest(words, why))


def _outcome(words: str, found: list[Cue], why: str) -> Outcome | None:
    """The one outcome that the cues leave standing; None where there is none or two that exclude each other."""
    tags = _standing(words, found)
    if why and not tags & _BEYOND_REASON:
        tags.add("refused")
    if tags & {"coming", "appointment"} and why and _SOME_DAY.search(words) and not A_DAY.search(words):
        tags = tags - {"coming"} | {"refused"}
    if "cannot" in tags and "coming" in tags and found[-1].tag == "cannot":
        return None
    for tag, outcome, against in _WEIGHED:
        if tag in tags:
            return None if tags & against else outcome
    return None


_MEANT: frozenset[Tag] = frozenset({"appointment", "coming"})
_BEYOND_REASON: frozenset[Tag] = _MEANT | {"back", "moved", "wrong"}
_ANSWERED: frozenset[Tag] = _MEANT | {"refused", "coupon", "talked", "came"}
_WEIGHED: tuple[tuple[Tag, Outcome, frozenset[Tag]], ...] = (
    ("wrong", "wrong_number", _MEANT),
    ("moved", "moved", _MEANT | {"back"}),
    ("silent", "no_answer", _ANSWERED),
    ("coupon", "coupon", frozenset(TAGS) - {"coupon", "talked", "tried"}),
    ("refused", "refused", _MEANT),
    ("back", "later", frozenset()),
    ("appointment", "appointment", frozenset()),
    ("coming", "coming", frozenset()),
    ("cannot", "refused", frozenset()),
    ("came", "reached", frozenset()),
    ("weighs", "reached", frozenset()),
    ("busy", "later", frozenset()),
    ("talked", "reached", frozenset()),
    ("tried", "reached", frozenset()),
    ("open", "later", frozenset()),
)
"""Each tag with its outcome and the tags that contradict it; the first that was found decides."""


def _standing(words: str, found: list[Cue]) -> set[Tag]:
    """The tags that hold at the end: a call that was not answered first and then was is an answered one."""
    kept: list[Cue] = []
    for cue in found:
        others = [one for one in found if one.start > cue.start and one.tag not in ("silent", "nothing", "tried")]
        first = BEFORE.search(words[: cue.start]) or LATER_ON.search(words, cue.end)
        if cue.tag == "silent" and others and first and not all(one.tag in ("back", "busy") for one in others):
            continue
        kept.append(cue)
    return {cue.tag for cue in kept} - {"nothing"}


_TIMED: dict[Outcome, tuple[Tag, ...]] = {
    "appointment": ("appointment", "coming"),
    "coming": ("coming",),
    "later": ("back", "busy", "open", "moved"),
    "no_answer": ("back",),
}
_TAGS_BEFORE = frozenset({"coming", "back"})


def _when(words: str, found: list[Cue], outcome: Outcome) -> str | None:
    """The time that belongs to the outcome: said before 来 and 再打, after 约了; None where there are two of them."""
    said = list(WHEN.finditer(words))
    times = [one for one in said if not VAGUE.fullmatch(one.group())] or said
    for cue in found:
        if not times or cue.tag not in _TIMED.get(outcome, ()):
            continue
        before = [one.group() for one in times if one.start() < cue.end][-1:]
        after = [one.group() for one in times if one.start() >= cue.end]
        near, far = (before, after) if cue.tag in _TAGS_BEFORE else (after, before)
        if not near:
            near, far = far, []
        return _one_time([*near, *(one for one in far if not A_DAY.search(one))])
    return ""


def _one_time(times: list[str]) -> str | None:
    """A day and its hour said apart are one time; two days are two."""
    days = {one for one in times if A_DAY.search(one)}
    if len(days) > 1:
        return None
    return " ".join([*days, *(one for one in dict.fromkeys(times) if one not in days)])


def _rest(words: str, why: str) -> str:
    """The clauses that tell nothing of the outcome."""
    clauses = [clause for clause in _CLAUSE.split(words) if clause]
    said = [clause for clause in clauses if not cues(clause) and not WHEN.search(clause) and not _why(clause, why)]
    return " ".join(said)


def _why(clause: str, why: str) -> bool:
    return bool(why) and reason(clause, brand=True) == why
