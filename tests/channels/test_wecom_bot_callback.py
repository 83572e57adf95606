"""The smart bot called back by a strict WeCom: what is kept, what is answered in five seconds, what is refused."""

import asyncio
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.wecom_bot import WecomBot, WecomBotSetup
from bot.chat import Choice, Press
from bot.sandbox.model import Key
from bot.wire import Parcel, Request
from tests.support.smart_bot import (
    AES_KEY,
    CHOICES,
    IN_GROUP,
    MENU,
    MINE,
    QUICK,
    SAID,
    SEAL,
    TOKEN,
    Corp,
    Shop,
    corp,
    knock,
    press,
    shop,
)


@pytest.fixture
def wecom() -> Iterator[Corp]:
    with corp(called_back=True) as one:
        yield one


@pytest.fixture
def at_work(wecom: Corp, tmp_path: Path) -> Iterator[Shop]:
    with shop(wecom, tmp_path / "files") as one:
        yield one
        assert wecom.server.complaints == []


def test_the_address_answers_the_platforms_check(wecom: Corp, at_work: Shop) -> None:
    assert wecom.on.do(wecom.server.verify_bot) == ""


def test_a_message_is_acknowledged_empty_and_answered_once(wecom: Corp, at_work: Shop) -> None:
    assert wecom.say("查 13800138000") == ""
    message = at_work.desk.next()
    assert (message.text, message.address) == ("查 13800138000", MINE)
    at_work.answer(message, "王芳，芒果过敏")
    assert wecom.kinds() == [("markdown", "王芳，芒果过敏")]
    again = at_work.refusal(Parcel("more", MINE, "还有", back=message.back))
    assert again.fault == "never"


def test_in_a_group_the_answer_goes_to_the_group(wecom: Corp, at_work: Shop) -> None:
    wecom.say("@掌柜 今日", talk=IN_GROUP)
    message = at_work.desk.next()
    assert (message.text, message.address) == ("今日", wecom.ours)
    at_work.answer(message, "3 人生日\n1 看　2 派", choices=CHOICES, menu=MENU)
    assert wecom.kinds(person="xiaoli", talk=IN_GROUP) == [("markdown", "3 人生日  \n1 看　2 派")]


def test_a_short_answer_with_choices_is_one_card(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    text = "王芳 13800138000\n⚠ 芒果过敏\n1 记一句　2 全部　0 算了"
    at_work.answer(at_work.desk.next(), text, choices=CHOICES, menu=MENU)
    (shown,) = wecom.bubbles()
    assert (shown.card["main_title"], shown.card["sub_title_text"]) == ({"title": "王芳 13800138000"}, "⚠ 芒果过敏")
    assert [key.data for row in shown.keys for key in row] == [press(1), press(2), press(0)]


def test_a_long_answer_with_choices_is_text_with_digits(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    text = "王芳\n" + "喜欢少糖。" * 40 + "\n1 记一句　2 全部　0 算了"
    at_work.answer(at_work.desk.next(), text, choices=CHOICES, menu=MENU)
    assert wecom.kinds() == [("markdown", text.replace("\n", "  \n"))]


def test_what_does_not_fit_into_one_answer_is_cut_before_the_digits(wecom: Corp, at_work: Shop) -> None:
    wecom.say("名单")
    at_work.answer(at_work.desk.next(), "王芳 * 少糖\n" * 3000, choices=CHOICES, menu=MENU, documents=("/a", "/b"))
    ((_, said),) = wecom.kinds()
    assert str(said).endswith("……（太长了，这里放不下）  \n1 记一句　2 全部　0 算了")
    assert len(str(said).encode()) <= 20480


def test_a_press_with_an_address_greys_its_card_at_once_and_is_answered_there(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    at_work.answer(at_work.desk.next(), "王芳\n1 记一句　2 全部　0 算了", choices=CHOICES, menu=MENU)
    card = wecom.bubbles()[0].card
    wecom.say("在吗")
    url = at_work.desk.next().back["url"]
    answer = knock(wecom, at_work, pressed(card["task_id"], press(2), response_url=url))
    update = opened(answer, "n0nce")
    assert update["response_type"] == "update_template_card"
    assert update["template_card"] == {**card, "replace_text": "已选：全部"}
    message = at_work.desk.next()
    assert (message.press, message.back["task_id"]) == (Press(MENU, 2), card["task_id"])
    at_work.answer(message, "都在这里", pressed=message.press, settled=True)
    assert wecom.kinds()[-1] == ("markdown", "都在这里")


def test_a_press_of_a_forgotten_card_is_greyed_too(wecom: Corp, at_work: Shop) -> None:
    url = f"{wecom.on.address}/cgi-bin/aibot/response?response_code=x"
    update = opened(knock(wecom, at_work, pressed("menu-2a@x", press(1), response_url=url)), "n0nce")
    assert update["template_card"]["replace_text"] == "已处理"
    assert update["template_card"]["task_id"] == "menu-2a@x"


def test_a_press_without_an_address_is_answered_by_its_card(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    at_work.answer(at_work.desk.next(), "王芳\n1 记一句　2 全部　0 算了", choices=CHOICES, menu=MENU)
    (shown,) = wecom.bubbles()
    with ThreadPoolExecutor(1) as hand:
        done = hand.submit(wecom.press, shown, press(2))
        message = at_work.desk.next()
        at_work.answer(message, "王芳的全部\n喜欢少糖", pressed=message.press, settled=True)
        assert done.result() == ""
    assert (shown.card["main_title"], shown.card["sub_title_text"]) == ({"title": "王芳的全部"}, "喜欢少糖")
    assert wecom.server.complaints == []


def test_a_press_answered_with_choices_gets_new_buttons(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    at_work.answer(at_work.desk.next(), "王芳\n1 记一句　2 全部　0 算了", choices=CHOICES, menu=MENU)
    (shown,) = wecom.bubbles()
    with ThreadPoolExecutor(1) as hand:
        done = hand.submit(wecom.press, shown, press(2))
        message = at_work.desk.next()
        more = (Choice("下一页", "查 王芳 2"),)
        at_work.answer(message, "第一页\n1 下一页", pressed=message.press, choices=more, menu=MENU + 1)
        done.result()
    assert shown.keys == [[Key("下一页", Press(MENU + 1, 1).key)]]


def test_a_press_answered_too_late_leaves_a_grey_card_and_is_said_to_be_lost(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path, rhythm=replace(QUICK, answer=0.3)) as at_work:
        wecom.say("查 王芳")
        at_work.answer(at_work.desk.next(), "王芳\n1 记一句　2 全部　0 算了", choices=CHOICES, menu=MENU)
        (shown,) = wecom.bubbles()
        assert wecom.press(shown, press(1)) == ""
        assert shown.note == "已选：记一句"
        message = at_work.desk.next()
        late = at_work.refusal(Parcel("late", MINE, "记好了", back=message.back, pressed=message.press, settled=True))
        assert late.fault == "never"


def test_who_opens_the_chat_is_greeted_in_the_answer_itself(wecom: Corp, at_work: Shop) -> None:
    wecom.on.do(lambda: wecom.server.enter("XiaoWang", "bot"))
    assert wecom.kinds() == [("text", "我是掌柜。发「查 手机号」看客户，发「帮助」看全部。")]
    assert at_work.desk.is_empty()


def test_a_file_is_unlocked_with_the_bots_own_key(wecom: Corp, at_work: Shop) -> None:
    wecom.drop("名单.csv", b"number,amount\n")
    (file,) = at_work.desk.next().files
    assert (file.name, Path(file.path).read_bytes()) == ("名单.csv", b"number,amount\n")


def test_a_file_that_cannot_be_had_is_asked_for_again(wecom: Corp, at_work: Shop) -> None:
    wecom.send({"msgtype": "file", "file": {"url": f"{wecom.on.address}/wecom/file/gone"}})
    assert wecom.kinds() == [("stream", "没取到这个文件，请再发一次（最大 20 MB）。")]
    assert at_work.desk.is_empty()


def test_a_slow_file_is_fetched_once_while_the_platform_asks_again(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path, rhythm=replace(QUICK, answer=0.2)) as at_work:
        told = json.dumps({**SAID, "msgtype": "file"} | {"file": {"url": f"{wecom.on.address}/wecom/slow"}})
        with wecom.slow_file():
            assert [knock(wecom, at_work, told).status_code for _ in range(2)] == [503, 503]
        lost = opened(knock(wecom, at_work, told), "n0nce")
        assert lost["msgtype"] == "stream"


def test_every_repeat_of_what_is_kept_gets_the_same_empty_answer(wecom: Corp, at_work: Shop) -> None:
    for kind in ("duplicate", "parallel", "replay"):
        wecom.fault(kind=kind, path="callback/bot")
        wecom.say(kind)
        assert at_work.desk.next().text == kind
    assert at_work.desk.is_empty()
    assert {one.status for one in wecom.server.callbacks} == {200}
    assert len(wecom.server.callbacks) == 8


def test_while_storing_fails_the_platform_is_asked_to_come_again(wecom: Corp, at_work: Shop) -> None:
    at_work.desk.fails = 2
    assert wecom.say("查 王芳") == ""
    assert at_work.desk.next().text == "查 王芳"
    assert [one.status for one in wecom.server.callbacks] == [503, 503, 200]


def test_it_cannot_speak_unasked(wecom: Corp, at_work: Shop) -> None:
    error = at_work.refusal(Parcel("push", MINE, "早"))
    assert (error.fault, error.say) == ("gone", "智能机器人在回调模式里只能答话，不能主动发；要主动发就改用长连接")


def test_an_answer_whose_receipt_is_lost_is_tried_again_without_doubling(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    message = at_work.desk.next()
    parcel = Parcel("answer", message.address, "王芳", back=message.back)
    wecom.fault(kind="lost", path="aibot/response")
    assert at_work.refusal(parcel).fault == "unknown"
    at_work.send(parcel)
    assert wecom.kinds() == [("markdown", "王芳")]


def test_after_an_hour_nothing_is_posted(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    message = at_work.desk.next()
    wecom.ahead[0] = 3700.0
    error = at_work.refusal(Parcel("answer", message.address, "王芳", back=message.back))
    assert (error.fault, wecom.frames("aibot/response")) == ("never", [])


def test_a_door_before_it_is_opened_asks_to_come_again(tmp_path: Path) -> None:
    bot = WecomBot(WecomBotSetup(files=tmp_path, token=TOKEN, aes_key=AES_KEY))
    (door,) = bot.doors
    answer = asyncio.run(door.receive(Request("POST", {}, {}, b"")))
    assert (door.path, door.methods, door.most_bytes, answer.status) == ("/wecom/bot", ("GET", "POST"), 1 << 16, 503)


def test_listening_is_over_at_once(wecom: Corp, at_work: Shop) -> None:
    assert at_work.on.do(at_work.bot.listen) is None


def test_nothing_secret_is_ever_written_to_a_log(wecom: Corp, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with shop(wecom, tmp_path) as at_work:
        wecom.say("查 13800138000")
        message = at_work.desk.next()
        wecom.fault(kind="lost", path="aibot/response")
        parcel = Parcel("answer", MINE, "王芳 13800138000", back=message.back)
        said = [str(at_work.refusal(parcel))]
        at_work.send(parcel)
        said += [record.getMessage() for record in caplog.records if record.name.startswith(("bot", "httpx"))]
        knock(wecom, at_work, msg_signature="0" * 40)
    secrets = (TOKEN, AES_KEY, "13800138000", "response_code", message.back["url"])
    assert [word for word in secrets if word in "\n".join(said)] == []


def pressed(task: str, key: str, **more: str) -> str:
    event = {"event_key": key, "task_id": task, "card_type": "button_interaction"}
    told = {"eventtype": "template_card_event", "template_card_event": event}
    return json.dumps({"from": {"userid": "XiaoWang"}, "chattype": "single", "msgtype": "event", "event": told, **more})


def opened(answer: httpx.Response, nonce: str) -> dict[str, Any]:
    """A sealed answer, opened as the platform opens it."""
    sealed = answer.json()
    assert (answer.status_code, sealed["nonce"]) == (200, nonce)
    told = SEAL.open(sealed["encrypt"], sealed["msgsignature"], str(sealed["timestamp"]), nonce)
    found: dict[str, Any] = json.loads(told)
    return found
