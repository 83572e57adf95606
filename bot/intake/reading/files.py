"""A file as rows of text: CSV in UTF-8, UTF-16 or GB18030, plain or gzipped, and XLSX.

Everything is text first: a phone is no number and store 007 keeps its zeros. A file is read once and held as
bytes; its rows can be walked again.
"""

import codecs
import csv
import gzip
import hashlib
import io
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from bot.domain.errors import UsageError
from bot.intake.reading.sheets import read_sheet

Row = list[str]

MOST_BYTES = 512 << 20
_SAMPLE = 256 << 10
_PIECE = 1 << 20
_DELIMITERS = ",;\t"
_LOST = ("\ufffd", "锟斤拷")
_UNLIKELY = frozenset({"Cc", "Co", "Cn", "Cs"})

GARBLED = "这一行有乱码，有些字已经丢了：请从原系统重新导出"
_TOO_BIG = "文件解开后超过 512 MB，太大了：请按月拆成几个文件再导入。"
_NO_CODE = "文件的编码认不出来：请用原系统重新导出，选 UTF-8 的 CSV 或 xlsx。"
_EMPTY = "文件是空的。"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be walked: rows that are not blank, each with its line number counted from 1 (the first row)."""

    digest: bytes
    walk: Callable[[], Iterator[Row]]
    garbled: bool
    lines: int

    def rows(self) -> Iterator[Row]:
        """Every row with something in it."""
        return filter(any, self.walk())


def open_source(path: Path) -> Source:
    """Read a file, whatever its name says it is."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"打不开文件 {path}：{error.strerror}。") from error
    if not content:
        raise UsageError(_EMPTY)
    if content[:4] == b"PK\x03\x04":
        cells = read_sheet(content)
        garbled = any(is_garbled(row) for row in cells)
        return Source(hashlib.sha256(content).digest(), lambda: iter(cells), garbled, len(cells))
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content)
    encoding = _encoding(content)
    if encoding == "gb18030":
        content = content.removeprefix(codecs.BOM_UTF8)
    if encoding != "utf-16" and b"\0" in content:
        raise UsageError(_NO_CODE)
    _refuse_nonsense(content[:_SAMPLE].decode(encoding, "ignore"))
    marks = [mark.encode("utf-8" if encoding == "utf-8-sig" else encoding, "ignore") for mark in _LOST]
    return Source(
        hashlib.sha256(content).digest(),
        lambda: _walk(content, encoding),
        any(mark and mark in content for mark in marks),
        content.count(b"\n") + 1,
    )


def is_garbled(row: Iterable[str]) -> bool:
    """Whether some letters were lost before the file came here."""
    return any(mark in cell for cell in row for mark in _LOST)


def _unpacked(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            plain = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError("压缩文件坏了：请重新压缩或直接用 CSV。") from error
    if len(plain) > MOST_BYTES:
        raise UsageError(_TOO_BIG)
    if not plain:
        raise UsageError(_EMPTY)
    return plain


def _encoding(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise UsageError(_TOO_BIG)
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if _decodes(content, "utf-16"):
            return "utf-16"
    elif _decodes(content, "utf-8-sig"):
        return "utf-8-sig"
    elif _decodes(content.removeprefix(codecs.BOM_UTF8), "gb18030"):  # some programs put that mark before any file
        return "gb18030"
    raise UsageError(_NO_CODE)


def _decodes(content: bytes, encoding: str) -> bool:
    """Whether every letter of it can be read so, piece by piece."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE], final=start + _PIECE >= len(content))
    except UnicodeDecodeError:
        return False
    return True


def _refuse_nonsense(sample: str) -> None:
    """Refuse bytes that decode, but to letters nobody writes: another encoding, or no text at all."""
    letters = [] if sample.isascii() else [char for char in sample if char > "\x7f"]
    odd = sum(unicodedata.category(char) in _UNLIKELY for char in letters)
    if odd * 50 > len(sample):
        raise UsageError(_NO_CODE)


def _walk(content: bytes, encoding: str) -> Iterator[Row]:
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    first = text.readline()
    while first and not first.strip():
        first = text.readline()
    delimiter = max(_DELIMITERS, key=lambda mark: _outside_quotes(first, mark))
    yield from _parsed(first, text, delimiter)


def _parsed(first: str, rest: io.TextIOWrapper, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(chain((first,), rest), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise UsageError(f"第 {reader.line_num} 行附近读不下去，多半是引号没有配对：请检查后重新导出。") from error


def _outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])
