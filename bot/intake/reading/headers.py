"""The header of a file: found among its first rows, its columns recognised by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bot.domain import columns
from bot.domain.columns import Kind
from bot.domain.errors import UsageError
from bot.intake.reading.files import Row, Source, is_garbled
from bot.intake.reading.texts import text_of

_FIRST_ROWS = 10  # a title and a date often stand above the header

_NAMES = {
    "stores": "门店", "staff": "员工", "products": "商品", "customers": "客户", "orders": "订单",
}  # fmt: skip
_COLUMNS = {
    "order_no": "order_no（单号）",
    "ordered_at": "ordered_at（下单时间）",
    "code": "code（编号）",
    "name": "name（名称）",
    "customer_no": "customer_no（会员号）",
    "phone": "phone（手机号）",
}


@dataclass(frozen=True, slots=True)
class Header:
    """Where a file's header stands and what its columns are: our names by place, of `cells`."""

    cells: Row
    above: int
    places: dict[str, int]

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return len(self.cells)

    def rows(self, source: Source) -> Iterator[Row]:
        """The rows under the header."""
        return islice(source.rows(), self.above + 1, None)


def find_header(kind: Kind, source: Source) -> Header:
    """The first row that has the columns this kind needs; refuses, naming what was found and what is needed."""
    first = list(islice(source.rows(), _FIRST_ROWS))
    if not first:
        raise UsageError("文件里没有内容。")
    for above, cells in enumerate(first):
        found = columns.recognise(kind, cells)
        if not found.missing:
            return Header(cells, above, found.columns)
    if is_garbled(first[0]):
        raise UsageError("表头是乱码：请用原系统重新导出，选 UTF-8 的 CSV 或 xlsx。")
    raise UsageError(_refusal(kind, first[0]))


def _refusal(kind: Kind, cells: Row) -> str:
    missing = columns.recognise(kind, cells).missing
    needed = "、".join(" 或 ".join(_COLUMNS.get(name, name) for name in need.split("|")) for need in missing)
    seen = "、".join(text[:20] for cell in cells[:30] if (text := text_of(cell)))
    say = f"看不出这是{_NAMES[kind]}表：缺少 {needed} 列。文件里的表头是：{seen}。"
    guessed = columns.guess_kind(cells)
    return say + (f"它像是{_NAMES[guessed]}表，请用 zhanggui import {guessed}。" if guessed and guessed != kind else "")
