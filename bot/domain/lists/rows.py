"""A message cut into the rows of a list that it names and the words about each, before or after them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.language.patterns import Pattern
from bot.domain.lists.references import Found, Named, references
from bot.domain.text import normal

_LEAD = Pattern(
    r"(?:@[^ @]{1,20} |那个|今[天早晚]的?|昨[天晚]的?|刚才|刚刚|我刚|嗯|好的|好|汇报一?下?|报告|反馈一?下?"
    r"|回复|结果|情况|更新|早报|召回|名单|店长"
    r"|老板|姐|把|打电话|[ ,，。:：、!;(#【\[])+"
)
_GIVEN_APART = Pattern(r"((?:派|转|交|分)给|给|派|转) (?=[一-龥]{1,4}(?:$|[ ,，。;；\d]))")


@dataclass(frozen=True, slots=True)
class Part(Named):
    """A reference and the words about it."""

    words: str = ""

    @classmethod
    def of(cls, found: Found, words: str) -> "Part":
        """The reference with these words."""
        one = found.named
        return cls(one.rows, one.wide, one.but, one.every, one.count, one.dated, words)


def plain(raw: str) -> str:
    """The message made plain; the frames of keycaps are dropped, and a colleague stands next to 给."""
    return _GIVEN_APART.sub(r"\1", normal(raw).replace("\u20e3", "").strip())


def parts(text: str, rows: Sequence[int]) -> tuple[list[Part], bool]:
    """The parts of a plain message in order, and whether the numbers come after their words; no parts: no answer."""
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    if found := references(text, start, rows):
        return list(_after(text, found)), False
    found = references(text, None, rows)
    if found and not _trailing(text[found[-1].end :]):
        return list(_before(text, found, start)), True
    return [], False


def _trailing(words: str) -> bool:
    return bool(words.strip(" ,，。.!！号"))


def _after(text: str, found: Sequence[Found]) -> Iterator[Part]:
    for one, following in zip(found, [*found[1:], None], strict=True):
        words = text[one.end : following.start if following else len(text)]
        yield Part.of(one, words)


def _before(text: str, found: Sequence[Found], start: int) -> Iterator[Part]:
    for one in found:
        yield Part.of(one, text[start : one.start])
        start = one.end
