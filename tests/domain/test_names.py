import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.names import Index, address_form, find, is_useless, keys, matches, surname
from bot.domain.names.keys import (
    ALIKE,
    EXACT,
    INITIALS,
    PART,
    PINYIN,
    PINYIN_PART,
    SOUND,
    TITLE,
    TITLE_MAYBE,
    TYPO,
    understand,
)

CHARS = "王李陈程曾单仇欧阳芳方帆洁杰敏小晓子轩"
HAN = st.text(st.sampled_from(CHARS), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("王芳", "王"),
        ("王", "王"),
        ("欧阳娜娜", "欧阳"),
        ("上官婉儿", "上官"),
        ("司馬光", "司马"),
        ("欧阳", "欧阳"),
        ("欧阳女士", "欧阳"),
        ("小王", "王"),
        ("老李头", "老"),
        ("王姐", "王"),
        ("小李哥", "李"),
        ("朵朵妈", "朵"),
        ("Alice", ""),
        ("", ""),
    ],
)
def test_surname(name, expected):
    assert surname(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王姐", ("王", "姐", "female")),
        ("李哥", ("李", "哥", "male")),
        ("赵阿姨", ("赵", "阿姨", "female")),
        ("孙姨", ("孙", "姨", "female")),
        ("林太太", ("林", "太太", "female")),
        ("吴老师", ("吴", "老师", None)),
        ("刘叔", ("刘", "叔", "male")),
        ("陳女士", ("陈", "女士", "female")),
        ("张先生", ("张", "先生", "male")),
        ("高总", ("高", "总", None)),
        ("欧阳小姐", ("欧阳", "小姐", "female")),
        ("陈洁女士", ("陈", "女士", "female")),
        ("欧阳娜娜小姐", ("欧阳", "小姐", "female")),
        ("小王", ("王", "小", None)),
        ("老李", ("李", "老", None)),
        ("小李哥", ("李", "哥", "male")),
        ("朵朵妈", ("", "朵朵妈", "female")),
        ("朵朵爸爸", ("", "朵朵爸爸", "male")),
        ("宝妈", ("", "宝妈", "female")),
        ("张妈妈", ("张", "妈妈", "female")),
        ("王芳", None),
        ("王小妹", None),
        ("芳姐", None),
        ("小姐", None),
        ("老师", None),
        ("老板", None),
        ("阿姨", None),
        ("大妈", None),
        ("妈妈", None),
        ("姐", None),
        ("先生", None),
        ("小红", None),
        ("", None),
        ("Alice", None),
    ],
)
def test_address_form(text, expected):
    assert address_form(text) == expected


@pytest.mark.parametrize(
    ("name", "reading", "initials"),
    [
        ("王芳", "wangfang", "wf"),
        ("曾敏", "zengmin", "zm"),
        ("曾敏", "cengmin", "cm"),
        ("单梅", "shanmei", "sm"),
        ("仇英", "qiuying", "qy"),
        ("仇英", "chouying", "cy"),
        ("欧阳娜", "ouyangna", "oyn"),
        ("吕布", "lvbu", "lb"),
        ("Alice Wang", "alicewang", "aw"),
    ],
)
def test_keys_hold_every_reading(name, reading, initials):
    known = keys(name)

    assert {reading} <= known.full
    assert {initials} <= known.initials


def test_keys_of_a_plain_name():
    known = keys(" 張 敏 ")

    assert known.name == "张敏"
    assert known.surname == "张"
    assert known.gender is None
    assert known.full == {"zhangmin"}
    assert known.parts == {"zhang", "min"}
    assert known.initials == {"zm"}


def test_keys_take_gender_from_a_title_where_none_is_known():
    assert keys("王姐").gender == "female"
    assert keys("王姐", "male").gender == "male"


@pytest.mark.parametrize("query", ["", "  ", "%", "_", "*", "%%", "。。", "a", "Ｚ", "7", "🌸", "％ ＿", "-"])
def test_useless_queries_find_nobody(query):
    assert is_useless(query) is True
    assert find(Index([(1, keys("王芳")), (2, keys("a7"))]), query, 9) == []
    assert matches(query, keys("a7")) is None


@pytest.mark.parametrize("query", ["芳", "wf", "王%", "12", "a b"])
def test_useful_queries(query):
    assert is_useless(query) is False


@pytest.mark.parametrize(
    ("query", "name", "gender", "rank"),
    [
        ("王芳", "王芳", None, EXACT),
        (" 王 芳 ", "王芳", None, EXACT),
        ("王芳女士", "王芳", "female", EXACT),
        ("王芳女士", "王芳", "male", None),
        ("王姐", "王姐", None, EXACT),
        ("王姐", "王芳", "female", TITLE),
        ("王姐", "王芳", None, TITLE_MAYBE),
        ("王姐", "王强", "male", None),
        ("王姐", "李王", "female", None),
        ("王女士", "王姐", None, TITLE),
        ("吴老师", "吴强", "male", TITLE),
        ("小王", "王强", "male", TITLE),
        ("小王", "李小王", None, PART),
        ("欧阳小姐", "欧阳娜", "female", TITLE),
        ("芳", "王芳", None, PART),
        ("王", "王芳", None, PART),
        ("芳姐", "王芳", "female", PART),
        ("朵朵妈", "朵朵妈", None, EXACT),
        ("wangfang", "王芳", None, PINYIN),
        ("wang fang", "王芳", None, PINYIN),
        ("WangFang", "王芳", None, PINYIN),
        ("zengmin", "曾敏", None, PINYIN),
        ("lübu", "吕布", None, PINYIN),
        ("fang", "王芳", None, PINYIN_PART),
        ("wang", "王芳", None, PINYIN_PART),
        ("wf", "王芳", None, INITIALS),
        ("王方", "王芳", None, SOUND),
        ("晓方", "王小芳", None, SOUND),
        ("方", "王芳", None, None),
        ("王帆", "王芳", None, ALIKE),
        ("程洁", "陈洁", None, ALIKE),
        ("wangfan", "王芳", None, ALIKE),
        ("wangfsng", "王芳", None, TYPO),
        ("wangfng", "王芳", None, TYPO),
        ("wangffang", "王芳", None, TYPO),
        ("王子轩", "王小轩", None, TYPO),
        ("ali", "Alice Wang", None, PART),
        ("wang", "Alice Wang", None, PART),
        ("aw", "Alice Wang", None, INITIALS),
        ("alise", "Alice", None, TYPO),
        ("李芳", "王芳", None, None),
        ("王敏", "王芳", None, None),
        ("zhao", "王芳", None, None),
        ("wm", "王芳", None, None),
    ],
)
def test_matches(query, name, gender, rank):
    assert matches(query, keys(name, gender)) == rank
    found = find(Index([("x", keys(name, gender))]), query, 9)
    assert found == ([] if rank is None else [("x", rank)])


def test_find_gives_the_best_first_and_at_most_so_many():
    index = Index((i, keys(n)) for i, n in enumerate(["王帆", "王小芳", "汪方", "王芳", "李梅", "王芳"]))

    assert find(index, "王芳", 9) == [(3, EXACT), (5, EXACT), (2, SOUND), (0, ALIKE)]
    assert find(index, "王芳", 2) == [(3, EXACT), (5, EXACT)]
    assert find(index, "芳", 9) == [(1, PART), (3, PART), (5, PART)]


def test_index_follows_changes():
    index = Index([(1, keys("王芳")), (2, keys("李芳"))])

    index.add(1, keys("赵敏"))
    index.remove(2)
    index.remove(2)

    assert len(index) == 1
    assert find(index, "芳", 9) == []
    assert find(index, "zhaomin", 9) == [(1, PINYIN)]


def test_an_emptied_index_keeps_nothing():
    index = Index([(1, keys("王芳")), (2, keys("欧阳娜"))])

    index.remove(1)
    index.remove(2)

    assert (len(index), index._people, index._having) == (0, {}, {})


QUERIES = (
    HAN
    | st.sampled_from(
        ["王姐", "小王", "陈女士", "芳姐", "wangfang", "fang", "wf", "cj", "chenjie", "wangfan", "zenxiao"]
    )
    | st.text(st.sampled_from("wangfechijxo"), min_size=1, max_size=9)
    | st.text(max_size=5)
)
PEOPLE = st.lists(st.tuples(HAN | st.text(max_size=4), st.sampled_from(["female", "male", None])), max_size=25)


@settings(max_examples=600, deadline=None)
@given(PEOPLE, QUERIES, st.integers(0, 8))
def test_find_agrees_with_looking_at_everybody(people, query, gone):
    known = {i: keys(name, gender) for i, (name, gender) in enumerate(people)}
    index = Index(known.items())
    index.remove(gone)
    known.pop(gone, None)

    ranks = [(rank, i) for i, k in known.items() if (rank := matches(query, k)) is not None]

    assert find(index, query, 30) == [(i, rank) for rank, i in sorted(ranks)]


@pytest.mark.parametrize("query", ["王子芳", "王方", "wangfang", "wf", "王姐"])
def test_few_are_looked_at_closely(query):
    surnames, given = "李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑王", "芳洁敏强静丽伟磊洋艳勇军杰娟涛明超秀霞平"
    people = [s + a + b for s in surnames for a in given for b in given]
    index = Index(enumerate(map(keys, people)))

    looked_at = len(list(index._candidates(understand(query))))

    assert looked_at < len(people) / 4
