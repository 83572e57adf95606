"""What is typed behind 留 答应 提醒, 缺, 评 and 忙 is taken apart as it is meant, however it is run together."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UsageError
from bot.handlers.customers import Key
from bot.handlers.followups import demands, marks, quiet, sayings
from bot.handlers.followups.quiet import Busy
from tests.support.cast import ZONE

NOW = datetime(2026, 11, 20, 15, tzinfo=ZONE)  # a Friday


def whom(asked: sayings.Asked) -> str:
    return asked.whom.phone or asked.whom.last4 or asked.whom.name or ""


@pytest.mark.parametrize(
    ("text", "customer", "goods", "until"),
    [
        ("灰直筒26 到礼拜六", "", "灰直筒26", "2026-11-21 21:00"),
        ("灰直筒26 到礼拜六 给 8000", "8000", "灰直筒26", "2026-11-21 21:00"),
        ("灰直筒26到礼拜六", "", "灰直筒26", "2026-11-21 21:00"),
        ("一条灰直筒26到禮拜六 给8000", "8000", "灰直筒26", "2026-11-21 21:00"),
        ("８０００　灰直筒26　周六", "8000", "灰直筒26", "2026-11-21 21:00"),
        ("给8000 灰直筒26 到周六", "8000", "灰直筒26", "2026-11-21 21:00"),
        ("灰直筒26 到周六 尾号8000", "8000", "灰直筒26", "2026-11-21 21:00"),
        ("芋泥波波 138-0013-8000 到明天下午3点", "13800138000", "芋泥波波", "2026-11-21 15:00"),
        ("给王姐 灰直筒26 到周六", "王姐", "灰直筒26", "2026-11-21 21:00"),
        ("灰直筒26 她周六来拿", "", "灰直筒26", "2026-11-21 21:00"),
        ("灰直筒26 留三天", "", "灰直筒26", "2026-11-23 21:00"),
        ("38码白衬衫 到28号", "", "38码白衬衫", "2026-11-28 21:00"),
        ("3月新款裙 到12月1日", "", "3月新款裙", "2026-12-01 21:00"),
        ("口红12号色 给8000", "8000", "口红12号色", ""),
        ("12 杯奶茶 明天取走", "", "12 杯奶茶", "2026-11-21 21:00"),
    ],
)
def test_hold_is_read(text: str, customer: str, goods: str, until: str) -> None:
    asked = sayings.parse_hold(text)
    held = sayings.held(asked.text, NOW, ZONE)

    assert (whom(asked), held.text, f"{held.at:%Y-%m-%d %H:%M}" if held.at else "") == (customer, goods, until)


@pytest.mark.parametrize(
    ("text", "customer", "said", "at"),
    [
        ("周五给回话", "", "给回话", "2026-11-20 21:00"),
        ("13800138000 明年农历八月十五 送月饼", "13800138000", "送月饼", "2027-09-15 21:00"),
        ("8000 腊月廿三 送糖", "8000", "送糖", "2027-01-30 21:00"),
        ("8000 除夕 拜年", "8000", "拜年", "2027-02-05 21:00"),
        ("春节前 送年货", "", "送年货", "2027-02-06 21:00"),
        ("8000 2030-01-01 回电", "8000", "回电", "2030-01-01 21:00"),
        ("8000 周五给回话", "8000", "给回话", "2026-11-20 21:00"),
        ("8000周六给回话", "8000", "给回话", "2026-11-21 21:00"),
        ("周日下午3点 打给王姐", "", "打给王姐", "2026-11-22 15:00"),
        ("8000 周六 回电", "8000", "回电", "2026-11-21 21:00"),
        ("明天给王姐回电", "", "给王姐回电", "2026-11-21 21:00"),
        ("给8000送袋子 明天", "8000", "送袋子", "2026-11-21 21:00"),
        ("周六 3点 回电", "", "回电", "2026-11-21 15:00"),
        ("10分钟后 回电", "", "回电", "2026-11-20 15:10"),
        ("送袋子", "", "送袋子", ""),
    ],
)
def test_promise_is_read(text: str, customer: str, said: str, at: str) -> None:
    asked = sayings.parse_promise(text)
    read = sayings.promised(asked.text, NOW, ZONE)

    assert (whom(asked), read.text, f"{read.at:%Y-%m-%d %H:%M}" if read.at else "") == (customer, said, at)


@pytest.mark.parametrize(
    ("text", "number", "deed", "when"),
    [
        ("12 拿走了", 12, "done", ""),
        ("12拿走了", 12, "done", ""),
        ("#12 她昨天来拿走了", 12, "done", ""),
        ("12 回电了 她说行", 12, "done", ""),
        ("１２ 办好了", 12, "done", ""),
        ("12 取消", 12, "void", ""),
        ("12 不要了", 12, "void", ""),
        ("12 没来拿", 12, "void", ""),
        ("12 延到周日", 12, "later", "周日"),
        ("12 改周日", 12, "later", "周日"),
        ("12 到周日", 12, "later", "周日"),
        ("12 周日", 12, "later", "周日"),
        ("12 延三天", 12, "later", "三天"),
        ("12", 12, "show", ""),
        ("", 0, "", ""),
        ("26直筒裤 到周六", 0, "", ""),
    ],
)
def test_what_became_of_one_is_read(text: str, number: int, deed: str, when: str) -> None:
    asked = sayings.parse_hold(text)

    assert (asked.number, asked.deed, asked.when) == (number, deed, when)


@pytest.mark.parametrize(
    ("when", "was", "until"),
    [
        ("三天", "2026-11-22 21:00", "2026-11-25 21:00"),
        ("一天", "2026-11-18 21:00", "2026-11-21 15:00"),
        ("周日", "2026-11-28 21:00", "2026-11-22 21:00"),
        ("昨天", "2026-11-22 21:00", ""),
        ("", "2026-11-22 21:00", ""),
    ],
)
def test_days_count_from_when_it_was_due(when: str, was: str, until: str) -> None:
    due = datetime.strptime(was, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)

    at = sayings.put_off(when, due, NOW, ZONE)

    assert (f"{at:%Y-%m-%d %H:%M}" if at else "") == until


@pytest.mark.parametrize("text", ["灰直筒 到昨天", "灰直筒 到她来", "灰直筒 到2020年1月1日"])
def test_a_day_nobody_can_keep_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        sayings.held(text, NOW, ZONE)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("农历八月十五 送月饼", "今年的「农历八月十五」已经过了。真是明年的话，写上：明年农历八月十五。"),
        ("中秋 送月饼", "今年的「中秋」已经过了。真是明年的话，写上：明年中秋。"),
        ("农历 送月饼", "农历的日子没看懂，写「农历八月十五」这样。"),
        ("周六 农历 送月饼", "时间没看懂，写以后的日子，例：周六、28号、农历八月十五。"),
        ("-5分钟 回电", "时间没看懂，写以后的日子，例：周六、28号、农历八月十五。"),
    ],
)
def test_a_day_that_is_over_or_cannot_be_read_is_refused_in_words(text: str, refusal: str) -> None:
    with pytest.raises(UsageError) as refused:
        sayings.promised(text, NOW, ZONE)

    assert refused.value.say == refusal


WORDS = [
    "灰直筒26",
    "到",
    "周六",
    "礼拜天",
    "明天",
    "昨天",
    "3点",
    "下午",
    "28号",
    "12月1日",
    "三天",
    "后",
    "给",
    "8000",
    "上周",
    "月底",
]
SAID = st.lists(st.sampled_from([*WORDS, " ", "，"]), max_size=8).map("".join) | st.text(max_size=30)
MOMENTS = st.integers(-800, 1500).map(lambda days: NOW + timedelta(days=days)) | st.integers(0, 200_000).map(
    lambda minutes: NOW + timedelta(minutes=minutes)
)


@given(SAID, MOMENTS, st.none() | MOMENTS)
def test_nothing_is_ever_due_in_the_past(text: str, now: datetime, was: datetime | None) -> None:
    read: list[datetime | None] = [sayings.put_off(text, was, now, ZONE)]
    for take in (sayings.held, sayings.promised):
        try:
            read.append(take(text, now, ZONE).at)
        except UsageError:
            continue

    assert [at for at in read if at is not None and at <= now] == []


@given(st.text(max_size=40) | SAID)
def test_whatever_is_typed_is_read_or_refused_in_words(text: str) -> None:
    refused = []
    for parse in (sayings.parse_hold, sayings.parse_promise, demands.parse_wanted, marks.parse_mark, quiet.parse_busy):
        try:
            parse(text)
        except UsageError as refusal:
            refused.append(refusal.say)

    assert all(refused)


@pytest.mark.parametrize(
    ("text", "last4", "what", "nobody"),
    [
        ("无糖版", "", "无糖版", False),
        ("无糖版 8000", "8000", "无糖版", False),
        ("8000 无糖版", "8000", "无糖版", False),
        ("8000问有没有无糖版", "8000", "无糖版", False),
        ("她问有没有无糖版", "", "无糖版", False),
        ("无糖版 路人", "", "无糖版", True),
        ("", "", "", False),
    ],
)
def test_what_was_asked_for_is_read(text: str, last4: str, what: str, nobody: bool) -> None:  # noqa: FBT001
    asked = demands.parse_wanted(text)

    assert (asked.key.mention.last4 or "", asked.what, asked.nobody) == (last4, what, nobody)


@pytest.mark.parametrize(
    ("text", "score", "reason"),
    [
        ("9 店员热情", 9, "店员热情"),
        ("9分，店员热情", 9, "店员热情"),
        ("8/10 好喝", 8, "好喝"),
        ("10/10", 10, ""),
        ("十分", 10, ""),
        ("0", 0, ""),
        ("8000 9 店员热情", 9, "店员热情"),
        ("9 店员热情 8000", 9, "店员热情"),
    ],
)
def test_mark_is_read(text: str, score: int, reason: str) -> None:
    asked = marks.parse_mark(text)

    assert (asked.score, asked.reason, asked.key.mention.last4 or "") == (
        score,
        reason,
        "8000" if "8000" in text else "",
    )


@pytest.mark.parametrize("text", ["", "11", "-1", "90分", "店员热情", "9.5 好", "8000 9.5", "4/5 好喝", "8/100"])
def test_no_mark_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        marks.parse_mark(text)


@pytest.mark.parametrize(
    ("score", "reason", "read"),
    [
        (9, "店员热情", ("服务", "praise", "店员热情", "")),
        (9, "好喝", ("商品", "praise", "好喝", "")),
        (3, "等太久", ("服务", "complaint", "等太久", "等待")),
        (3, "太吵了", ("环境", "complaint", "太吵了", "环境")),
        (5, "服务", ("服务", "complaint", "服务不满意", "服务态度")),
        (9, "环境", ("环境", "", "", "")),
        (2, "说不上来", ("", "complaint", "说不上来", "其他")),
        (5, "服务 等太久", ("服务", "complaint", "等太久", "等待")),
        (8, "", ("", "", "", "")),
    ],
)
def test_reason_has_a_theme(score: int, reason: str, read: tuple[str, str, str, str]) -> None:
    said = marks.why(score, reason)

    assert (said.theme, said.kind, said.text, said.facet) == read


@pytest.mark.parametrize(
    ("text", "busy"),
    [
        ("1小时", Busy("1小时")),
        ("到3点", Busy("到3点")),
        ("", Busy()),
        ("一会儿", Busy()),
        ("完了", Busy(over=True)),
    ],
)
def test_busy_is_read(text: str, busy: Busy) -> None:
    assert quiet.parse_busy(text) == busy


@pytest.mark.parametrize(
    ("text", "busy"),
    [
        ("忙一小时", Busy("一小时")),
        ("我先忙半小时", Busy("半小时")),
        ("忙到三点", Busy("到三点")),
        ("她今天很忙", None),
        ("忙不过来 她等太久了", None),
    ],
)
def test_busy_is_heard_run_together(text: str, busy: Busy | None) -> None:
    assert quiet.heard(text) == busy


def test_a_key_of_nobody_is_nobody() -> None:
    assert demands.parse_wanted("无糖版").key == Key()
    assert NOW + timedelta(hours=3) == sayings.held("灰 到6点", NOW, ZONE).at
