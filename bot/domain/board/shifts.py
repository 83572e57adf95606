"""How a rota is typed: 周一到周五 9-17:30, 周六 休; and how somebody says that she is off: 小李今天请假."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.text import normal

AHEAD = 28
"""A weekday of a rota means each such day of so many days from today."""
Hours = tuple[int, int]
"""From and to, in minutes after midnight."""
OFF: Hours = (0, 0)
"""The hours of somebody who is off: a shift of no length, so that a day without a rota can say it too."""

_WEEKDAY = r"(?:[这本下]个?)?(?:周|星期|礼拜)[一二三四五六日天末]"
_DAY = rf"(?:今天|今日|明天|大后天|后天|每天|{_WEEKDAY}|\d{{1,2}}[月/.]\d{{1,2}}[日号]?)"
_TO = r" ?(?:到|至|-|~|—) ?"
_SPAN = rf"{_DAY}(?:{_TO}(?:{_DAY}|[一二三四五六日天]))?"
_DAYS = rf"{_SPAN}(?:[、和,]{_SPAN})*"
_CLOCK = r"\d{1,2}(?:[:点](?:半|\d{2}分?)?)?"
_SHIFT = re.compile(
    rf"[ ,;、]*(?P<days>{_DAYS})[ :]*(?:(?P<from>{_CLOCK}){_TO}(?P<to>{_CLOCK})|(?P<off>休息?|不上班|没班))"
)
_OFF = r"(?:请[了个]*[病事年婚产]?假|休息|休假|轮休|调休|不来上班|不来|来不了|不上班)(?:一天)?"
_LEAVE = re.compile(
    rf"(?:(?P<before>{_DAYS})[,的]?)?(?P<who>[^\d\s,。;的]{{1,6}}?)(?P<after>{_DAYS})?(?:要|想|得|会|都)?{_OFF}[了啊吧哈呢]*"
)
_NEAR = {"今天": 0, "今日": 0, "明天": 1, "后天": 2, "大后天": 3}


@dataclass(frozen=True, slots=True)
class Leave:
    """Who is off, as she was called, and on which days; no day named is today."""

    who: str
    days: tuple[date, ...]


def is_off(hours: Hours) -> bool:
    """Whether a shift says that she does not work."""
    return hours[1] <= hours[0]


def said(hours: Hours) -> str:
    """9:00-17:30; 休息."""
    return "休息" if is_off(hours) else "-".join(f"{minute // 60}:{minute % 60:02}" for minute in hours)


def plan(text: str, today: date) -> dict[date, Hours] | None:
    """The hours of each day that a rota names; None where it is not understood to its last word."""
    rest = normal(text).strip(" ,;。")
    found: dict[date, Hours] = {}
    while rest:
        part = _SHIFT.match(rest)
        hours = _hours(part) if part else None
        dates = days(part["days"], today) if part else ()
        if not part or hours is None or not dates:
            return None
        found |= dict.fromkeys(dates, hours)
        rest = rest[part.end() :]
        if rest and rest[0] not in " ,;、":
            return None
        rest = rest.strip(" ,;、")
    return found or None


def leave(text: str, today: date) -> Leave | None:
    """Who says that somebody is off, in a clause of nothing else."""
    found = _LEAVE.fullmatch(normal(text).replace(" ", "").strip(",。!;"))
    if not found or (found["before"] and found["after"]):
        return None
    named = found["before"] or found["after"]
    on = days(named, today, once=True) if named else (today,)
    return Leave(found["who"], on) if on else None


def apart(text: str, today: date) -> tuple[str, str] | None:
    """The clause that says somebody is off, and everything else of a message."""
    clauses = [one for one in re.split(r"[\s,，;；。!！]+", text) if one]
    off = [one for one in clauses if leave(one, today)]
    rest = " ".join(one for one in clauses if one not in off)
    return (off[0], rest) if len(off) == 1 and rest else None


def days(text: str, today: date, *, once: bool = False) -> tuple[date, ...]:
    """The days that words name, of the next four weeks; `once`: a weekday is the next one alone."""
    found: set[date] = set()
    for span in re.findall(_SPAN, text):
        first, last = [*re.findall(rf"{_DAY}|(?<=[到至\-~—])[一二三四五六日天]", span.replace(" ", "")), ""][:2]
        found |= set(_between(first, last, today, once=once))
    return tuple(sorted(found))


def _between(first: str, last: str, today: date, *, once: bool) -> list[date]:
    ahead = [today + timedelta(days=n) for n in range(AHEAD)]
    if first == "每天":
        return ahead
    if first[0] not in "周星礼" or "末" in last:
        start = _one(first, today)
        end = _one(last, today if last[0] in "这本下" else start) if last and start else start
        span = [one for one in ahead if start and end and start <= one <= end]
        return [*span, start + timedelta(days=1)] if span and start and first[-1] == "末" else span
    opens = 5 if first[-1] == "末" else _nth(first)
    closes = _nth(last) if last else 6 if first[-1] == "末" else opens
    wanted = {(opens + n) % 7 for n in range((closes - opens) % 7 + 1)}
    if not once:
        return [one for one in ahead if one.weekday() in wanted]
    begun = opens != closes and today.weekday() in wanted
    start = today if begun else next(one for one in ahead if one.weekday() == opens)
    return [start + timedelta(days=n) for n in range((closes - start.weekday()) % 7 + 1)]


def _one(word: str, today: date) -> date | None:
    """The one day of a word, not before `today`."""
    if word in _NEAR:
        return today + timedelta(days=_NEAR[word])
    if month := re.match(r"(\d{1,2})[月/.](\d{1,2})", word):
        for year in (today.year, today.year + 1):
            try:
                on = date(year, int(month[1]), int(month[2]))
            except ValueError:
                continue
            if on >= today:
                return on
        return None
    monday = today - timedelta(days=today.weekday())
    if word[0] in "这本下":
        on = monday + timedelta(days=7 * (word[0] == "下") + (5 if word[-1] == "末" else _nth(word)))
        return on if on >= today else None
    return today + timedelta(days=(_nth(word) - today.weekday()) % 7)


def _nth(word: str) -> int:
    return "一二三四五六日".find(word[-1].replace("天", "日"))


def _hours(part: re.Match[str]) -> Hours | None:
    if part["off"]:
        return OFF
    starts, ends = _minute(part["from"]), _minute(part["to"])
    if ends <= starts and ends <= 12 * 60:  # 9-6 is until the evening
        ends += 12 * 60
    return (starts, ends) if starts < ends <= 24 * 60 else None


def _minute(clock: str) -> int:
    hour, _, rest = re.sub("[点分]", ":", clock).partition(":")
    return int(hour) * 60 + (30 if rest.startswith("半") else int(rest.strip(":") or 0))
