"""When an offer holds, out of a line: days of validity, dates, weekdays and hours."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.errors import UsageError
from bot.domain.text import number

_DAYS = re.compile(
    r"(?:有效期?|领后)? ?(\d{1,4}|[一二两三四五六七八九十]{1,3})(天|个?月|周|个?星期|年)(?:内?有效|之?内)?"
)
_LONG = {"天": 1, "周": 7, "星期": 7, "月": 30, "年": 365}
_WEEKDAYS = "一二三四五六日"
_DAY = "[一二三四五六日天]"
_RANGE = re.compile(rf"(?:周|星期|礼拜)({_DAY}) ?(?:到|至|-|~) ?(?:周|星期|礼拜)?({_DAY})")
_LISTED = re.compile(rf"(?:周|星期|礼拜)({_DAY}(?:[、,和及]?(?:周|星期|礼拜)?{_DAY})*)(?![到至])")
_WORKING, _WEEKEND = re.compile("工作日|平日"), re.compile("周末|双休日?")
_PART = "(上午|下午|中午|晚上|早上)?"
_HOURS = re.compile(rf"{_PART}(\d{{1,2}})(?::(\d\d)|点(半)?)? ?(?:-|到|至|~) ?{_PART}(\d{{1,2}})(?::(\d\d)|点(半)?)")
_DATE = r"(?:(\d{4})[-年./])?(\d{1,2})[-月./](\d{1,2})[日号]?"
_UNTIL = re.compile(rf"(?:到|至|截止到?|截至) ?{_DATE}(?:止|截止|为止)?|{_DATE}(?:止|截止|前|之前)")
_FROM = re.compile(rf"(?:从|自) ?{_DATE}(?:起|开始)?|{_DATE}(?:起|开始)")
_PAST = re.compile(
    r"(?:到|至|截止到?|截至|从|自) ?(?:昨天|昨日|前天|上(?:周|礼拜|星期|个?月)[一二三四五六日天末底]?|去年)"
)
_NEAR = {"今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2}
_NEAR_UNTIL = re.compile(rf"(?:到|至|截止到?|截至) ?({'|'.join(_NEAR)})(?:止|截止|为止)?")
_NEAR_FROM = re.compile(rf"(?:从|自) ?({'|'.join(_NEAR)})(?:起|开始)?|({'|'.join(_NEAR)})(?:起|开始)")
_NOON, _DAY_MINUTES = 12, 24 * 60


@dataclass(frozen=True, slots=True)
class Times:
    """What was said of when; weekdays 1 to 7, none: every day."""

    valid_days: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    weekdays: tuple[int, ...] = ()
    from_minute: int = 0
    to_minute: int = _DAY_MINUTES


def times(text: str, today: date) -> tuple[Times, str]:
    """What a line says of when, and the line without it; raises UsageError for a date that is none."""
    if _PAST.search(text):
        raise UsageError("日期要在今天以后，比如：到12月31日，或：7天。")
    text = _NEAR_FROM.sub(lambda found: _dated(found[1] or found[2], "起", today), text)
    text = _NEAR_UNTIL.sub(lambda found: _dated(found[1], "止", today), text)
    taken: dict[str, re.Match[str]] = {}
    patterns = {"hours": _HOURS, "from": _FROM, "until": _UNTIL, "range": _RANGE, "working": _WORKING}
    patterns |= {"weekend": _WEEKEND, "listed": _LISTED, "days": _DAYS}
    for name, pattern in patterns.items():
        if found := pattern.search(text):
            taken[name] = found
            text = f"{text[: found.start()]} {text[found.end() :]}"
    minutes = _minutes(taken["hours"]) if "hours" in taken else (0, _DAY_MINUTES)
    return Times(
        _valid(taken["days"]) if "days" in taken else None,
        _on(taken["from"], today) if "from" in taken else None,
        _on(taken["until"], today) if "until" in taken else None,
        _weekdays(taken),
        *minutes,
    ), text


def _dated(word: str, behind: str, today: date) -> str:
    """今天, 明天 and 后天 as the dates they are."""
    return f" {today + timedelta(days=_NEAR[word]):%Y-%m-%d}{behind} "


def _valid(found: re.Match[str]) -> int:
    return (number(found[1]) or 0) * _LONG[found[2].removeprefix("个")]


def _weekdays(taken: dict[str, re.Match[str]]) -> tuple[int, ...]:
    days: set[int] = set()
    if "working" in taken:
        days |= {1, 2, 3, 4, 5}
    if "weekend" in taken:
        days |= {6, 7}
    if "range" in taken:
        first, last = (_weekday(taken["range"][n]) for n in (1, 2))
        days |= {(first - 1 + step) % 7 + 1 for step in range((last - first) % 7 + 1)}
    if "listed" in taken:
        days |= {_weekday(char) for char in re.findall(_DAY, taken["listed"][1])}
    return () if len(days) == len(_WEEKDAYS) else tuple(sorted(days))


def _weekday(char: str) -> int:
    return _WEEKDAYS.index("日" if char == "天" else char) + 1


def _minutes(found: re.Match[str]) -> tuple[int, int]:
    part, hour, minute, half, later_part, later_hour, later_minute, later_half = found.groups()
    later = later_part or part
    first, last = _minute(part, hour, minute, half), _minute(later, later_hour, later_minute, later_half)
    if max(first, last) > _DAY_MINUTES:
        raise UsageError("一天只有24小时，时间段再看一眼，比如15-17点。")
    return first, last


def _minute(part: str | None, hour: str, minute: str | None, half: str | None) -> int:
    hours = int(hour)
    if part in ("下午", "晚上", "中午") and hours < _NOON - 1:
        hours += _NOON
    return hours * 60 + int(minute or 0) + (30 if half else 0)


def _on(found: re.Match[str], today: date) -> date:
    """The day that is meant: without a year the next one there is."""
    year, month, day = next(found.groups()[at : at + 3] for at in (0, 3) if found.groups()[at + 1])
    try:
        on = date(int(year or today.year), int(month), int(day))
        return on if year or on >= today else on.replace(year=today.year + 1)
    except ValueError:
        raise UsageError(f"日历上没有{month}月{day}日，请再看一眼。") from None
