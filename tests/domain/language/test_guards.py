import pytest

from bot.domain.language import Statement, better, canonical, conflicts, consents, problems
from bot.domain.language.families import family_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("这人抠门得很", ["insult"]),
        ("老不死的又来了", ["insult"]),
        ("店员骂她穷鬼", []),
        ("有病史 要问清楚", []),
        ("要变态辣", []),
        ("身份证11010519491231002X", ["id_card"]),
        ("身份证110105194912310021", []),
        ("老身份证110105491231002", ["id_card"]),
        ("卡号4111 1111 1111 1111", ["bank_card"]),
        ("卡号4111111111111112", ["bank_card"]),
        ("银行卡号是6222 0212 3456 7890", ["bank_card"]),
        ("单号4111111111111112", []),
        ("她事多", ["insult"]),
        ("她同事多", []),
        ("打13800138000找她", []),
        ("三分糖去冰", []),
    ],
)
def test_what_must_not_be_kept_is_found(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("这人抠门", "对价格比较在意"),
        ("老不死的 三分糖", "年长的客人，请多关照"),
        ("肥婆又来了", "偏好宽松尺码"),
        ("很难缠", "要求细致，说话慢一点"),
        ("贱人", "只写事实，不写评价"),
        ("三分糖", "三分糖"),
    ],
)
def test_better_words_for_a_label(text: str, expected: str) -> None:
    assert better(text) == expected


@pytest.mark.parametrize(
    ("allergen", "ingredients", "expected"),
    [
        ("芒果", ["芒果波波"], True),
        ("芒国", ["杨枝甘露"], True),
        ("坚果", ["杏仁片"], True),
        ("坚果", ["花生碎"], False),
        ("核桃", ["坚果碎"], True),
        ("核桃", ["杏仁"], False),
        ("海鲜", ["虾滑"], True),
        ("虾", ["蟹柳"], False),
        ("牛奶", ["芝士奶盖"], True),
        ("牛乳", ["淡奶油"], True),
        ("麸质", ["面粉"], True),
        ("羊毛", ["羊绒"], True),
        ("镍", ["合金"], True),
        ("乳胶", ["乳胶枕"], True),
        ("青霉素", ["阿莫西林胶囊"], True),
        ("头孢", ["布洛芬"], False),
        ("芒果", [], False),
        ("", ["芒果"], False),
    ],
)
def test_a_warning_hits_the_family(allergen: str, ingredients: list[str], expected: object) -> None:
    assert conflicts(allergen, ingredients) is expected


def test_plain_names() -> None:
    assert [canonical(word) for word in ("芒国", "牛乳", "起司", "西红柿", "魔芋")] == [
        "芒果",
        "牛奶",
        "奶酪",
        "番茄",
        "魔芋",
    ]
    assert {"芒果", "水果"} <= family_of("芒果波波")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (Statement("allergy", "芒果"), {"health"}),
        (Statement("allergy", "芒果", of="child"), {"health", "child"}),
        (Statement("allergy", "鸡肉", of="pet"), set()),
        (Statement("family", "怀孕七个月"), {"health"}),
        (Statement("family", "女儿3岁"), {"child"}),
        (Statement("family", "女儿18岁"), set()),
        (Statement("birthday", "06-01", of="child"), {"child"}),
        (Statement("preference", "少冰", "口味"), set()),
        (Statement("allergy", "芒果", negated=True), set()),
        (Statement("note", "她有糖尿病"), {"health"}),
        (Statement("note", "女儿5岁 过敏体质"), {"health", "child"}),
        (Statement("note", "喜欢安静"), set()),
    ],
)
def test_grave_facts_need_a_yes(statement: Statement, expected: set[str]) -> None:
    assert consents(statement) == expected
