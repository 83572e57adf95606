import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from bot.domain.errors import UsageError
from bot.intake.reading import sheets
from bot.intake.reading.files import open_source


def sheet(*rows: list[object], above: int = 0) -> bytes:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        book.add_worksheet("空")
        page = book.add_worksheet("表")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for y, row in enumerate(rows, above):
            for x, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(y, x, cell, day)
                elif isinstance(cell, str):
                    page.write_string(y, x, cell)
                else:
                    page.write(y, x, cell)
    return packed.getvalue()


def _rows(tmp_path: Path, content: bytes) -> list[list[str]]:
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    return list(open_source(path).rows())


def test_numbers_and_days_come_back_exact(tmp_path):
    noon = datetime(2026, 11, 20, 12, 30)  # noqa: DTZ001 — a spreadsheet's time has no zone
    cells = [13800138000, "007", 7, 48.5, 0.1, -12, "", date(2026, 11, 20), noon, True, "𠮷"]

    assert _rows(tmp_path, sheet(["a"] * len(cells), cells)) == [
        ["a"] * len(cells),
        ["13800138000", "007", "7", "48.5", "0.1", "-12", "", "2026-11-20", "2026-11-20 12:30:00", "TRUE", "𠮷"],
    ]


def test_blank_rows_above_and_the_empty_first_sheet_are_passed_over(tmp_path):
    assert _rows(tmp_path, sheet(["a", "b"], ["1", "2"], above=3)) == [["a", "b"], ["1", "2"]]


def test_a_sheet_without_anything_is_refused(tmp_path):
    with pytest.raises(UsageError, match="没有内容"):
        _rows(tmp_path, sheet())


def _zip(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_zip({"word/document.xml": b"<x/>"}), "不是 Excel"),
        (_zip({"xl/workbook.xml": b"<x/>"}), "打不开"),
        (_zip({"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"x"}), "带宏"),
        (_zip({"xl/workbook.xml": b"<x/>", "xl/a.xml": bytes(50 << 20)}), "大得不正常"),
        (sheet(["a"], ["b"])[:-200], "打不开"),
        (b"PK\x03\x04" + bytes(100), "打不开"),
    ],
)
def test_dangerous_and_broken_workbooks_are_refused(tmp_path, content, said):
    with pytest.raises(UsageError, match=said):
        _rows(tmp_path, content)


def test_a_workbook_over_20_mb_is_refused_unopened(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_PACKED", 1000)

    with pytest.raises(UsageError, match="20 MB"):
        _rows(tmp_path, sheet(["a"], ["b"]))


def test_a_part_larger_than_it_says_is_refused(tmp_path):
    content = sheet(["a"], ["b"] * 500)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet2.xml").file_size
    lying = content.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little"))

    with pytest.raises(UsageError, match="打不开"):
        _rows(tmp_path, lying)


def test_orders_from_a_workbook(take, dump):
    report = take(
        "orders",
        sheet(
            ["单号", "下单时间", "门店", "手机号", "商品", "数量", "金额"],
            ["A1", datetime(2026, 11, 1, 9, 30), "007", 13800138000, "芋泥波波", 2, 36.5],  # noqa: DTZ001
        ),
    )

    assert report.as_json() == {
        "read": 1, "new": 1, "changed": 0, "unchanged": 0, "refused": 0, "refused_file": None,
    }  # fmt: skip
    assert dump()["orders"] == {
        "A1": (
            "007", "+8613800138000", datetime(2026, 11, 1, 1, 30, tzinfo=UTC), date(2026, 11, 1), "sale", None,
            3650, None, [(0, "芋泥波波", 2000, 3650)],
        )
    }  # fmt: skip
