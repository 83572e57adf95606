"""The menu under an app's conversation: up to three keys, or groups of up to five, each a command to be tapped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_MOST_TOP, _MOST_SUB = 3, 5
_TOP_BYTES, _SUB_BYTES, _KEY_BYTES = 16, 40, 128


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and the command it says; one with `entries` only opens them."""

    label: str
    says: str = ""
    entries: tuple["Entry", ...] = ()


MENU = (
    Entry("查客户", "查"),
    Entry("记一句", "记"),
    Entry("更多", entries=(Entry("我的", "我的"), Entry("撤回上一步", "撤"), Entry("帮助", "帮助"))),
)


def menu_body(entries: Sequence[Entry]) -> dict[str, Any]:
    """What menu/create takes; raises ValueError for a menu that WeCom would refuse."""
    if not 1 <= len(entries) <= _MOST_TOP:
        raise ValueError(f"a menu has 1 to {_MOST_TOP} keys")
    return {"button": [_button(entry, _TOP_BYTES) for entry in entries]}


def _button(entry: Entry, most_bytes: int) -> dict[str, Any]:
    if not 0 < len(entry.label.encode()) <= most_bytes:
        raise ValueError(f"a menu key's name has 1 to {most_bytes} bytes: {entry.label}")
    if entry.entries:
        if entry.says or most_bytes != _TOP_BYTES or len(entry.entries) > _MOST_SUB:
            raise ValueError(f"a group has up to {_MOST_SUB} keys and no command of its own: {entry.label}")
        return {"name": entry.label, "sub_button": [_button(inner, _SUB_BYTES) for inner in entry.entries]}
    if not 0 < len(entry.says.encode()) <= _KEY_BYTES:
        raise ValueError(f"a menu key says a command of up to {_KEY_BYTES} bytes: {entry.label}")
    return {"type": "click", "name": entry.label, "key": entry.says}
