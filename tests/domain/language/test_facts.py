import pytest

from bot.domain.language import Statement, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("她不吃羊肉", [Statement("avoid", "羊肉")]),
        ("香菜跟葱都不要", [Statement("avoid", "香菜"), Statement("avoid", "葱")]),
        ("莫放花椒", [Statement("avoid", "花椒")]),
        ("羊毛扎得慌", [Statement("avoid", "羊毛")]),
        ("别给她推亮片的", [Statement("avoid", "亮片")]),
        ("她只穿棉的", [Statement("preference", "棉", "材质")]),
        ("颜色只要大地色", [Statement("preference", "大地色", "颜色")]),
        ("偏爱细框 金色那种", [Statement("preference", "细框", "款式"), Statement("preference", "金色", "颜色")]),
        ("她上衣XL 裤子31", [Statement("size", "XL", "上装"), Statement("size", "31", "下装")]),
        ("鞋四十二码半", [Statement("size", "42码半", "鞋码")]),
        ("她胖了 M的穿不下 要L", [Statement("size", "L", "上装")]),
        ("娃穿90的", [Statement("size", "90", "童装", of="child")]),
        ("文胸80B", [Statement("size", "80B", "内衣")]),
        ("生日三月初三", [Statement("birthday", "lunar:03-03")]),
        ("1990年12月25日生的", [Statement("birthday", "1990-12-25")]),
        ("她老婆下周三生日", [Statement("birthday", "nextweek:3", of="wife")]),
        ("下个月15号她生日", [Statement("birthday", "nextmonth:15")]),
        ("后天她生日", [Statement("birthday", "rel:+2")]),
        ("结婚纪念日5月20号", [Statement("anniversary", "05-20")]),
        ("晚上八点以后再联系", [Statement("contact_rule", "晚上八点以后联系")]),
        ("有事找她老公", [Statement("contact_rule", "联系老公")]),
        ("再也别联系她", [Statement("contact_rule", "别再联系")]),
        ("她手机换了 新电话137 0000 2222", [Statement("new_phone", "13700002222")]),
        ("她打了7分", [Statement("nps", "7")]),
        ("想买无磷洗衣液 店里没进", [Statement("demand", "无磷洗衣液")]),
        ("她刷小红书来的", [Statement("source", "小红书")]),
        ("叶姐介绍她来的", [Statement("referrer", "叶姐"), Statement("source", "朋友介绍")]),
        ("她搬去外地了 以后不来了", [Statement("loss_reason", "搬走")]),
        ("答应她改好了寄过去", [Statement("promise", "改好了寄过去")]),
        ("家里养了两只英短", [Statement("family", "家里养了两只英短")]),
    ],
)
def test_facts_of_one_clause(text: str, expected: list[Statement]) -> None:
    assert list(read(text).facts) == expected


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("外卖送来撒了一半", "物流"),
        ("等了四十分钟才叫到号", "等待"),
        ("店员当着她面说买不起别摸", "服务态度"),
        ("把名字刻错了", "做错"),
        ("厕所脏得下不去脚", "环境"),
        ("嫌太贵", "价格"),
        ("拖了半个月不给退", "售后"),
        ("鞋底一周就断了", "商品质量"),
        ("馄饨里有根铁丝", "商品质量"),
    ],
)
def test_complaints_have_their_facet(text: str, facet: str) -> None:
    reading = read(text)

    assert (reading.intent, [fact.facet for fact in reading.facts]) == ("complaint", [facet])
