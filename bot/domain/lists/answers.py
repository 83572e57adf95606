"""What is typed under a numbered list of people, as outcomes of its rows; what is not understood is asked."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.language.patterns import Pattern
from bot.domain.lists import outcomes
from bot.domain.lists.rows import Part, parts, plain
from bot.domain.lists.values import Answer, Answers, Meaning, Outcome, Unclear

LONGEST = 500
_BUT = ("除外", "不算", "例外", "以外")
_QUESTION = Pattern(r"(?:吗|么|没有|[了过]没|\?)[?!。 呀啊]*$|^[^,。 ]{0,4}(?:为什么|为啥|怎么|咋|是谁|谁是|谁啊|哪位)")
_BOOKED = Pattern(r"(?:约[了好定]*|说)[ ,]*$")
_A_DAY = Pattern(r" ?(?:来|过来|到店|上午|下午|晚上|中午|早上)")


def read(text: str, rows: Collection[int]) -> Answers | None:
    """What the message says of the rows (their numbers on the list); None where it is no answer to a list."""
    listed = sorted(set(rows))
    said = plain(text)
    if not listed or not said or len(text) > LONGEST:
        return None
    found, turned = parts(said, listed)
    if not found or (len(found) == 1 and _QUESTION.search(said)):
        return None
    sheet = _Sheet(listed)
    for part, following in zip(_carried(found, turned=turned), [*found[1:], None], strict=True):
        sheet.take(part, following)
    return sheet.answers(turned=turned)


def _carried(found: Sequence[Part], *, turned: bool) -> list[Part]:
    """The parts; a trailing 「除了4」 or 「4除外」 says of which rows the part before it does not speak."""
    kept = list(found)
    for i, part in enumerate(kept):
        words, before = outcomes.bare(part.words), kept[i - 1]
        but = part.rows if words in _BUT else part.but if not words else ()
        if i and not turned and but and before.wide:
            kept[i - 1] = replace(before, but=before.but + but)
            kept[i] = Part()
    return kept


@dataclass
class _Sheet:
    """The answers as they are gathered, row by row."""

    listed: list[int]
    meant: dict[int, list[Meaning]] = field(default_factory=dict)
    words: dict[int, list[str]] = field(default_factory=dict)
    doubtful: set[int] = field(default_factory=set)
    wide: list[tuple[Part, Meaning | None]] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    understood: bool = False
    broken: bool = False

    def take(self, part: Part, following: Part | None) -> None:
        """One part with its words."""
        if following and outcomes.retracted(part.words):
            return
        meaning = outcomes.meaning(part.words)
        if following and following.dated and _BOOKED.search(part.words) and _A_DAY.match(following.words):
            self.doubtful.update(part.rows, following.rows)
        if part.wide:
            self._everybody(part, meaning)
            return
        self.understood |= meaning is not None
        for row in part.rows:
            if row not in self.listed:
                self.missing.append(row)
                continue
            self.words.setdefault(row, []).append(outcomes.bare(part.words))
            if meaning is None:
                self.doubtful.add(row)
            else:
                self.meant.setdefault(row, []).append(meaning)

    def _everybody(self, part: Part, meaning: Meaning | None) -> None:
        if part.every and not outcomes.of_everybody(outcomes.bare(part.words)):
            self.broken = True
        if meaning and meaning.outcome == "stop" and not outcomes.reported(part.words):
            meaning = None
        self.understood |= meaning is not None
        self.wide.append((part, meaning))

    def answers(self, *, turned: bool) -> Answers | None:
        """Everything gathered; None where nothing shows that a list was answered."""
        spoken = any(word for words in self.words.values() for word in words)
        if self.broken or (turned and (self.doubtful or not self.understood)):
            return None
        if not self.understood and not spoken and not self.wide:
            return None
        typed = tuple((row, " ".join(filter(None, words))) for row, words in self.words.items())
        self._fill()
        done: dict[Meaning, list[int]] = {}
        unclear: list[Unclear] = []
        for row in self.listed:
            if row not in self.words:
                continue
            told = self.meant.get(row, [])
            one = _joined(told) if row not in self.doubtful or _stops(told) else None
            if one is None:
                differing = tuple(dict.fromkeys(meaning.outcome for meaning in told))
                unclear.append(Unclear((row,), " / ".join(filter(None, self.words[row])), differing))
            else:
                done.setdefault(one, []).append(row)
        return Answers(tuple(_answers(done)), tuple(_grouped(unclear)), tuple(dict.fromkeys(self.missing)), typed)

    def _fill(self) -> None:
        """All rows that no other part names, for 都, 其他 and 除了."""
        named = set(self.words)
        for part, meaning in self.wide:
            rows = [row for row in self.listed if row not in named and row not in part.but]
            for row in rows:
                self.words.setdefault(row, []).append(outcomes.bare(part.words))
                if meaning is None or part.count not in (0, len(rows)):
                    self.doubtful.add(row)
                else:
                    self.meant.setdefault(row, []).append(meaning)
            self.missing += [row for row in part.but if row not in self.listed]


def _stops(told: Iterable[Meaning]) -> bool:
    return any(meaning.outcome == "stop" for meaning in told)


def _joined(told: Sequence[Meaning]) -> Meaning | None:
    """One meaning of what was said of a row in several places; a stop outweighs all, a contradiction is none."""
    for meaning in told:
        if meaning.outcome == "stop":
            return meaning
    if not told:
        return None
    joined = told[0]
    for other in told[1:]:
        both: tuple[Outcome, Outcome] = (joined.outcome, other.outcome)
        if both[0] == both[1] and joined.whom == other.whom and (not joined.when or not other.when):
            joined = joined if joined.when or not other.when else other
        elif both[0] == both[1] and joined == other:
            continue
        elif both[0] == "reached" and both[1] in _REFINES:
            joined = other
        elif both == ("no_answer", "later"):
            joined = Meaning("no_answer", other.when, rest=joined.rest)
        else:
            return None
    return joined


_REFINES: frozenset[Outcome] = frozenset({"appointment", "coming", "refused", "later", "moved", "coupon"})


def _answers(done: dict[Meaning, list[int]]) -> Iterable[Answer]:
    for one, rows in done.items():
        yield Answer(tuple(rows), one.outcome, one.when, one.reason, one.whom, one.rest)


def _grouped(unclear: Sequence[Unclear]) -> Iterable[Unclear]:
    """Those with the same words together."""
    found: dict[tuple[str, tuple[Outcome, ...]], list[int]] = {}
    for one in unclear:
        found.setdefault((one.words, one.outcomes), []).extend(one.rows)
    for (words, differing), rows in found.items():
        yield Unclear(tuple(rows), words, differing)
