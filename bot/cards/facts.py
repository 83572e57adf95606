"""Facts in a guide's words."""

from collections.abc import Iterable, Sequence

from bot.domain import birthdays
from bot.domain.customers import Fact
from bot.domain.words import join, whose

KINDS = {
    "allergy": "过敏", "avoid": "不要", "preference": "喜好", "size": "尺码", "birthday": "生日",
    "anniversary": "纪念日", "family": "近况", "contact_rule": "联系", "complaint": "意见", "praise": "夸奖",
    "demand": "想要", "competitor": "竞品", "source": "来源", "referrer": "介绍人", "promise": "答应",
    "hold": "留货", "loss_reason": "不来的原因", "new_phone": "新手机", "nps": "评分", "note": "随记",
}  # fmt: skip
ELSEWHERE = "请到企业微信看"
NOTICE = f"⚠️ 有提醒，{ELSEWHERE}"
"""What a card says where its warnings, complaints and promises may not be shown."""
_WEEKDAYS = "一二三四五六日"


def say(kind: str, value: str, facet: str | None = None, of: str | None = None) -> str:
    """One fact as an echo names it: 过敏 花生 · 孩子过敏 花生 · 口味 三分糖 · 上装 M."""
    if kind == "family":
        return f"{whose(of) or KINDS[kind]} {value}"
    label = facet if kind in ("preference", "size", "complaint") and facet else KINDS.get(kind, kind)
    if kind == "complaint" and facet:
        label = f"意见（{facet}）"
    return f"{whose(of)}{label} {say_day(value) if kind in ('birthday', 'anniversary') else value}"


def say_day(value: str) -> str:
    """A stored day in words: 1998-03-05 → 1998年3月5日, 06-01 → 6月1日, lunar:08-02 → 阴历八月初二."""
    day = birthdays.read(value)
    if day is None:
        return value
    return f"{day.year}年{day.say()}" if day.year else day.say()


def group(facts: Iterable[Fact]) -> list[str]:
    """Facts of one kind, facet and person on one line: 口味 三分糖、去冰."""
    lines: dict[tuple[str, str | None, str | None], list[str]] = {}
    for fact in facts:
        value = say_day(fact.value) if fact.kind in ("birthday", "anniversary") else fact.value
        note = value + ("（待同意）" if fact.state == "pending" else "")
        lines.setdefault((fact.kind, fact.facet, fact.of), []).append(note)
    return [
        say(kind, "", facet, of).rstrip() + " " + join(dict.fromkeys(values))
        for (kind, facet, of), values in lines.items()
    ]


def _noted(fact: Fact) -> str:
    """When and by whom, or that it waits for her yes."""
    if fact.state == "pending":
        return "（待同意）"
    by = f" {fact.author}记" if fact.author else ""
    return f"（{fact.said_at:%Y-%m}{by}）"


def warning(facts: Sequence[Fact]) -> str:
    """The first line of every card: allergies with who noted them and when, then what to avoid; may be empty."""
    parts = []
    for of in dict.fromkeys(fact.of for fact in facts if fact.kind == "allergy"):
        noted: dict[str, list[str]] = {}
        for fact in facts:
            if fact.kind == "allergy" and fact.of == of:
                noted.setdefault(_noted(fact), []).append(fact.value)
        parts += [f"{whose(of)}{join(dict.fromkeys(values))}过敏{how}" for how, values in noted.items()]
    avoided = list(dict.fromkeys(whose(f.of) + f.value for f in facts if f.kind == "avoid"))
    if avoided:
        parts.append(f"不要：{join(avoided)}")
    return f"⚠️ {'；'.join(parts)}" if parts else ""
