"""Words head office may change are filled from a fixed set of gaps: whatever looks like a template of any other kind
is said as it stands, and nothing of the program can be reached through it.

Elsewhere: what each gap is filled with, in tests/dialogues/words.txt and plays.txt.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.selling.plays.words import GAPS, fill, unknown_gaps
from tests.attacks.conftest import Shop

TEMPLATES = (
    "{customer.__class__}",
    "{0.__init__.__globals__}",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "%s",
    "%（x）s",
    "$x",
    "${jndi}",
    "\\g<1>",
    "\\1",
    "<%= 7*7 %>",
    "#{7*7}",
    "【称呼",
    "】喜欢【",
)
KNOWN = {gap: f"[{gap}]" for gap in GAPS}
LETTERS = st.text("【】称呼喜欢新品店名{}%$\\g<1>_.", max_size=30)


@pytest.mark.parametrize("words", TEMPLATES)
def test_a_template_of_another_kind_is_said_as_it_stands(words: str) -> None:
    assert fill(words, KNOWN) == words


@given(LETTERS)
def test_only_the_known_gaps_are_ever_filled(line: str) -> None:
    said = fill(line, KNOWN)
    plain = line
    for gap in GAPS:
        plain = plain.replace(f"【{gap}】", f"[{gap}]")

    assert said == plain or (said is None and unknown_gaps(line) != [])


def test_what_fills_a_gap_is_never_filled_again() -> None:
    assert (
        fill("【称呼】，【喜欢】", {**KNOWN, "称呼": "【喜欢】", "喜欢": "\\1{x}%s【称呼】"})
        == "【喜欢】，\\1{x}%s【称呼】"
    )


def test_head_office_cannot_reach_the_program_through_a_play(shop: Shop) -> None:
    line = "【称呼】" + " ".join(words for words in TEMPLATES if "【" not in words)

    kept = shop.say("总部", f"打法 沉睡 话术 {line}")
    shop.say("小王", "查 8000")
    said = shop.say("小王", "话术").reply.text.splitlines()[1]

    assert kept.error is None
    assert said == line.replace("【称呼】", "王女士")


def test_a_gap_nobody_knows_is_refused_when_it_is_written(shop: Shop) -> None:
    before = shop.say("总部", "打法 沉睡").reply.text

    refused = [
        shop.say("总部", f"打法 沉睡 话术 【称呼】，来看看【{gap}】") for gap in ("customer", "7*7", "手机", "喜欢.x")
    ]

    assert [one.error for one in refused] == ["usage"] * 4
    assert shop.say("总部", "打法 沉睡").reply.text == before


def test_nobody_but_head_office_changes_the_words_of_a_play(shop: Shop) -> None:
    assert [shop.say(name, "打法 沉睡 话术 来领钱").error for name in ("小王", "店长")] == ["not_allowed"] * 2
