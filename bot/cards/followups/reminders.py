"""What is due, as it is pushed to whoever is on shift: in the morning, in the evening, at its hour, and a day late."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.cards import facts as wording
from bot.cards.followups.promises import DONE, MOST
from bot.chat import Choice
from bot.domain import words

LONGEST = 2048
"""Bytes: what the narrowest way takes at most."""


@dataclass(frozen=True, slots=True)
class Item:
    """One of them, all in words: 答应 #3, for whom, what, until when; how a choice says it; who promised it.

    `abroad` is for whom it is where nothing that was noted may be shown.
    """

    kind: str
    called: str
    who: str
    abroad: str
    text: str
    due: str
    say: str
    by: str

    def line(self, *, closed: bool) -> str:
        """The whole of it on a line."""
        who = self.abroad if closed else self.who
        head = f"{self.called}{'' if closed else f' {words.clip(self.text, 90)}'} → {who}"
        return f"{head}{'' if head.endswith('）') else '，'}{self.due}"


class Told(NamedTuple):
    """A message: whole, as it may be said where no note may be shown, and its choices."""

    text: str
    discreet: str
    choices: tuple[Choice, ...]


def morning(today: Sequence[Item], over: Sequence[Item], *, late: bool) -> Told:
    """What is to be done today, then what was not done yesterday."""
    head = f"{_again(late)}今天要办的 {len(today)} 件：" if today else f"{_again(late)}昨天到期还没办的："
    return _listed([(head, today), ("昨天到期还没办的：" if today else head, over)])


def evening(items: Sequence[Item], *, late: bool) -> Told:
    """What is still open before the shop closes."""
    return _listed([(f"{_again(late)}关门前还有 {len(items)} 件没办：", items)])


def kept_waiting(items: Sequence[Item]) -> Told:
    """What somebody promised and has not done for a day, to who leads the store."""
    return _listed([(f"答应了客人、拖过一天还没办的 {len(items)} 件，请安排：", items)], by=True)


def _again(late: bool) -> str:  # noqa: FBT001 — a word before the message
    return "（补发）" if late else ""


def _listed(parts: Sequence[tuple[str, Sequence[Item]]], *, by: bool = False) -> Told:
    items = [item for _, some in parts for item in some]
    return Told(
        _written(parts, by=by, closed=False),
        _written(parts, by=by, closed=True),
        tuple(Choice(item.called, item.say, takes_text=True) for item in items[:MOST]),
    )


def _written(parts: Sequence[tuple[str, Sequence[Item]]], *, by: bool, closed: bool) -> str:
    lines, place = [], 0
    for head, items in parts:
        if items and head:
            lines.append(head)
        for item in items:
            place += 1
            if place <= MOST:
                promised = f"，{item.by}答应的" if by and item.by else ""
                lines.append(f"{place} {item.line(closed=closed)}{promised}")
    if place > MOST:
        lines.append(f"还有{place - MOST}件，发「答应」「留」看。")
    first = next(item for _, items in parts for item in items)
    lines.append(f"办完回「1 {DONE[first.kind]}」，来不及回「1 延到明天」，不用了回「1 取消」。")
    if closed:
        lines.append(f"内容{wording.ELSEWHERE}")
    return words.clip("\n".join(lines), LONGEST)


def hour(item: Item, *, late: bool) -> Told:
    """One at its hour."""
    choices = (
        Choice(DONE[item.kind], f"{item.say} {DONE[item.kind]}"),
        Choice("延一天", f"{item.say} 延一天"),
        Choice("取消", f"{item.say} 取消"),
    )
    whole, closed = (f"⏰ {_again(late)}{item.line(closed=hidden)}" for hidden in (False, True))
    return Told(words.clip(whole, LONGEST), f"{closed}\n内容{wording.ELSEWHERE}", choices)
