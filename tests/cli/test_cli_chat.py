"""`zhanggui chat` and `parse` from outside: a line in, a line out, in any locale, and nothing loaded for nothing."""

import signal
import subprocess
import sys
from zoneinfo import ZoneInfo

import pytest

from bot.cli.root import moment
from tests.support.command_line import AT, environment, run


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
        env=environment(),
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
        env=environment(),
        input="查 13800138000\n".encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )

    loaded = {name.split(".")[0] for name in done.stderr.decode().split()}
    assert loaded.isdisjoint(light)


def test_a_time_without_offset_is_the_chains():
    shanghai = ZoneInfo("Asia/Shanghai")
    assert moment("2026-11-22T10:00", shanghai).isoformat() == "2026-11-22T02:00:00+00:00"
    assert moment("2026-11-22T10:00+01:00", shanghai).isoformat() == "2026-11-22T09:00:00+00:00"
    assert moment("2026-11-22T10:00Z", shanghai).isoformat() == "2026-11-22T10:00:00+00:00"
    assert moment(None, shanghai) is None


def test_ctrl_c_ends_it_without_a_word(shop):
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "chat", "--as", "xiaowang", "--json"],
        cwd=shop,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write("好的\n".encode())
    process.stdin.flush()
    process.stdout.readline()  # it waits for the next line now

    process.send_signal(signal.SIGINT)

    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, b"")
