"""A message cut into clauses, with offsets into the whole."""

from dataclasses import dataclass

from bot.domain.language.patterns import Pattern

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
