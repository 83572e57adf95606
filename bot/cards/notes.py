"""Echoes of writes: what was stored, for whom, what is asked, and how to take it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import facts as wording
from bot.cards.profile import who
from bot.chat import Choice, Reply
from bot.domain import words
from bot.domain.customers import Sight

UNDO = "错了回 撤"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an echo: what was said and what became of it."""

    kind: str
    value: str
    facet: str | None = None
    of: str | None = None
    state: str = "live"  # live pending known removed refused
    note: str = ""
    warns: bool = False  # its note, which may not be shown, is a warning


@dataclass(frozen=True, slots=True)
class Noted:
    """What one sentence did: its lines, the kinds of consent it waits for, the choices that follow."""

    lines: tuple[Line, ...]
    asks: frozenset[str] = frozenset()
    choices: tuple[Choice, ...] = ()


_MARKS = {
    "pending": "（待同意）",
    "known": "（早就记过）",
    "removed": "（划掉）",
    "refused": "（她没同意，没存）",
    "live": "",
}


def line(said: Line) -> str:
    """One line in words; an allergy is marked."""
    warning = "⚠️ " if said.kind == "allergy" and said.state in ("live", "pending") else ""
    return warning + wording.say(said.kind, said.value, said.facet, said.of) + said.note + _MARKS[said.state]


def echo(sight: Sight, noted: Noted) -> Reply:
    """给 王*（尾号8000）记下：… then the question of consent, then how to take it back."""
    if sight.veil == "closed":
        return _counted(sight, noted)
    stored = [one for one in noted.lines if one.state in ("live", "pending", "removed")]
    head = f"给 {who(sight)}记下：" if stored else f"{who(sight)}{'：' if noted.lines else '，是这样吗？'}"
    lines = [head, *(line(one) for one in _folded(noted.lines))]
    if noted.asks:
        lines.append(f"{ask(noted.lines)} {UNDO}")
    elif stored:
        lines.append(UNDO)
    refused = next((one for one in noted.lines if one.state == "refused" and one.kind == "allergy"), None)
    if refused:
        lines.append(f"她改主意了就再问一次，发：敏 {refused.value}")
    return Reply("\n".join(lines), noted.choices, about=(sight.customer.id,), keeps_menu=not noted.choices)


def _counted(sight: Sight, noted: Noted) -> Reply:
    """The same where nothing that was noted may be said again: how many, and where to read them."""
    text = "\n".join(filter(None, [f"{who(sight)}{count(noted.lines)}", ask_closed(noted.lines)]))
    return Reply(text, noted.choices, about=(sight.customer.id,), keeps_menu=not noted.choices)


def count(lines: Sequence[Line]) -> str:
    """记好了2条 ✓ …; what was known before counts as noted, for that it is now."""
    states = [one.state for one in lines]
    removed, refused = states.count("removed"), states.count("refused")
    kept = len(states) - removed - refused
    wrote = set(states) & {"live", "pending", "removed"}
    said = words.join(
        [
            f"记好了{kept}条" if kept else "",
            f"划掉{removed}条" if removed else "",
            f"{refused}条她没同意，没存" if refused else "",
        ]
    )
    if not said:
        return "，是这样吗？"
    warns = f"\n{wording.NOTICE}" if any(one.warns for one in lines) else ""
    return f"：{said} ✓ 内容{wording.ELSEWHERE}{'；撤 可收回' if wrote else ''}{warns}"


def ask_closed(lines: Sequence[Line]) -> str:
    """The question of consent without naming what it is for; nothing where nothing waits."""
    if not any(one.state == "pending" for one in lines):
        return ""
    return "里面有敏感信息，她同意记吗？（24小时不答就删）"


def ask(lines: Sequence[Line]) -> str:
    """The question of consent for what waits for it."""
    waiting = [one for one in lines if one.state == "pending"]
    named = [
        "过敏" if any(one.kind == "allergy" for one in waiting) else "",
        "孩子" if any(one.of in ("child", "grandchild") or one.kind == "family" for one in waiting) else "",
    ]
    return f"{words.join(named) or '健康'}属于敏感信息，她同意记吗？（24小时不答就删）"


def _folded(lines: Sequence[Line]) -> list[Line]:
    """Preferences of one facet on one line."""
    folded: list[Line] = []
    for one in lines:
        same = next(
            (
                n
                for n, old in enumerate(folded)
                if one.kind in ("preference", "allergy", "avoid")
                and (old.kind, old.facet, old.of, old.state, old.note)
                == (one.kind, one.facet, one.of, one.state, one.note)
            ),
            None,
        )
        if same is None:
            folded.append(one)
        else:
            old = folded[same]
            folded[same] = Line(old.kind, f"{old.value}、{one.value}", old.facet, old.of, old.state, old.note)
    return folded


def summary(named: str, lines: Sequence[Line]) -> str:
    """One short line that 撤 and 我的 name a unit by; `named` is whom it is of."""
    said = words.join(wording.say(one.kind, one.value, one.facet, one.of) for one in lines if one.state != "known")
    return words.clip(f"{named}{said}", 150)
