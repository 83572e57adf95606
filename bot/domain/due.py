"""`due`: the moment a guide means by 周六, 下周三两点, 月底, 3天后 or 农历八月十五; never one that has gone by."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.domain.calendar import spoken
from bot.domain.text import normal, number

_CLOSING, _LAST_MINUTE = 21 * 60, 23 * 60 + 59
_DAYTIME = (10, 15, 19)
_PARTS = {"凌晨": (300, 360), "早": (540, 660), "上午": (600, 720), "中午": (720, 810)}
_PARTS |= {"下午": (900, 1080), "傍晚": (1080, 1140), "晚": (1200, _LAST_MINUTE)}

_N = r"((?<!\d)\d{1,3}|[一二两三四五六七八九十]{1,3})"
_LATER = r"(?=之?后|以后|之?内)"
_MONTH, _DAY = r"((?<!\d)(?:1[0-2]|0?[1-9]))", r"(3[01]|[12]\d|0?[1-9])"
_PAST = re.compile(rf"昨|前天|上个?(?:周|星期|礼拜|月)|{_N}(?:天|周|个月|个星期)前")
_AFTER = re.compile(rf"(?:半|{_N})个?(半)?(小时|钟头|分钟)")
_NOTHING = re.compile(r"(?<!\d)[-−–—负]\d|(?<!\d)0+个?(?:小时|钟头|分钟)|零个?(?:小时|钟头|分钟)")
"""A length that is none: -5分钟, 0分钟."""
_HOUR = re.compile(rf"(?!(?<=[早晚快慢多少有宜])一点){_N}[点时](?:钟|(半)|([一三])刻|{_N}分?)?|(?<!\d)(\d\d?):(\d\d)")
_PART = re.compile(rf"(?!早一?点)(?:{'|'.join(_PARTS)})")


def due(text: str, now: datetime, tz: tzinfo) -> datetime | None:
    """The moment the words name, in `tz` and after `now`; None where they name none or one that is over.

    A day alone ends at closing time, 21:00. A weekday, a day of the month or an hour that is over means the
    next such. Hours without 上午 or 晚上: 1 to 7 are afternoon, 8 to 11 whichever comes first.
    """
    local = now.astimezone(tz)
    said = _plain(text, local)
    if _PAST.search(said):
        return None
    if found := _AFTER.search(said):
        if _NOTHING.search(said):
            return None
        return (now.astimezone(UTC) + timedelta(minutes=_minutes(found))).astimezone(tz)
    days, rest = _days(said, local.date())
    clocks = _clocks(rest)
    if days is None and clocks is None:
        return None
    if clocks is None:
        clocks = [_CLOSING, _LAST_MINUTE] if days and len(days) == 1 else [_CLOSING]
    if days is None:
        days = [local.date(), local.date() + timedelta(1)]
    moments = (datetime(d.year, d.month, d.day, tzinfo=tz) + timedelta(minutes=m) for d in days for m in clocks)
    return next((moment for moment in moments if moment > now), None)


def begins(text: str, now: datetime, tz: tzinfo) -> datetime | None:
    """The moment from which on the words let something be done: 下个月 is its first day, a day alone its first hours.

    With an hour named it is that of `due`, which else is the last moment.
    """
    local, last = now.astimezone(tz), due(text, now, tz)
    said = _plain(text, local)
    if last is None or _AFTER.search(said) or _clocks(_days(said, local.date())[1]) is not None:
        return last
    first = last.date()
    named = () if spoken.find(said, local.date()) else _READERS
    read, words = next(((read, one[0]) for pattern, read in named if (one := pattern.search(said))), (_full, ""))
    if read is _next_month:
        first = first.replace(day=1)
    elif read is _week:
        first -= timedelta(6)
    elif read is _weekday and words.endswith("末"):
        first -= timedelta(1)
    hours = (datetime.combine(max(first, local.date()), time(hour), tz) for hour in _DAYTIME)
    return next((moment for moment in hours if moment > now), last)


def _plain(text: str, local: datetime) -> str:
    return re.sub("[今明]年", lambda m: f"{local.year + (m[0] == '明年')}年", normal(text).replace(" ", ""))


def _minutes(found: re.Match[str]) -> int:
    whole, half, unit = found[1], found[2], found[3]
    if unit == "分钟":
        return max(1, _int(whole))
    return _int(whole) * 60 + 30 * bool(half or not whole) or 1


def _clocks(said: str) -> list[int] | None:
    """Minutes after midnight that the words allow, the likeliest first; None where no time is said."""
    part = _PART.search(said)
    if not (found := _HOUR.search(said)):
        return list(_PARTS[part[0]]) if part else None
    typed = found[5] or found[1]
    hour, minute = _int(typed), _int(found[4] or found[6])
    minute += 30 * bool(found[2]) + 15 * _int(found[3])
    if hour > 24 or minute > 59:
        return []
    return [h * 60 + minute for h in _hours(hour, part[0] if part else None, sure=typed[0] == "0")]


def _hours(hour: int, part: str | None, *, sure: bool) -> list[int]:
    if part is None:
        return [hour] if sure or hour > 11 or not hour else [hour + 12] if hour < 8 else [hour, hour + 12]
    if part == "晚" and hour in (*range(5), 12):
        return [24 + hour % 12]
    late = part in ("下午", "傍晚", "晚") or (part == "中午" and hour < 4)
    return [hour + 12 if late and hour < 12 else hour]


def _days(said: str, today: date) -> tuple[list[date] | None, str]:
    """The days the words allow, soonest first (None: no day is said), and the words left over."""
    if named := spoken.find(said, today):
        days, start, end = named
        return days, said[:start] + " " + said[end:]
    for pattern, read in _READERS:
        if found := pattern.search(said):
            return read(found, today), said[: found.start()] + " " + said[found.end() :]
    return None, said


def _full(found: re.Match[str], _today: date) -> list[date]:
    return _real([(int(found[1]), int(found[2]), int(found[3]))])


def _near(found: re.Match[str], today: date) -> list[date]:
    return [today + timedelta({"大后": 3, "后": 2, "今": 0, "明": 1}[found[1] or found[2]])]


def _span(found: re.Match[str], today: date) -> list[date]:
    count, unit = _int(found[2]), found[3] or found[4]
    if found[1] == "半":
        return [today + timedelta(15)] if unit == "月" else []
    if unit == "月":
        year, month = _month(today, count)
        return [date(year, month, min(today.day, monthrange(year, month)[1]))]
    return [today + timedelta(count * (1 if unit in "天日" else 7))]


def _weekday(found: re.Match[str], today: date) -> list[date]:
    index = "一二三四五六日".find(found[2])
    index = int(found[2]) - 1 if found[2].isdecimal() else index if index >= 0 else 6
    on = today + timedelta(index - today.weekday() + 7 * _weeks(found[1]))
    return [on] if _weeks(found[1]) else [on, on + timedelta(7)]


def _week(found: re.Match[str], today: date) -> list[date]:
    return [today + timedelta(6 - today.weekday() + 7 * _weeks(found[1]))]


def _weeks(word: str | None) -> int:
    return (word or "").count("下")


def _month_part(found: re.Match[str], today: date) -> list[date]:
    if found[2]:
        months = [(today.year + n, _int(found[2])) for n in (0, 1) if 1 <= _int(found[2]) <= 12]
    else:
        months = [_month(today, 1)] if found[1] else [_month(today, 0), _month(today, 1)]
    return [date(y, m, {"初": 1, "中": 15}.get(found[3]) or monthrange(y, m)[1]) for y, m in months]


def _next_month(_found: re.Match[str], today: date) -> list[date]:
    year, month = _month(today, 1)
    return [date(year, month, monthrange(year, month)[1])]


def _year_end(_found: re.Match[str], today: date) -> list[date]:
    return [date(today.year, 12, 31)]


def _month_day(found: re.Match[str], today: date) -> list[date]:
    month, on = (_int(found[1]), _int(found[2])) if found[1] else (_int(found[3]), _int(found[4]))
    return _real([(today.year + n, month, on) for n in range(9)])


def _day(found: re.Match[str], today: date) -> list[date]:
    months = [1] if found[1] else range(13)
    return _real([(*_month(today, n), _int(found[2])) for n in months])


def _month(today: date, ahead: int) -> tuple[int, int]:
    years, month = divmod(today.month - 1 + ahead, 12)
    return today.year + years, month + 1


def _real(parts: list[tuple[int, int, int]]) -> list[date]:
    """Those that the calendar has."""
    return [date(y, m, d) for y, m, d in parts if 1 <= m <= 12 and 1 <= d <= monthrange(y, m)[1]]


def _int(words: str | None) -> int:
    return number(words or "0") or 0


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], list[date]]], ...] = (
    (re.compile(r"(?<!\d)(20\d\d)[-/.年](\d\d?)[-/.月](\d\d?)[号日]?(?!\d)"), _full),
    (re.compile(r"(大?后)[天日]|([今明])(?:[天日儿]|(?=[早晚上中下]))"), _near),
    (re.compile(rf"(半|{_N})(?:个?(天|周|星期|礼拜|日{_LATER}|月{_LATER})|个(月))"), _span),
    (re.compile(r"(下下|下|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天末]|[1-7](?![\d:点]))"), _weekday),
    (re.compile(r"(下下|下|这|本)个?(?:周|星期|礼拜)"), _week),
    (re.compile(rf"(?:(下)个?|这个?|本|{_N})?月([底末初中])"), _month_part),
    (re.compile(r"年[底末]"), _year_end),
    (
        re.compile(rf"{_N}月{_N}[号日]?|(?<![\d.:¥]){_MONTH}[-/.]{_DAY}(?![\d.:/元块点%天个件折倍])"),
        _month_day,
    ),
    (re.compile(rf"(?:(下)个?月|这个?月|本月)?{_N}[号日](?![店码楼线柜台])"), _day),
    (re.compile(r"下个?月"), _next_month),
)
