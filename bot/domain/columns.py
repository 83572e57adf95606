"""Recognising the columns of imported tables by their headers, Chinese or English.

For every column the aliases stand in order of preference: the first that a table has is taken, and a header is
taken once. So an alias may serve two columns where a table has only one of them (商品名称 as product).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from bot.domain.text import normal

Kind = Literal["stores", "staff", "products", "customers", "orders"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_STORE = "store 门店 店铺 门店编号 门店代码 门店编码 店号 店铺编号 机构编号 store_code store_id shop shop_code 门店名称 店铺名称 店名 store_name 所属门店 归属门店 开卡门店 注册门店 消费门店 下单门店 销售门店 分店 网点"
