"""What may be shown on Telegram is decided from the console, by head office alone, and kept with who and when."""

import re

import pytest

ALLOWED = "Telegram 上提醒、客诉和记录可以显示；姓名和号码照样打码。"
WITHHELD = "Telegram 上不显示提醒、客诉和记录，卡片只说有没有提醒、到企业微信看；姓名和号码打码。"


def test_the_demo_chain_carries_the_decision_of_its_head_office(here):
    done = here("telegram", "show")

    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d 林总监（hq）决定：{ALLOWED}\n", done.out)


def test_a_new_shop_has_decided_nothing_and_shows_nothing(empty):
    empty("init", "--quiet")

    assert empty("telegram", "show").out.splitlines() == [
        f"还没有决定，所以 {WITHHELD}",
        "总部同意的话：zhanggui telegram allow --by 总部的员工号",
    ]


def test_a_decision_is_said_back_with_day_and_name_and_the_newest_holds(here):
    forbidden = here("telegram", "forbid", "--by", "hq")
    now_forbidden = here("telegram", "show")
    allowed = here("telegram", "allow", "--by", "hq")
    now_allowed = here("telegram", "show")

    assert [forbidden.out, allowed.out] == [f"✓ {now_forbidden.out}", f"✓ {now_allowed.out}"]
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d 林总监（hq）决定：{WITHHELD}\n", now_forbidden.out)
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d 林总监（hq）决定：{ALLOWED}\n", now_allowed.out)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("dianzhang", "资料能不能出境由总部决定"),
        ("xiaowang", "资料能不能出境由总部决定"),
        ("admin", "资料能不能出境由总部决定"),
        ("niemand", "没有在职员工 niemand"),
    ],
)
def test_nobody_but_head_office_decides(here, code, sentence):
    before = here("telegram", "show").out

    done = here("telegram", "forbid", "--by", code)

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(sentence)
    assert here("telegram", "show").out == before


def test_whoever_decides_is_named(here):
    done = here("telegram", "allow")

    assert (done.code, done.out) == (2, "")
    assert "--by" in done.err
