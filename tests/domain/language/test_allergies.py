import pytest

from bot.domain.language import Reading, Statement, read


def allergies(reading: Reading) -> list[tuple[str, str | None, bool]]:
    return [(fact.value, fact.of, fact.negated) for fact in reading.facts if fact.kind == "allergy"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("邓姐对腰果过敏", [("腰果", None, False)]),
        ("对芝麻、核桃跟虾过敏", [("芝麻", None, False), ("核桃", None, False), ("虾", None, False)]),
        ("榴莲 荔枝 都过敏", [("榴莲", None, False), ("荔枝", None, False)]),
        ("过敏原是尘螨和花粉", [("尘螨", None, False), ("花粉", None, False)]),
        ("她魔芋过敏", [("魔芋", None, False)]),
        ("一碰猕猴桃嘴就发麻", [("猕猴桃", None, False)]),
        ("嘴肿成香肠 说是昨晚吃了螃蟹", [("螃蟹", None, False)]),
        ("她吃了开心果 喉咙紧喘不上气", [("开心果", None, False)]),
        ("虾皮试三级 牛奶试零级 医院查的", []),
        ("化验单 小麦三级 牛奶0级", [("小麦", None, False)]),
        ("青霉素皮试阳性", [("青霉素", None, False)]),
        ("芒国过民", [("芒果", None, False)]),
        ("她对花僧过敏", [("花生", None, False)]),
        ("對蝦蟹敏感", [("虾蟹", None, False)]),
        ("佢对蟹敏感", [("蟹", None, False)]),
        ("mangguo guomin", [("芒果", None, False)]),
    ],
)
def test_substances_are_found(text: str, expected: list[tuple[str, str | None, bool]]) -> None:
    assert allergies(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("她公公对酒过敏", "inlaw"),
        ("孟姐的老公对贝类过敏", "husband"),
        ("荞麦过敏的是她外孙", "grandchild"),
        ("不是她 是她闺女杏仁过敏", "child"),
        ("她家柯基牛肉过敏", "pet"),
        ("儿子5岁 花生过敏", "child"),
        ("她说自己花生过敏", None),
    ],
)
def test_the_one_who_has_it_is_named(text: str, expected: str | None) -> None:
    assert [fact.of for fact in read(text).facts if fact.kind == "allergy"] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "她对芒果不过敏",
        "没有药物过敏史",
        "那不算过敏 就是不爱吃",
        "丁姐对花生过敏吗",
        "2046过不过敏牛奶",
        "我自己桃子过敏 别买给我",
        "对早班过敏",
        "抗过敏药到货了",
        "小刘海鲜过敏 今天请假了",
        "敏感肌 想要温和的",
        "对价格敏感",
    ],
)
def test_nothing_is_written_where_nobody_has_it(text: str) -> None:
    assert allergies(read(text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("不是榛子过敏 是杏仁", [("榛子", None, True), ("杏仁", None, False)]),
        ("上次说的花生过敏 其实是杏仁", [("杏仁", None, False)]),
        ("菠萝蜜不过敏 菠萝过敏", [("菠萝", None, False)]),
        ("以前登记的木瓜过敏作废", [("木瓜", None, True)]),
        ("系统里她那条海鲜过敏是错的", [("海鲜", None, True)]),
    ],
)
def test_corrections_and_removals(text: str, expected: list[tuple[str, str | None, bool]]) -> None:
    assert allergies(read(text)) == expected


def test_names_of_the_catalogue_are_substances_too() -> None:
    reading = read("她上次喝了云顶雪糯 浑身起疹子", products=("云顶雪糯", "海盐柠檬"))

    assert reading.facts == (Statement("allergy", "云顶雪糯"),)
