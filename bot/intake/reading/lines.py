"""The first walk through an order file: each line read and put to its order, wherever in the file it stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import compress, islice, pairwise
from operator import ne

from bot.domain import cells
from bot.domain.cells import CellError
from bot.domain.stats import Line
from bot.intake.reading.files import GARBLED, is_garbled
from bot.intake.reading.texts import own_number, text_of, words

HEAD = (
    "ordered_at", "ordered_time", "store", "customer_no", "phone", "customer_name",
    "refund_of", "pay_method", "sales_channel", "coupon",
)  # fmt: skip
LINE = ("product", "product_name", "category", "quantity", "amount", "unit_price", "kind")

_KINDS = words("""
refund: refunded return returned 退款 退货 退 退单 退货退款 已退款 已退货 退款成功
sale: sales order paid completed complete done success 销售 零售 消费 购买 正常 售 销售单 完成 已完成 已支付 已付款
 已发货 已签收 已收货 交易成功 交易完成 成功 已结账 已核销
dead: cancelled canceled cancel void unpaid pending closed 取消 已取消 作废 已作废 关闭 已关闭 交易关闭
 未支付 未付款 待付款 待支付
""")

_LONGEST_NAME = 500
_CHUNK = 300  # rows at a time: so few stay in the processor's own memory
_TOO_WIDE = "这一行的格子比表头多，可能错位了：请检查有没有多出来的逗号"

RawHead = tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """The lines of one order as met so far: heads that differ, places in `Gathered.lines`, rows in the file."""

    heads: list[RawHead] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    bad: bool = False


@dataclass(slots=True)
class Gathered:
    """A whole file: drafts by order number, every different line once, products, refusals by row.

    A line's product is the place of its word in `products`, 0 for none; `kinds` says sale, refund or nothing
    of the line at the same place. `head_at` tells where in a raw head each of HEAD is. `remarks` are of rows that
    are taken all the same.
    """

    head_at: list[int]
    drafts: dict[str, Draft] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    products: dict[str, int] = field(default_factory=lambda: {"": 0})
    names: dict[str, str] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    remarks: dict[int, str] = field(default_factory=dict)
    may_refund: bool = False
    rows: int = 0


class Gatherer:
    """Reads lines by the thousand; equal cells are read once, for a shop sells the same things again and again."""

    def __init__(self, places: Mapping[str, int], width: int, *, garbled: bool = False) -> None:
        """`places` tells which column of a row of `width` cells is what."""
        self._width = width
        self._garbled = garbled
        self._head_places, head_at = _present(HEAD, places)
        self._head_places.insert(0, places["order_no"])
        self._line_places, self._line_at = _present(LINE, places)
        self._spelled: dict[str, Draft | CellError] = {}
        self._read: dict[RawHead, int] = {}
        self._wrong: dict[int, str] = {}
        self._product, self._kind = cache(self._product_of), cache(_kind_of)
        self._milli = cache(lambda cell: cells.quantity_milli(text_of(cell)))
        self._fen = cache(lambda cell: cells.amount_fen(text_of(cell)))
        self.found = Gathered(head_at)

    def gather(self, rows: Iterable[list[str]]) -> Gathered:
        """Read every row, counted from 1."""
        rest = iter(rows)
        while chunk := list(islice(rest, _CHUNK)):
            self._take(chunk, self._evened(chunk))
            self.found.rows += len(chunk)
        self._forget()
        return self.found

    def _forget(self) -> None:
        """Let go of what only reading needed: the caches hold this object, which holds them."""
        self._spelled.clear()
        self._read.clear()
        for known in (self._product, self._kind, self._milli, self._fen):
            known.cache_clear()

    def _evened(self, chunk: list[list[str]]) -> dict[int, str]:
        """Make rows as wide as the header; gives what is wrong with some, by place in the chunk."""
        wrong = {}
        if set(map(len, chunk)) != {self._width}:
            for at, row in enumerate(chunk):
                if any(row[self._width :]):
                    wrong[at] = _TOO_WIDE
                chunk[at] = (row + [""] * self._width)[: self._width]
        if self._garbled:
            wrong |= {at: GARBLED for at, row in enumerate(chunk) if is_garbled(row)}
        return wrong

    def _take(self, chunk: list[list[str]], wrong: dict[int, str]) -> None:
        """Put the lines of some rows to their orders; lines that stand together go together."""
        columns, blank = list(zip(*chunk, strict=True)), ("",) * len(chunk)
        lines = self._lines_of(list(zip(*[columns[place] for place in self._line_places], blank, strict=True)))
        if not self._wrong.keys().isdisjoint(lines):
            wrong = {at: self._wrong[line] for at, line in enumerate(lines) if line in self._wrong} | wrong
        keys = list(zip(*[columns[place] for place in self._head_places], blank, strict=True))
        first, refused = self.found.rows + 1, self.found.refused
        edges = compress(range(1, len(keys)), map(ne, keys, islice(keys, 1, None)))
        for start, end in pairwise((0, *edges, len(keys))):
            draft = self._draft(keys[start][0])
            if isinstance(draft, CellError):
                refused.update(dict.fromkeys(range(first + start, first + end), str(draft)))
                continue
            head = keys[start][1:]
            if head not in draft.heads:
                draft.heads.append(head)
            draft.lines += lines[start:end]
            draft.numbers += range(first + start, first + end)
        for at, reason in wrong.items():
            refused[first + at] = reason
            draft = self._draft(keys[at][0])
            if isinstance(draft, Draft):
                draft.bad = True

    def _draft(self, cell: str) -> "Draft | CellError":
        """The order of this number, or why the cell is none."""
        known = self._spelled.get(cell)
        if known is None:
            try:
                order_no = own_number(cell, "单号")
                known = self.found.drafts.setdefault(order_no, Draft()) if order_no else CellError("单号空着：请填上")
            except CellError as error:
                known = error
            self._spelled[cell] = known
        return known

    def _lines_of(self, raws: list[RawHead]) -> list[int]:
        places: list[int | None] = list(map(self._read.get, raws))
        return [self._line_of(raw) if place is None else place for place, raw in zip(places, raws, strict=True)]

    def _line_of(self, raw: RawHead) -> int:
        place = self._read.get(raw)
        if place is not None:
            return place
        place = self._read[raw] = len(self.found.lines)
        try:
            line, kind = self._read_line(*[raw[at] for at in self._line_at])
        except CellError as error:
            line, kind, self._wrong[place] = Line(None, None, None), "", str(error)
        self.found.lines.append(line)
        self.found.kinds.append(kind)
        self.found.may_refund |= kind == "refund" or (line.amount_fen or line.quantity_milli or 0) < 0
        return place

    def _read_line(self, *raw: str) -> tuple[Line, str]:
        product, product_name, category, quantity, amount, price, kind = raw
        word, milli, fen = self._kind(kind), self._milli(quantity), self._fen(amount)
        if fen is None and milli is not None and (each := self._fen(price)) is not None:
            fen = (milli * each + 500) // 1000
        if word == "refund":
            milli, fen = milli and -abs(milli), fen and -abs(fen)
        return Line(self._product(product, product_name, category), milli, fen), word

    def _product_of(self, product: str, product_name: str, category: str) -> int:
        found, name = self.found, text_of(product_name)
        if len(name) > _LONGEST_NAME:
            raise CellError(f"商品名超过 {_LONGEST_NAME} 个字，请核对是不是错列了")
        code = own_number(product, "商品") or name
        for said, kept in ((name, found.names), (text_of(category), found.categories)):
            if code and said:
                kept[code] = min(said, kept.get(code, said))
        return found.products.setdefault(code, len(found.products))


def _present(names: Sequence[str], places: Mapping[str, int]) -> tuple[list[int], list[int]]:
    """The columns there are of `names`, and where each name is among them: -1, a blank added last, if missing."""
    there = [name for name in names if name in places]
    return [places[name] for name in there], [there.index(name) if name in there else -1 for name in names]


def _kind_of(cell: str) -> str:
    word = text_of(cell).lower()
    kind = _KINDS.get(word, "") if word else ""
    if kind == "dead":
        raise CellError("这一单没有成交（取消、关闭或未付款），不用导入")
    if word and not kind:
        raise CellError("类型看不懂：销售请写 sale 或 销售，退货请写 refund 或 退款")
    return kind
