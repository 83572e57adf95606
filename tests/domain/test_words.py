from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import words

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 18)  # a Wednesday


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "¥0"),
        (5, "¥0.05"),
        (1250, "¥12.50"),
        (123400, "¥1,234"),
        (123456789, "¥1,234,567.89"),
        (-1250, "-¥12.50"),
        (-100, "-¥1"),
    ],
)
def test_money(fen, said):
    assert words.money(fen) == said


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2026, 11, 18), "今天"),
        (date(2026, 11, 17), "昨天"),
        (date(2026, 11, 16), "前天"),
        (date(2026, 11, 19), "明天"),
        (date(2026, 11, 20), "后天"),
        (date(2026, 11, 21), "周六"),
        (date(2026, 11, 22), "周日"),
        (date(2026, 11, 23), "下周一"),
        (date(2026, 11, 29), "下周日"),
        (date(2026, 11, 30), "11-30"),
        (date(2026, 11, 15), "上周日"),
        (date(2026, 11, 11), "上周三"),
        (date(2026, 11, 9), "上周一"),
        (date(2026, 11, 8), "11-08"),
        (date(2026, 11, 2), "11-02"),
        (date(2025, 6, 2), "2025-06-02"),
        (date(2027, 1, 1), "2027-01-01"),
    ],
)
def test_day(on, said):
    assert words.day(on, TODAY) == said


def test_day_speaks_of_this_week_by_its_weekday():
    assert words.day(date(2026, 11, 17), date(2026, 11, 22)) == "周二"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "今天"),
        (1, "昨天"),
        (2, "前天"),
        (3, "3天前"),
        (59, "59天前"),
        (60, "2个月前"),
        (364, "12个月前"),
        (365, "1年前"),
        (730, "2年前"),
        (-1, "明天"),
        (-2, "后天"),
        (-3, "3天后"),
    ],
)
def test_ago(days, said):
    assert words.ago(days) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 18, 1, 5, tzinfo=UTC), "今天9:05"),
        (datetime(2026, 11, 18, 12, 0, tzinfo=UTC), "今天20:00"),
        (datetime(2026, 11, 17, 14, 10, tzinfo=UTC), "昨晚22:10"),
        (datetime(2026, 11, 17, 10, 0, tzinfo=UTC), "昨晚18:00"),
        (datetime(2026, 11, 17, 9, 59, tzinfo=UTC), "昨天17:59"),
        (datetime(2026, 11, 21, 1, 0, tzinfo=UTC), "周六9:00"),
        (datetime(2026, 11, 2, 1, 0, tzinfo=UTC), "11-02 9:00"),
    ],
)
def test_clock_is_the_shops(at, said):
    assert words.clock(at, datetime(2026, 11, 17, 16, 30, tzinfo=UTC), SHANGHAI) == said


def test_join_leaves_out_the_empty():
    assert words.join(["芒果", "", "坚果"]) == "芒果、坚果"
    assert words.join([]) == ""


def test_thousands():
    assert [words.thousands(n) for n in (0, 999, 1000, -1234567)] == ["0", "999", "1,000", "-1,234,567"]


@pytest.mark.parametrize(
    ("text", "max_bytes", "cut"),
    [
        ("王女士", 9, "王女士"),
        ("王女士好", 9, "王女…"),
        ("王女士好", 11, "王女…"),
        ("王女士", 3, "…"),
        ("王女士", 2, ""),
        ("abcdef", 5, "ab…"),
        ("好👩‍👩‍👧了吗", 20, "好…"),
        ("好👩‍👩‍👧了吗", 24, "好👩‍👩‍👧…"),
        ("👍🏽好的", 10, "…"),
        ("👍🏽好的", 11, "👍🏽…"),
        ("🇨🇳🇭🇰好", 18, "🇨🇳…"),
        ("e\u0301e\u0301e\u0301", 7, "e\u0301…"),
        ("1️⃣2️⃣3️⃣", 14, "1️⃣…"),
    ],
)
def test_clip(text, max_bytes, cut):
    assert words.clip(text, max_bytes) == cut


@settings(max_examples=500)
@given(st.text(), st.integers(0, 40))
def test_clip_keeps_within_its_bytes_and_begins_alike(text, max_bytes):
    cut = words.clip(text, max_bytes)

    assert len(cut.encode()) <= max_bytes
    assert cut == text or text.startswith(cut.removesuffix("…"))
