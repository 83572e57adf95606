"""The kinds of lists, and the tag at the head of each by which a quoted message tells which it is: 〔名单11-20〕."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal[
    "today",
    "recall",
    "birthday",
    "anniversary",
    "care",
    "replenish",
    "leaving",
    "upgrade",
    "expiring",
    "save",
    "arrived",
]
KINDS: dict[Kind, str] = {
    "today": "名单",
    "recall": "召回",
    "birthday": "生日",
    "anniversary": "纪念日",
    "care": "关怀",
    "replenish": "快用完",
    "leaving": "要走",
    "upgrade": "升级",
    "expiring": "到期券",
    "save": "要救",
    "arrived": "到货",
}
LEADERS: tuple[Kind, ...] = ("save",)
"""Lists of a store that its leader alone is shown, never its group."""
_STORE = "门店"
ON_LIST = re.compile(r"名单答 #([0-9a-f]{32}) (\d{1,2})")
"""The choice that is a row of a list of people: the list's token, and the row's number."""
TAG = re.compile(rf"〔({_STORE})?({'|'.join(KINDS.values())})(\d\d)-(\d\d)(?:·(\d{{1,3}}))?〕")


@dataclass(frozen=True, slots=True)
class Tag:
    """Which list: its kind, the day it was made, the how manieth of that kind and day; a person's or her store's."""

    kind: Kind
    month: int
    day: int
    nth: int = 1
    of_store: bool = False


def tag(kind: Kind, on: date, nth: int = 1, *, of_store: bool = False) -> str:
    """How a list is headed; `read_tag` reads it back."""
    return f"〔{_STORE * of_store}{KINDS[kind]}{on:%m-%d}{f'·{nth}' * (nth > 1)}〕"


def read_tag(text: str) -> Tag | None:
    """The first tag in a text."""
    found = TAG.search(text)
    if not found:
        return None
    kind = next(kind for kind, called in KINDS.items() if called == found[2])
    return Tag(kind, int(found[3]), int(found[4]), int(found[5] or 1), bool(found[1]))
