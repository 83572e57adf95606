from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import UsageError
from bot.domain.segments.presets import preset
from bot.domain.segments.quantities import days, money_of
from bot.domain.segments.rules import unpack
from bot.domain.segments.wishes import CAN_SAY, LONGEST_DAYS, read

TEA, JEWELLER = preset("tea"), preset("jewellery")


def leasts(banding):
    return {band.code: band.least for band in banding.bands if band.least}


@pytest.mark.parametrize(
    ("text", "code", "least"),
    [
        ("高频 改 一周2次", "high", 8),
        ("规则 高频 改 一周2次", "high", 8),
        ("高頻 改成 一週２次", "high", 8),
        ("改成≥2次/周", "high", 8),
        ("一周两次", "high", 8),
        ("高频奶茶党 每周两次以上", "high", 8),
        ("把高频的门槛改成每周2次吧", "high", 8),
        ("高频 2次/周", "high", 8),
        ("高频:7天2次", "high", 8),
        ("高频 两周5次", "high", 10),
        ("高频 三周4次", "high", 6),
        ("高频 28天内来10天", "high", 10),
        ("高频 14天", "high", 14),
        ("高频 8次", "high", 8),
        ("高频 一个月11次", "high", 11),
        ("高频 每天1次", "high", 28),
        ("稳定 5天", "steady", 5),
        ("稳定客 改 一月4次", "steady", 4),
        ("尝鲜 2次", "occasional", 2),
        ("偶尔 改 一月两次", "occasional", 2),
    ],
)
def test_a_border_of_frequency(text, code, least):
    assert leasts(read(text, TEA).rules.frequency) == leasts(TEA.frequency) | {code: least}


@pytest.mark.parametrize(
    ("text", "code", "yuan"),
    [
        ("高消费 8000", "high", 8000),
        ("大客 改 8000", "high", 8000),
        ("高消费 8,000元", "high", 8000),
        ("高消费 八千", "high", 8000),
        ("大客 改成 1.5万", "high", 15000),
        ("大客户 一万五", "high", 15000),
        ("高消费 12,345.67元", "high", 12345.67),
        ("高消费满两万块以上", "high", 20000),
        ("中消费 3千", "medium", 3000),
        ("中消费 两千五百块", "medium", 2500),
    ],
)
def test_a_border_of_spend(text, code, yuan):
    assert leasts(read(text, JEWELLER).rules.spend) == leasts(JEWELLER.spend) | {code: round(yuan * 100)}


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("消费 按累计", {"spend": replace(JEWELLER.spend, basis="sum")}),
        ("消费 改 总额", {"spend": replace(JEWELLER.spend, basis="sum")}),
        ("消费 窗口 一年", {"spend": replace(JEWELLER.spend, window_days=365)}),
        ("消费 最近12个月", {"spend": replace(JEWELLER.spend, window_days=360)}),
        ("大客 窗口 三年", {"spend": replace(JEWELLER.spend, window_days=1095)}),
        ("频次 窗口 56天", {"frequency": replace(JEWELLER.frequency, window_days=56)}),
        ("高频窗口改成两个月", {"frequency": replace(JEWELLER.frequency, window_days=60)}),
        ("频次 半年", {"frequency": replace(JEWELLER.frequency, window_days=183)}),
        ("频次 窗口 1100天", {"frequency": replace(JEWELLER.frequency, window_days=1100)}),
        ("沉睡 400天", {"asleep_days": 400}),
        ("沉睡 改 两年", {"asleep_days": 730}),
        ("沉睡客 一百天", {"asleep_days": 100}),
        ("超过400天没来算沉睡", {"asleep_days": 400}),
        ("新客 14天", {"new_days": 14}),
        ("14天以内都算新客", {"new_days": 14}),
        ("新客 两周", {"new_days": 14}),
        ("周期 90天", {"usual_days": 90}),
        ("五等分 按全链", {"among": "chain"}),
        ("RFM 全链", {"among": "chain"}),
        ("五等分 满一百人", {"fewest": 100}),
        ("新客14天，沉睡 一年半", {"new_days": 14, "asleep_days": 547}),
    ],
)
def test_a_setting(text, changed):
    assert read(text, JEWELLER).rules == replace(JEWELLER, **changed)


def test_the_fifths_go_back_to_the_store():
    assert read("五等分按门店", replace(TEA, among="chain")).rules == TEA


def test_two_borders_may_move_together_where_one_alone_would_cross():
    both = read("稳定 12天，高频 15天", TEA)

    assert leasts(both.rules.frequency) == {"high": 15, "steady": 12, "occasional": 1}
    with pytest.raises(UsageError):
        read("稳定 12天", TEA)


def test_what_changes_is_said_with_what_was_before():
    said = {
        text: read(text, rules).words
        for text, rules in (
            ("高频 改 一周2次", TEA),
            ("大客 单笔 8千", TEA),
            ("高消费 8000", JEWELLER),
            ("消费 按累计", JEWELLER),
            ("频次 窗口 56天", TEA),
            ("沉睡 45天；新客 14天", TEA),
            ("五等分 按全链", TEA),
            ("五等分 满80人", TEA),
        )
    }

    assert said == {
        "高频 改 一周2次": "高频奶茶党：最近28天来满8天（一周2次），之前满12天",
        "大客 单笔 8千": "消费改按单笔最高算，之前按累计；高消费：最近90天单笔最高满¥8,000，之前满¥400",
        "高消费 8000": "高消费：最近730天单笔最高满¥8,000，之前满¥10,000",
        "消费 按累计": "消费改按累计算，之前按单笔最高；线不变",
        "频次 窗口 56天": "频次改看最近56天，之前看28天；线不变：高频奶茶党满12天、稳定客满3天、偶尔尝鲜族满1天",
        "沉睡 45天；新客 14天": "沉睡改成45天，之前60天；新客改成14天，之前30天",
        "五等分 按全链": "五等分改成在全链里比",
        "五等分 满80人": "五等分：买过的满80人才分，之前满50人；不够的按固定的线",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", f"想改什么？{CAN_SAY}"),
        (" ，。 ", f"想改什么？{CAN_SAY}"),
        ("你好", f"没看懂。{CAN_SAY}"),
        ("8000", f"没看懂。{CAN_SAY}"),
        ("窗口 56天", f"没看懂。{CAN_SAY}"),
        ("沉睡 45天，随便", f"第2句没看懂。{CAN_SAY}"),
        ("沉睡 -5天", f"不能是负数。{CAN_SAY}"),
        ("高频 负2次", f"不能是负数。{CAN_SAY}"),
        ("高频 改", "“高频奶茶党”改成多少？可以说：高频 一周2次、高频 8天。"),
        ("高频 0次", "“高频奶茶党”改成多少？可以说：高频 一周2次、高频 8天。"),
        ("高频 5-8次", "“高频奶茶党”改成多少？可以说：高频 一周2次、高频 8天。"),
        ("高消费 便宜点", "“高消费”改成多少钱？可以说：高消费 8000元。"),
        ("高消费 0", "“高消费”改成多少钱？可以说：高消费 8000元。"),
        ("高消费 1.234元", "“高消费”改成多少钱？可以说：高消费 8000元。"),
        ("间隔客 3次", "“间隔客”是最低一档，没有自己的线：改“偶尔尝鲜族”的线就行。"),
        ("低消费 50", "“低消费”是最低一档，没有自己的线：改“中消费”的线就行。"),
        ("频次 按单笔", "频次只按到店天数算；要改的是消费就说：消费 按单笔。"),
        ("频次 窗口 0天", "窗口要在1天到1100天之间，可以说：频次 窗口 56天、消费 窗口 两年。"),
        ("消费 窗口 1101天", "窗口要在1天到1100天之间，可以说：频次 窗口 56天、消费 窗口 两年。"),
        ("消费 窗口 很久", "窗口要在1天到1100天之间，可以说：频次 窗口 56天、消费 窗口 两年。"),
        ("沉睡 很久", "沉睡改成多少天？可以说：沉睡 45天。"),
        ("沉睡 四年", "沉睡要在1天到1100天之间。"),
        ("新客 0天", "新客要在1天到1100天之间。"),
        ("沉睡 30天", "沉睡（30天）要比新客（30天）长。"),
        ("五等分", "五等分按什么比？可以说：五等分 按全链、五等分 按门店、五等分 满100人。"),
        ("五等分 满0人", "五等分的人数要在1到100000之间。"),
        ("高频 3天", "线交叉了：“高频奶茶党”满3天，要比“稳定客”的3天高。可以两条一起改，中间用逗号。"),
        ("中消费 500", "线交叉了：“高消费”满¥400，要比“中消费”的¥500高。可以两条一起改，中间用逗号。"),
        ("高频 一周8次", "28天里来不了32天（一天算一次）。改少些，或先改频次的窗口。"),
        ("频次 窗口 一周", "7天里来不了12天（一天算一次）。改少些，或先改频次的窗口。"),
        ("高频 一周3次", "现在就是这样，不用改。"),
        ("消费 按累计", "现在就是这样，不用改。"),
    ],
)
def test_nonsense_is_refused_with_what_may_be_said(text, said):
    with pytest.raises(UsageError) as refused:
        read(text, TEA)

    assert refused.value.say == said


@pytest.mark.parametrize(
    ("words", "fen"),
    [
        ("十万", 10_000_000),
        ("1万5", 1_500_000),
        ("¥99.5", 9950),
        ("2w", 2_000_000),
        ("0.01", 1),
        ("", None),
        ("百", 10_000),
    ],
)
def test_money_as_it_is_typed(words, fen):
    assert money_of(words) == fen


@pytest.mark.parametrize(
    ("words", "count"), [("一个季度", 91), ("两个半月", 75), ("半个月", 15), ("三周", 21), ("半天", None), ("90", None)]
)
def test_days_as_they_are_typed(words, count):
    assert days(words) == count


WORDS = [
    *(
        "高频",
        "稳定",
        "尝鲜",
        "高消费",
        "大客",
        "中消费",
        "消费",
        "频次",
        "窗口",
        "沉睡",
        "新客",
        "周期",
        "五等分",
        "全链",
    ),
    *("门店", "改", "按", "单笔", "累计", "一周", "每月", "两年", "次", "天", "元", "万", ",", "负", "-"),
]


@settings(max_examples=400)
@given(
    st.sampled_from([TEA, JEWELLER]),
    st.lists(st.sampled_from(WORDS) | st.integers(0, 20_000).map(str), max_size=8).map("".join) | st.text(max_size=20),
)
def test_whatever_is_typed_is_refused_or_gives_rules_that_rank(rules, text):
    try:
        wish = read(text, rules)
    except UsageError:
        return

    new = wish.rules
    assert wish.words
    assert unpack(new.pack()) == new != rules
    for banding in (new.spend, new.frequency):
        found = [band.least for band in banding.bands]
        assert found == sorted(set(found), reverse=True)
        assert found[-1] == 0
        assert 1 <= banding.window_days <= LONGEST_DAYS
    assert new.frequency.bands[0].least <= new.frequency.window_days
    assert 1 <= new.new_days < new.asleep_days <= LONGEST_DAYS
    assert 1 <= new.usual_days <= LONGEST_DAYS
