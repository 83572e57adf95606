"""Holds, promises and reminders in chat: opened with a number, listed, done with one digit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.cards import facts as wording
from bot.cards.notes import UNDO
from bot.cards.profile import who
from bot.chat import Choice, Reply
from bot.domain import words
from bot.domain.customers import Matter, Sight
from bot.domain.shop import Staff

NAMES = {"hold": "留货", "promise": "答应", "reminder": "提醒"}
COMMANDS = {"hold": "留", "promise": "答应", "reminder": "提醒"}
DONE = {"hold": "拿走了", "promise": "办了", "reminder": "办了"}
DROPPED = {"hold": "放回去了", "promise": "取消了", "reminder": "取消了"}
_EXAMPLES = {"hold": "/留 灰直筒26 到礼拜六", "promise": "/答应 周五给回话"}
MOST = 9


@dataclass(frozen=True, slots=True)
class Shown:
    """One of them as somebody sees it at a moment; `say` is how a choice names it."""

    sight: Sight
    matter: Matter
    staff: Staff
    now: datetime
    say: str

    @property
    def head(self) -> str:
        """留货 #12 灰直筒26 → 王*（尾号8000）; without the thing where it may not be said."""
        thing = "" if self.staff.veil == "closed" else f" {words.clip(self.matter.text, 150)}"
        return f"{called(self.matter)}{thing} → {who(self.sight)}"

    @property
    def due(self) -> str:
        """Until when, with a comma where one is wanted."""
        said = deadline(self.matter, self.now, self.staff.zone)
        return f"{'' if self.head.endswith('）') else '，'}{said}" if said else ""

    @property
    def about(self) -> tuple[int]:
        """Whom it tells of."""
        return (self.sight.customer.id,)


def called(matter: Matter) -> str:
    """留货 #12; one without a number by its kind alone."""
    return f"{NAMES[matter.kind]} #{matter.number}" if matter.number else NAMES[matter.kind]


def deadline(matter: Matter, now: datetime, zone: tzinfo) -> str:
    """周六21:00到期, 周五21:00前, or nothing; one that is over says so."""
    if matter.due_at is None:
        return ""
    tail = {"hold": "到期", "promise": "前", "reminder": ""}[matter.kind]
    over = "（已过期）" if matter.due_at < now else ""
    return f"{words.clock(matter.due_at, now, zone)}{tail}{over}"


def opened(one: Shown, told: str, extra: Sequence[str]) -> Reply:
    """What was opened, for whom, until when; `told` says who will hear of it, `extra` what must be minded."""
    elsewhere = f"内容{wording.ELSEWHERE}" if one.staff.veil == "closed" else ""
    lines = [f"{one.head}{one.due}", elsewhere, *extra, f"{told}{UNDO}"]
    choices: tuple[Choice, ...] = ()
    if one.matter.due_at is None:
        choices = tuple(Choice(day, f"{one.say} 延到{day}") for day in ("今天", "明天", "后天"))
    return Reply("\n".join(filter(None, lines)), choices, about=one.about, keeps_menu=not choices)


def shown(one: Shown, by: str) -> Reply:
    """One of them with what may be done about it."""
    kind = one.matter.kind
    choices = (
        Choice(DONE[kind], f"{one.say} {DONE[kind]}"),
        Choice("延一天", f"{one.say} 延一天"),
        Choice("放回去" if kind == "hold" else "取消", f"{one.say} 取消"),
    )
    noted = f"{words.clock(one.matter.opened_at, one.now, one.staff.zone)} {by}记的"
    elsewhere = f"，内容{wording.ELSEWHERE}" if one.staff.veil == "closed" else ""
    return Reply(f"{one.head}{one.due}\n{noted}{elsewhere}", choices, about=one.about)


def closed(one: Shown, *, done: bool) -> Reply:
    """It is done, or dropped."""
    said = (DONE if done else DROPPED)[one.matter.kind]
    return Reply(f"{one.head}{said}，清掉了。{UNDO}", about=one.about, keeps_menu=True)


def put_off(one: Shown, told: str) -> Reply:
    """It is due later."""
    return Reply(
        f"{one.head}改到{deadline(one.matter, one.now, one.staff.zone)}。\n{told}{UNDO}",
        about=one.about,
        keeps_menu=True,
    )


def listed(kinds: Sequence[str], rows: Sequence[Shown]) -> Reply:
    """What is open of these kinds, to be answered by digits."""
    named = words.join(NAMES[kind] for kind in kinds)
    if not rows:
        return Reply(f"现在没有没办的{named}。要记一条，发：{_EXAMPLES[kinds[0]]}", keeps_menu=True)
    lines = [f"没办的{named} {len(rows)} 件："]
    lines += [f"{place} {one.head}{one.due}" for place, one in enumerate(rows[:MOST], 1)]
    if len(rows) > MOST:
        lines.append(f"还有{len(rows) - MOST}件，办掉几件再看。")
    lines.append(f"回数字看，或直接回「1 {DONE[rows[0].matter.kind]}」「1 延到周日」「1 取消」。")
    if rows[0].staff.veil == "closed":
        lines.append(f"内容{wording.ELSEWHERE}")
    choices = tuple(Choice(called(one.matter), one.say, takes_text=True) for one in rows[:MOST])
    about = tuple(dict.fromkeys(one.sight.customer.id for one in rows[:MOST]))
    return Reply("\n".join(lines), choices, about=about, focus=False)
