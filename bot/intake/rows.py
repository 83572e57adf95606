"""Files of one row a thing (stores, staff, products, customers): each row read by itself, nothing stored."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bot.domain.cells import CellError
from bot.intake.files import is_garbled
from bot.intake.texts import text_of

K = TypeVar("K", bound=Hashable)
Cells = Mapping[str, str]

_TWICE = "文件里有两行是同一个，内容却不一样：请留下对的一行"
_GARBLED = "这一行有乱码，有些字已经丢了：请从原系统重新导出"


@dataclass(frozen=True, slots=True)
class Wanted(Generic[K]):
    """What one row says of the thing with that key; what it leaves blank is not among the values."""

    number: int
    key: K
    values: dict[str, Any]
    more: tuple[Any, ...] = ()


@dataclass(slots=True)
class Table(Generic[K]):
    """A whole file: what is wanted, refusals by row, how often a thing stood there again in the same words."""

    wanted: list[Wanted[K]] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    again: int = 0
    rows: int = 0


Reader = Callable[[Cells], tuple[K, dict[str, Any], tuple[Any, ...]]]


def read_rows(rows: Iterable[list[str]], places: Mapping[str, int], reader: Reader[K]) -> Table[K]:
    """Read every row, counted from 1; `reader` raises CellError for one that cannot be taken."""
    table: Table[K] = Table()
    seen: dict[K, Wanted[K]] = {}
    for number, row in enumerate(rows, 1):
        table.rows = number
        try:
            if is_garbled(row):
                raise CellError(_GARBLED)
            cells = {name: text_of(row[place]) if place < len(row) else "" for name, place in places.items()}
            key, values, more = reader(cells)
        except CellError as error:
            table.refused[number] = str(error)
            continue
        wanted = Wanted(number, key, values, more)
        first = seen.setdefault(key, wanted)
        if first is wanted:
            table.wanted.append(wanted)
        elif (first.values, first.more) == (values, more):
            table.again += 1
        else:
            table.refused[number] = _TWICE
    return table
