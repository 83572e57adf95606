import re
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.due import due
from bot.domain.lists.answers import read
from bot.domain.lists.values import OUTCOMES, Answer, Answers, Unclear

CASES = Path(__file__).parent / "answers.txt"
TZ = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=TZ)
LABEL = re.compile(r"(\d+):(\?|[a-z_]+)(?:@([^/>]+))?(?:/([^>]+))?(?:>(.+))?")


@cache
def cases(part: str) -> list[tuple[str, int, str]]:
    section, found = "", []
    for line in CASES.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=>" in line and not line.startswith("#") and section == part:
            text, label = (half.strip() for half in line.split("=>"))
            size = re.match(r"(\d+)\|", text)
            found.append((text[size.end() :] if size else text, int(size[1]) if size else 5, label))
    return found


def said(text: str, size: int) -> str | dict:
    answers = read(text, range(1, size + 1))
    if answers is None:
        return "none"
    found: dict = {row: (one.outcome, one.when, one.reason, one.whom) for one in answers.done for row in one.rows}
    found |= {row: "?" for one in answers.unclear for row in one.rows}
    return found | {-row: "!" for row in answers.missing}


def wanted(label: str) -> str | dict:
    if label == "none":
        return label
    found: dict = {}
    for word in label.split():
        if word.startswith("!"):
            found[-int(word[1:])] = "!"
            continue
        row, outcome, when, reason, whom = LABEL.fullmatch(word).groups()
        assert outcome == "?" or outcome in OUTCOMES
        reason = reason or ("搬走" if outcome == "moved" else "")
        found[int(row)] = "?" if outcome == "?" else (outcome, when or "", reason, whom or "")
    return found


def same(told: str | dict, meant: str | dict) -> bool:
    if isinstance(told, str) or isinstance(meant, str):
        return told == meant
    return told.keys() == meant.keys() and all(alike(told[row], meant[row]) for row in told)


def alike(told: tuple | str, meant: tuple | str) -> bool:
    if isinstance(told, str) or isinstance(meant, str):
        return told == meant
    moments = due(told[1], NOW, TZ), due(meant[1], NOW, TZ)
    same_time = told[1] == meant[1] or (moments[0] == moments[1] and moments[0] is not None)
    return same_time and told[0] == meant[0] and told[2:] == meant[2:]


def wrong(part: str) -> list[tuple[str, object, object]]:
    return [
        (text, told, meant)
        for text, size, label in cases(part)
        if not same(told := said(text, size), meant := wanted(label))
    ]


PARTS = ["train", "held", "second", "third", "fourth"]
STOPS = [
    "说别再打了",
    "以后不要联系",
    "把我们拉黑了",
    "再打就报警",
    "說唔好再打",
    "别在打了",
    "没接 微信说别打了",
    "退订",
    "别再打电话联系了",
    "别打电话了",
    "她妈说她过世了",
]
NO_STOPS = [
    "没说别打",
    "没有说不要打",
    "不是别再打 是没接",
    "怕她说别打",
    "别忘了打",
    "晚上别打",
    "别打电话 发微信就行",
]


@pytest.mark.parametrize("part", PARTS)
def test_sloppy_answers_are_understood(part: str) -> None:
    missed = wrong(part)

    assert 1 - len(missed) / len(cases(part)) >= 0.97, missed


def test_the_sloppy_answers_are_many_and_none_is_there_twice() -> None:
    texts = [case for part in PARTS for case in cases(part)]

    assert len({(text, size) for text, size, _ in texts}) == len(texts) >= 350


@pytest.mark.parametrize("words", STOPS)
def test_a_probable_wish_to_be_left_alone_is_a_stop(words: str) -> None:
    answers = read(f"1没接 2{words}", range(1, 4))

    assert answers
    assert [(one.rows, one.outcome) for one in answers.done] == [((1,), "no_answer"), ((2,), "stop")]


@pytest.mark.parametrize("words", NO_STOPS)
def test_a_denied_or_limited_wish_is_no_stop(words: str) -> None:
    answers = read(f"2{words}", range(1, 4))

    assert answers
    assert "stop" not in {one.outcome for one in answers.done}


def test_a_stop_stands_whatever_else_is_said_of_the_row() -> None:
    answers = read("2没接 2说别再打了 2约了周日", [1, 2, 3])

    assert answers == Answers((Answer((2,), "stop", rest="说别再打了"),))


def test_what_is_not_understood_comes_back_with_its_words() -> None:
    assert read("1没接 2那啥她家狗", [1, 2]) == Answers((Answer((1,), "no_answer"),), (Unclear((2,), "那啥她家狗"),))


def test_contradictions_are_asked_about_with_both_sides() -> None:
    unclear = Unclear((2,), "没接 / 约了周日", ("no_answer", "appointment"))

    assert read("2没接 2约了周日", [1, 2]) == Answers((), (unclear,))


def test_a_day_that_may_be_a_row_is_asked_about() -> None:
    answers = read("1没接 2约了 3号来", [1, 2, 3])

    assert answers
    assert [one.rows for one in answers.done] == [(1,)]
    assert sorted(row for one in answers.unclear for row in one.rows) == [2, 3]


def test_everybody_is_left_alone_only_where_they_said_so() -> None:
    assert read("都别打了", [1, 2]) == Answers((), (Unclear((1, 2), "别打了"),))
    assert read("都说别打了", [1, 2]) == Answers((Answer((1, 2), "stop", rest="说别打了"),))


def test_a_count_that_does_not_fit_the_others_is_asked_about() -> None:
    assert read("1没接 剩下两个约了周日", [1, 2, 3]) == Answers(
        (Answer((1,), "no_answer"), Answer((2, 3), "appointment", "周日"))
    )
    answers = read("1没接 剩下两个约了周日", [1, 2, 3, 4])
    assert answers
    assert [one.rows for one in answers.unclear] == [(2, 3, 4)]


def test_rows_keep_the_numbers_of_a_list_with_gaps() -> None:
    assert read("其他没接 4打过了", [2, 4, 7]) == Answers((Answer((2, 7), "no_answer"), Answer((4,), "reached")))


def test_an_empty_list_has_no_answer() -> None:
    assert read("1没接", []) is None


TYPED = (
    "1 2 3 4 5 9 10 12 一 二 第一个 前三个 剩下两个 其他 都 全部 除了 没接 约了 周日 说 别再打了 不是 是 不对 "
    "来 , 、 - 到 号 点 给小周 发券 打过了 明天 再打 搬走 空号 嫌贵 她 吗 ０ ⑤"
)
WORDS = [*TYPED.split(" "), " "]
TEXTS = st.text(max_size=500) | st.lists(st.sampled_from(WORDS), max_size=30).map("".join)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(text=TEXTS, rows=st.sets(st.integers(1, 12), max_size=8))
def test_any_text_gives_every_row_at_most_one_outcome_and_no_other_row_any(text: str, rows: set[int]) -> None:
    answers = read(text, rows)
    if answers is None:
        return
    told = [row for one in (*answers.done, *answers.unclear) for row in one.rows]

    assert len(set(told)) == len(told)
    assert set(told) <= rows
    assert not set(answers.missing) & rows
    assert answers == read(text, sorted(rows, reverse=True))
