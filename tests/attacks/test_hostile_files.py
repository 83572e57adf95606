"""Files that want to be run, to fill the memory or to be read as something else: refused in words, or read as text.

Elsewhere: bombs by size and by ratio, macros, broken and lying archives in tests/intake/test_sheets; encodings,
packing and size in tests/intake/test_files; formulas in one refused row in tests/intake/test_order_import; numbers a
spreadsheet has shortened in tests/domain/test_cells and tests/intake/test_customer_import.
"""

import ast
import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.domain.errors import UsageError
from bot.intake.reading.files import open_source
from bot.intake.reading.headers import find_header
from bot.intake.reading.texts import text_of
from bot.intake.refused import guarded
from tests.attacks.conftest import Shop

HOSTILE_CELLS = (
    '=HYPERLINK("http://evil","点我")',
    "+cmd|'/c calc'!A1",
    "-2+3",
    "@SUM(1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "﹦1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u3000＝1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
)
FORMULA = tuple("=+-@＝＋－＠﹦\t\r\n")
CHARACTERS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBER = "13911110001"


def book(fill: Callable[[xlsxwriter.Workbook, xlsxwriter.workbook.Worksheet], None]) -> bytes:
    """A workbook with the header of a customer file, and what `fill` writes."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as made:
        page = made.add_worksheet("表")
        page.write_row(0, 0, ["手机号", "姓名", "门店", "来源"])
        fill(made, page)
    return packed.getvalue()


def rows(folder: Path, content: bytes) -> list[list[str]]:
    path = folder / "file"
    path.write_bytes(content)
    return list(open_source(path).rows())


def test_no_cell_of_a_refused_file_is_a_formula_to_any_spreadsheet(shop: Shop) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([["手机号", "来源", "=1"], *(["bad", cell, cell] for cell in HOSTILE_CELLS)])

    report = shop.take("customers", file.getvalue().encode())
    with Path(str(report.refused_file)).open(encoding="utf-8-sig", newline="") as written:
        cells = [one for row in csv.reader(written) for one in row]

    assert report.refused == len(HOSTILE_CELLS)
    assert [one for one in cells if one.strip("\u200b\ufeff\u3000 ").startswith(FORMULA)] == []


@given(CHARACTERS)
def test_a_guarded_cell_reads_as_it_did_before(cell: str) -> None:
    assert text_of(guarded(cell)) == text_of(cell)
    assert not guarded(cell).strip().startswith(FORMULA)


def test_every_table_we_write_is_written_with_guarded_cells() -> None:
    """Whoever writes a table of what people said joins this list, with a test like those above."""
    root = Path(str(bot.__file__)).parent
    writing = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"writer", "DictWriter"} and _is_csv(node.value))
        or (isinstance(node, ast.Import) and any(name.name in {"xlsxwriter", "openpyxl"} for name in node.names))
    }

    assert writing == {"intake/refused.py", "bench/importing.py"}  # a bench writes what it made up itself


def _is_csv(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "csv"


@pytest.mark.parametrize("place", ["XFD1048576", "B4294967295", "xfd1048576", "ZZZZZ2", "A99999999"])
@pytest.mark.parametrize("quote", ['r="{}"', "r = '{}'"], ids=["as usual", "as XML also allows"])
def test_one_cell_in_the_far_corner_of_a_tiny_workbook_fills_no_memory(tmp_path: Path, place: str, quote: str) -> None:
    content = book(lambda _, page: page.write_string("B2", "x"))
    far = _changed(content, rb'r="B2"', quote.format(place).encode())

    with pytest.raises(UsageError, match="大得不正常"):
        rows(tmp_path, far)


def _changed(content: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with something in its sheet put another way."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            after.writestr(part.filename, re.sub(old, new, before.read(part)))
    return packed.getvalue()


def test_a_wide_table_and_a_long_one_are_no_bombs(tmp_path: Path) -> None:
    wide = book(lambda _, page: page.write(1, 16383, "x"))
    long = book(lambda _, page: page.write(100_000, 0, "x"))

    assert [len(row) for row in rows(tmp_path, wide)] == [16384, 16384]
    assert len(rows(tmp_path, long)) == 2


def test_a_workbook_that_points_elsewhere_is_read_without_going_there(shop: Shop) -> None:
    def fill(_: xlsxwriter.Workbook, page: xlsxwriter.workbook.Worksheet) -> None:
        page.write_formula("A2", "='http://203.0.113.9/[b.xlsx]S'!A1", None, NUMBER)
        page.write_formula("B2", '=DDE("cmd";"/c calc";"x")', None, "王芳")
        page.write_string("C2", "001")
        page.write_url("D2", "external:\\\\203.0.113.9\\share\\x.xlsx", None, "路过")

    report = shop.take("customers", book(fill))

    assert (report.new, report.refused) == (1, 0)
    assert shop.say("小王", f"查 {NUMBER}").reply.text.splitlines()[0].startswith("王*（尾号0001）")


def test_a_million_columns_are_read_by_their_header_like_any_others(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(f"手机号,{'备,' * 1_000_000}\n{NUMBER},{'x,' * 1_000_000}\n", encoding="utf-8")

    header = find_header("customers", open_source(path))

    assert (header.width, header.places["phone"]) == (1_000_002, 0)


GBK = f"手机号,姓名,门店\n{NUMBER},王芳,001\n".encode("gbk")


def test_a_gbk_file_with_any_byte_order_mark_is_read(shop: Shop) -> None:
    marks = ("\ufeff".encode(), "\ufeff".encode("gb18030"), b"")

    reports = [shop.take("customers", mark + GBK) for mark in marks]

    assert [(one.new, one.unchanged, one.refused) for one in reports] == [(1, 0, 0), (0, 1, 0), (0, 1, 0)]
    assert shop.say("小王", f"查 {NUMBER}").reply.text.splitlines()[0].startswith("王*（尾号0001）")


@pytest.mark.parametrize(
    "content",
    [
        GBK.decode("gbk").encode("utf-16") + b"\x00\xd8a\x00\n\x00",
        GBK.decode("gbk").encode("utf-16") + b"\x00",
        b"\xfe\xff" + GBK.decode("gbk").encode("utf-16-be") + b"\xdc\x00",
        GBK.decode("gbk").encode() + b"\xed\xa0\x80,x\n",
    ],
    ids=["a lone half in UTF-16", "half a letter", "the other half", "a half in UTF-8"],
)
def test_halves_of_letters_in_a_file_are_refused_in_words(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UsageError, match="编码认不出来"):
        rows(tmp_path, content)


def test_a_phone_that_became_a_float_is_taken_whole_or_refused(shop: Shop) -> None:
    cells = ("1.38e10", "1.38E+10", "1.3911110001e10", "13911110001.0", "１３９１１１１０００１")

    reports = [shop.take("customers", f"手机号,姓名,门店\n{cell},王芳,001\n".encode()) for cell in cells]

    assert [(one.new + one.unchanged, one.refused) for one in reports] == [(0, 1), (0, 1), (0, 1), (1, 0), (1, 0)]


def test_a_phone_kept_as_a_number_in_a_workbook_is_whole(shop: Shop) -> None:
    report = shop.take("customers", book(lambda _, page: page.write_row(1, 0, [1.3911110001e10, "王芳", "001"])))

    assert report.new == 1
    assert shop.say("小王", f"查 {NUMBER}").reply.text.splitlines()[0].startswith("王*（尾号0001）")


def test_a_header_cannot_steer_the_terminal_of_whoever_imports(shop: Shop) -> None:
    with pytest.raises(UsageError) as refused:
        shop.take("customers", "甲\x1b[2J,乙\u202e\n1,2\n".encode())
    preview = shop.take("customers", f"手机号,来源\n{NUMBER},路\x1b]0;x\x07过\n".encode(), dry_run=True).preview

    assert [char for text in (refused.value.say, *preview) for char in text if not char.isprintable()] == []
