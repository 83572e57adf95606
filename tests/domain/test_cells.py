from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cells import (
    CellError,
    amount_fen,
    date_style,
    is_mangled_number,
    quantity_milli,
    store_code,
    when,
)

DAY = date(2026, 11, 20)
EAST8 = timezone(timedelta(hours=8))
BAD_DATE = "日期看不懂，请写成 2026-11-20 或 2026-11-20 14:05"
BAD_DAY = "没有这一天或这个钟点，请核对"
UNSURE = "分不清哪个是月、哪个是日，请把这一列改成 2026-11-20 这样的写法"
BAD_AMOUNT = "金额看不懂，请只写数字，如 1234.50"
BAD_QUANTITY = "数量看不懂，请只写数字，如 2 或 0.5"
SHORTENED = "数字被表格软件缩成了科学计数法，请把这一列设为“文本”后重新导出"
TOO_BIG = "数字太大，请核对是不是填错了列"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20", (DAY, None)),
        ("2026/11/20", (DAY, None)),
        ("2026.11.20", (DAY, None)),
        ("20261120", (DAY, None)),
        ("2026年11月20日", (DAY, None)),
        ("2026年11月20", (DAY, None)),
        ("2026-1-2", (date(2026, 1, 2), None)),
        ("11/20/2026", (DAY, None)),
        ("20/11/2026", (DAY, None)),
        ("20.11.2026", (DAY, None)),
        ("11/11/2026", (date(2026, 11, 11), None)),
        ("24-11-20", (date(2024, 11, 20), None)),
        ("2026-11-20 14:05:33", (DAY, time(14, 5, 33))),
        ("2026/11/20 14:05:33", (DAY, time(14, 5, 33))),
        ("2026/11/20 9:05", (DAY, time(9, 5))),
        ("2026-11-20 14:05:33.250", (DAY, time(14, 5, 33))),
        ("11/20/2026 9:05", (DAY, time(9, 5))),
        ("2026年11月20日 14:05", (DAY, time(14, 5))),
        ("2026-11-20T14:05:33", (DAY, time(14, 5, 33))),
        ("2026-11-20T06:05:33Z", (DAY, time(6, 5, 33, tzinfo=UTC))),
        ("2026-11-20T00:00:00Z", (DAY, time(0, 0, tzinfo=UTC))),
        ("2026-11-20T14:05:33+08:00", (DAY, time(14, 5, 33, tzinfo=EAST8))),
        ("2026-11-20 14:05:33+0800", (DAY, time(14, 5, 33, tzinfo=EAST8))),
        ("20261120140533", (DAY, time(14, 5, 33))),
        ("202611201405", (DAY, time(14, 5))),
        ("46346", (DAY, None)),
        ("46346.0", (DAY, None)),
        ("46346.58", (DAY, time(13, 55, 12))),
        ("46346.58681712963", (DAY, time(14, 5, 1))),
        ("46346.999999999", (date(2026, 11, 21), None)),
        ("2026-11-20 00:00:00", (DAY, None)),
        ("2026-11-20 00:00:01", (DAY, time(0, 0, 1))),
        ("  2026-11-20 ", (DAY, None)),
        ("\ufeff２０２６－１１－２０", (DAY, None)),
        ("2024-02-29", (date(2024, 2, 29), None)),
    ],
)
def test_when_reads(text, expected):
    assert when(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", BAD_DATE),
        ("昨天", BAD_DATE),
        ("2026", BAD_DATE),
        ("2026-11", BAD_DATE),
        ("2026-W47-5", BAD_DATE),
        ("1763650000", BAD_DATE),
        ("13800138000", BAD_DATE),
        ("2026-13-01", BAD_DAY),
        ("2026-02-29", BAD_DAY),
        ("2025/2/29", BAD_DAY),
        ("20261320", BAD_DAY),
        ("13/13/2026", BAD_DAY),
        ("03/04/2026", UNSURE),
        ("2026-11-20 25:00", BAD_DAY),
        ("1.38E+10", SHORTENED),
        ("1026-11-20", "年份不对，请核对（只收 1900 到 2100 年）"),
        ("9999-12-31 10:00:00", "年份不对，请核对（只收 1900 到 2100 年）"),
    ],
)
def test_when_refuses(text, reason):
    with pytest.raises(CellError) as refused:
        when(text)

    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("samples", "style"),
    [
        (["03/04/2026", "11/20/2026"], "mdy"),
        (["03/04/2026", "20/11/2026", ""], "dmy"),
        (["03/04/2026", "12/12/2026"], None),
        (["11/20/2026", "20/11/2026"], None),
        (["2026-11-20", "2026-11-21"], None),
        ([], None),
    ],
)
def test_date_style_is_decided_by_the_column(samples, style):
    assert date_style(samples) == style


def test_when_follows_the_columns_style():
    assert when("03/04/2026", "mdy") == (date(2026, 3, 4), None)
    assert when("03/04/2026", "dmy") == (date(2026, 4, 3), None)


def test_when_refuses_a_cell_against_the_columns_style():
    with pytest.raises(CellError) as refused:
        when("11/20/2026", "dmy")

    assert str(refused.value) == BAD_DAY


@settings(max_examples=400)
@given(st.datetimes(datetime(1955, 1, 1), datetime(2099, 12, 31)).map(lambda at: at.replace(microsecond=0)))  # noqa: DTZ001
def test_when_reads_every_moment_in_every_style(at):
    clock = at.time() if at.time() != time() else None

    styles = (
        "%Y-%m-%d %H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
        "%Y.%m.%d %H:%M:%S",
        "%Y%m%d%H%M%S",
        "%Y年%m月%d日 %H:%M:%S",
    )
    serial = Decimal((at - datetime(1899, 12, 30)) // timedelta(seconds=1)) / 86400  # noqa: DTZ001

    assert {when(at.strftime(style)) for style in styles} == {(at.date(), clock)}
    assert when(at.strftime("%d/%m/%Y %H:%M:%S"), "dmy") == (at.date(), clock)
    assert when(f"{serial:.8f}") == (at.date(), clock)


@settings(max_examples=500)
@given(st.text(max_size=24))
def test_cells_read_or_refuse_and_never_crash(text):
    for read in (when, amount_fen, quantity_milli, store_code):
        with suppress(CellError):
            read(text)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("18", 1800),
        ("1234.50", 123450),
        ("12.5", 1250),
        ("12.", 1200),
        (".5", 50),
        ("-12", -1200),
        ("-12.05", -1205),
        ("¥1,234.50", 123450),
        ("￥１，２３４．５０", 123450),
        ("1234.5元", 123450),
        ("RMB 18.00", 1800),
        ("(12.00)", -1200),
        ("（12.00）", -1200),
        ("−12", -1200),
        ("¥-12", -1200),
        ("-¥12", -1200),
        ("+12", 1200),
        ("12.3400", 1234),
        ("12.345", 1235),
        ("-12.345", -1235),
        ("12.344999999999999", 1234),
        ("0.30000000000000004", 30),
        ("1.2万", 1200000),
        ("0", 0),
        ("99999999.99", 9999999999),
        ("", None),
        ("  ", None),
        ("-", None),
        ("—", None),
        ("NULL", None),
        ("nan", None),
        ("无", None),
    ],
)
def test_amount_reads(text, fen):
    assert amount_fen(text) == fen


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.2.3", BAD_AMOUNT),
        ("1,23", BAD_AMOUNT),
        ("1.234,50", BAD_AMOUNT),
        ("12,3456", BAD_AMOUNT),
        ("十二", BAD_AMOUNT),
        ("--12", BAD_AMOUNT),
        ("(-12)", BAD_AMOUNT),
        ("12-", BAD_AMOUNT),
        ("12/3", BAD_AMOUNT),
        ("元", BAD_AMOUNT),
        ("$12", BAD_AMOUNT),
        ("#REF!", BAD_AMOUNT),
        ("1.38E+10", SHORTENED),
        ("13800138000", TOO_BIG),
        ("100000001", TOO_BIG),
    ],
)
def test_amount_refuses(text, reason):
    with pytest.raises(CellError) as refused:
        amount_fen(text)

    assert str(refused.value) == reason


@settings(max_examples=500)
@given(st.integers(-9_999_999_999, 9_999_999_999))
def test_amount_reads_back_what_is_written(fen):
    yuan = Decimal(fen) / 100

    assert {amount_fen(f"{yuan:.2f}"), amount_fen(f"¥{yuan:,.2f}"), amount_fen(f"{yuan:.4f}元")} == {fen}


@pytest.mark.parametrize(
    ("text", "milli"),
    [
        ("1", 1000),
        ("2件", 2000),
        ("０．５", 500),
        ("1.25kg", 1250),
        ("-1", -1000),
        ("1,000", 1000000),
        ("0.0004", 0),
        ("0.0005", 1),
        ("", None),
        ("/", None),
    ],
)
def test_quantity_reads(text, milli):
    assert quantity_milli(text) == milli


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("两杯", BAD_QUANTITY),
        ("500g", BAD_QUANTITY),
        ("1.2.3", BAD_QUANTITY),
        ("1E5", SHORTENED),
        ("6901234567890", TOO_BIG),
    ],
)
def test_quantity_refuses(text, reason):
    with pytest.raises(CellError) as refused:
        quantity_milli(text)

    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("text", "mangled"),
    [
        ("1.38E+10", True),
        ("1.38001E+10", True),
        ("１．３８Ｅ＋１０", True),
        (" 1e5 ", True),
        ("13800138000", False),
        ("13800138000.0", False),
        ("E10", False),
        ("", False),
        ("SPRINGE20", False),
    ],
)
def test_mangled_numbers_are_known(text, mangled):
    assert is_mangled_number(text) is mangled


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("007", "007"),
        ("'007", "007"),
        (" ００７ ", "007"),
        ("7.0", "7"),
        ("SH-01", "SH-01"),
        ("徐汇  店", "徐汇 店"),
    ],
)
def test_store_code_keeps_what_was_written(text, code):
    assert store_code(text) == code


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "门店编号空着，请填上，如 001"),
        ("1E+5", SHORTENED),
        ("a;b", "门店编号不对，请只用字母、数字或店名，不超过 40 个字"),
        ("店" * 41, "门店编号不对，请只用字母、数字或店名，不超过 40 个字"),
    ],
)
def test_store_code_refuses(text, reason):
    with pytest.raises(CellError) as refused:
        store_code(text)

    assert str(refused.value) == reason


@settings(max_examples=300)
@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.sampled_from([when, amount_fen, quantity_milli]))
def test_refusals_never_repeat_a_phone(phone, read):
    with pytest.raises(CellError) as refused:
        read(phone)

    assert phone not in str(refused.value)
