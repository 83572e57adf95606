"""The first walk through an order file: each line read and put to its order, wherever in the file it stands."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter

from bot.domain import cells
from bot.domain.cells import CellError
from bot.domain.stats import Line
from bot.intake.reading.files import GARBLED, is_garbled
from bot.intake.reading.texts import own_number, text_of, words

HEAD = (
    "ordered_at", "ordered_time", "store", "customer_no", "phone", "customer_name",
    "refund_of", "pay_method", "sales_channel",
)  # fmt: skip
LINE = ("product", "product_name", "category", "quantity", "amount", "unit_price", "kind")

_KINDS = words("""
refund: refunded return returned 退款 退货 退 退单 退货退款 已退款 已退货 退款成功
sale: sales order paid completed complete done success 销售 零售 消费 购买 正常 售 销售单 完成 已完成 已支付 已付款
 已发货 已签收 已收货 交易成功 交易完成 成功 已结账 已核销
dead: cancelled canceled cancel void unpaid pending closed 取消 已取消 作废 已作废 关闭 已关闭 交易关闭
 未支付 未付款 待付款 待支付
""")

RawHead = tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """The lines of one order as met so far: heads that differ, places in `Gathered.lines`, rows in the file."""

    heads: list[RawHead]
    lines: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    bad: bool = False


@dataclass(slots=True)
class Gathered:
    """A whole file: drafts by order number, every different line once, products, refusals by row.

    A line's product is the place of its word in `products`, 0 for none; `kinds` says sale, refund or nothing
    of the line at the same place. `head_at` tells where in a raw head each of HEAD is.
    """

    head_at: list[int]
    drafts: dict[str, Draft] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    products: dict[str, int] = field(default_factory=lambda: {"": 0})
    names: dict[str, str] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    may_refund: bool = False
    rows: int = 0


class Gatherer:
    """Reads lines; equal cells are read once, for a shop sells the same things again and again."""

    def __init__(self, places: Mapping[str, int], width: int, *, garbled: bool = False) -> None:
        """`places` tells which column of a row of `width` cells is what."""
        self._width = width
        self._garbled = garbled
        self._number = places["order_no"]
        self._get_head, head = _getter(HEAD, places, width)
        self._get_line, self._line_at = _getter(LINE, places, width)
        self._spelled: dict[str, Draft] = {}
        self._read: dict[RawHead, int] = {}
        self._wrong: dict[int, str] = {}
        self._product, self._kind = cache(self._product_of), cache(_kind_of)
        self._milli = cache(lambda cell: cells.quantity_milli(text_of(cell)))
        self._fen = cache(lambda cell: cells.amount_fen(text_of(cell)))
        self.found = Gathered(head)

    def gather(self, rows: Iterable[list[str]]) -> Gathered:
        """Read every row, counted from 1."""
        width, get_head, get_line, place = self._width, self._get_head, self._get_line, self._number
        spelled, known, wrong = self._spelled, self._read, self._wrong
        number, draft, last, garbled = 0, None, "", self._garbled
        for number, row in enumerate(rows, 1):
            if len(row) != width and not self._fitted(number, row):
                continue
            row.append("")
            raw, head, order_no = get_line(row), get_head(row), row[place]
            if draft is None or order_no != last:  # mostly the lines of an order stand together
                draft, last = spelled.get(order_no) or self._draft(number, order_no, head), order_no
                if draft is None:
                    continue
            if head not in draft.heads:
                draft.heads.append(head)
            line = known.get(raw)
            if line is None:
                line = self._line_of(raw)
            draft.lines.append(line)
            draft.numbers.append(number)
            if line in wrong or (garbled and is_garbled(row)):
                self.found.refused[number] = wrong.get(line, GARBLED)
                draft.bad = True
        self.found.rows = number
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

    def _line_of(self, raw: RawHead) -> int:
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
        code = own_number(product, "商品") or name
        for said, kept in ((name, found.names), (text_of(category), found.categories)):
            if code and said:
                kept[code] = min(said, kept.get(code, said))
        return found.products.setdefault(code, len(found.products))


def _getter(
    names: Sequence[str], places: Mapping[str, int], width: int
) -> tuple[Callable[[list[str]], RawHead], list[int]]:
    """What takes the columns there are from a row to which a blank cell was added, and where it puts each name.

    The last of what it takes is that blank: there is each name whose column is missing.
    """
    there = [name for name in names if name in places]
    at = [there.index(name) if name in there else -1 for name in names]
    return itemgetter(*[places[name] for name in there], width, width), at


def _kind_of(cell: str) -> str:
    word = text_of(cell).lower()
    kind = _KINDS.get(word, "") if word else ""
    if kind == "dead":
        raise CellError("这一单没有成交（取消、关闭或未付款），不用导入")
    if word and not kind:
        raise CellError("类型看不懂：销售请写 sale 或 销售，退货请写 refund 或 退款")
    return kind
