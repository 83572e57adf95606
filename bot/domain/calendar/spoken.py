"""Days that are named by the moon or by a festival: 农历八月十五, 腊月廿三, 中秋, 明年除夕. Pure."""

import re
from datetime import date

from bot.domain import birthdays
from bot.domain.calendar import lunar
from bot.domain.calendar.holidays import festival_names, festivals

_N = "[一二三四五六七八九十]"
_MOON_DAY = rf"(?:初{_N}|[廿卅]{_N}?|二十{_N}?|三十|十{_N}?|{_N}|\d{{1,2}})[号日]?"
MOON = (
    rf"(?:(?:(?:20\d\d|[今明])年的?)?(?:农历|阴历|旧历|老历)的? ?(?:(?:20\d\d|[今明])年的?)?"
    rf"(?:闰?(?:[正冬腊元]|{_N}{{1,2}}|\d{{1,2}})月{_MOON_DAY}|\d{{1,2}}[-./]\d{{1,2}}(?!\d))"
    rf"|(?:(?:20\d\d|[今明])年的?)?(?:农历|阴历|旧历|老历)?"
    rf"(?:闰?[正冬腊]月{_MOON_DAY}|闰{_N}{{1,2}}月{_MOON_DAY}|{_N}{{1,2}}月(?:初{_N}|廿{_N}?)))"
)
"""A day by the moon, as a pattern: said to be so, or 正月, 腊月, 闰, 初 and 廿 tell it."""
_PLAIN = {"三八", "38", "520", "618", "十一", "五一", "六一", "过年"}
"""Names of festivals that are figures or other words more often; with 节 behind they are none."""
_NAMES = sorted(set(festival_names()) - _PLAIN, key=lambda name: (-len(name), name))
_GOODS = "礼|款|盒|月饼|粽|汤圆|券|套|限定|新品|档|活动|促销|特饮|系列|味|茶|轻"
FEAST = (
    rf"(?:(?:20\d\d|[今明])年的?)?"
    rf"(?:{'|'.join(_NAMES)}|(?<![周期拜十\d一二三四])[五六]一(?:劳动|儿童)?节?(?![定下点些个号月件条样起直会杯份])"
    rf"|(?<![周期拜二三四五月第\d])十一(?=假|长假|前|国庆|节|$)(?:国庆)?节?)(?:节|当天|那天)?(?!的?(?:{_GOODS}))"
)
"""A festival's name that means its day, as a pattern: not 中秋礼盒."""
_LAST_MONTH = 12
_YEAR = re.compile(r"(20\d\d)年的?")
_ANY = re.compile(f"(?P<moon>{MOON})|{FEAST}")


def find(said: str, today: date) -> tuple[list[date], int, int] | None:
    """The days such words mean, the soonest first, and where the words stand; None where there are none.

    Without a year the next ones are meant. A day its month lacks is none, but 腊月三十 is always New Year's eve.
    """
    found = _ANY.search(said)
    if found is None:
        return None
    year = _YEAR.search(found[0])
    words = _YEAR.sub("", found[0])
    years = [int(year[1])] if year else range(today.year - 1, today.year + 3)
    days = _by_the_moon(words, years) if found["moon"] else _feast(words, years)
    return [on for on in days if year or on >= today], found.start(), found.end()


def _by_the_moon(words: str, years: "list[int] | range") -> list[date]:
    day = birthdays.read(words if re.match("[农阴旧老]历", words) else f"农历{words}")
    if day is None:
        return []
    some = [year for year in years if not day.leap or lunar.has_leap(year, day.month)]
    days = [lunar.solar(year, day.month, day.day, leap=day.leap) for year in some]
    return [on for on in days if lunar.lunar(on).day == day.day or day.month == _LAST_MONTH]


def _feast(words: str, years: "list[int] | range") -> list[date]:
    name = re.sub("(?:节|当天|那天)$", "", re.sub("(?:当天|那天)$", "", words)) or words
    return [
        one.on
        for year in years
        for one in festivals(year)
        if any(name == called.removesuffix("节") or words.startswith(called) for called in one.called)
    ]
