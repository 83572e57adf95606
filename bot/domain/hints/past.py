"""Days that have gone by, as guides say them: 昨天, 上礼拜, 周三, 3号, 半个月前. `due` reads those to come.

Each reader of a pattern gives the first day, the last day and by how many days it may be off, or None.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from bot.domain.text import number


class Past(NamedTuple):
    """Local dates, both included, how vague they were said, and where in the text."""

    since: date
    until: date
    slack_days: int
    start: int
    end: int


def past(text: str, today: date) -> Past | None:
    """The first kind of day that the text names and that is not to come; None where it names none."""
    for pattern, days in _DAYS:
        for match in pattern.finditer(text):
            found = days(match, today)
            if found and found[0] <= today:
                since, until, slack = found
                return Past(since, min(until, today), slack, match.start(), match.end())
    return None


_N = r"(\d{1,2}|[一二两三四五六七八九十]{1,3})"
_WEEKDAY = r"([一二三四五六日天末1-7])"
_WEEK = r"(?:周|星期|礼拜)"
_FEASTS = {"元旦": (1, 1), "三八": (3, 8), "五一": (5, 1), "六一": (6, 1), "618": (6, 18), "国庆": (10, 1)}
_FEASTS |= {"双十一": (11, 11), "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12), "圣诞": (12, 25)}

Days = tuple[date, date, int] | None


def _ago(days: int, slack: int = 1) -> Callable[[re.Match[str], date], Days]:
    def one(match: re.Match[str], today: date) -> Days:
        del match
        day = today - timedelta(days=days)
        return day, day, slack

    return one


def _last(days: int) -> Callable[[re.Match[str], date], Days]:
    return lambda match, today: (today - timedelta(days=days), today, days // 2) if match else None


def _week(match: re.Match[str], today: date) -> Days:
    back = {"上上": 2, "上": 1}.get(match[1], 0)
    monday = today - timedelta(days=today.weekday() + 7 * back)
    if not match[2]:
        return monday, monday + timedelta(days=6), 2
    first, last = _weekday(match[2])
    return monday + timedelta(days=first), monday + timedelta(days=last), 1


def _bare_weekday(match: re.Match[str], today: date) -> Days:
    first, last = _weekday(match[1])
    gone = (today.weekday() - last) % 7 or 7
    until = today - timedelta(days=gone)
    return until - timedelta(days=last - first), until, 1


def _weekday(sign: str) -> tuple[int, int]:
    if sign == "末":
        return 5, 6
    day = int(sign) - 1 if sign.isdecimal() else "一二三四五六日".index(sign.replace("天", "日"))
    return day, day


def _month(match: re.Match[str], today: date) -> Days:
    back = {"上上": 2, "上": 1}.get(match[1], 0)
    first = today.replace(day=1)
    for _ in range(back):
        first = (first - timedelta(days=1)).replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    third = {"初": (0, 9), "中": (9, 19), "底": (19, 30)}.get(match[2] or "")
    if third:
        return first + timedelta(days=third[0]), min(last, first + timedelta(days=third[1])), 3
    return first, last, 5


def _date(match: re.Match[str], today: date) -> Days:
    month, day = number(match[1]), number(match[2])
    for year in (today.year, today.year - 1):
        found = _made(year, month, day)
        if found and found <= today:
            return found, found, 1
    return None


def _day_of_month(match: re.Match[str], today: date) -> Days:
    before = today.replace(day=1) - timedelta(days=1)
    for base in (today, before):
        found = _made(base.year, base.month, number(match[1]))
        if found and found <= today:
            return found, found, 1
    return None


def _made(year: int, month: int | None, day: int | None) -> date | None:
    try:
        return date(year, month or 0, day or 0)
    except ValueError:
        return None


def _count(match: re.Match[str], today: date) -> Days:
    many, unit = number(match[1]) or 1, match[2]
    days, slack = {"天": (1, 1), "周": (7, 3), "月": (30, 15)}[unit[-1].replace("期", "周").replace("拜", "周")]
    day = today - timedelta(days=many * days)
    return day, day, slack


def _feast(match: re.Match[str], today: date) -> Days:
    month, day = _FEASTS[match[1]]
    for year in (today.year, today.year - 1):
        found = date(year, month, day)
        if found <= today:
            return found, found + timedelta(days=6 if match[1] == "国庆" else 0), 2
    return None


_DAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days]], ...] = (
    (re.compile("大前[天儿]"), _ago(3)),
    (re.compile("前[天日儿晚]"), _ago(2)),
    (re.compile("昨[天日儿晚早]|隔夜"), _ago(1)),
    (re.compile("今[天日儿晚早]"), _ago(0, 0)),
    (re.compile(rf"(上上|上|这|本)个?{_WEEK}{_WEEKDAY}?"), _week),
    (re.compile(rf"{_WEEK}{_WEEKDAY}"), _bare_weekday),
    (re.compile("(上上|上|这|本)个?月(?:(初|中|底))?"), _month),
    (re.compile("()月(初|中|底)"), _month),
    (re.compile(rf"(?<!\d){_N}月{_N}[号日]?"), _date),
    (re.compile(r"(?<![\d.])(\d{1,2})[./-](\d{1,2})(?![\d.米升斤折元块万千kml克])"), _date),
    (re.compile(rf"(?<![\d月]){_N}[号日](?![店码线裤鞋戒圈])"), _day_of_month),
    (re.compile("半个月前|半个多月前"), _ago(15, 5)),
    (re.compile(rf"{_N}个?多?(天|周|星期|礼拜|月)(?:以|之)?前"), _count),
    (re.compile("[前这][几两]天|近几天"), _last(4)),
    (re.compile("最近几?天?|近来"), _last(10)),
    (re.compile("前一?阵子?|前段时间|前些[天日]子?|有段时间"), _last(45)),
    (re.compile(f"({'|'.join(_FEASTS)})"), _feast),
)
