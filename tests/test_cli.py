"""The command line as an operator meets it: processes of its own, exit codes, what is said and where."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli.root import hoisted, moment

AT = "2026-11-22T10:00"


@dataclass(frozen=True)
class Done:
    """What became of a run."""

    code: int
    out: str
    err: str

    @property
    def objects(self):
        return [json.loads(line) for line in self.out.splitlines()]


def run(folder: Path, *words: str, said: str | bytes = "", **environment: str) -> Done:
    """Run the command in a folder, with nothing of the tester's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHANGGUI_")}
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(Path(__file__).parent.parent), **environment},
        input=said.encode() if isinstance(said, str) else said,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """A folder with the demo chain, made once."""
    folder = tmp_path_factory.mktemp("demo")
    done = run(folder, "demo", "--make-only", "--customers", "40", "--at", AT)
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def shop(made, tmp_path) -> Path:
    """A demo chain of a test's own."""
    folder = tmp_path / "shop"
    shutil.copytree(made, folder)
    return folder


def test_init_makes_keys_database_and_chain_and_says_what_comes_next(tmp_path):
    done = run(tmp_path, "init", "--name", "好茶铺")

    assert done.code == 0
    assert "好茶铺" in done.out
    assert "zhanggui staff add" in done.out
    assert (tmp_path / "var" / "zhanggui.db").stat().st_mode & 0o077 == 0
    assert (tmp_path / "var" / "keys" / "01.key").stat().st_mode & 0o077 == 0


def test_init_again_changes_nothing_and_says_so(tmp_path):
    run(tmp_path, "init", "--name", "好茶铺")
    key = (tmp_path / "var" / "keys" / "01.key").read_bytes()

    again = run(tmp_path, "init", "--name", "别的", "--vertical", "fashion")

    assert again.code == 0
    assert "「好茶铺」已经建好，没有改动" in again.out
    assert (tmp_path / "var" / "keys" / "01.key").read_bytes() == key
    assert [path.name for path in (tmp_path / "var" / "keys").iterdir()] == ["01.key"]
    assert "vertical  tea" in run(tmp_path, "chain", "show").out


def test_init_makes_no_new_keys_for_a_database_that_has_lost_its_own(shop):
    shutil.move(shop / "var" / "keys", shop / "elsewhere")

    done = run(shop, "init")

    assert done.code == 1
    assert "请拷回原来的" in done.err
    assert not (shop / "var" / "keys").exists()


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
        ["nonsense"],
    ],
)
def test_wrong_usage_exits_with_2(shop, words):
    done = run(shop, *words)

    assert (done.code, done.out) == (2, "")
    assert "Usage: zhanggui" in done.err


def test_chat_answers_each_line_with_one_object_also_in_silence(shop):
    said = "查 13800138000\n\n好的\n8000\r\n没有这个命令的一句话"

    done = run(shop, "chat", "--as", "xiaowang", "--at", AT, "--json", said=said)

    assert (done.code, done.err) == (0, "")
    card, blank, quiet, _again, _sentence = done.objects
    assert list(card) == ["text", "choices", "pictures", "private", "error"]
    assert "芒果" in card["text"].splitlines()[0]
    assert card["choices"][0].keys() == {"label", "command"}
    silence = {"text": "", "choices": [], "pictures": [], "private": None, "error": None}
    assert [blank, quiet] == [silence, silence]


def test_a_choices_command_equals_its_digit(shop):
    digit = run(shop, "chat", "--as", "xiaowang", "--at", AT, "--json", said="查 13800138000\n2\n").objects
    command = digit[0]["choices"][1]["command"]

    said = f"查 13800138000\n{command}\n"
    typed = run(shop, "chat", "--as", "xiaowang", "--at", AT, "--json", said=said).objects

    assert typed == digit


def test_every_run_is_a_new_conversation_over_the_same_state(shop):
    run(shop, "chat", "--as", "xiaowang", "--at", AT, said="查 13800138000\n")

    later = run(shop, "chat", "--as", "xiaowang", "--at", "2026-11-22T10:05", "--json", said="全\n").objects

    assert "8000" in later[0]["text"]
    assert later[0]["error"] is None


def test_in_a_group_the_answer_goes_to_the_private_chat(shop):
    done = run(shop, "chat", "--as", "xiaowang", "--in", "store:001", "--at", AT, "--json", said="查 13800138000\n")

    (answer,) = done.objects
    assert "8000" not in answer["text"]
    assert answer["choices"] == []
    assert "芒果" in answer["private"]["text"]
    assert answer["private"].keys() == {"text", "choices", "pictures"}


def test_who_is_unknown_or_of_another_store_learns_nothing(shop):
    stranger = run(shop, "chat", "--as", "luren", "--at", AT, "--json", said="查 13800138000\n").objects
    outside = run(shop, "chat", "--as", "waidian", "--at", AT, "--json", said="查 13800138000\n").objects

    assert [answer["error"] for answer in stranger + outside] == ["not_allowed", "not_found"]
    assert "王" not in stranger[0]["text"] + outside[0]["text"]


def test_a_group_that_is_not_there_is_refused(shop):
    done = run(shop, "chat", "--as", "xiaowang", "--in", "store:999", said="查 8000\n")

    assert (done.code, done.out, done.err) == (1, "", "没有门店 999。看名单：zhanggui store list\n")


def test_without_a_terminal_the_chat_reads_like_a_dialogue(shop):
    done = run(shop, "chat", "--as", "xiaowang", "--at", AT, said="好的\n")

    assert done.out == "小王> 好的\n（不回话）\n\n"


@pytest.mark.parametrize(
    "locale", [{"LANG": "C"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}]
)
def test_chinese_comes_through_in_any_locale(shop, locale):
    done = run(shop, "chat", "--as", "xiaowang", "--at", AT, said="嗯\n", **locale)

    assert (done.code, done.out) == (0, "小王> 嗯\n（不回话）\n\n")


def test_bytes_that_are_no_text_stop_nothing(shop):
    done = run(shop, "chat", "--as", "xiaowang", "--at", AT, "--json", said=b"\xff\xfe\x00 8000\n\xb2\xe9\n")

    assert (done.code, len(done.objects)) == (0, 2)


def test_a_reader_that_leaves_early_is_no_error(shop):
    command = f"{sys.executable} -m bot chat --as xiaowang --json | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"yes 好的 | head -n 2000 | {command}"],  # noqa: S607 — the shell's own tools
        cwd=shop,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == b""


def test_parse_gives_a_line_for_a_line_without_a_database(tmp_path):
    done = run(tmp_path, "parse", "--json", said="她芒果过敏 三分糖\n\n查 8000\n")

    note, blank, lookup = done.objects
    assert [one.keys() for one in done.objects] == [{"intent", "customer", "facts"}] * 3
    assert (note["intent"], lookup["intent"]) == ("note", "lookup")
    assert lookup["customer"] == {"last4": "8000"}
    assert {"kind": "allergy", "value": "芒果", "facet": None, "of": None, "negated": False} in note["facts"]
    assert blank["facts"] == []
    assert not (tmp_path / "var").exists()
    assert len(run(tmp_path, "parse", said="她芒果过敏 三分糖\n\n查 8000").out.splitlines()) == 3


@pytest.mark.parametrize(
    ("words", "light"),
    [
        ("--help", ("sqlalchemy", "rich", "prompt_toolkit", "pydantic", "alembic", "jieba")),
        ("parse --json", ("sqlalchemy", "rich", "prompt_toolkit", "pydantic", "alembic")),
        ("chat --as xiaowang --json", ("rich", "prompt_toolkit", "alembic", "jieba", "pandas", "numpy")),
    ],
)
def test_a_command_imports_only_what_it_needs(shop, words, light):
    program = (
        "import sys, atexit; from bot.cli import main; sys.argv[1:] = sys.argv[1].split();"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, words],
        cwd=shop,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        input="查 13800138000\n".encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )

    loaded = {name.split(".")[0] for name in done.stderr.decode().split()}
    assert loaded.isdisjoint(light)


def test_a_store_and_its_people_are_set_up_from_the_console(tmp_path):
    run(tmp_path, "init", "--quiet")
    run(tmp_path, "store", "add", "001", "徐汇店", "--city", "上海")

    added = run(tmp_path, "staff", "add", "xiaowang", "--role", "guide", "--store", "001", "--name", "小王")
    bound = run(tmp_path, "staff", "bind", "xiaowang", "wecom", "WangFang")
    listed = run(tmp_path, "staff", "list")

    assert (added.code, bound.code) == (0, 0)
    assert run(tmp_path, "store", "list").out == "001  徐汇店  上海  还没有订单\n"
    assert listed.out == "xiaowang  小王  导购·徐汇店  wecom\n"


def test_an_invite_prints_its_code_and_keeps_it_nowhere(tmp_path):
    run(tmp_path, "init", "--quiet")
    run(tmp_path, "staff", "add", "hq", "--role", "hq")

    done = run(tmp_path, "--quiet", "staff", "invite", "hq")

    code = done.out.strip()
    assert len(code) == 8
    assert code.isalnum()
    assert not [path for path in (tmp_path / "var").rglob("*") if path.is_file() and code.encode() in path.read_bytes()]


def test_who_is_off_is_a_stranger_at_once_and_the_code_is_not_given_again(shop):
    off = run(shop, "staff", "off", "xiaoli")

    (answer,) = run(shop, "chat", "--as", "xiaoli", "--at", AT, "--json", said="查 8000\n").objects
    again = run(shop, "staff", "add", "xiaoli", "--role", "guide", "--store", "001")
    assert off.code == 0
    assert answer["error"] == "not_allowed"
    assert (again.code, again.err) == (1, "员工号 xiaoli 已经用过了，请换一个。\n")
    assert "xiaoli" not in run(shop, "staff", "list").out


def test_the_scope_of_the_chain_decides_whom_a_guide_sees(shop):
    before = run(shop, "chat", "--as", "xiaoli", "--at", AT, "--json", said="查 13800138000\n").objects
    run(shop, "chain", "set", "scope", "own")
    after = run(shop, "chat", "--as", "xiaoli", "--at", AT, "--json", said="查 13800138000\n").objects

    assert [before[0]["error"], after[0]["error"]] == [None, "not_found"]


def test_first_seven_digits_find_once_they_are_switched_on_and_not_after(shop):
    def asked():
        (answer,) = run(shop, "chat", "--as", "waidian", "--at", AT, "--json", said="查 1380013\n").objects
        return answer["error"]

    before = asked()
    run(shop, "chain", "set", "first7", "on")
    during = asked()
    run(shop, "chain", "set", "first7", "off")

    assert [before, during, asked()] == ["not_found", None, "not_found"]


def test_global_options_may_stand_anywhere():
    assert hoisted(["chat", "--data", "d", "--as", "x", "--quiet", "--db=u"]) == [
        "--data", "d", "--quiet", "--db=u", "chat", "--as", "x",
    ]  # fmt: skip
    assert hoisted(["import", "orders", "--", "--quiet"]) == ["import", "orders", "--", "--quiet"]
    assert hoisted(["chat", "--db"]) == ["--db", "chat"]


def test_a_time_without_offset_is_the_chains():
    from zoneinfo import ZoneInfo

    shanghai = ZoneInfo("Asia/Shanghai")
    assert moment("2026-11-22T10:00", shanghai).isoformat() == "2026-11-22T02:00:00+00:00"
    assert moment("2026-11-22T10:00+01:00", shanghai).isoformat() == "2026-11-22T09:00:00+00:00"
    assert moment("2026-11-22T10:00Z", shanghai).isoformat() == "2026-11-22T10:00:00+00:00"
    assert moment(None, shanghai) is None
