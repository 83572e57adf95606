from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.stats import Line
from bot.intake.reading import lines as lines_module
from bot.intake.reading.orders import OrderFile, ReadOrder, read_orders
from bot.intake.reading.texts import Who

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADER = [
    "order_no",
    "ordered_at",
    "customer_no",
    "phone",
    "product",
    "quantity",
    "amount",
    "kind",
    "refund_of",
    "store",
]


def read(*rows: dict[str, str], header: list[str] = HEADER) -> OrderFile:
    cells = [[row.get(name, "") for name in header] for row in rows]
    return read_orders(cells, {name: place for place, name in enumerate(header)}, len(header), SHANGHAI)


def row(order_no: str = "A", ordered_at: str = "2026-11-01 10:00", **cells: str) -> dict[str, str]:
    return {"order_no": order_no, "ordered_at": ordered_at, "customer_no": "C1", **cells}


def lines(file: OrderFile, order: ReadOrder) -> list[Line]:
    return [file.gathered.lines[place] for place in order.lines]


def only(file: OrderFile) -> ReadOrder:
    assert file.gathered.refused == {}
    (order,) = file.orders
    return order


@pytest.mark.parametrize(
    "styles",
    [
        ["2026-11-03", "2026-11-04 18:05"],
        ["2026/11/3", "2026/11/4 18:05:00"],
        ["20261103", "20261104 1805"],
        ["2026年11月3日", "2026年11月4日 18:05"],
        ["3/11/2026", "4/11/2026 18:05", "13/11/2026"],
        ["11/3/2026", "11/4/2026 18:05", "11/13/2026"],
        ["46329", "46330.7534722222"],
        ["2026-11-03", "2026-11-04T10:05:00Z"],
    ],
)
def test_days_are_read_in_the_style_of_their_column(styles):
    file = read(*[row(str(number), style) for number, style in enumerate(styles)])

    assert [(o.head.at, o.head.time_said) for o in file.orders][:2] == [
        (datetime(2026, 11, 3, 4, tzinfo=UTC), False),
        (datetime(2026, 11, 4, 10, 5, tzinfo=UTC), True),
    ]


def test_a_column_of_time_joins_the_column_of_days():
    header = [*HEADER, "ordered_time"]
    order = only(read(row(ordered_at="2026-11-01", ordered_time="18:05"), header=header))

    assert (order.head.at, order.head.time_said) == (datetime(2026, 11, 1, 10, 5, tzinfo=UTC), True)


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_scattered_lines_are_one_order(monkeypatch, chunk):
    monkeypatch.setattr(lines_module, "_CHUNK", chunk)
    file = read(row("A", amount="1"), row("B", amount="2"), row("A", amount="3"))

    assert [(o.order_no, [line.amount_fen for line in lines(file, o)], o.numbers) for o in file.orders] == [
        ("A", [100, 300], [1, 3]),
        ("B", [200], [2]),
    ]


def test_what_one_line_leaves_blank_another_tells():
    order = only(read(row("A", customer_no="", store=""), row("A", customer_no="C1", store="007")))

    assert (order.head.who, order.head.store) == (Who("C1"), "007")


def test_the_earliest_line_tells_the_time():
    assert only(read(row("A", "2026-11-01 23:59"), row("A", "2026-11-02 00:01"))).head.at == datetime(
        2026, 11, 1, 15, 59, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"ordered_at": "2026-11-01"}, {"ordered_at": "2026-11-09"}, "不同的日子"),
        ({"store": "1"}, {"store": "2"}, "不同的门店"),
        ({"customer_no": "C1"}, {"customer_no": "C2"}, "不同的会员号"),
        ({"phone": "13800138000"}, {"phone": "13800138001"}, "不同的手机号"),
    ],
)
def test_one_number_for_two_orders_is_refused_whole(first, second, reason):
    refused = read(row("A") | first, row("A") | second, row("B")).gathered.refused

    assert set(refused) == {1, 2}
    assert all(reason in why for why in refused.values())


def test_an_order_is_taken_whole_or_not_at_all():
    file = read(row("A", amount="1"), row("A", amount="一百"), row("B", amount="1"))

    assert file.gathered.rows == 3

    assert [order.order_no for order in file.orders] == ["B"]
    assert "整单" in file.gathered.refused[1]
    assert "金额" in file.gathered.refused[2]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"order_no": " "}, "单号空着"),
        ({"order_no": "1.38E+10"}, "科学计数法"),
        ({"ordered_at": ""}, "日期"),
        ({"ordered_at": "昨天"}, "日期"),
        ({"ordered_at": "1/2/2026"}, "分不清"),
        ({"phone": "1.38E+10"}, "1.38E+10"),
        ({"phone": "12345"}, "手机号看不懂"),
        ({"customer_no": "1.2E+11"}, "科学计数法"),
        ({"customer_no": "13800138000", "phone": "13800138001"}, "会员号是一个手机号"),
        ({"quantity": "两三"}, "数量"),
        ({"amount": "九块九"}, "金额"),
        ({"kind": "换货?"}, "类型看不懂"),
        ({"kind": "已取消"}, "没有成交"),
        ({"product": "x" * 200}, "太长"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row_with_what_to_do(cells, reason):
    file = read(row() | cells)

    assert file.orders == []
    (said,) = file.gathered.refused.values()
    assert reason in said


def test_reasons_never_repeat_a_number():
    refused = read(row(phone="1380013800"), row("B", phone="1.3800138E+10")).gathered.refused

    assert not any("138001" in why for why in refused.values())


def test_a_row_with_too_many_cells_is_refused_and_a_short_one_filled():
    cells = [["A", "2026-11-01", "C1", "9"], ["B", "2026-11-01"]]
    file = read_orders(cells, {"order_no": 0, "ordered_at": 1, "customer_no": 2}, 3, SHANGHAI)

    assert list(file.gathered.refused) == [1]
    assert [(o.order_no, o.head.who) for o in file.orders] == [("B", Who())]


def test_a_customer_number_that_is_a_mobile_is_her_phone_only():
    assert only(read(row(customer_no="138-0013-8000"))).head.who == Who("", "+8613800138000")


@pytest.mark.parametrize("nobody", ["散客", "非会员", "0", "0000", "-", "Guest"])
def test_a_number_that_means_nobody_is_nobody(nobody):
    assert only(read(row(customer_no=nobody))).head.who == Who()


@pytest.mark.parametrize(
    ("cells", "kind", "fen", "milli"),
    [
        ({"amount": "-36.5", "quantity": "1"}, "refund", -3650, 1000),
        ({"amount": "36.5", "quantity": "1", "kind": "退款"}, "refund", -3650, -1000),
        ({"amount": "36.5", "quantity": "1", "kind": "退货"}, "refund", -3650, -1000),
        ({"amount": "(36.50)", "quantity": "1", "kind": "refund"}, "refund", -3650, -1000),
        ({"amount": "", "quantity": "-1"}, "refund", None, -1000),
        ({"amount": "-5", "quantity": "1", "kind": "销售"}, "sale", -500, 1000),
        ({"amount": "", "quantity": ""}, "sale", None, None),
        ({"amount": "0", "quantity": "1"}, "sale", 0, 1000),
    ],
)
def test_refunds_are_known_by_word_or_by_sign_and_a_missing_amount_is_unknown(cells, kind, fen, milli):
    file = read(row(**cells))
    order = only(file)

    assert (order.kind, lines(file, order)) == (kind, [Line(0, milli, fen)])


def test_a_discount_line_does_not_make_a_refund():
    assert only(read(row(amount="36"), row(amount="-5"))).kind == "sale"


def test_an_amount_may_come_from_price_and_quantity():
    header = [*HEADER, "unit_price"]
    file = read(row(quantity="1.5", unit_price="9.9"), header=header)

    assert lines(file, only(file)) == [Line(0, 1500, 1485)]


def test_a_guard_against_formulas_is_undone():
    file = read(row("'=A", amount="'-3"))

    assert (only(file).order_no, lines(file, only(file))) == ("=A", [Line(0, None, -300)])


def test_orders_come_by_customer_then_time_whatever_the_sequence_of_rows():
    rows = [row("A", "2026-11-02"), row("B", "2026-11-01"), row("C", "2026-11-01", customer_no="C0")]

    assert [o.order_no for o in read(*rows).orders] == [o.order_no for o in read(*rows[::-1]).orders] == ["C", "B", "A"]
