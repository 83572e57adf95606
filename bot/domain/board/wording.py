"""Honest words for numbers: no comparison where there is nothing to compare, no share of a few."""

from datetime import date, datetime, timedelta, tzinfo

from bot.domain.board.days import Takings
from bot.domain.calendar import holidays
from bot.domain.words import clip, money

LONGEST = 1_960
"""Bytes: a group's webhook, the narrowest way, takes 2,048; what comes before and after the text needs room too."""
_NAME = 60
BARRED = "⛔先别打"
"""Of who wants no calls, where no note may be told."""
FEW_TICKETS = 10
FEW_PEOPLE = 10
_ALIKE = 5
_EARLIER = timedelta(hours=3)
_DAYS = "一二三四五六日"


def called(name: str) -> str:
    """The name of a store or of staff, cut where it would push out what is told."""
    return clip(name, _NAME)


def weekday(on: date) -> str:
    """周三."""
    return f"周{_DAYS[on.weekday()]}"


def takings(told: Takings | None, before: Takings | None, on: date, data_at: datetime | None, tz: tzinfo) -> str:
    """What was taken on a day beside the same weekday a week before, as far as that can be said.

    A day off, or one worked for it, is not like other days of its weekday: then nothing is compared. Of the weather
    nothing is known, so nothing is said of it.
    """
    if told is None:
        if data_at is None:
            return "还没有收银数据，先看人和事"
        reach = data_at.astimezone(tz)
        return "昨天没有开单" if reach.date() >= on else f"昨天的单还没传（数据到{reach:%m-%d %H:%M}）"
    said = f"昨天{money(told.fen)}（{told.tickets}单）"
    return f"{said}，{_odd(on) or _beside(told, before, f'上{weekday(on)}', tz)}"


def _odd(on: date) -> str:
    """That one of the two days is no usual one; empty where both are, or both are of one holiday."""
    week_before = on - timedelta(days=7)
    now, then = _special(on), _special(week_before)
    if now == then:
        return ""
    if now:
        return f"昨天{now}，不和上{weekday(on)}比"
    return f"上{weekday(on)}是{then}，不比"


def _special(on: date) -> str:
    known = holidays.shipped()
    return known.holiday(on) or ("调休上班" if known.makes_up(on) else "")


def _beside(told: Takings, before: Takings | None, called: str, tz: tzinfo) -> str:
    if before is None or before.fen <= 0:
        return f"{called}没有数据，比不了"
    if min(told.tickets, before.tickets) < FEW_TICKETS:
        return f"单少，不和{called}比"
    last, usual = told.last_at.astimezone(tz), before.last_at.astimezone(tz)
    if (last + _EARLIER).replace(tzinfo=None) < (usual + timedelta(days=7)).replace(tzinfo=None):
        return f"数据只到{last:%H:%M}，先不比"
    percent = round(100 * (told.fen - before.fen) / before.fen)
    if abs(percent) < _ALIKE:
        return f"和{called}差不多"
    return f"比{called}{'多' if percent > 0 else '少'}{abs(percent)}%"


def share(part: int, whole: int) -> str:
    """31%; nothing where so few are counted that a share says nothing."""
    return f"{(200 * part + whole) // (2 * whole)}%" if whole >= FEW_PEOPLE else ""


def hours(length: timedelta) -> str:
    """26小时; 3天 from two days on."""
    whole = int(length.total_seconds() // 3600)
    return f"{whole}小时" if whole < 48 else f"{whole // 24}天"
