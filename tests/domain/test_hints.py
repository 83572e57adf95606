from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.hints import Hint, read
from bot.domain.hints.past import past

TODAY = date(2026, 11, 20)  # a Friday


def d(month, day, year=2026):
    return date(year, month, day)


def on(day, slack=1, **told):
    return Hint(since=day, until=day, slack_days=slack, **told)


RETURNED, BOUGHT = frozenset({"return"}), frozenset({"buy"})

HINTS = {
    "昨天退了针织衫那个姐姐 姓陈还是程": on(
        d(11, 19), actions=RETURNED, items=("针织衫",), surnames=("陈", "程"), gender="female"
    ),
    "早上那个穿红羽绒服买了两杯热可可的大哥": on(
        TODAY, 0, hours=(5, 12), actions=BOUGHT, items=("热可可",), looks=("红羽绒服",), gender="male"
    ),
    "上礼拜买羽绒服那位男的 姓郭": Hint(
        since=d(11, 9),
        until=d(11, 15),
        slack_days=2,
        actions=BOUGHT,
        items=("羽绒服",),
        surnames=("郭",),
        gender="male",
    ),
    "带俩柯基来的那个美女": Hint(looks=("柯基",), gender="female"),
    "老是带俩柯基来的那个美女叫啥": Hint(looks=("柯基",), gender="female"),
    "刚才那个": on(TODAY, 0, just_now=True),
    "刚才那位再调出来看下": on(TODAY, 0, just_now=True),
    "刚走的那个小伙子": on(TODAY, 0, just_now=True, gender="male", age="young"),
    "退奶粉那个宝妈 昨天来的": on(d(11, 19), actions=RETURNED, items=("奶粉",), looks=("宝妈",), gender="female"),
    "昨天退货的": on(d(11, 19), actions=RETURNED),
    "買了龍鳳鐲的新娘子": Hint(actions=BOUGHT, items=("龙凤镯",), looks=("新娘子",), gender="female"),
    "昨晚点了奶茶那个小姑娘": on(
        d(11, 19), hours=(17, 24), actions=BOUGHT, items=("奶茶",), gender="female", age="young"
    ),
    "昨天来的王姐": on(d(11, 19), surnames=("王",), gender="female"),
    "前天下午换了鞋码的欧阳先生": on(
        d(11, 18), hours=(12, 18), actions=frozenset({"exchange"}), items=("鞋码",), surnames=("欧阳",), gender="male"
    ),
    "姓zhang 昨天试戴戒指的阿姨": on(
        d(11, 19),
        actions=frozenset({"try"}),
        items=("戒指",),
        surnames=("zhang",),
        gender="female",
        age="old",
    ),
    "今天上午来取衣服的": on(TODAY, 0, hours=(5, 12), actions=frozenset({"collect"}), items=("衣服",)),
    "金毛阿姨": Hint(items=("金毛",), gender="female", age="old"),
    "好像姓张 或者章": Hint(surnames=("张", "章")),
    "那个美女": Hint(gender="female"),
    "": Hint(),
}


@pytest.mark.parametrize("text", HINTS)
def test_a_hint_is_taken_apart(text):
    assert read(text, TODAY) == HINTS[text]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("今天", TODAY, TODAY),
        ("昨儿", d(11, 19), d(11, 19)),
        ("大前天", d(11, 17), d(11, 17)),
        ("这周", d(11, 16), TODAY),
        ("上周三", d(11, 11), d(11, 11)),
        ("上上个礼拜", d(11, 2), d(11, 8)),
        ("周三", d(11, 18), d(11, 18)),
        ("星期五", d(11, 13), d(11, 13)),  # today is Friday: she would say 今天
        ("礼拜天", d(11, 15), d(11, 15)),
        ("周末", d(11, 14), d(11, 15)),
        ("上个月", d(10, 1), d(10, 31)),
        ("上月底", d(10, 20), d(10, 31)),
        ("月初", d(11, 1), d(11, 10)),
        ("3号", d(11, 3), d(11, 3)),
        ("25号", d(10, 25), d(10, 25)),
        ("十一月三号", d(11, 3), d(11, 3)),
        ("12月1日", d(12, 1, 2025), d(12, 1, 2025)),
        ("11.18", d(11, 18), d(11, 18)),
        ("三天前", d(11, 17), d(11, 17)),
        ("两周前", d(11, 6), d(11, 6)),
        ("半个月前", d(11, 5), d(11, 5)),
        ("前两天", d(11, 16), TODAY),
        ("国庆", d(10, 1), d(10, 7)),
        ("双十一", d(11, 11), d(11, 11)),
    ],
)
def test_days_gone_by(text, since, until):
    found = past(f"{text}来的", TODAY)
    assert found is not None
    assert (found.since, found.until) == (since, until)


@pytest.mark.parametrize("text", ["3号店", "买26号裤子", "1.5米桌布", "31.5", "2月30号", "明天", "那天"])
def test_what_is_no_day_gone_by(text):
    assert past(text, TODAY) is None


@given(st.text(alphabet="昨前今上周礼拜月号日天一二三十姓王陈还是退买了的那个位姐哥穿带来刚才晚早0123456789. 号"))
def test_any_text_is_read_and_no_day_is_to_come(text):
    hint = read(text, TODAY)
    assert hint.until is None or hint.until <= TODAY
    assert (hint.since is None) == (hint.until is None)
    assert hint.since is None or hint.since <= hint.until


@given(st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_the_same_words_follow_the_day_they_are_said_on(today):
    assert past("昨天", today)[:2] == (today - timedelta(days=1),) * 2
    last_week = past("上周", today)
    assert last_week.since.weekday() == 0
    assert 1 <= (today - last_week.until).days <= 7
    assert past("上个月", today).until == today.replace(day=1) - timedelta(days=1)
