import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.columns import _COLUMNS, KINDS, Mapping, guess_kind, recognise

ALIASES = [(kind, column, alias) for kind in KINDS for column, known in _COLUMNS[kind].items() for alias in known]


def test_recognise_a_chinese_order_file():
    headers = [
        "订单号",
        "下单时间",
        "门店",
        "会员号",
        "手机号",
        "商品名称",
        "数量",
        "实付金额(元)",
        "支付方式",
        "收银台",
    ]

    assert recognise("orders", headers) == Mapping(
        columns={
            "order_no": 0,
            "ordered_at": 1,
            "store": 2,
            "customer_no": 3,
            "phone": 4,
            "product": 5,
            "quantity": 6,
            "amount": 7,
            "pay_method": 8,
        },
        unknown=("收银台",),
        missing=(),
    )


CONTRACT = {
    "orders": "order_no ordered_at store customer_no phone product category quantity amount kind refund_of pay_method "
    "sales_channel",
    "customers": "customer_no phone name gender birthday source store guide points level consent note",
}


@pytest.mark.parametrize("kind", CONTRACT)
def test_recognise_the_names_of_the_contract(kind):
    headers = CONTRACT[kind].split()

    assert recognise(kind, headers) == Mapping({h: i for i, h in enumerate(headers)}, (), ())


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("\ufeff订单号", "order_no"),
        (" Order No. *", "order_no"),
        ("ORDER_NO", "order_no"),
        ("orderNo", "order_no"),
        ("订单号（必填）", "order_no"),
        ("【订单号】", "order_no"),
        ("訂單號", "order_no"),
        ("金额(元)", "amount"),
        ("金额（元）*", "amount"),
        ("实付 金额", "amount"),
        ("ＡＭＯＵＮＴ", "amount"),
        ("数量(千克)", "quantity"),
        ("金额(分)", None),
        ("金额（万元）", None),
        ("amount ($)", None),
        ("", None),
        ("***", None),
    ],
)
def test_headers_are_known_however_written(header, column):
    expected = {column: 0} if column else {}

    assert recognise("orders", [header]).columns == expected


def test_the_better_header_is_taken_and_the_other_told():
    found = recognise("customers", ["电话", "手机", "姓名"])

    assert found == Mapping({"phone": 1, "name": 2}, ("电话",), ())


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (["商品编码", "商品名称"], {"product": 0, "product_name": 1}),
        (["商品名称", "货号"], {"product": 1, "product_name": 0}),
        (["商品名称"], {"product": 0}),
        (["销售日期", "销售时间"], {"ordered_at": 0, "ordered_time": 1}),
        (["销售时间"], {"ordered_at": 0}),
        (["会员", "姓名"], {"customer_no": 0, "customer_name": 1}),
    ],
)
def test_one_header_serves_one_column(headers, columns):
    assert recognise("orders", headers).columns == columns


@pytest.mark.parametrize(
    ("kind", "headers", "missing"),
    [
        ("orders", ["金额"], ("order_no", "ordered_at")),
        ("orders", ["订单号", "日期"], ()),
        ("customers", ["姓名"], ("customer_no|phone",)),
        ("customers", ["会员卡号"], ()),
        ("customers", ["手机"], ()),
        ("products", ["价格"], ("code|name",)),
        ("products", ["品名"], ()),
        ("stores", ["城市"], ("code|name",)),
        ("staff", ["姓名"], ("code",)),
    ],
)
def test_what_a_table_lacks_is_told(kind, headers, missing):
    assert recognise(kind, headers).missing == missing


def test_every_alias_is_recognised():
    first = {}
    for kind, column, alias in ALIASES:
        first.setdefault((kind, alias), column)

    found = {(kind, alias): next(iter(recognise(kind, [alias]).columns), None) for kind, alias in first}

    assert found == first


def test_an_alias_is_shared_only_where_the_first_column_may_be_elsewhere():
    shared = {
        (kind, alias)
        for kind in KINDS
        for alias in {a for known in _COLUMNS[kind].values() for a in known}
        if sum(alias in known for known in _COLUMNS[kind].values()) > 1
    }

    assert {kind for kind, _ in shared} == {"products", "orders"}
    assert {alias for kind, alias in shared if kind == "products"} == {"product"}


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (["订单号", "日期", "手机号", "商品", "金额"], "orders"),
        (["order_no", "ordered_at", "customer_no", "product", "category", "quantity", "amount"], "orders"),
        (["会员号", "手机", "姓名", "性别", "生日", "积分", "等级"], "customers"),
        (["phone", "name", "birthday"], "customers"),
        (["手机", "姓名"], "customers"),
        (["商品编码", "商品名称", "分类", "售价", "配料"], "products"),
        (["工号", "姓名", "职位", "门店", "班次"], "staff"),
        (["门店编号", "门店名称", "城市", "开业日期"], "stores"),
        (["编号", "名称"], None),
        (["甲", "乙"], None),
        ([], None),
    ],
)
def test_guess_kind(headers, kind):
    assert guess_kind(headers) == kind


HEADERS = st.lists(st.sampled_from([alias for _, _, alias in ALIASES]) | st.text(max_size=8), max_size=12)


@settings(max_examples=400)
@given(st.sampled_from(KINDS), HEADERS)
def test_every_header_is_either_used_once_or_told(kind, headers):
    found = recognise(kind, headers)

    used = sorted(found.columns.values())
    told = [h for i, h in enumerate(headers) if i not in used and h.strip()]
    assert len(used) == len(set(used))
    assert list(found.unknown) == told
