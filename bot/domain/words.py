"""Small wording for guides: money, days, clocks, lists and cuts; `bot.domain.due` reads the other way."""

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, tzinfo

_WEEKDAYS = "一二三四五六日"
_NEAR = {0: "今天", 1: "明天", 2: "后天", -1: "昨天", -2: "前天"}
_EVENING = 18
_ELLIPSIS_BYTES = 3
RELATIVES = {
    "child": "孩子", "mother": "妈妈", "father": "爸爸", "husband": "老公", "wife": "太太", "partner": "爱人",
    "inlaw": "公婆家", "grandparent": "家里老人", "grandchild": "孙辈", "sibling": "兄弟姐妹", "friend": "朋友",
    "pet": "宠物", "parent": "爸妈", "other": "家人",
}  # fmt: skip
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def thousands(count: int) -> str:
    """1234567 as 1,234,567."""
    return f"{count:,}"


def money(fen: int) -> str:
    """Fen as ¥1,234 or ¥12.50; a refund is -¥12.50."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' * (fen < 0)}¥{yuan:,}" + (f".{rest:02}" if rest else "")


def day(on: date, today: date) -> str:
    """今天, 昨天, 前天, 明天, 后天; else 周三, 上周三, 下周三, 11-02, 2025-06-02. Weeks begin on Monday."""
    days = (on - today).days
    if near := _NEAR.get(days):
        return near
    weeks = (days + today.weekday()) // 7
    if abs(weeks) <= 1:
        return ("", "下", "上")[weeks] + f"周{_WEEKDAYS[on.weekday()]}"
    return f"{on:%m-%d}" if on.year == today.year else on.isoformat()


def ago(days: int) -> str:
    """How long ago: 今天, 昨天, 前天, 41天前, 3个月前 (from 60 days), 2年前; negative days lie ahead."""
    if near := _NEAR.get(-days):
        return near
    if days < 0:
        return f"{-days}天后"
    if days < 60:
        return f"{days}天前"
    return f"{days // 30}个月前" if days < 365 else f"{days // 365}年前"


def clock(at: datetime, now: datetime, tz: tzinfo) -> str:
    """A moment by the local clock: 今天9:05, 昨晚22:10, 周三9:05, 11-02 9:05."""
    local = at.astimezone(tz)
    said = day(local.date(), now.astimezone(tz).date())
    if said == "昨天" and local.hour >= _EVENING:
        said = "昨晚"
    return f"{said}{' ' * said[-1].isdecimal()}{local.hour}:{local.minute:02}"


def join(items: Iterable[str]) -> str:
    """The items that are not empty with 、 between them."""
    return "、".join(filter(None, items))


def clip(text: str, max_bytes: int) -> str:
    """The text in at most `max_bytes` of UTF-8, with … where it was cut; no emoji is cut in two."""
    if _size(text) <= max_bytes:
        return text
    if max_bytes < _ELLIPSIS_BYTES:
        return ""
    end, room = 0, max_bytes - _ELLIPSIS_BYTES
    while (room := room - _size(text[end])) >= 0:
        end += 1
    while end and _joined(text, end):
        end -= 1
    return text[:end] + "…"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _joined(text: str, at: int) -> bool:
    """Whether the characters before and after `at` are one sign: accent, emoji family, flag."""
    before, after = text[at - 1], text[at]
    if "\u200d" in (before, after) or unicodedata.category(after) in ("Mn", "Me"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True
    flag = len(text[:at]) - len(text[:at].rstrip(_FLAG_LETTERS))
    return after in _FLAG_LETTERS and flag % 2 == 1


def whose(of: str | None) -> str:
    """The relative's word, or nothing for herself."""
    return RELATIVES.get(of or "", RELATIVES["other"]) if of and of != "self" else ""
