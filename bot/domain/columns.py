"""Recognising the columns of imported tables by their headers, Chinese or English.

For every column the aliases stand in order of preference: the first that a table has is taken, and no header is
taken twice. So one alias may serve two columns, where a table has only one (商品名称 as the product).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from bot.domain.text import normal

Kind = Literal["stores", "staff", "products", "customers", "orders"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_STORES = """
code: 门店编号 门店代码 门店编码 店铺编号 店铺代码 机构编号 机构代码 店号 编号 代码 编码 store_code
 shop_code store_id store_no id
name: 门店名称 店铺名称 机构名称 店名 名称 门店 店铺 store_name shop_name store shop
city: 城市 所在城市 地区 区域 region location
opened_on: 开业日期 开店日期 开业时间 开店时间 开张日期 开业日 opening_date open_date opened
"""
_STAFF = """
code: 工号 员工编号 员工代码 导购编号 职员编号 人员编号 编号 代码 编码 账号 staff_code employee_no
 employee_id staff_id id
name: 姓名 员工姓名 员工 导购 导购姓名 名字 名称 staff_name employee_name staff employee
role: 角色 职位 岗位 职务 身份 position job title
store: 门店编号 门店代码 店铺编号 门店 店铺 所属门店 所在门店 店号 门店名称 店名 店 store_code shop
 shop_code store_name
shift: 班次 班 排班 上班时间 shifts roster
phone: 手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 mobile tel telephone phone_number
"""
_PRODUCTS = """
code: 商品编码 商品编号 商品代码 产品编码 产品编号 货号 款号 条码 条形码 国际条码 编码 编号 代码 sku
 sku_id product_code product_id item_code item_no barcode id product
name: 商品名称 商品名 产品名称 产品名 品名 名称 商品 产品 product_name item_name title item product
category: 分类 类别 品类 商品分类 商品类别 大类 类目 product_category type
price: 价格 售价 单价 零售价 标价 吊牌价 原价 销售价 price unit_price list_price retail_price
ingredients: 配料 成分 原料 配料表 主要成分 食材 材质 面料 ingredient composition
families: 过敏原 过敏源 致敏物 致敏原 过敏成分 含过敏原 allergens allergen family
new_on: 上新日期 上市日期 上架日期 上架时间 上市时间 new_date launch_date
replaces: 替代 替代商品 升级自 原款 原商品 前代 replaces_code
"""
_CUSTOMERS = """
customer_no: 会员号 会员编号 会员卡号 客户编号 客户号 顾客编号 卡号 会员id 客户id 用户id 编号 customer_id
 customer_code member_no member_id card_no user_id id customer
phone: 手机 手机号 手机号码 会员手机 会员手机号 客户手机 客户手机号 联系手机 移动电话 电话 电话号码
 联系电话 联系方式 mobile mobile_phone cellphone phone_number telephone tel
name: 姓名 会员姓名 客户姓名 顾客姓名 会员名称 客户名称 会员名 名字 称呼 名称 会员 客户 顾客 full_name
 customer_name member_name
alias: 昵称 别名 外号 微信昵称 nickname nick
gender: 性别 会员性别 sex
birthday: 生日 出生日期 出生年月日 会员生日 出生年月 birth_date birthdate date_of_birth dob
lunar: 农历 阴历 历法 生日类型 是否农历 是否阴历 calendar
source: 来源 客户来源 会员来源 渠道 来源渠道 注册渠道 获客渠道 channel
store: 门店编号 门店代码 店铺编号 门店 店铺 所属门店 归属门店 开卡门店 注册门店 办卡门店 店号 门店名称
 店名 store_code shop
guide: 专属导购 所属导购 归属导购 导购工号 导购编号 导购 服务导购 负责人 跟进人 员工 sales_rep staff owner
 advisor
points: 积分 会员积分 可用积分 剩余积分 当前积分 积分余额 point points_balance
level: 等级 会员等级 级别 会员级别 会员卡类型 卡类型 卡等级 tier grade membership
consent: 同意 是否同意 营销同意 同意营销 同意联系 接受营销 授权 是否授权 可否联系 opt_in marketing_consent
note: 备注 备注信息 说明 客户备注 会员备注 描述 notes remark remarks comment memo
allergy: 过敏 过敏原 过敏源 过敏史 过敏信息 忌口过敏 allergies allergen allergens
avoid: 忌口 不吃 避免 禁忌 avoids dislikes
preference: 偏好 喜好 口味 爱好 口味偏好 消费偏好 preferences likes taste
size: 尺码 尺寸 码数 鞋码 衣服尺码 sizes
email: 邮箱 电子邮箱 电子邮件 邮件 e_mail mail email_address
job: 职业 从事职业 会员职业 客户职业 工作 从事行业 职业类型 occupation profession
address: 地址 联系地址 住址 家庭住址 收货地址 详细地址 通讯地址 addr
referrer: 介绍人 推荐人 邀请人 介绍人手机 推荐人手机 referred_by referral inviter
created_on: 注册日期 注册时间 入会日期 入会时间 开卡日期 开卡时间 办卡日期 创建时间 建档日期 建档时间
 加入时间 joined_on join_date created_at registered_at signup_date
"""
_ORDERS = """
order_no: 订单号 订单编号 订单编码 单号 单据号 单据编号 小票号 小票编号 流水号 交易号 交易流水号 销售单号
 order_id order_number order receipt_no receipt invoice_no invoice transaction_id ticket_no
ordered_at: 下单日期 订单日期 销售日期 交易日期 消费日期 购买日期 日期 下单时间 订单时间 销售时间 交易时间
 消费时间 购买时间 结账时间 时间 支付时间 付款时间 支付日期 创建时间 order_date order_time order_datetime
 date datetime purchase_date invoice_date transaction_date timestamp time created_at paid_at
ordered_time: 时间 下单时间 销售时间 交易时间 消费时间 订单时间 结账时间 time order_time
store: 门店编号 门店代码 门店编码 店铺编号 店铺代码 机构编号 店号 门店 店铺 消费门店 下单门店 销售门店
 所属门店 门店名称 店铺名称 店名 分店 网点 store_code store_id shop shop_id store_name branch
customer_no: 会员号 会员编号 会员卡号 客户编号 客户号 顾客编号 卡号 会员id 客户id 用户id 会员 客户 顾客
 customer_id customer_code member_no member_id card_no user_id client_id customer member user
phone: 手机 手机号 手机号码 会员手机 会员手机号 客户手机 客户手机号 顾客手机 联系手机 电话 电话号码
 联系电话 mobile mobile_phone phone_number telephone tel
customer_name: 会员姓名 客户姓名 顾客姓名 姓名 会员名称 客户名称 会员名 member_name name
product: 商品编码 商品编号 商品代码 产品编码 产品编号 货号 款号 条码 条形码 商品条码 商品 产品 商品名称
 商品名 产品名称 品名 货品 sku sku_id product_code product_id item_code item_id item_no barcode stock_code
 product_name item_name item
product_name: 商品名称 商品名 产品名称 品名 货品名称 商品 产品 product_name item_name item description
 product
category: 分类 类别 品类 商品分类 商品类别 大类 类目 product_category category_name department
quantity: 数量 件数 销售数量 购买数量 份数 杯数 销量 qty count units
amount: 实付金额 实收金额 实付 实收 成交金额 成交额 支付金额 付款金额 金额 小计 行金额 商品金额 销售金额
 销售额 消费金额 订单金额 总价 合计 amount_paid paid line_total line_amount subtotal sales total
 total_amount price_total
unit_price: 单价 售价 价格 成交价 price unit_amount
kind: 类型 订单类型 单据类型 交易类型 销售类型 业务类型 订单状态 状态 type order_type status
refund_of: 原订单号 原单号 退款原单 退货原单 原销售单号 关联订单号 关联单号 原小票号 original_order
 original_order_no refund_for
pay_method: 支付方式 付款方式 支付类型 收款方式 结算方式 payment payment_method pay_type paid_by
sales_channel: 渠道 销售渠道 订单渠道 订单来源 来源 下单渠道 平台 channel platform order_source
coupon: 券码 优惠券 券号 优惠券码 优惠券号 优惠券编号 优惠券编码 代金券 代金券码 核销码 卡券码 coupon_code coupon_no
 voucher voucher_code voucher_no
guide: 导购 导购工号 导购编号 销售员 营业员 店员 收银员 员工 staff sales_rep salesperson cashier clerk
note: 备注 订单备注 买家留言 说明 notes remark remarks comment
"""
_NEEDED: dict[Kind, tuple[str, ...]] = {
    "stores": ("code|name",),
    "staff": ("code",),
    "products": ("code|name",),
    "customers": ("customer_no|phone",),
    "orders": ("order_no", "ordered_at"),
}
_BRACKETS = re.compile(r"[(\[【{<《](?![^)\]】}>》]*(?:分|角|万|千(?!克)|美|港|\$|usd|hkd))[^)\]】}>》]*[)\]】}>》]")


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where a table's columns are: our name → position; headers of no use to us; what it lacks (`a|b`: either)."""

    columns: dict[str, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]


def recognise(kind: Kind, headers: Sequence[str]) -> Mapping:
    """The columns of a table of that kind, however its headers are written."""
    at: dict[str, int] = {}
    for position, header in enumerate(headers):
        at.setdefault(_plain(header), position)
    columns: dict[str, int] = {}
    for column, aliases in _COLUMNS[kind].items():
        if alias := next((alias for alias in aliases if alias in at), None):
            columns[column] = at.pop(alias)
    taken = set(columns.values())
    unknown = tuple(header for position, header in enumerate(headers) if position not in taken and header.strip())
    missing = tuple(need for need in _NEEDED[kind] if not columns.keys() & set(need.split("|")))
    return Mapping(columns, unknown, missing)


def guess_kind(headers: Sequence[str]) -> Kind | None:
    """The kind whose columns the headers name most completely; None where two do equally or none does."""
    known = {kind: recognise(kind, headers) for kind in KINDS}
    sizes = sorted((len(found.columns), kind) for kind, found in known.items() if not found.missing)
    if not sizes or (len(sizes) > 1 and sizes[-1][0] == sizes[-2][0]):
        return None
    return sizes[-1][1]


def _plain(header: str) -> str:
    """A header without case, width, blanks, joining signs, stars and units: `Amount (元)*` is amount.

    A unit other than yuan stays, so that 金额(分) is not taken for yuan.
    """
    text = normal(header).lower()
    bare = _BRACKETS.sub("", text)
    return re.sub(r"[\s_\-./:*'\"()\[\]【】]+", "", bare) or re.sub(r"[\W_]+", "", text)


def _read(table: str) -> dict[str, tuple[str, ...]]:
    """`column: alias alias` a line; a column's own name is its first alias."""
    lines = re.sub(r"\n (?=\S)", " ", table).strip().splitlines()
    pairs = (line.split(":", 1) for line in lines)
    return {column: tuple(map(_plain, [column, *aliases.split()])) for column, aliases in pairs}


_COLUMNS: dict[Kind, dict[str, tuple[str, ...]]] = {
    "stores": _read(_STORES),
    "staff": _read(_STAFF),
    "products": _read(_PRODUCTS),
    "customers": _read(_CUSTOMERS),
    "orders": _read(_ORDERS),
}
