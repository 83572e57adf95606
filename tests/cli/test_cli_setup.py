"""Setting a shop up from the console: what is made, what is refused and with which exit code."""

import re
import shutil

import pytest

from bot.cli.root import hoisted
from tests.support.command_line import run


def test_init_makes_keys_database_and_chain_and_says_what_comes_next(tmp_path):
    done = run(tmp_path, "init", "--name", "好茶铺")

    assert (done.code, done.err) == (0, "")
    assert "好茶铺" in done.out
    assert "zhanggui staff add" in done.out
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "var").rglob("*")}
    assert modes["zhanggui.db"] == modes["01.key"] == 0o600
    assert modes["keys"] == 0o700


def test_init_again_changes_nothing_and_says_so(empty, tmp_path):
    empty("init", "--name", "好茶铺")
    key = (tmp_path / "var" / "keys" / "01.key").read_bytes()

    again = empty("init", "--name", "别的", "--vertical", "fashion")

    assert again.code == 0
    assert "「好茶铺」已经建好，没有改动" in again.out
    assert [path.name for path in (tmp_path / "var" / "keys").iterdir()] == ["01.key"]
    assert (tmp_path / "var" / "keys" / "01.key").read_bytes() == key
    assert ["vertical", "tea"] in [line.split() for line in empty("chain", "show").out.splitlines()]


def test_init_makes_no_new_keys_for_a_database_that_has_lost_its_own(here, shop):
    shutil.move(shop / "var" / "keys", shop / "elsewhere")

    done = here("init")

    assert done.code == 1
    assert "请拷回原来的" in done.err
    assert not (shop / "var" / "keys").exists()


def test_keys_of_another_database_are_refused_at_once(here, shop, tmp_path):
    (tmp_path / "other").mkdir()
    run(tmp_path / "other", "init", "--quiet")
    shutil.rmtree(shop / "var" / "keys")
    shutil.copytree(tmp_path / "other" / "var" / "keys", shop / "var" / "keys")

    done = here("init")

    assert (done.code, done.out) == (1, "")
    assert "密钥与数据库不匹配" in done.err


def test_a_shop_that_is_not_there_is_refused_in_one_sentence(tmp_path):
    done = run(tmp_path, "chat", "--as", "xiaowang", said="查 8000\n")

    assert (done.code, done.out) == (1, "")
    assert "zhanggui init" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["chat"],
        ["chat", "--as", "xiaowang", "--in", "001"],
        ["chat", "--as", "xiaowang", "--at", "gestern"],
        ["staff", "add", "neu", "--role", "guide"],
        ["staff", "add", "neu", "--role", "king"],
        ["chain", "set", "scope", "everything"],
        ["import", "horoscopes", "x.csv"],
        ["import", "orders", "missing.csv"],
        ["nonsense"],
    ],
)
def test_wrong_usage_exits_with_2(here, words):
    done = here(*words)

    assert (done.code, done.out) == (2, "")
    assert "Usage: zhanggui" in done.err


def test_a_store_and_its_people_are_set_up_from_the_console(empty):
    empty("init", "--quiet")
    empty("store", "add", "001", "徐汇店", "--city", "上海")

    added = empty("staff", "add", "xiaowang", "--role", "guide", "--store", "001", "--name", "小王")
    bound = empty("staff", "bind", "xiaowang", "wecom", "WangFang")

    assert (added.code, bound.code) == (0, 0)
    assert empty("store", "list").out == "001  徐汇店  上海  还没有订单\n"
    assert empty("staff", "list").out == "xiaowang  小王  导购·徐汇店  wecom\n"


def test_what_is_there_already_or_not_at_all_is_refused(here):
    refused = [
        here("store", "add", "001", "别的店"),
        here("staff", "add", "xiaoli", "--role", "guide", "--store", "001"),
        here("staff", "add", "neu", "--role", "guide", "--store", "999"),
        here("staff", "invite", "luren"),
    ]

    assert [(done.code, done.out) for done in refused] == [(1, "")] * 4
    assert [done.err.split("。")[0] for done in refused] == [
        "门店 001 已经有了",
        "员工号 xiaoli 已经用过了，请换一个",
        "没有门店 999",
        "没有在职员工 luren",
    ]


def test_an_invite_prints_its_code_which_is_kept_nowhere(here, shop):
    done = here("--quiet", "staff", "invite", "hq")

    code = done.out.strip()
    assert re.fullmatch(r"[A-Z0-9]{8}", code)
    kept = [path for path in (shop / "var").rglob("*") if path.is_file() and code.encode() in path.read_bytes()]
    assert kept == []


def test_who_is_off_is_a_stranger_at_once_and_the_code_is_not_given_again(here):
    assert here("staff", "off", "xiaoli").code == 0

    (answer,) = here.chat("xiaoli", "查 8000")
    again = here("staff", "add", "xiaoli", "--role", "guide", "--store", "001")

    assert answer["error"] == "not_allowed"
    assert (again.code, again.err) == (1, "员工号 xiaoli 已经用过了，请换一个。\n")
    assert "xiaoli  " not in here("staff", "list").out


def test_the_scope_of_the_chain_decides_whom_a_guide_sees(here):
    before = here.chat("xiaoli", "查 13800138000")
    here("chain", "set", "scope", "own")
    after = here.chat("xiaoli", "查 13800138000")

    assert [before[0]["error"], after[0]["error"]] == [None, "not_found"]


def test_first_seven_digits_find_once_they_are_switched_on_and_not_after(here):
    def asked():
        return here.chat("waidian", "查 1380013")[0]["error"]

    before = asked()
    here("chain", "set", "first7", "on")
    during = asked()
    here("chain", "set", "first7", "off")

    assert [before, during, asked()] == ["not_found", None, "not_found"]


def test_how_odd_birthdays_are_kept_is_set_and_shown(here):
    def kept():
        rows = (line.split() for line in here("chain", "show").out.splitlines())
        return {row[0]: row[1] for row in rows if row[0].startswith(("leap", "birthday"))}

    before = kept()
    done = [
        here("chain", "set", setting, value)
        for setting, value in (("leap-day", "03-01"), ("leap-month", "leap"), ("birthday-ahead", "14,1"))
    ]

    assert before == {"leap-day": "02-28", "leap-month": "ordinary", "birthday-ahead": "7,3,1"}
    assert [(one.code, one.out) for one in done] == [
        (0, "✓ leap-day = 03-01\n"),
        (0, "✓ leap-month = leap\n"),
        (0, "✓ birthday-ahead = 14,1\n"),
    ]
    assert kept() == {"leap-day": "03-01", "leap-month": "leap", "birthday-ahead": "14,1"}


@pytest.mark.parametrize("words", [("leap-day", "02-29"), ("leap-month", "never"), ("birthday-ahead", "99")])
def test_how_odd_birthdays_cannot_be_kept_is_wrong_usage(here, words):
    done = here("chain", "set", *words)

    assert (done.code, done.out) == (2, "")
    assert f"{words[0]} is" in done.err


def test_global_options_may_stand_anywhere():
    assert hoisted(["chat", "--data", "d", "--as", "x", "--quiet", "--db=u"]) == [
        "--data", "d", "--quiet", "--db=u", "chat", "--as", "x",
    ]  # fmt: skip
    assert hoisted(["import", "orders", "--", "--quiet"]) == ["import", "orders", "--", "--quiet"]
    assert hoisted(["chat", "--db"]) == ["--db", "chat"]


def test_a_shop_works_the_same_on_either_engine(empty, empty_url):
    for words in (
        ("init", "--name", "好茶铺"),
        ("store", "add", "001", "徐汇店"),
        ("staff", "add", "xiaowang", "--role", "guide", "--store", "001"),
        ("stats", "verify"),
        ("keys", "rotate"),
    ):
        done = empty("--db", empty_url, *words)
        assert (done.code, done.err) == (0, "")

    said = "查 13800138000\n"
    (answer,) = empty("chat", "--as", "xiaowang", "--db", empty_url, "--json", said=said).objects
    assert answer["error"] == "not_found"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--db", "mysql://here/there"), "sqlite:///"),
        (("--db", "postgresql://localhost:1/nothing"), "数据库打不开"),
        (("--data", "/proc/nowhere"), "数据库打不开"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused_in_a_sentence(empty, words, sentence):
    done = empty(*words, "init")

    assert (done.code, done.out) == (1, "")
    assert sentence in done.err
    assert "Traceback" not in done.err
