"""The pure parts of the smart bot: what a body means, and words that markdown leaves as they are."""

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom_bot import WecomBot, WecomBotSetup
from bot.channels.wecom_bot.markdown import MOST_BYTES, literal, parts
from bot.channels.wecom_bot.reading import Heard, read, unmentioned
from bot.chat import Address, Press
from bot.wire import Pace, Parcel, SendError
from tests.support.recording_desk import Desk

IN_PRIVATE = {"msgid": "M1", "aibotid": "B", "chattype": "single", "from": {"userid": "XiaoWang"}}
IN_GROUP = {**IN_PRIVATE, "chattype": "group", "chatid": "wrAbC"}
CARD_EVENT = {"eventtype": "template_card_event", "template_card_event": {"event_key": "2a.1", "task_id": "menu-2a"}}
MARKUP = re.compile(r"<|\]\(|`|\*|(?m:^\s*(?:#|>|[-+]|\d+[.)] |={2,}|\|| {4}))|://")


def bodies(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = ("from", "userid", "msgid", "msgtype", "text", "content", "mixed", "msg_item", "event", "quote", "chatid")
    kinds = st.sampled_from(("text", "mixed", "event", "image", "stream"))
    return st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner | kinds, max_size=6)


def heard(body: dict[str, Any]) -> Heard:
    found = read(body, "B", "掌柜")
    assert found is not None
    return found


def test_a_message_is_named_by_bot_and_message() -> None:
    found = heard({**IN_GROUP, "msgtype": "text", "text": {"content": "@掌柜 查 王芳"}})
    where = Address("wecom_bot", "XiaoWang", "wrAbC", private=False)
    assert found == Heard("message", "B:M1", where, "查 王芳")


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("@掌柜 查 王芳", "掌柜", "查 王芳"),
        ("@掌柜\u2005查 王芳", "掌柜", "查 王芳"),
        ("@小 掌柜 bot 查 王芳", "小 掌柜 bot", "查 王芳"),
        ("帮我看 @掌柜 王芳", "掌柜", "帮我看 王芳"),
        ("@小李 @掌柜 查 王芳", "掌柜", "@小李 查 王芳"),
        ("@掌柜", "掌柜", ""),
        ("@改了名 查 王芳", "掌柜", "查 王芳"),
        ("@掌柜的朋友 查 王芳", "掌柜", "查 王芳"),
        ("记 王芳 邮箱 a@b.cn", "掌柜", "记 王芳 邮箱 a@b.cn"),
    ],
)
def test_the_call_of_the_bot_is_taken_out(text: str, name: str, said: str) -> None:
    assert unmentioned(text, name) == said


@pytest.mark.parametrize(
    ("quote", "short"),
    [
        ({"msgtype": "text", "text": {"content": "1 王芳 生日"}}, "1 王芳 生日"),
        ({"msgtype": "voice", "voice": {"content": "喜欢少糖"}}, "喜欢少糖"),
        ({"msgtype": "image", "image": {"url": "https://x"}}, "[图片]"),
        ({"msgtype": "file", "file": {"url": "https://x"}}, "[文件]"),
        ({"msgtype": "mixed", "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": "看图"}}]}}, "看图"),
        ({"msgtype": "text", "text": {"content": "长" * 300}}, "长" * 199 + "…"),
        (None, ""),
        ("x", ""),
    ],
)
def test_a_quote_is_kept_short(quote: object, short: str) -> None:
    assert heard({**IN_PRIVATE, "msgtype": "text", "text": {"content": "好"}, "quote": quote}).quote == short


def test_two_presses_in_one_second_are_two_and_a_repeat_is_one() -> None:
    event = {**IN_PRIVATE, "msgtype": "event", "create_time": 1_700_000_000, "event": CARD_EVENT}
    other = {**CARD_EVENT, "template_card_event": {"event_key": "2a.2", "task_id": "menu-2a"}}
    keys = [heard(body).key for body in (event, event, {**event, "event": other}, {**event, "msgid": "M2"})]
    assert [keys.index(key) for key in keys] == [0, 0, 2, 3]
    assert heard(event).press == Press(0x2A, 1)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), bodies, max_leaves=12))
def test_a_body_of_any_shape_is_read_or_left(body: object) -> None:
    found = read(body, "B", "掌柜")
    assert found is None or found.address.account != ""


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<@all> 今天", "＜@all＞ 今天"),
        ("[点击领券](http://evil)", "［点击领券］（http：//evil)"),
        ('<font color="info">x</font>', '＜font color="info"＞x＜/font＞'),
        ("# 标题", "＃ 标题"),
        ("> 引用", "＞ 引用"),
        ("- 一\n+ 二\n1. 三\n2) 四", "－ 一  \n＋ 二  \n1． 三  \n2） 四"),
        ("**重** _斜_ ~~删~~ `码`", "∗∗重∗∗ ＿斜＿ ～～删～～ ˋ码ˋ"),
        ("---", "－--"),
        ("|甲|乙|", "｜甲｜乙｜"),
        ("    缩进", "　　缩进"),
        ("138****2203", "138∗∗∗∗2203"),
        ("1 记一句　2 全部", "1 记一句　2 全部"),
        ("王芳\n\n芒果过敏", "王芳  \n  \n芒果过敏"),
        ("2026-11-20 12.5 元 #3", "2026-11-20 12.5 元 #3"),
    ],
)
def test_words_read_as_they_are(said: str, shown: str) -> None:
    assert literal(said) == shown


@given(st.text(alphabet=st.sampled_from("王芳ab12 \n\t#>-+*_`~|[]()<>@&\\$!=.:/"), max_size=60))
def test_no_text_holds_markup_and_each_line_stays(text: str) -> None:
    shown = literal(text)
    assert MARKUP.search(shown) is None
    assert literal(shown) == shown
    assert shown.count("\n") == max(0, len(text.splitlines()) - 1)


@given(st.text(alphabet=st.sampled_from("王# \n-1.*"), min_size=1, max_size=40), st.integers(1, 800))
def test_parts_fit_whatever_is_cut(text: str, times: int) -> None:
    found = parts(text * times)
    assert max((len(part.encode()) for part in found), default=0) <= MOST_BYTES
    assert [MARKUP.search(part) for part in found] == [None] * len(found)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({}, "ZHANGGUI_WECOM_BOT_SECRET"),
        ({"secret": "s"}, "ZHANGGUI_WECOM_BOT_ID"),
        ({"secret": "s", "bot_id": "b", "ws": "http://x"}, "ZHANGGUI_WECOM_BOT_WS"),
        ({"token": "t", "aes_key": "short"}, "ZHANGGUI_WECOM_BOT_AES_KEY"),
        ({"token": "t t", "aes_key": "A" * 43}, "Token"),
    ],
)
def test_a_slip_in_the_settings_is_named_at_the_start(settings: dict[str, str], word: str, tmp_path: Path) -> None:
    bot = WecomBot(WecomBotSetup(files=tmp_path, **settings))
    with pytest.raises(SendError) as caught:
        asyncio.run(bot.open(Desk(time.time)))
    assert (caught.value.fault, word in caught.value.say) == ("setup", True)


def test_the_limits_are_those_of_a_conversation(tmp_path: Path) -> None:
    bot = WecomBot(WecomBotSetup(files=tmp_path, secret="s", bot_id="b"))
    assert (bot.name, bot.doors, dict(bot.paces)) == ("wecom_bot", (), {"chat": (Pace(30, 60), Pace(1000, 3600))})


def test_an_empty_parcel_is_no_message(tmp_path: Path) -> None:
    bot = WecomBot(WecomBotSetup(files=tmp_path, secret="s", bot_id="b"))
    assert bot.pieces(Parcel("k", Address("wecom_bot", "XiaoWang", "XiaoWang"), "")) == []
