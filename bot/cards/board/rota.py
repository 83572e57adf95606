"""排班: who works when, day by day; what was written of it; who is off and where her rows went."""

from collections.abc import Mapping, Sequence
from datetime import date

from bot.domain import words
from bot.domain.board.shifts import Hours, is_off, said

_FEW = 3


def week(store: str, days: Mapping[date, Sequence[tuple[str, Hours]]]) -> str:
    """Each day with who works and who is off."""
    lines = [f"{store}排班，从今天起七天："]
    for on, people in days.items():
        here = words.join(f"{name} {said(hours)}" for name, hours in people if not is_off(hours))
        away = words.join(name for name, hours in people if is_off(hours))
        lines.append(f"{day(on)}：{here or '没排'}{f'；休息：{away}' if away else ''}")
    return "\n".join([*lines, "改班发「排班 小李 周一到周五 9-17:30」，请假发「小李今天请假」。"])


def day(on: date) -> str:
    """11-20周五."""
    return f"{on:%m-%d}周{'一二三四五六日'[on.weekday()]}"


def written(name: str, plan: Mapping[date, Hours]) -> str:
    """What was put on the rota."""
    groups: dict[Hours, list[date]] = {}
    for on, hours in sorted(plan.items()):
        groups.setdefault(hours, []).append(on)
    lines = [f"{said(hours)}：{_named(days)}" for hours, days in groups.items()]
    return "\n".join([f"{name}的班排好了：", *lines, "错了回 撤"])


def off(name: str, days: Sequence[date], today: date, dealt: Mapping[str, int], left: int) -> str:
    """Who is off, and what became of her rows of today."""
    lines = [f"{name}{words.join(words.day(on, today) for on in days)}休息，排班上记了。"]
    if dealt:
        to = words.join(f"{one}{count}条" for one, count in dealt.items())
        lines.append(f"{name}今天的{sum(dealt.values())}条已分给当班（{to}），不通知{name}。")
    if left:
        lines.append(f"今天的{left}条没有人可分，还在{name}名下：用「派」转给谁。")
    return "\n".join([*lines, "错了回 撤"])


def _named(days: Sequence[date]) -> str:
    if len(days) <= _FEW:
        return words.join(day(on) for on in days)
    weekdays = "".join("一二三四五六日"[nth] for nth in sorted({on.weekday() for on in days}))
    return f"{day(days[0])} 到 {day(days[-1])} 的周{weekdays}，共{len(days)}天"
