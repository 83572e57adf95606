"""The command line as an operator meets it: processes of its own, exit codes, what is said and where."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cli import main
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


class Here:
    """The command run in this process: quicker, and equal but for what only a process has."""

    def __init__(self, monkeypatch, capsys, folder: Path) -> None:
        self._monkeypatch, self._capsys, self._folder = monkeypatch, capsys, folder

    def __call__(self, *words: str, said: str = "") -> Done:
        self._capsys.readouterr()
        self._monkeypatch.chdir(self._folder)
        self._monkeypatch.setattr(sys, "argv", ["zhanggui", *words])
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said.encode())))
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *self._capsys.readouterr())

    def chat(self, code: str, *said: str, place: str = "private") -> list[dict[str, object]]:
        """What the bot answers to these lines."""
        lines = "\n".join(said) + "\n"
        return self("chat", "--as", code, "--in", place, "--at", AT, "--json", said=lines).objects


@pytest.fixture
def empty(monkeypatch, capsys, tmp_path) -> Here:
    """The command in a folder where nothing is."""
    return Here(monkeypatch, capsys, tmp_path)


@pytest.fixture
def here(monkeypatch, capsys, shop) -> Here:
    """The command beside a demo chain."""
    return Here(monkeypatch, capsys, shop)


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
    assert "vertical  tea" in empty("chain", "show").out


def test_init_makes_no_new_keys_for_a_database_that_has_lost_its_own(here, shop):
    shutil.move(shop / "var" / "keys", shop / "elsewhere")

    done = here("init")

    assert done.code == 1
    assert "请拷回原来的" in done.err
    assert not (shop / "var" / "keys").exists()


def test_keys_of_another_database_are_refused_at_once(here, empty, shop, tmp_path):
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


def test_a_choices_command_equals_its_digit(here):
    digit = here.chat("xiaowang", "查 13800138000", "2")

    typed = here.chat("xiaowang", "查 13800138000", digit[0]["choices"][1]["command"])

    assert typed == digit


def test_every_run_is_a_new_conversation_over_the_same_state(here):
    here.chat("xiaowang", "查 13800138000")

    (later,) = here.chat("xiaowang", "全")

    assert later["error"] is None
    assert "8000" in later["text"]


def test_in_a_group_the_answer_goes_to_the_private_chat(here):
    (answer,) = here.chat("xiaowang", "查 13800138000", place="store:001")

    assert "8000" not in answer["text"]
    assert answer["choices"] == []
    assert "芒果" in answer["private"]["text"]
    assert answer["private"].keys() == {"text", "choices", "pictures"}


def test_who_is_unknown_or_of_another_store_learns_nothing(here):
    (stranger,) = here.chat("luren", "查 13800138000")
    (outside,) = here.chat("waidian", "查 13800138000")

    assert [stranger["error"], outside["error"]] == ["not_allowed", "not_found"]
    assert "王" not in stranger["text"] + outside["text"]


def test_a_group_that_is_not_there_is_refused(here):
    done = here("chat", "--as", "xiaowang", "--in", "store:999", said="查 8000\n")

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


def test_parse_gives_a_line_for_a_line_without_a_database(empty, tmp_path):
    said = "她芒果过敏 三分糖\n\n查 8000\u2028全部\n"

    note, blank, lookup = empty("parse", "--json", said=said).objects

    assert [one.keys() for one in (note, blank, lookup)] == [{"intent", "customer", "facts"}] * 3
    assert (note["intent"], lookup["intent"]) == ("note", "lookup")
    assert lookup["customer"] == {"last4": "8000"}
    assert ("allergy", "芒果") in [(fact["kind"], fact["value"]) for fact in note["facts"]]
    assert blank["facts"] == []
    assert len(empty("parse", said=said).out.splitlines()) == 3
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("words", "light"),
    [
        ("--help", ("sqlalchemy", "rich", "prompt_toolkit", "pydantic", "alembic", "jieba")),
        ("parse --json", ("sqlalchemy", "rich", "prompt_toolkit", "alembic")),
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


def test_the_demo_is_made_once_and_anew_only_when_asked(here, shop):
    again = here("demo", "--make-only")
    database = (shop / "var" / "zhanggui.db").stat().st_ino

    assert (again.code, again.err) == (0, "")
    assert "演示连锁已经在了，订单到 2026-11-21" in again.out
    here("demo", "--make-only", "--fresh", "--customers", "30", "--at", "2026-11-20T10:00")
    assert (shop / "var" / "zhanggui.db").stat().st_ino != database
    assert "订单到 2026-11-19" in here("store", "list").out


def test_the_demo_leaves_a_real_shop_alone(empty):
    empty("init")
    empty("store", "add", "001", "徐汇店")

    done = empty("demo", "--make-only", "--fresh")

    assert (done.code, done.out) == (1, "")
    assert empty("store", "list").out.startswith("001  徐汇店")


def test_the_demo_without_a_terminal_reads_lines_to_their_end(here):
    done = here("--quiet", "demo", "--at", AT, said="好的\n")

    assert (done.code, done.out) == (0, "小王> 好的\n（不回话）\n\n")


def test_long_work_says_a_line_a_tenth_where_there_is_no_terminal(empty):
    done = empty("demo", "--make-only", "--customers", "400", "--at", AT)

    assert done.err.splitlines() == ["建演示连锁 50 %", "建演示连锁 100 %"]
    assert empty("--quiet", "demo", "--make-only").err == ""


def test_global_options_may_stand_anywhere():
    assert hoisted(["chat", "--data", "d", "--as", "x", "--quiet", "--db=u"]) == [
        "--data", "d", "--quiet", "--db=u", "chat", "--as", "x",
    ]  # fmt: skip
    assert hoisted(["import", "orders", "--", "--quiet"]) == ["import", "orders", "--", "--quiet"]
    assert hoisted(["chat", "--db"]) == ["--db", "chat"]


def test_a_time_without_offset_is_the_chains():
    shanghai = ZoneInfo("Asia/Shanghai")
    assert moment("2026-11-22T10:00", shanghai).isoformat() == "2026-11-22T02:00:00+00:00"
    assert moment("2026-11-22T10:00+01:00", shanghai).isoformat() == "2026-11-22T09:00:00+00:00"
    assert moment("2026-11-22T10:00Z", shanghai).isoformat() == "2026-11-22T10:00:00+00:00"
    assert moment(None, shanghai) is None
