"""Days, money and how often, as people type them: 两个月, 半年, 8千, 1.5万, 一周2次, ≥2次/周, 28天12次."""

import re
from typing import NamedTuple

from bot.domain.text import number

_N = r"(?:\d+|[零〇一二两三四五六七八九十百千万]+)"
_UNITS = {
    "天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "季": 91, "季度": 91, "年": 365,
}  # fmt: skip
_UNIT = r"(?:个)?(天|日|周|星期|礼拜|月|季度|季|年)"
_DAYS = re.compile(rf"(半|{_N})?(个半)?{_UNIT}(半)?")
_BARE = re.compile(_N)
_TIMES = r"(?:次|回|天|趟|单)"
_AT_LEAST = r"(?:≥|>=|>|满|至少|不少于|大于等于|超过)?"
_RATES = (
    re.compile(
        rf"(?:每|一|1)?(?P<many>{_N})?{_UNIT}(?:内|里)?(?:来|买|到店)?{_AT_LEAST}(?P<times>{_N}){_TIMES}?(?:以上|起)?"
    ),
    re.compile(rf"{_AT_LEAST}(?P<times>{_N}){_TIMES}?(?:/|每|一)(?P<many>{_N})?{_UNIT}(?:以上|起)?"),
)
_COUNT = re.compile(rf"{_AT_LEAST}({_N}){_TIMES}?(?:以上|起)?")
_WAN_AND = re.compile(r"(?<=万)([一二两三四五六七八九])(?=$|元|块|圆)")
_MONEY = re.compile(
    rf"{_AT_LEAST}[¥￥]?(?P<yuan>\d+(?:\.\d{{1,4}})?|{_N}?)(?:(?P<scale>[万千百kw])(?P<more>[一二两三四五六七八九\d])?)?"
    r"(?:元|块钱?|圆|rmb)?(?:以上|起|整)?",
    re.IGNORECASE,
)
_SCALES = {"万": 10_000, "w": 10_000, "千": 1_000, "k": 1_000, "百": 100}


class Often(NamedTuple):
    """How often: on `times` days within so many days, 0: within the window; `said` in plain words."""

    times: int
    within_days: int
    said: str


def whole(words: str) -> int | None:
    """A whole number in Arabic or Chinese figures."""
    return number(words) if words else None


def days(words: str, *, bare: bool = False) -> int | None:
    """A length of time in days: a month is 30, a quarter 91, a year 365; `bare`: a number alone is days."""
    if found := _DAYS.fullmatch(words):
        count, and_half, unit, half = found.groups()
        size = _UNITS[unit]
        if count == "半":
            return size // 2 + size % 2 if size > 1 else None
        many = number(count or "一")
        return None if many is None else many * size + (size // 2 if half or and_half else 0)
    return number(words) if bare and _BARE.fullmatch(words) else None


def often(words: str) -> Often | None:
    """一周2次, 每周三次, ≥2次/周, 28天12次; a number alone counts within the window."""
    for pattern in _RATES:
        if found := pattern.fullmatch(words):
            many, count = number(found["many"] or "一"), number(found["times"])
            if many and count:
                unit = next(one for one in found.groups() if one in _UNITS)
                span = f"{many}{unit}" if many > 1 or unit in {"天", "日"} else f"一{unit}"
                return Often(count, many * _UNITS[unit], f"{span}{count}次")
    found = _COUNT.fullmatch(words)
    count = number(found[1]) if found else None
    return Often(count, 0, f"{count}天") if count else None


def money_of(words: str) -> int | None:
    """8000, 8000元, 8千, 1.5万, 一万五 (15,000), ¥99.5; in fen, exact, more than nothing."""
    found = _MONEY.fullmatch(_WAN_AND.sub(r"\1千", words))
    if not found:
        return None
    yuan, part = found["yuan"].partition(".")[::2]
    many, scale, more = number(yuan), _SCALES.get((found["scale"] or "").lower(), 1), number(found["more"] or "0")
    if many is None or more is None or len(yuan) > 9 or (part and more):
        return None
    parts = (many * 10_000 + int(part.ljust(4, "0"))) * scale + more * 1_000 * scale  # ten thousandths of a yuan
    fen, rest = divmod(parts, 100)
    return fen if fen > 0 and not rest else None
