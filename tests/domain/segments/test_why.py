from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.segments.labels import SCHEMES
from bot.domain.segments.layering import Cuts, fixed, label
from bot.domain.segments.measures import Bought, measure
from bot.domain.segments.presets import preset
from bot.domain.segments.why import say
from bot.domain.shop import VERTICALS
from tests.domain.segments.purchases import TODAY, ago, bought

TEA, JEWELLER, MARKET = preset("tea"), preset("jewellery"), preset("supermarket")


def why(scheme, purchases, rules=TEA, silent=(), **more):
    return say(scheme, measure(purchases, rules, TODAY, silent), rules, fixed(rules), **more)


def test_why_frequency():
    said = [
        why("frequency", bought(*range(0, 26, 2), 300)),
        why("frequency", bought(0, 9, 20, 300)),
        why("frequency", bought(9, 20, 300)),
        why("frequency", bought(41, 300)),
        why("frequency", bought(61, 300)),
        why("frequency", bought(1)),
        why("frequency", []),
    ]

    assert said == [
        "高频奶茶党：最近28天来了13天（10-26到11-22），满12天算高频奶茶党，少于12天算稳定客。",
        (
            "稳定客：最近28天来了3天（10-26到11-22），满3天算稳定客（这一档是默认补在中间的），满12天算高频奶茶党，"
            "少于3天算偶尔尝鲜族。"
        ),
        "偶尔尝鲜族：最近28天来了2天（10-26到11-22），满1天算偶尔尝鲜族，满3天算稳定客，少于1天算间隔客。",
        (
            "间隔客：最近28天没来（10-26到11-22），上次10-12，到今天41天没来，满1天算偶尔尝鲜族，"
            "没来算间隔客（这一档是默认补在中间的）；满60天没来算沉睡。"
        ),
        "沉睡：上次09-22，到今天61天没来，满60天算沉睡；不满的看最近28天来了几天。",
        "新客：第一次来是11-21（昨天），30天以内算新客；最近28天来了1天（10-26到11-22），满12天就直接算高频奶茶党。",
        "还没买过：没有她的购买记录（全退掉的不算）；没买过和很久没来是两回事，不算沉睡。",
    ]


def test_why_frequency_where_nobody_sleeps():
    assert why("frequency", bought(400), MARKET) == (
        "低频客：最近28天没来（10-26到11-22），上次2025-10-18，到今天400天没来，满1天算中频客。"
    )


def test_why_spend():
    big = [Bought(ago(265), 1_280_000), Bought(ago(5), 3000)]

    said = [
        why("spend", big, JEWELLER),
        why("spend", bought(0, fen=999_999), JEWELLER),
        why("spend", bought(5, fen=199_950), JEWELLER),
        why("spend", bought(800, fen=5_000_000), JEWELLER),
        why("spend", bought(5, 6, fen=25_000)),
        why("spend", [], JEWELLER),
    ]

    assert said == [
        "高消费：最近730天（2024-11-23到11-22）单笔最高¥12,800，是03-02那天，满¥10,000算高消费，少于¥10,000算中消费。",
        (
            "中消费：最近730天（2024-11-23到11-22）单笔最高¥9,999.99，是11-22那天，满¥2,000算中消费，满¥10,000算高消费，"
            "少于¥2,000算低消费。"
        ),
        "低消费：最近730天（2024-11-23到11-22）单笔最高¥1,999.50，是11-17那天，满¥2,000算中消费。",
        "低消费：最近730天（2024-11-23到11-22）没有消费，满¥2,000算中消费。",
        "高消费：最近90天（08-25到11-22）累计¥500，满¥400算高消费，少于¥400算中消费。",
        "还没买过：没有她的购买记录（全退掉的不算）；没买过和很久没来是两回事，不算沉睡。",
    ]


def test_why_stage():
    said = [
        why("stage", bought(*range(0, 90, 9))),
        why("stage", bought(*range(20, 110, 9))),
        why("stage", bought(*range(60, 150, 9))),
        why("stage", bought(7)),
        why("stage", bought(200), JEWELLER),
        why("stage", bought(30, 200), JEWELLER),
        why("stage", []),
    ]

    assert said == [
        "常客：来过10天，平时10天来一次（行里一般14天），上次11-22，今天来过；满17天没来算变慢，满60天算沉睡。",
        "变慢：来过10天，平时10天来一次（行里一般14天），上次11-02，到今天20天没来；满17天没来算变慢，满60天算沉睡。",
        "沉睡：来过10天，平时10天来一次（行里一般14天），上次09-23，到今天60天没来；满17天没来算变慢，满60天算沉睡。",
        "新客：第一次来是11-15（7天前），30天以内都算新客，到12-15为止。",
        (
            "新客：只来过1天，先按180天来一次算（行里一般180天），上次05-06，到今天200天没来；满271天没来算变慢，"
            "满541天算沉睡。"
        ),
        (
            "常客：只来过2天，先按175天来一次算（行里一般180天），上次10-23，到今天30天没来；满268天没来算变慢，"
            "满526天算沉睡。"
        ),
        "还没买过：没有她的购买记录（全退掉的不算）；没买过和很久没来是两回事，不算沉睡。",
    ]


def test_why_a_layer():
    leaving = bought(*range(41, 185, 18), fen=3200)

    assert why("layer", leaving) == (
        "要走的大客：来得变慢了，次数或金额在4档以上。来过8天，平时18天来一次（行里一般14天），上次10-12，到今天41天没来；"
        "满29天没来算变慢，满60天算沉睡。次数4档：来过8天（满8天是4档，满16天是5档）；"
        "金额3档：一共¥256（满¥120是3档，满¥300是4档）。5档最高，本店买过的人还少，按固定的线。"
    )
    found = measure(leaving, TEA, TODAY)
    cuts = Cuts((9, 8, 7, 6), (9, 12, 15, 18), (100, 200, 300, 25600), 210)
    assert say("layer", found, replace(TEA, among="chain"), cuts, origin="3号店试行的规则") == (
        "要走的大客：来得变慢了，次数或金额在4档以上。来过8天，平时18天来一次（行里一般14天），上次10-12，到今天41天没来；"
        "满29天没来算变慢，满60天算沉睡。次数1档：来过8天（满9天是2档）；金额5档：一共¥256（满¥256是5档）。"
        "5档最高，和全链买过的210位比。（按3号店试行的规则）"
    )
    assert why("layer", bought(1)) == "新客：第一次来是11-21（昨天），30天以内都算新客，到12-21为止。"
    assert why("layer", []) == "还没买过：没有她的购买记录（全退掉的不算）；没买过和很久没来是两回事，不算沉睡。"


def test_silent_days_are_said():
    closed = [ago(day) for day in range(5, 11)]

    assert why("frequency", bought(41, 300), silent=closed) == (
        "间隔客：最近28天没来（10-20到11-22，店里没数据的6天不算），上次10-12，到今天35天没来（其中店里没数据的6天不算），"
        "满1天算偶尔尝鲜族，没来算间隔客（这一档是默认补在中间的）；满60天没来算沉睡。"
    )


@pytest.mark.parametrize("vertical", VERTICALS)
def test_every_sentence_begins_with_the_label_it_explains(vertical):
    rules = preset(vertical)
    lives = [
        bought(*range(start, start + 300, step)) for start in (0, 5, 29, 45, 61, 100, 500) for step in (1, 3, 20, 99)
    ]
    lives += [bought(start, fen=fen) for start in (0, 1, 31, 61, 400, 800) for fen in (0, None, 100_000, 2_000_000)]
    moments = [*lives, []]

    for purchases in moments:
        found = measure(purchases, rules, TODAY)
        labels = label(found, rules, fixed(rules))
        for scheme in SCHEMES:
            name = rules.names(scheme)[getattr(labels, scheme)]
            assert say(scheme, found, rules, fixed(rules)).split("：")[0] == name


def test_the_last_day_of_being_new_is_the_day_that_is_said():
    first = bought(7)
    told = TODAY + timedelta(23)

    stages = [label(measure(first, TEA, day), TEA, fixed(TEA)).stage for day in (told, told + timedelta(1))]

    assert f"到{told:%m-%d}为止" in why("stage", first)
    assert stages == ["new", "slowing"]
