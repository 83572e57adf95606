"""The smart bot's long connection when things go wrong: it comes back, keeps the order, and says what is up."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.wire import Parcel, Pulse
from tests.support.smart_bot import BOT_ID, MINE, QUICK, SECRET, Corp, Shop, corp, shop

KICKED = "同一个智能机器人在别处连上了，这里被顶下来：请只让一个程序用它。过一会儿再试着连。"
WRONG = (
    "企业微信不认这个智能机器人（853000）：请打开 管理后台 → 智能机器人 → 这个机器人 → API 模式 → 长连接，"
    "把 Bot ID 和 Secret 重新抄到 ZHANGGUI_WECOM_BOT_ID 和 ZHANGGUI_WECOM_BOT_SECRET。"
)


@pytest.fixture
def wecom() -> Iterator[Corp]:
    with corp() as one:
        yield one


@pytest.fixture
def at_work(wecom: Corp, tmp_path: Path) -> Iterator[Shop]:
    with shop(wecom, tmp_path) as one:
        yield one


def test_however_the_server_hangs_up_it_comes_back_and_keeps_the_order(wecom: Corp, at_work: Shop) -> None:
    codes = (1000, 1001, 1011, 1012)
    for code in codes:
        wecom.say(f"{code} 前")
        wecom.cut(code)
        wecom.say(f"{code} 后")
    came = [at_work.desk.next().text for _ in range(8)]
    assert came == [f"{code} {when}" for code in codes for when in ("前", "后")]


def test_a_question_from_before_the_drop_is_answered_over_the_new_connection(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    asked = at_work.desk.next()
    wecom.cut()
    wecom.say("还在吗")
    at_work.desk.next()
    at_work.answer(asked, "王芳")
    assert wecom.kinds() == [("markdown", "王芳")]


def test_a_question_from_before_a_restart_is_answered(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path) as before:
        wecom.say("查 王芳")
        asked = before.desk.next()
    with shop(wecom, tmp_path) as after:
        wecom.say("还在吗")
        after.desk.next()
        after.answer(asked, "王芳")
    assert wecom.kinds() == [("markdown", "王芳")]


def test_at_the_end_the_socket_is_closed_and_no_new_one_opened(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path):
        pass
    wecom.until(lambda: not wecom.server.connected)
    assert len(wecom.frames("aibot_subscribe")) == 1


def test_a_dead_socket_is_noticed_and_replaced(wecom: Corp, tmp_path: Path) -> None:
    wecom.fault(kind="mute", path="ws/ping", count=2)
    with shop(wecom, tmp_path, rhythm=replace(QUICK, beat=0.05)):
        wecom.until(lambda: len(wecom.frames("aibot_subscribe")) == 2)


def test_a_lively_socket_is_kept(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path, rhythm=replace(QUICK, beat=0.02)):
        wecom.until_called("ping", 6)
    assert len(wecom.frames("aibot_subscribe")) == 1


def test_a_subscription_that_is_never_acknowledged_is_tried_again(wecom: Corp, tmp_path: Path) -> None:
    wecom.fault(kind="mute", path="ws/aibot_subscribe", count=1)
    with shop(wecom, tmp_path, rhythm=replace(QUICK, connect=0.2)):
        wecom.until(lambda: len(wecom.frames("aibot_subscribe")) == 2)


def test_taken_over_by_another_it_says_so_and_does_not_fight(wecom: Corp, at_work: Shop, tmp_path: Path) -> None:
    with shop(wecom, tmp_path) as newer:
        wecom.say("谁在")
        assert newer.desk.next().text == "谁在"
        assert at_work.desk.is_empty()
        assert at_work.pulse() == Pulse(False, KICKED)
        assert at_work.refusal(Parcel("push", MINE, "早")).fault == "again"
        assert len(wecom.frames("aibot_subscribe")) == 2


def test_taken_over_it_tries_again_slowly(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path, rhythm=replace(QUICK, kicked=(0.3, 0.3))) as older:
        with shop(wecom, tmp_path):
            pass
        wecom.until(lambda: len(wecom.frames("aibot_subscribe")) >= 3 and wecom.server.connected)
        wecom.say("谁在")
        assert older.desk.next().text == "谁在"


def test_a_wrong_secret_is_said_with_its_mend(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path, secret="NotThisOne") as stranger:
        stranger.until("853000")
        assert stranger.pulse() == Pulse(False, WRONG)
        error = stranger.refusal(Parcel("push", MINE, "早"))
        assert (error.fault, error.say) == ("setup", WRONG)
        assert len(wecom.frames("aibot_subscribe")) == 1


def test_without_a_server_it_keeps_trying_and_says_so(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path, rhythm=replace(QUICK, again=(600, 600)), ws="ws://127.0.0.1:9") as lonely:
        lonely.until("第 1 次")
        assert lonely.pulse() == Pulse(False, "长连接断了，正在重连（第 1 次）：请看这台机器能不能上网。")
        assert lonely.refusal(Parcel("push", MINE, "早")).fault == "again"


def test_an_answer_without_receipt_is_unknown_and_its_repeat_does_no_harm(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path, rhythm=replace(QUICK, ack=0.2)) as at_work:
        wecom.fault(kind="mute", path="ws/aibot_respond_msg")
        wecom.say("查 王芳")
        message = at_work.desk.next()
        parcel = Parcel("answer", message.address, "王芳", back=message.back)
        (piece,) = at_work.bot.pieces(parcel)
        assert (at_work.refusal(parcel).fault, piece.harmless) == ("unknown", True)
        at_work.send(parcel)
        assert wecom.kinds() == [("stream", "王芳")]


def test_an_answer_that_may_have_arrived_is_not_said_anew_over_another_connection(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path, rhythm=replace(QUICK, ack=0.2)) as at_work:
        wecom.fault(kind="mute", path="ws/aibot_respond_msg")
        wecom.say("查 王芳")
        message = at_work.desk.next()
        parcel = Parcel("answer", message.address, "王芳", back=message.back)
        assert at_work.refusal(parcel).fault == "unknown"
        wecom.cut()
        wecom.say("还在吗")
        at_work.desk.next()
        assert at_work.refusal(parcel).fault == "never"
        assert wecom.kinds() == [("stream", "王芳")]


def test_the_platforms_numbers_are_understood(wecom: Corp, at_work: Shop) -> None:
    numbers = {
        45009: ("wait", 60),
        45033: ("wait", 2),
        -1: ("again", 0),
        846605: ("again", 0),
        846609: ("again", 0),
        93006: ("gone", 0),
        45002: ("never", 0),
        60020: ("setup", 0),
    }
    wecom.say("查 王芳")
    at_work.desk.next()
    found = {}
    for code in numbers:
        wecom.fault(kind=str(code), path="ws/aibot_send_msg")
        error = at_work.refusal(Parcel("push", MINE, "王芳"))
        found[code] = (error.fault, error.retry_after)
        wecom.until(lambda: wecom.server.connected)
        at_work.until("长连接正常")
    assert found == numbers


def test_a_request_the_platform_no_longer_knows_is_answered_unasked(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    message = at_work.desk.next()
    parcel = Parcel("answer", message.address, "王芳", back=message.back)
    wecom.fault(kind="846605", path="ws/aibot_respond_msg")
    assert at_work.refusal(parcel).fault == "again"
    at_work.send(parcel)
    assert wecom.kinds() == [("markdown", "王芳")]


def test_a_platform_that_forgot_us_is_subscribed_to_anew(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    message = at_work.desk.next()
    wecom.fault(kind="846609", path="ws/aibot_respond_msg")
    assert at_work.refusal(Parcel("answer", message.address, "王芳", back=message.back)).fault == "again"
    wecom.until(lambda: len(wecom.frames("aibot_subscribe")) == 2)


def test_while_storing_fails_messages_wait_in_their_order(wecom: Corp, at_work: Shop) -> None:
    at_work.desk.fails = 4
    for number in range(5):
        wecom.say(f"第 {number} 句")
    assert [at_work.desk.next().text for _ in range(5)] == [f"第 {number} 句" for number in range(5)]


def test_one_slow_chat_holds_up_no_other(wecom: Corp, at_work: Shop) -> None:
    with wecom.slow_file() as file:
        wecom.send({"msgtype": "file", "file": file})
        wecom.say("我先", person="xiaoli")
        assert at_work.desk.next().text == "我先"


def test_a_frame_of_another_shape_is_left_out(wecom: Corp, at_work: Shop) -> None:
    hollow = '{"cmd":"aibot_msg_callback","headers":{"req_id":"r"},"body":%s}'
    bodies = (
        "7",
        "[]",
        '{"from":7}',
        '{"from":{"userid":"a"}}',
        '{"from":{"userid":"a"},"msgid":"m","msgtype":"mixed"}',
    )
    shapes = ("[]", "null", "7", '"x"', "{", '{"headers":[]}', "[" * 9000, *(hollow % body for body in bodies))
    for shape in shapes:
        wecom.on.do(lambda shape=shape: wecom.server._link._live.send_text(shape))
    wecom.say("在吗")
    assert at_work.desk.next().text == "在吗"
    assert len(wecom.frames("aibot_subscribe")) == 1


def test_nothing_secret_is_ever_written_to_a_log(wecom: Corp, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with shop(wecom, tmp_path) as at_work:
        wecom.drop("名单.csv", b"13800138000,secret words\n")
        at_work.answer(at_work.desk.next(), "王芳 13800138000")
        wecom.cut()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    written = "\n".join(ours)
    assert [word for word in (SECRET, "13800138000", "secret words", "aeskey", "/wecom/file/") if word in written] == []
    assert (SECRET in repr(at_work.bot._setup), BOT_ID in repr(at_work.bot._setup)) == (False, True)
