"""What people type on Telegram, as the core reads it."""

import pytest

from bot.channels.telegram import words

MENU = (
    words.Entry.read("cx", "查", "查客户：手机号、后四位或姓名"),
    words.Entry.read("jl", "记", "记一句：她说了什么"),
    words.Entry.read("rw", "任务", "今天要做的"),
)
CX = MENU[0]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("/cx 13800138000", "/查 13800138000"),
        ("/CX 13800138000", "/查 13800138000"),
        ("／cx 13800138000", "/查 13800138000"),
        ("／ｃｘ　１３８００１３８０００", "/查 １３８００１３８０００"),
        ("/cx13800138000", "/查 13800138000"),
        ("/cx张三", "/查 张三"),
        ("/cx：王芳", "/查 王芳"),
        ("/jl 王芳 爱喝①号，不要糖", "/记 王芳 爱喝①号，不要糖"),
        ("/rw", "/任务"),
        ("/cxy 1", "/cxy 1"),
        ("/cx_1", "/cx_1"),
        ("/查 8000", "/查 8000"),
        ("cx 8000", "cx 8000"),
        ("看 /cx 8000", "看 /cx 8000"),
    ],
)
def test_a_menu_command_becomes_its_chinese_word(typed: str, read: str) -> None:
    assert words.command(typed, MENU, private=True) == (read, None)


@pytest.mark.parametrize("typed", ["/cx", "/cx ", "／ＣＸ　"])
def test_a_bare_command_that_needs_more_is_to_be_asked_for(typed: str) -> None:
    assert words.command(typed, MENU, private=True) == ("/查", CX)
    assert CX.asks == "手机号、后四位或姓名"


@pytest.mark.parametrize(
    ("typed", "private", "read"),
    [
        ("/start ABCD2345", True, "绑定 ABCD2345"),
        ("/start", True, "帮助"),
        ("/start ABCD2345", False, "帮助"),
        ("/start a b", True, "/start a b"),
        ("/started", True, "/started"),
    ],
)
def test_a_start_link_binds_in_private_alone(typed: str, private: bool, read: str) -> None:  # noqa: FBT001
    assert words.command(typed, MENU, private=private) == (read, None)


@pytest.mark.parametrize(
    ("typed", "rest", "meant"),
    [
        ("/cx@guide_bot 138", "/cx 138", "us"),
        ("/cx@Guide_Bot", "/cx", "us"),
        ("/查@guide_bot 138", "/查 138", "us"),
        ("／查＠guide_bot 138", "／查 138", "us"),
        ("/cx@other_bot 138", "/cx@other_bot 138", "other"),
        ("/查 138", "/查 138", "nobody"),
        ("/记 邮箱 a@guide_bot.com", "/记 邮箱 a@guide_bot.com", "nobody"),
        ("@guide_bot 查 138", "查 138", "us"),
        ("查 138 @guide_bot", "查 138", "us"),
        ("请@guide_bot查 138", "请 查 138", "us"),
        ("@guide_bot2 查 138", "@guide_bot2 查 138", "nobody"),
        ("写信 me@guide_bot", "写信 me@guide_bot", "nobody"),
        ("👋 @guide_bot 查 王芳", "👋 查 王芳", "us"),
    ],
)
def test_our_name_is_taken_out_and_anothers_is_respected(typed: str, rest: str, meant: str) -> None:
    assert words.addressed(typed, "guide_bot") == (rest, meant)


def test_what_no_database_keeps_is_taken_out() -> None:
    assert words.clean("王\0芳\ud83d 👍") == "王芳\ufffd 👍"
