"""The morning in eight lines: yesterday, whom to save, what is due, the groups, how far the data reach, a praise."""

from collections.abc import Sequence
from datetime import timedelta, tzinfo
from typing import NamedTuple

from bot.chat import Choice
from bot.domain import words
from bot.domain.board import wording
from bot.domain.board.days import Band, Due, Morning, Praise, ToSave, Worker, leaders
from bot.domain.board.wording import LONGEST, called
from bot.domain.lists.values import WORDS

_KINDS = {"promise": "承诺", "hold": "留货", "reminder": "提醒"}
_BRAVO = {"记": "{name}昨天给{people}位客人添了资料", "诉结": "{name}昨天结了{people}位客人的客诉"}


class Told(NamedTuple):
    """A message as it goes to a person: whole, as it may be said abroad, and its choices."""

    text: str
    discreet: str
    choices: tuple[Choice, ...]


class Shown(NamedTuple):
    """The list of the day: its tag, its rows, and what names it to this person."""

    tag: str
    rows: Sequence[ToSave]
    token: str


def digest(morning: Morning, shown: Shown | None, to: Worker, tz: tzinfo, greeting: str = "早，") -> Told:
    """The message to one person; who does not lead is told no money."""
    head = f"{greeting}{called(morning.store.name)}。{_yesterday(morning, to, tz)}"
    tail = [_due(morning), _bands(morning.bands), _foot(morning, tz)]
    choices = tuple(
        Choice(one.called, f"名单答 #{shown.token} {place}", takes_text=True)  # no word that may not go abroad
        for place, one in enumerate(shown.rows, 1)
    ) if shown else ()  # fmt: skip
    said = [head, *_list(morning, shown, to), *filter(None, tail)]
    abroad = [head, *_list(morning, shown, to, abroad=True), *filter(None, tail)]
    return Told(words.clip("\n".join(said), LONGEST), words.clip("\n".join(abroad), LONGEST), choices)


def _yesterday(morning: Morning, to: Worker, tz: tzinfo) -> str:
    if to.role != "manager":
        return f"{'今天店长不在班上' if leaders(morning.workers) else '店里没有店长账号'}，早报发给你"
    yesterday = morning.today - timedelta(days=1)
    reach_ = morning.store.data_at
    if reach_ and reach_.astimezone(tz).date() < yesterday and not morning.silent:
        return "昨天店休"  # only days on which it never sells keep so long a silence from being one
    return wording.takings(morning.yesterday, morning.week_before, yesterday, morning.store.data_at, tz)


def _list(morning: Morning, shown: Shown | None, to: Worker, *, abroad: bool = False) -> list[str]:
    if shown is None:
        if not morning.layered:
            return ["要救的名单明早有：分层今晚算完。"]
        if morning.silent:
            return ["收银没传，谁来过看不到，今天先不排要救的。"]
        return ["今天没有要救的：该来的都来过，或刚联系过。"]
    head = f"{shown.tag}今天要救的{len(shown.rows)}位（经验规则），改派回「1给小周」，问原因回「为什么 1」："
    return [head, *(f"{place} {_row(one, to, abroad=abroad)}" for place, one in enumerate(shown.rows, 1))]


def _row(one: ToSave, to: Worker, *, abroad: bool = False) -> str:
    trouble = f"，客诉#{one.complaint}没结，先道歉" if one.complaint and not abroad else ""
    done = f"（{WORDS.get(one.outcome, '办过了')}）" if one.outcome not in (None, "hand_over") else ""  # type: ignore[call-overload]  # any text
    wish = f"，{one.wish}" if one.wish and not abroad else ""
    if one.barred:
        return f"{one.called} {wording.BARRED if abroad else one.wish}{done}"
    return f"{one.called} {one.short}{trouble}{wish} → {_whose(one.worker, to)}{done}"


def details(tag: str, shown: Sequence[tuple[ToSave, Sequence[str]]]) -> str:
    """Why each of those to save stands there."""
    lines = [f"{tag}要救的{len(shown)}位，依据："]
    for place, (one, whys) in enumerate(shown, 1):
        lines += [f"{place} {one.called} {one.short}", *(f"· {why}" for why in whys)]
    return words.clip("\n".join(lines), LONGEST)


def _whose(worker: Worker | None, to: Worker) -> str:
    if worker is None:
        return "谁有空谁打"
    name = "你" if worker.id == to.id else called(worker.name)
    late = worker.starts is not None and worker.starts >= 600
    return f"{name}（{(worker.starts or 0) // 60}点班）" if late else name


def _due(morning: Morning) -> str:
    """今天：生日2 承诺1 留货1（过期1） 客诉1."""
    known = morning.due
    said = [f"生日{morning.birthdays}"] if morning.birthdays else []
    said += matters(known)
    return f"今天：{'　'.join(said)}" if said else "今天没有到期的事。"


def matters(known: Due) -> list[str]:
    """承诺1, 留货1, 过期1, 客诉2（今天前回1）."""
    said = [f"{name}{known.by_kind[kind]}" for kind, name in _KINDS.items() if known.by_kind.get(kind)]
    if known.late:
        said[-1] += f"（过期{known.late}）"
    if known.complaints:
        late = f"过期{known.complaints_late}" if known.complaints_late else ""
        rest = known.complaints_due - known.complaints_late
        inside = words.join([late, f"今天要回{rest}" if rest > 0 else ""])
        said.append(f"客诉{known.complaints}" + (f"（{inside}）" if inside else ""))
    return said


def _bands(bands: Sequence[Band]) -> str:
    return "　".join(map(band, bands))


def band(one: Band) -> str:
    """高频奶茶党 212（−3）."""
    change = f"（{'+' if one.more > 0 else '−'}{abs(one.more)}）" if one.more else ""
    return f"{one.name} {words.thousands(one.people)}{change}"


def _foot(morning: Morning, tz: tzinfo) -> str:
    return " · ".join(filter(None, [reach(morning, tz), _bravo(morning.praise)]))


def reach(morning: Morning, tz: tzinfo) -> str:
    """How far the data of a store reach, or that its till is silent."""
    if morning.store.data_at is None:
        return ""
    if morning.silent:
        return f"⚠️ 收银{wording.hours(morning.silent)}没传数据了"
    return f"数据到{words.clock(morning.store.data_at, morning.now, tz)}"


def _bravo(praise: Praise | None) -> str:
    return f"👍 {_BRAVO[praise.command].format(name=called(praise.name), people=praise.people)}" if praise else ""
