"""Files of one row a thing (stores, staff, products, customers): each row read by itself, nothing stored."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bot.domain.cells import CellError
from bot.intake.reading.files import GARBLED, is_garbled
from bot.intake.reading.texts import Who, text_of

K = TypeVar("K", str, Who)
Cells = Mapping[str, str]

_TWICE = "文件里有两行是同一个，内容却不一样：请留下对的一行"


@dataclass(slots=True)
class Wanted(Generic[K]):
    """What a row says of the thing with that key; what it leaves blank is not among the values.

    `numbers` are its rows: the same words may stand in a file more than once.
    """

    key: K
    values: dict[str, Any]
    more: tuple[Any, ...]
    numbers: list[int]


@dataclass(slots=True)
class Table(Generic[K]):
    """A whole file: what is wanted, and refusals by row."""

    wanted: list[Wanted[K]] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    rows: int = 0

    def refuse(self, wanted: Wanted[K], reason: str) -> None:
        """Refuse every row that wants this."""
        for number in wanted.numbers:
            self.refused[number] = reason


Reader = Callable[[Cells], tuple[K, dict[str, Any], tuple[Any, ...]]]


def read_rows(rows: Iterable[list[str]], places: Mapping[str, int], reader: Reader[K]) -> Table[K]:
    """Read every row, counted from 1; `reader` raises CellError for one that cannot be taken."""
    table: Table[K] = Table()
    seen: dict[K, Wanted[K]] = {}
    for number, row in enumerate(rows, 1):
        table.rows = number
        if is_garbled(row):
            table.refused[number] = GARBLED
            continue
        try:
            cells = {name: text_of(row[place]) if place < len(row) else "" for name, place in places.items()}
            key, values, more = reader(cells)
        except CellError as error:
            table.refused[number] = str(error)
            continue
        first = seen.get(key)
        if first is None:
            seen[key] = Wanted(key, values, more, [number])
        elif (first.values, first.more) == (values, more):
            first.numbers.append(number)
        else:
            table.refused[number] = _TWICE
    table.wanted = sorted(seen.values(), key=lambda wanted: wanted.key)
    return table
