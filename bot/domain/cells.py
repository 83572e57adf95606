"""Cells of imported tables turned into values; everything is text first and no float is ever used.

A refusal is a `CellError` whose Chinese text says what to do; it never repeats the cell itself, for a cell
in the wrong column may hold a phone number.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal

from bot.domain.phones import is_mangled
from bot.domain.text import normal

DateStyle = Literal["mdy", "dmy"]

_YEARS = range(1900, 2101)
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day has no zone
_MIDNIGHT = time()
_BLANKS = frozenset(("", "-", "--", "—", "——", "/", "无", "null", "none", "nan", "n/a", "#n/a"))
_MOST_FEN = 100_000_000_00
_MOST_MILLI = 1_000_000_000
_ODD_SIGNS = str.maketrans("−–﹣", "---")

_CLOCK = r"(?:[T ]*(?P<clock>\d{1,2}:\d{1,2}(?::\d{1,2})?)(?:\.\d+)?)?"
_YEAR_FIRST = re.compile(r"(\d{4}|\d{2})[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})日?" + _CLOCK)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _CLOCK)
_PACKED = re.compile(r"((?:19|20)\d{2})(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?)?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:?\d\d.*")
_SERIAL = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+")
_CURRENCY = re.compile(r"人民币|rmb|cny|[¥元块圆]", re.IGNORECASE)
_PIECE = re.compile(r"(?:kg|公斤|千克|斤|pcs|[件个杯瓶盒包袋条双套支只份罐块张台本对片组箱枚串束])$", re.IGNORECASE)
_STORE = re.compile(r"[\w\-#(). ]{1,40}")

_TOO_BIG = "数字太大，请核对是不是填错了列"
_BAD_DATE = "日期看不懂，请写成 2026-11-20 或 2026-11-20 14:05"
_BAD_DAY = "没有这一天或这个钟点，请核对"
_BAD_YEAR = "年份不对，请核对（只收 1900 到 2100 年）"
_UNSURE = "分不清哪个是月、哪个是日，请把这一列改成 2026-11-20 这样的写法"
_BAD_AMOUNT = "金额看不懂，请只写数字，如 1234.50"
_BAD_QUANTITY = "数量看不懂，请只写数字，如 2 或 0.5"
_SHORTENED = "数字被表格软件缩成了科学计数法，请把这一列设为“文本”后重新导出"
_NO_STORE = "门店编号空着，请填上，如 001"
_BAD_STORE = "门店编号不对，请只用字母、数字或店名，不超过 40 个字"


class CellError(ValueError):
    """A cell that cannot be read; its text is Chinese and says what to do."""


def is_mangled_number(text: str) -> bool:
    """Whether a spreadsheet has shortened a long number (`1.38E+10`), so that digits are lost."""
    return is_mangled(text)


def when(text: str, style: DateStyle | None = None) -> tuple[date, time | None]:
    """The day and, where the cell gives one, the time of day; the latter is aware if an offset was written.

    `style` is what `date_style` found in the column. Midnight to the second means that only a day was meant:
    spreadsheets write days so.
    """
    try:
        if len(text) == 10 and text[4] == text[7] == "-":
            return _in_range(date.fromisoformat(text)), None
        if len(text) == 19 and text[4] == text[7] and text[4] in "-/":
            return _split(datetime.fromisoformat(text.replace("/", "-")))
    except CellError:
        raise
    except ValueError:
        pass
    return _slow_when(text, style)


def date_style(samples: Iterable[str]) -> DateStyle | None:
    """Which comes first in a column's dates like 1/2/2026; None where nothing decides it."""
    firsts = seconds = 0
    for text in samples:
        if found := _YEAR_LAST.fullmatch(_plain(text)):
            firsts = max(firsts, int(found[1]))
            seconds = max(seconds, int(found[3]))
    if (firsts > 12) == (seconds > 12):
        return None
    return "dmy" if firsts > seconds else "mdy"


def amount_fen(text: str) -> int | None:
    """Yuan as written in fen; None where the cell is blank. Half a fen goes away from zero."""
    whole, _, rest = text.removeprefix("-").partition(".")
    if text.isascii() and (whole + (rest or "0")).isdecimal() and 0 < len(whole) <= 8 and len(rest) <= 2:
        fen = int(whole + (rest + "00")[:2])
        return -fen if text[0] == "-" else fen
    plain = _plain(text)
    if plain.lower() in _BLANKS:
        return None
    return _scaled(_CURRENCY.sub("", plain), 100, _MOST_FEN, _BAD_AMOUNT)


def quantity_milli(text: str) -> int | None:
    """A count or weight in thousandths; None where the cell is blank. A counting word may follow."""
    whole, _, rest = text.partition(".")
    if text.isascii() and (whole + (rest or "0")).isdecimal() and 0 < len(whole) <= 6 and len(rest) <= 3:
        return int(whole + (rest + "000")[:3])
    plain = _plain(text)
    if plain.lower() in _BLANKS:
        return None
    return _scaled(_PIECE.sub("", plain), 1000, _MOST_MILLI, _BAD_QUANTITY)


def store_code(text: str) -> str:
    """A store's code or name as written, zeros in front kept; `7.0` is a spreadsheet's 7."""
    plain = _plain(text).removeprefix("'")
    if is_mangled(plain):
        raise CellError(_SHORTENED)
    if not plain:
        raise CellError(_NO_STORE)
    if not _STORE.fullmatch(plain):
        raise CellError(_BAD_STORE)
    return re.sub(r"^(\d+)\.0$", r"\1", plain)


def _plain(text: str) -> str:
    """Half width, simplified, nothing invisible, one kind of minus."""
    return normal(text).translate(_ODD_SIGNS)


def _in_range(on: date) -> date:
    if on.year not in _YEARS:
        raise CellError(_BAD_YEAR)
    return on


def _split(at: datetime) -> tuple[date, time | None]:
    clock = at.timetz()
    return _in_range(at.date()), None if clock == _MIDNIGHT else clock


@lru_cache(maxsize=8192)
def _slow_when(text: str, style: DateStyle | None) -> tuple[date, time | None]:
    plain = _plain(text)
    if is_mangled(plain):
        raise CellError(_SHORTENED)
    if _SERIAL.fullmatch(plain):
        seconds = int((Decimal(plain) * 86400).quantize(Decimal(1), ROUND_HALF_UP))
        return _split(_EXCEL_ZERO + timedelta(seconds=seconds))
    if found := _PACKED.fullmatch(plain):
        hour, minute, second = (found[n] or "0" for n in (4, 5, 6))
        return _built(found[1], found[2], found[3], f"{hour}:{minute}:{second}")
    if found := _YEAR_FIRST.fullmatch(plain):
        return _built(found[1].rjust(4, "_").replace("__", "20"), found[2], found[3], found["clock"])
    if found := _YEAR_LAST.fullmatch(plain):
        month, day = _month_day(found[1], found[3], style)
        return _built(found[4], month, day, found["clock"])
    try:
        return _split(datetime.fromisoformat(plain if _ISO.fullmatch(plain) else ""))
    except ValueError as refused:
        raise refused if isinstance(refused, CellError) else CellError(_BAD_DATE) from None


def _month_day(first: str, second: str, style: DateStyle | None) -> tuple[str, str]:
    if style is None and first != second:
        if (int(first) > 12) == (int(second) > 12):
            raise CellError(_UNSURE)
        style = "dmy" if int(first) > int(second) else "mdy"
    return (second, first) if style == "dmy" else (first, second)


def _built(year: str, month: str, day: str, clock: str | None) -> tuple[date, time | None]:
    hour, minute, second = (*map(int, (clock or "0:0").split(":")), 0)[:3]
    try:
        at = datetime(int(year), int(month), int(day), hour, minute, second)  # noqa: DTZ001 - local to the store
    except ValueError:
        raise CellError(_BAD_DAY) from None
    return _split(at)


def _scaled(text: str, scale: int, most: int, reason: str) -> int:
    """The number in `text` times `scale`, rounded half up; brackets are a minus, 万 is known."""
    body = text.replace(" ", "")
    if is_mangled(body):
        raise CellError(_SHORTENED)
    bracketed = body.startswith("(") and body.endswith(")")
    if bracketed:
        body = body[1:-1]
    negative = bracketed or body.startswith("-")
    if body[:1] in "+-" and not bracketed:
        body = body[1:]
    if body.endswith("万"):
        scale, body = scale * 10_000, body[:-1]
    if not _NUMBER.fullmatch(body):
        raise CellError(reason)
    value = int((Decimal(body.replace(",", "")) * scale).quantize(Decimal(1), ROUND_HALF_UP))
    if value > most:
        raise CellError(_TOO_BIG)
    return -value if negative else value
