"""What a member of staff sees about herself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.chat import Choice, numbered
from bot.domain import words
from bot.domain.shop import ROLES, Staff

_SCOPES = {"own": "只看自己的客户", "store": "看本店的客户", "chain": "看全部门店的客户"}
_CHANNELS = {"wecom": "企业微信", "telegram": "Telegram", "console": "终端"}


class Written(Protocol):
    """Something that may be taken back."""

    @property
    def summary(self) -> str:
        """In one line."""

    @property
    def staff_id(self) -> int:
        """Who wrote it."""

    @property
    def at(self) -> datetime:
        """When."""


def row(unit: Written, staff: Staff, names: Mapping[int, str], now: datetime) -> str:
    """One thing written: when, by whom if it was somebody else, what."""
    by = "" if unit.staff_id == staff.id else f"{names.get(unit.staff_id, '离职同事')}："
    return f"{words.clock(unit.at, now, staff.zone)} {by}{unit.summary}"


def mine(staff: Staff, channels: Sequence[str], written: Sequence[Choice]) -> str:
    """Who I am, what I may see, what I wrote; numbered, because each can be taken back."""
    sees = "不看客户资料" if staff.role == "admin" else _SCOPES[staff.scope]
    lines = [f"{staff.name}（{staff.code}）· {staff.store_name}{ROLES[staff.role]} · {sees}"]
    if channels:
        lines.append(f"已绑定：{words.join(_CHANNELS.get(one, one) for one in channels)}")
    if written:
        lines.append("可以撤的（回数字）：")
        lines += [f"{digit} {choice.label}" for digit, choice in numbered(written)]
    else:
        lines.append("最近没有写过什么。")
    return "\n".join(lines)
