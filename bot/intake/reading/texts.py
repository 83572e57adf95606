"""Cells that are words or numbers of somebody's own: order, customer and product numbers, and who is meant."""

import re
import unicodedata
from typing import NamedTuple

from bot.domain import phones
from bot.domain.cells import CellError

_BLANKS = frozenset(("?", "？", "-", "--", "—", "/", "null", "none", "nan", "n/a", "#n/a"))
_NOBODY = frozenset(["散客", "非会员", "游客", "匿名", "无会员", "普通顾客", "guest", "anonymous", "walk-in", "walkin"])
_LINES = re.compile(r"\s*[\t-\r\x1c-\x1f\x85\u2028\u2029]\s*")
_INVISIBLE = frozenset({"Cc", "Cf"})
_GUARDED = re.compile(r"' ?[=+\-@＝＋－＠﹦﹢﹣﹫−]")
_SUSPECT = frozenset("'?-/nN#\0")  # what a blank or a guarded cell may begin with
_FLOAT = re.compile(r"\d+\.0+")
_LONGEST = 120


def words(table: str) -> dict[str, str]:
    """What words mean, from lines of `meaning: word word`; a meaning is a word of its own."""
    lines = (line.split(":", 1) for line in re.sub(r"\n (?=\S)", " ", table).strip().splitlines())
    return {word: meaning for meaning, others in lines for word in (meaning, *others.split())}


class Who(NamedTuple):
    """The customer a row names: her number, her phone in E.164, either, both or neither."""

    number: str = ""
    phone: str = ""


def text_of(cell: str) -> str:
    """The words of a cell: one line, trimmed, nothing invisible, without the quote that guards a formula."""
    text = cell.strip()
    if not text.isprintable():
        text = "".join(char for char in _LINES.sub(" ", text) if unicodedata.category(char) not in _INVISIBLE).strip()
    if text[:1] not in _SUSPECT and text.isascii():
        return text
    if _GUARDED.match(text):
        text = text[1:].strip()
    return "" if text.lower() in _BLANKS else text


def own_number(cell: str, what: str) -> str:
    """A number somebody gave (of an order, a customer, a product), exactly as written; 12.0 is a spreadsheet's 12."""
    text = text_of(cell)
    if "+" in text and phones.is_mangled(text):
        raise CellError(f"{what}被表格软件缩成了科学计数法：请在 Excel 里把这一列设为“文本”，从原系统重新导出")
    if len(text) > _LONGEST:
        raise CellError(f"{what}太长（超过 {_LONGEST} 个字），请核对是不是错列了")
    return text.partition(".")[0] if "." in text and _FLOAT.fullmatch(text) else text


def phone_of(cell: str) -> str:
    """A phone in E.164, empty where the cell is blank."""
    text = text_of(cell)
    if not text:
        return ""
    if phones.is_mangled(text):
        raise CellError(
            "手机号成了 1.38E+10 的样子，后几位已经丢了：请在 Excel 里把这一列设为“文本”，再从原系统导出一次"
        )
    phone = phones.read(text)
    if phone is None:
        raise CellError("手机号看不懂：请写 11 位手机号，座机带区号")
    return phone.e164


def who(number_cell: str, phone_cell: str) -> Who:
    """Whom two cells name; a number that is a mobile is her phone and nothing else, 散客 and 0000 are nobody."""
    number, phone = own_number(number_cell, "会员号"), phone_of(phone_cell)
    if number.lower() in _NOBODY or not number.strip("0"):
        number = ""
    mobile = phones.read(number) if 11 <= len(number) <= 17 else None
    if mobile is None or not mobile.is_mobile:
        return Who(number, phone)
    if phone not in ("", mobile.e164):
        raise CellError("会员号是一个手机号，和手机一列不一样：请核对是哪一个")
    return Who("", mobile.e164)
