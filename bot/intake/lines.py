"""The first walk through an order file: each line read and put to its order, wherever in the file it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter

from bot.domain import cells
from bot.domain.cells import CellError
from bot.domain.stats import Line
from bot.intake.texts import REFUND_WORDS, SALE_WORDS, own_number, text_of

HEAD = ("ordered_at", "store", "customer_no", "phone", "refund_of", "pay_method", "sales_channel")
LINE = ("product", "category", "quantity", "amount", "kind")

RawHead = tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """The lines of one order as met so far: what their heads say, read lines, their rows and words of kind.

    A line's product is the place of its name in `Gathered.products`, 0 for none.
    """

    heads: list[RawHead]
    lines: list[Line] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    bad: bool = False


@dataclass(slots=True)
class Gathered:
    """A whole file: drafts by order number, products with their categories, refusals by row."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=lambda: {"": 0})
    categories: dict[str, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    lines: int = 0


class Gatherer:
    """Reads lines; equal cells are read once, for a shop sells the same things again and again."""

    def __init__(self, places: Mapping[str, int], width: int) -> None:
        """`places` tells which column of a row of `width` cells is what; what is missing reads as blank."""
        self._width = width
        self._number = places["order_no"]
        self._head = itemgetter(*[places.get(name, width) for name in HEAD])
        self._line = itemgetter(*[places.get(name, width) for name in LINE])
        self._spelled: dict[str, Draft] = {}
        self._read: dict[tuple[str, ...], tuple[Line, str] | CellError] = {}
        self._milli = cache(lambda cell: cells.quantity_milli(text_of(cell)))
        self._fen = cache(lambda cell: cells.amount_fen(text_of(cell)))
        self.found = Gathered()

    def gather(self, rows: Iterable[list[str]]) -> Gathered:
        """Read every row, counted from 1."""
        width, get_head, get_line, place = self._width, self._head, self._line, self._number
        spelled, known = self._spelled, self._read
        number = 0
        for number, row in enumerate(rows, 1):
            if len(row) != width and not self._fitted(number, row):
                continue
            row.append("")
            raw, head = get_line(row), get_head(row)
            draft = spelled.get(row[place]) or self._draft(number, row[place], head)
            if draft is None:
                continue
            if head not in draft.heads:
                draft.heads.append(head)
            line = known.get(raw) or self._line_of(raw)
            draft.numbers.append(number)
            if isinstance(line, CellError):
                self.found.refused[number] = str(line)
                draft.bad = True
            else:
                draft.lines.append(line[0])
                if line[1]:
                    draft.words.add(line[1])
        self.found.lines = number
        return self.found

    def _fitted(self, number: int, row: list[str]) -> bool:
        if any(row[self._width :]):
            self.found.refused[number] = "这一行的格子比表头多，可能错位了：请检查有没有多出来的逗号"
            return False
        row[:] = (row + [""] * self._width)[: self._width]
        return True

    def _draft(self, number: int, raw: str, head: RawHead) -> Draft | None:
        try:
            order_no = own_number(raw, "单号")
        except CellError as error:
            self.found.refused[number] = str(error)
            return None
        if not order_no:
            self.found.refused[number] = "单号空着：请填上"
            return None
        draft = self._spelled[raw] = self.found.drafts.setdefault(order_no, Draft([head]))
        return draft

    def _line_of(self, raw: tuple[str, ...]) -> tuple[Line, str] | CellError:
        try:
            read: tuple[Line, str] | CellError = self._read_line(*raw)
        except CellError as error:
            read = error
        self._read[raw] = read
        return read

    def _read_line(self, product: str, category: str, quantity: str, amount: str, kind: str) -> tuple[Line, str]:
        name, group, word = own_number(product, "商品"), text_of(category), _kind(kind)
        milli, fen = self._milli(quantity), self._fen(amount)
        if word == "refund":
            milli, fen = milli and -abs(milli), fen and -abs(fen)
        if name and group:
            self.found.categories[name] = min(group, self.found.categories.get(name, group))
        return Line(self.found.products.setdefault(name, len(self.found.products)), milli, fen), word


def _kind(cell: str) -> str:
    word = text_of(cell).lower()
    if not word:
        return ""
    if word in REFUND_WORDS:
        return "refund"
    if word in SALE_WORDS:
        return "sale"
    raise CellError("类型看不懂：销售请写 sale 或 销售，退货请写 refund 或 退款")
