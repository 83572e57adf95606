"""交班: what the next shift takes over: complaints, what was promised, who comes for what, what must not be said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.cards.facts import ELSEWHERE
from bot.domain import words
from bot.domain.board.wording import LONGEST, called

_MOST = 6
_LINE = 150
_HEAD = 120
_NAMES = {"promise": "答应过", "hold": "留货", "reminder": "提醒"}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be done: its number, with whom, what (scrubbed), by when."""

    kind: str
    number: int | None
    who: str
    what: str
    urgent: bool
    due_at: datetime | None
    customer_id: int = 0
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Minded:
    """What to mind with a customer who is spoken of."""

    who: str
    allergies: str
    leave: str
    complained: bool
    wants: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """Everything that is handed over in a store."""

    store: str
    complaints: Sequence[Item]
    followups: Sequence[Item]
    minded: Sequence[Minded]
    now: datetime
    tz: tzinfo

    @property
    def empty(self) -> bool:
        """Whether there is nothing."""
        return not self.complaints and not self.followups

    @property
    def about(self) -> tuple[int, ...]:
        """The customers it tells of, each once."""
        return tuple(dict.fromkeys(one.customer_id for one in (*self.complaints, *self.followups)))


def whole(told: Handover, head: str = "") -> str:
    """The message to one person, in private."""
    title = words.clip(head, _HEAD) or f"交班 · {called(told.store)}"
    if told.empty:
        return f"{title}：没有要接着办的。"
    lines = [f"{title}，接着办：", *_some(told, told.complaints, "诉结"), *_some(told, told.followups, "今天")]
    lines += [f"⚠️ 别说错：{'；'.join(filter(None, map(_minded, told.minded)))}"] if told.minded else []
    return words.clip("\n".join(lines), LONGEST)


def _some(told: Handover, items: Sequence[Item], command: str) -> list[str]:
    lines = [words.clip(_line(told, one), _LINE) for one in items[:_MOST]]
    more = len(items) - _MOST
    return [*lines, f"还有{more}件，发「{command}」看。"] if more > 0 else lines


def _line(told: Handover, one: Item) -> str:
    number = f" #{one.number}" if one.number else ""
    name = f"客诉{number}{'（急）' if one.urgent else ''}" if one.kind == "complaint" else f"{_NAMES[one.kind]}{number}"
    said = f"{one.who}：{one.what}" if one.what else one.who
    return f"· {name} {said}{_when(told, one)}"


def _when(told: Handover, one: Item) -> str:
    if one.due_at is None:
        return ""
    late = "⏰过期了，" if one.due_at < told.now else ""
    end = {"complaint": "前回她", "hold": "前来取", "promise": "前", "reminder": ""}[one.kind]
    return f"，{late}{words.clock(one.due_at, told.now, told.tz)}{end}"


def _minded(one: Minded) -> str:
    said = words.join(
        [f"{one.allergies}过敏" if one.allergies else "", one.leave, "别推活动" if one.complained else ""]
    )
    told = "，".join(filter(None, [said, f"想要{one.wants}" if one.wants else ""]))
    return f"{one.who} {told}" if told else ""


def discreet(told: Handover, head: str = "") -> str:
    """The same where nothing that was noted may be shown: numbers and counts."""
    title = words.clip(head, _HEAD) or f"交班 · {called(told.store)}"
    if told.empty:
        return f"{title}：没有要接着办的。"
    numbers = words.join(f"#{one.number}" for one in told.complaints)
    said = [f"客诉{len(told.complaints)}件 {numbers}"] if told.complaints else []
    for kind, name in _NAMES.items():
        some = [one for one in told.followups if one.kind == kind]
        said += [f"{name}{len(some)}件"] if some else []
    return f"{title}，接着办：\n{'　'.join(said)}\n是谁、什么事，{ELSEWHERE}"
