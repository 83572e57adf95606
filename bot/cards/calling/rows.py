"""A list as it is told: to whoever is to call with warnings and words, to a group masked, less where no note may go.

A message stays below the least limit of the platforms: what does not fit are the words of the last rows, which their
digit shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.cards.facts import NOTICE
from bot.chat import Choice
from bot.domain import masks, words
from bot.domain.customers import Fact
from bot.domain.lists.kinds import Kind
from bot.domain.words import join, whose

LIMIT = 1_900
"""Bytes of UTF-8; the least any platform takes is 2,048."""
MARKS: dict[Kind, str] = {
    "birthday": "🎂",
    "anniversary": "💐",
    "care": "💬",
    "expiring": "🎟",
    "replenish": "🧴",
    "arrived": "📦",
}
_QUIETLY: dict[Kind, str] = {
    "birthday": "要问候",
    "anniversary": "要问候",
    "care": "要问候",
    "expiring": "有券快到期",
    "replenish": "该回购了",
    "upgrade": "可以多来",
    "arrived": "等的货到了",
}
_AWAY = "好久没来"
_WAYS = {
    "别打电话": "别打电话（可发消息）",
    "只微信": "只用微信",
    "只短信": "只发短信",
    "别发微信": "别发微信",
    "别发短信": "别发短信",
}
ORDERED = "按经验规则排，先看价值"
HOW_TO_CLAIM = "认领回「2我来」，转交回「1给小李」。资料和话在私聊里看。"
HOW = "回结果：1没接 2约了周日 3别再打了；回数字看一位，「为什么 2」看依据"


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `who` is her label, `warning` what whoever calls must mind, `whose` who is to do it (groups alone)."""

    position: int
    kind: Kind
    who: str
    masked: str
    reason: str
    warning: str = ""
    offer: str = ""
    said: str = ""
    done: str = ""
    whose: str = ""


def who(name: str, alias: str, last4: str) -> str:
    """王*（尾号8000）, or how she is remembered."""
    if name or not alias:
        return masks.who(name, last4)
    called = words.clip(alias, 60)
    return f"{called}（尾号{last4}）" if last4 else called


def warning(facts: Sequence[Fact]) -> str:
    """⚠️芒果过敏、孩子花生过敏; 不要香菜: short, for a line."""
    allergies = join(dict.fromkeys(f"{whose(fact.of)}{fact.value}" for fact in facts if fact.kind == "allergy"))
    avoided = join(dict.fromkeys(f"{whose(fact.of)}{fact.value}" for fact in facts if fact.kind == "avoid"))
    parts = [f"{allergies}过敏" if allergies else "", f"不要{words.clip(avoided, 60)}" if avoided else ""]
    said = "；".join(filter(None, parts))
    reached = wish(fact.value for fact in facts if fact.kind == "contact_rule")
    return " ".join(filter(None, [f"⚠️{said}" if said else "", reached]))


def wish(rules: Iterable[str]) -> str:
    """📵别打电话（可发消息）: which ways of reaching her are not open, while others are."""
    said = join(dict.fromkeys(_WAYS[one] for one in rules if one in _WAYS))
    return f"📵{said}" if said else ""


def private(head: str, lines: Sequence[Line], foot: str = "") -> str:
    """For whoever is to call."""
    shown = len(lines)
    while True:
        said = [row for place, line in enumerate(lines) for row in _row(line, speaks=place < shown)]
        text = "\n".join(filter(None, [head, *said, foot]))
        if not shown or len(text.encode()) <= LIMIT:
            return text
        shown -= 1


def _row(line: Line, *, speaks: bool) -> list[str]:
    label = f"{line.position} {line.who}"
    if line.done:
        return [f"{label}✓{line.done}"]
    parts = [line.warning, f"{MARKS.get(line.kind, '')}{line.reason}", f"可发{line.offer}" if line.offer else ""]
    row = f"{label}{' · '.join(filter(None, parts))}"
    return [row, f"　“{line.said}”"] if speaks and line.said else [row]


def discreet(head: str, lines: Sequence[Line], foot: str = "") -> str:
    """The same where no note may be shown."""
    rows = [f"{line.position} {line.who}{'✓' if line.done else _QUIETLY.get(line.kind, _AWAY)}" for line in lines]
    minded = any(line.warning for line in lines)
    return "\n".join(filter(None, [head, *rows, NOTICE if minded else "", foot]))


def group(head: str, lines: Sequence[Line], foot: str) -> str:
    """For a store's group: a surname, what for in three words, and who does it."""
    rows = [
        f"{line.position} {line.masked} {_QUIETLY.get(line.kind, _AWAY)} → {line.whose or '待认领'}"
        + (f"✓{line.done}" if line.done else "")
        for line in lines
    ]
    return words.clip("\n".join([head, *rows, foot]), LIMIT)


def choices(token: str, lines: Sequence[Line]) -> tuple[Choice, ...]:
    """A row a digit, words behind it its answer."""
    return tuple(Choice(line.who, f"名单答 #{token} {line.position}", takes_text=True) for line in lines)
