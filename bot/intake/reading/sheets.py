"""XLSX as text: checked before it is unpacked, numbers exact, dates as dates."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal

from python_calamine import CalamineError, CalamineWorkbook

from bot.domain.errors import UsageError

MOST_PACKED = 20 << 20
MOST_UNPACKED = 400 << 20
MOST_RATIO = 100
MOST_CELLS = 20_000_000
_WORTH_A_RATIO = 10 << 20  # a few kilobytes of zeros harm nobody
_FAR = re.compile(rb"""\br\s*=\s*["'](?:[A-Za-z]{2}|[A-Za-z]?[0-9]{6})""")  # beyond column Z or line 99999
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,7})([0-9]{1,10})""")
_BOMB = "表格解开后大得不正常，没有读：请另存为 CSV 再导入。"
_BROKEN = "表格打不开，文件不完整：请重新导出。"

Cell = int | float | str | bool | time | date | datetime | object


def read_sheet(content: bytes) -> list[list[str]]:
    """The rows of the first sheet with anything in it."""
    _check(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if any(any(cell != "" for cell in row) for row in rows):
                return [[text_of(cell) for cell in row] for row in rows]
    except CalamineError as error:
        raise UsageError("表格打不开，文件可能坏了：请在 Excel 里另存为 xlsx 再导入。") from error
    raise UsageError("表格里没有内容。")


def _check(content: bytes) -> None:
    if len(content) > MOST_PACKED:
        raise UsageError("表格超过 20 MB，太大了：请另存为 CSV，或拆成几个文件。")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
        if _is_bomb(parts, len(content)):
            raise UsageError(_BOMB)
        # Reading a part also finds out that it is larger than it says.
        if any(_spans(archive.read(part)) > MOST_CELLS for part in parts):
            raise UsageError(_BOMB)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UsageError(_BROKEN) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise UsageError("这不是 Excel 表格：请导入 xlsx 或 CSV。")
    if "xl/vbaProject.bin" in names:
        raise UsageError("不收带宏的表格：请另存为 xlsx（不带宏）再导入。")


def _is_bomb(parts: Iterable[zipfile.ZipInfo], packed: int) -> bool:
    unpacked = sum(part.file_size for part in parts)
    return unpacked > MOST_UNPACKED or (unpacked > _WORTH_A_RATIO and unpacked > MOST_RATIO * packed)


def _spans(content: bytes) -> int:
    """How many cells a sheet has when everything up to its last line and column is laid out, as it is to be read.

    One cell in the far corner makes that more than any machine holds. What stays near the first one counts as nothing.
    """
    if not _FAR.search(content):
        return 0
    columns, deepest = set[bytes](), 0
    for found in _PLACE.finditer(content):
        columns.add(found[1])
        deepest = max(deepest, int(found[2]))
    return deepest * max(map(_column, columns), default=0)


def _column(letters: bytes) -> int:
    """Which column it is: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def text_of(cell: Cell) -> str:
    """A cell as text: 13800138000.0 is 13800138000, a date is 2026-11-20."""
    if isinstance(cell, str):
        return cell.replace("\0", "")
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
