import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.language import Mention, Statement, read, to_json, warm
from bot.domain.language.values import Intent

ANY = st.text(st.characters(codec=None, categories=None), max_size=80)
PARTS = (
    *(
        "过敏",
        "对",
        "不",
        "是",
        "她",
        "王姐",
        "芒果",
        "花生",
        "8000",
        "13800138000",
        "起疹子",
        "老公",
        "删",
        "?",
        "说",
        "喝",
    ),
    *("了", "生日", "三月", "38码", "喜欢", "别", "发", "券", "提醒", "留", "到", "周六", " ", "\n", "◇", "\ud800"),
)
WORDS = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)


@pytest.mark.parametrize(
    ("text", "intent", "customer"),
    [
        ("8000", "lookup", Mention(last4="8000")),
        ("/查 138 0013 8000", "lookup", Mention(phone="13800138000")),
        ("c 8000", "lookup", Mention(last4="8000")),
        ("查幺三八零零幺三八零零零", "lookup", Mention(phone="13800138000")),
        ("c方芳", "lookup", Mention(name="方芳")),
        ("/到店 8000", "lookup", Mention(last4="8000")),
        ("2", "other", Mention()),
        ("撤", "undo", Mention()),
        ("/撤 2", "undo", Mention()),
        ("交班", "other", Mention()),
        ("核 K3T9", "redeem", Mention()),
        ("嗯", "smalltalk", Mention()),
        ("👌", "smalltalk", Mention()),
        ("", "smalltalk", Mention()),
        ("错了是丁姐", "undo", Mention(name="丁姐")),
        ("给戴姐发张生日券", "coupon", Mention(name="戴姐")),
        ("2 4 5 打过了", "outcome", Mention()),
        ("昨天退针织衫那个姐姐 姓陈还是程", "lookup", Mention(hint="昨天退针织衫那个姐姐 姓陈还是程")),
        ("尾号3391陆姐 少冰", "note", Mention(last4="3391", name="陆姐")),
    ],
)
def test_intent_and_person(text: str, intent: Intent, customer: Mention) -> None:
    reading = read(text)

    assert (reading.intent, reading.customer) == (intent, customer)


def test_one_messy_sentence() -> None:
    reading = read("她芒果过敏 三分糖去兵 娃周六生日 5岁 说上次等太久")

    assert reading.intent == "note"
    assert set(reading.facts) == {
        Statement("allergy", "芒果"),
        Statement("preference", "三分糖", "口味"),
        Statement("preference", "去冰", "口味"),
        Statement("birthday", "weekday:6", of="child"),
        Statement("family", "5岁", of="child"),
        Statement("complaint", "等太久", "等待"),
    }


@pytest.mark.parametrize(
    ("text", "promises", "holds"),
    [
        ("答应她周五前给回话", [("给回话", "周五前")], []),
        ("答应周五给她留灰直筒裤", [], [("灰直筒裤", "周五")]),
        ("留 芋泥波波 到周六", [], [("芋泥波波", "周六")]),
        ("陈洁今天没来", [], []),
    ],
)
def test_a_day_that_was_agreed_on(text: str, promises: list, holds: list) -> None:
    facts = read(text, in_context=True).facts

    assert [(fact.value, fact.due) for fact in facts if fact.kind == "promise"] == promises
    assert [(fact.value, fact.until) for fact in facts if fact.kind == "hold"] == holds


@pytest.mark.parametrize(
    "word", ["花生", "白色", "黄瓜", "方糖", "高糖", "马上", "安排", "金色", "单子", "明天", "水果"]
)
def test_a_word_is_no_name(word: str) -> None:
    assert [read(f"{word}{rest}").customer for rest in ("要退", "来了", "过敏", " 少冰")] == [Mention()] * 4


def test_several_customers_are_not_guessed_between() -> None:
    reading = read("丁姐芒果过敏 陆姐要36码")

    assert (reading.several, reading.customer) == (True, Mention())


def test_json_holds_only_what_was_said() -> None:
    assert to_json(read("留两盒茶叶到周五")) == {
        "intent": "followup",
        "customer": None,
        "facts": [{"kind": "hold", "value": "两盒茶叶", "facet": None, "of": None, "negated": False, "until": "周五"}],
    }
    assert to_json(read("8000 女儿虾过敏"))["facts"] == [
        {"kind": "allergy", "value": "虾", "facet": None, "of": "child", "negated": False}
    ]


@given(st.one_of(ANY, WORDS))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    reading = read(text)

    assert to_json(reading)["intent"] == reading.intent


def test_commands_and_numbers_load_no_dictionary() -> None:
    code = (
        "import sys; from bot.domain.language import read\n"
        "for text in ('/查 8000', '13800138000', '1', '撤', '核 K3T9', '嗯', '2 4 打过了'): read(text)\n"
        "sys.exit(len({'jieba', 'pypinyin', 'phonenumbers', 'pandas', 'numpy'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_loaded_dictionary_leaves_no_file_behind(tmp_path) -> None:
    code = (
        "import tempfile, os, sys; from pathlib import Path; from bot.domain import language\n"
        "language.warm(); before = os.listdir(tempfile.gettempdir())\n"
        "language.use_cache(Path(sys.argv[1])); language.warm()\n"
        "print(before, os.listdir(sys.argv[1]))"
    )
    spare, cache = tmp_path / "tmp", tmp_path / "cache"
    spare.mkdir()

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(cache)],
        env={"TMPDIR": str(spare), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert (done.stdout.strip(), done.stderr) == ("[] ['jieba.cache']", "")


@pytest.mark.parametrize(
    "text",
    [
        "过敏" * 250,
        "1" * 500,
        "13800138000" * 45,
        "不是她是她" * 100,
        "对芒果过敏," * 83,
        "王姐她" * 166,
        "给她发" * 166,
        "留" * 500,
        "一二三四五六七八九" * 55,
        "虾 " * 250,
        "最" * 500,
        "吃了虾 嘴肿 " * 70,
    ],
)
def test_hostile_length_is_read_in_time(text: str) -> None:
    warm()
    read(text[:500])
    start = time.process_time()

    read(text[:500])

    assert time.process_time() - start < 0.1


@pytest.mark.parametrize(
    ("texts", "rule"),
    [
        ("不要推销|别推销|退订|她要退订|她不要优惠活动|别再给她推销了", "别群发"),
        (
            (
                "别发优惠券给她|不要给我发券|她不要回归券|她说以后都不要券了|别再给她发券|她不要券|以后别发券了|"
                "她不想要优惠券|她说不用给她发券|券就不要再发了"
            ),
            "别发券",
        ),
    ],
)
def test_who_wants_no_offers_has_a_contact_rule_and_nothing_else(texts: str, rule: str) -> None:
    found = {text: read(text, in_context=True) for text in texts.split("|")}

    assert {text: [(one.kind, one.value) for one in reading.facts] for text, reading in found.items()} == {
        text: [("contact_rule", rule)] for text in found
    }
    assert {reading.intent for reading in found.values()} == {"note"}


@pytest.mark.parametrize("text", ["别给她发回归券了", "不用给她发满减", "先别发券", "她要不要回归券", "今天别给她发券"])
def test_a_coupon_not_given_now_is_no_rule(text: str) -> None:
    assert read(text, in_context=True).facts == ()
