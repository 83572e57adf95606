"""Rows of store, staff and product files read into the columns of their tables."""

import re
from typing import Any

from bot.domain import cells
from bot.domain.cells import CellError
from bot.intake.reading.rows import Cells
from bot.intake.reading.texts import own_number, words

Read = tuple[str, dict[str, Any], tuple[Any, ...]]

_ROLES = words("""
guide: 导购 导购员 店员 营业员 销售 美容顾问 staff sales
manager: 店长 副店长 经理 主管
hq: 总部 总部人员 区域经理 督导 运营
admin: 管理员 系统管理员
""")
_SEPARATORS = re.compile(r"[、,，;；/|]\s*")


def words_of(cell: str) -> list[str]:
    """The words of a list in one cell, each once."""
    return [word for word in dict.fromkeys(part.strip() for part in _SEPARATORS.split(cell)) if word]


def read_store(row: Cells) -> Read:
    """A store: its code, else its name, is who it is."""
    code = cells.store_code(row.get("code") or row.get("name") or "")
    values: dict[str, Any] = {"name": row.get("name"), "city": row.get("city")}
    if row.get("opened_on"):
        values["opened_on"] = cells.when(row["opened_on"])[0]
    return code, _said(values), ()


def read_staff(row: Cells) -> Read:
    """A member of staff; her store's code or name, whether she has one, and her hours are kept aside."""
    code = own_number(row.get("code", ""), "工号")
    if not code:
        raise CellError("工号空着：请填上")
    role = _ROLES.get(row.get("role", "").lower() or "guide")
    if role is None:
        raise CellError("角色看不懂：请写 导购、店长、总部 或 管理员")
    has_store = role in ("guide", "manager")
    store = cells.store_code(row["store"]) if row.get("store") and has_store else ""
    values = _said({"name": row.get("name"), "role": role if row.get("role") else None})
    return code, values, (store, has_store, row.get("shift", ""))


def read_product(row: Cells) -> Read:
    """A product; allergens it is said to contain count as ingredients, the code it replaces is kept aside."""
    code = own_number(row.get("code", ""), "商品编码") or row.get("name", "")
    if not code:
        raise CellError("商品编码和名称都空着：请至少填一个")
    made_of = dict.fromkeys(words_of(row.get("ingredients", "")) + words_of(row.get("families", "")))
    values: dict[str, Any] = {
        "name": row.get("name"),
        "category": row.get("category"),
        "price_fen": cells.amount_fen(row.get("price", "")),
        "ingredients": "、".join(made_of),
    }
    if row.get("new_on"):
        values["new_on"] = cells.when(row["new_on"])[0]
    return code, _said(values), (own_number(row.get("replaces", ""), "原商品编码"),)


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}
