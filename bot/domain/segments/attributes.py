"""Where a customer comes from and what she is, as schemes: for what to show and suggest, never for a price.

Read when asked for and kept nowhere. Of a child there is no band at all, and nothing that is not known is guessed.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

from bot.domain.birthdays import read
from bot.domain.calendar.occurrences import CHILD_BELOW, age_on
from bot.domain.text import normal, number

Attribute = Literal["source", "age", "gender", "job"]
ATTRIBUTES: dict[Attribute, str] = {"source": "来源", "age": "年龄", "gender": "性别", "job": "职业"}

SOURCES: dict[str, str] = {
    "passing": "路过进店",
    "on_purpose": "专程来",
    "online": "线上",
    "member": "会员介绍",
    "other": "其他来源",
    "unknown": "来源没问到",
}
AGES: dict[str, str] = {
    "youth": "14–17岁",
    "18": "18–24岁",
    "25": "25–34岁",
    "35": "35–44岁",
    "45": "45–59岁",
    "60": "60岁以上",
    "unknown": "年龄不知道",
}
GENDERS: dict[str, str] = {"female": "女", "male": "男", "unknown": "性别不知道"}
_OLDEST = 110
_YOUNGEST = {"youth": CHILD_BELOW, "18": 18, "25": 25, "35": 35, "45": 45, "60": 60}
_ONLINE = (
    "线上 网上 网店 网购 小程序 公众号 视频号 朋友圈 微信 企微 群 社交 媒体 抖音 快手 小红书 微博 直播 团购 美团 点评"
    " 外卖 饿了么 淘宝 天猫 京东 拼多多 高德 百度 地图 官网 app online web social"
)
_SOURCE_WORDS = (
    ("member", "介绍 推荐 老带新 老客带 带来 引荐 亲友 裂变 referr"),
    ("online", _ONLINE),
    ("on_purpose", "专程 特地 特意 专门 慕名 预约 purpose"),
    ("passing", "路过 逛 进店 自然 门店 到店 附近 商场 门头 walk passing"),
)
_SOURCE_PATTERNS = tuple((group, re.compile("|".join(words.split()), re.IGNORECASE)) for group, words in _SOURCE_WORDS)


def source(text: str | None) -> str:
    """The group of a source as a guide or a file wrote it; a member's word comes before the way it came."""
    said = normal(text or "")
    if not said or said in {"未知", "不详", "不知道", "无", "-", "unknown"}:
        return "unknown"
    return next((group for group, pattern in _SOURCE_PATTERNS if pattern.search(said)), "other")


def age(birthday: str | None, today: date) -> str | None:
    """The age band of a birthday as it is kept; None for a child, who is in no band."""
    known = read(birthday) if birthday else None
    years = age_on(known, today) if known else None
    if years is None or years > _OLDEST:
        return "unknown"
    return next((band for band, least in reversed(_YOUNGEST.items()) if years >= least), None)


def gender(kept: str | None) -> str:
    """female, male or unknown."""
    return kept if kept in {"female", "male"} else "unknown"


def meant(text: str) -> tuple[Attribute, tuple[str, ...]] | None:
    """The source, the gender or the age bands that words mean: 女, 路过, 20-30岁, 40多岁, 60岁以上; None for others.

    Ages are taken by whole bands, those that are touched: by two ranges that differ by a year one person is found out.
    """
    said = normal(text).strip(" 的")
    if found := next((code for code, pattern in _GENDER_WORDS if pattern.fullmatch(said)), None):
        return "gender", (found,)
    if found := next(
        (code for code, name in SOURCES.items() if said and said in (name, name.removesuffix("进店"))), None
    ):
        return "source", (found,)
    if ages := _ages(said):
        return "age", ages
    return None


_GENDER_WORDS = (
    ("female", re.compile("女(?:性|生|士|的|孩|人|客|客人|顾客)?")),
    ("male", re.compile("男(?:性|生|士|的|孩|人|客|客人|顾客)?")),
)
_N = r"(\d{1,3}|[一二两三四五六七八九十百]{1,4})"
_AGE_WORDS = re.compile(rf"{_N}岁?(?:(?:[-~－—–到至]+){_N}岁?|(多岁?|几岁?|岁?(?:以上|及以上|起)|岁?(?:以下|以内)))?")


def _ages(said: str) -> tuple[str, ...]:
    """The bands that an age or a range of ages touches; of children none."""
    if "岁" not in said and "年龄" not in said:
        return ()
    found = _AGE_WORDS.fullmatch(said.replace("年龄", "").strip())
    first = number(found[1]) if found else None
    if found is None or first is None:
        return ()
    last = number(found[2]) if found[2] else first
    how = found[3] or ""
    if how.startswith(("多", "几")):
        last = first // 10 * 10 + 9
    elif "上" in how or "起" in how:
        last = _OLDEST
    elif how:
        first, last = CHILD_BELOW, first - 1
    ends = (*tuple(_YOUNGEST.values())[1:], _OLDEST + 1)
    bands = zip(_YOUNGEST.items(), ends, strict=True)
    return tuple(code for (code, youngest), end in bands if youngest <= (last or 0) and first < end)


def job(kept: str | None) -> str:
    """The job as it was written, in its plain form; empty where it is not known."""
    return normal(kept or "")


def names(attribute: Attribute) -> Mapping[str, str] | None:
    """Every code of a scheme and its words, in the order they are listed; None for jobs, which are as written."""
    schemes: dict[Attribute, Mapping[str, str]] = {"source": SOURCES, "age": AGES, "gender": GENDERS}
    return schemes.get(attribute)
