"""The smart bot on its long connection, against a strict WeCom over a real WebSocket."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.wecom_bot import media
from bot.chat import Address, Incoming, Press
from bot.sandbox.model import Key
from bot.wire import Parcel
from tests.support.loops import serving_loop
from tests.support.smart_bot import (
    CHOICES,
    IN_GROUP,
    MENU,
    MINE,
    QUICK,
    Corp,
    Shop,
    corp,
    plain,
    press,
    shop,
)

TEXT = "王芳 13800138000\n⚠ 芒果过敏\n1 记一句　2 全部　0 算了"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100


@pytest.fixture
def wecom() -> Iterator[Corp]:
    with corp() as one:
        yield one


@pytest.fixture
def at_work(wecom: Corp, tmp_path: Path) -> Iterator[Shop]:
    with shop(wecom, tmp_path / "files") as one:
        yield one


def heard(text: str, address: Address = MINE) -> Incoming:
    return plain(Incoming("", address, text, datetime.now(UTC)))


def test_a_private_message_is_handed_in_and_answered_where_it_was_asked(wecom: Corp, at_work: Shop) -> None:
    assert wecom.say("查 13800138000") == ""
    message = at_work.desk.next()
    assert plain(message) == heard("查 13800138000")
    at_work.answer(message, "王芳，芒果过敏")
    assert wecom.kinds() == [("stream", "王芳，芒果过敏")]
    assert [body["stream"]["finish"] for body in wecom.frames("aibot_respond_msg")] == [True]


def test_in_a_group_the_call_of_the_bot_is_no_part_of_what_was_said(wecom: Corp, at_work: Shop) -> None:
    wecom.say("@掌柜 查 王芳", talk=IN_GROUP)
    message = at_work.desk.next()
    assert plain(message) == heard("查 王芳", wecom.ours)
    at_work.answer(message, "已私信你。")
    assert wecom.kinds(person="xiaoli", talk=IN_GROUP) == [("stream", "已私信你。")]


def test_a_question_in_a_group_can_be_answered_in_private(wecom: Corp, at_work: Shop) -> None:
    wecom.say("你好")
    at_work.desk.next()
    wecom.say("@掌柜 查 王芳", talk=IN_GROUP)
    asked = at_work.desk.next()
    at_work.send(Parcel("private", MINE, "王芳 13800138000", back=asked.back))
    assert wecom.kinds() == [("markdown", "王芳 13800138000")]
    assert wecom.kinds(talk=IN_GROUP) == []


def test_speech_arrives_written_down(wecom: Corp, at_work: Shop) -> None:
    wecom.on.do(lambda: wecom.server.bot.speak("XiaoWang", "记 王芳 喜欢少糖"))
    assert plain(at_work.desk.next()) == heard("记 王芳 喜欢少糖")


def test_a_file_is_fetched_unlocked_and_kept_for_its_owner_alone(wecom: Corp, at_work: Shop) -> None:
    wecom.drop("订单.csv", "订单号,金额\n1,20\n".encode())
    message = at_work.desk.next()
    (file,) = message.files
    path = Path(file.path)
    assert (message.text, file.name, path.read_text()) == ("", "订单.csv", "订单号,金额\n1,20\n")
    assert path.stat().st_mode & 0o777 == 0o600


def test_words_and_pictures_in_one_message_stay_together(wecom: Corp, at_work: Shop) -> None:
    words = [{"msgtype": "text", "text": {"content": text}} for text in ("记 王芳", "看图")]
    image = {"msgtype": "image", "image": wecom.locked("", PNG)}
    wecom.send({"msgtype": "mixed", "mixed": {"msg_item": [*words, image]}})
    message = at_work.desk.next()
    assert (message.text, [file.name for file in message.files]) == ("记 王芳\n看图", ["图片.png"])
    assert [Path(file.path).read_bytes() for file in message.files] == [PNG]


def test_a_file_that_cannot_be_had_is_asked_for_again(wecom: Corp, at_work: Shop) -> None:
    gone = {"url": f"{wecom.on.address}/wecom/file/gone", "aeskey": "A" * 43}
    wecom.send({"msgtype": "file", "file": gone})
    wecom.until(lambda: wecom.kinds() == [("stream", "没取到这个文件，请再发一次（最大 20 MB）。")])
    assert at_work.desk.is_empty()


def test_a_file_too_large_is_not_kept(
    wecom: Corp, at_work: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "MOST_BYTES", 1000)
    wecom.drop("名单.csv", b"row\n" * 300)
    wecom.until(lambda: bool(wecom.kinds()))
    assert at_work.desk.is_empty()
    assert not (tmp_path / "files").exists()


def test_a_file_of_a_message_that_came_before_is_not_kept_twice(wecom: Corp, at_work: Shop, tmp_path: Path) -> None:
    told = {"msgid": "M7", "msgtype": "file", "file": wecom.locked("名单.csv", b"rows\n")}
    wecom.send(told)
    (file,) = at_work.desk.next().files
    wecom.send(told)
    wecom.say("在吗")
    at_work.desk.next()
    assert [str(path) for path in (tmp_path / "files").iterdir()] == [file.path]


def test_a_card_in_a_group_can_be_pressed_by_everybody(wecom: Corp, at_work: Shop) -> None:
    wecom.say("@掌柜 今日", talk=IN_GROUP)
    at_work.answer(at_work.desk.next(), "今日\n1 我来　2 全部　0 算了", choices=CHOICES, menu=MENU)
    shown = wecom.bubbles(person="xiaoli", talk=IN_GROUP)[-1]
    wecom.press(shown, press(1), person="xiaoli", talk=IN_GROUP)
    pressed = at_work.desk.next()
    assert (pressed.address, pressed.press) == (replace(wecom.ours, account="xiaoli"), Press(MENU, 1))
    at_work.answer(pressed, "小李认领了", pressed=pressed.press, settled=True)
    assert wecom.kinds(talk=IN_GROUP)[-1] == ("markdown", "小李认领了")
    assert shown.note == "已选：记一句"


def test_a_file_under_a_strange_address_is_not_fetched(wecom: Corp, at_work: Shop) -> None:
    with serving_loop() as other:
        wecom.send({"msgtype": "file", "file": {"url": f"{other.address}/here", "aeskey": "A" * 43}})
        wecom.until(lambda: bool(wecom.kinds()))
    assert at_work.desk.is_empty()


def test_a_quoted_line_comes_along(wecom: Corp, at_work: Shop) -> None:
    wecom.say("今日任务")
    at_work.answer(at_work.desk.next(), "1 王芳 生日")
    wecom.say("已回访", quotes=wecom.bubbles()[0].id)
    assert at_work.desk.next().quoted == "1 王芳 生日"


def test_who_opens_the_chat_is_greeted(wecom: Corp, at_work: Shop) -> None:
    wecom.on.do(lambda: wecom.server.enter("XiaoWang", "bot"))
    hello = "我是掌柜。发「查 手机号」看客户，发「帮助」看全部。"
    wecom.until(lambda: wecom.kinds() == [("text", hello)])
    assert at_work.desk.is_empty()


def test_choices_become_buttons_and_a_press_says_which(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    at_work.answer(at_work.desk.next(), TEXT, choices=CHOICES, menu=MENU)
    shown = wecom.bubbles()[-1]
    assert [kind for kind, _ in wecom.kinds()] == ["stream", "template_card"]
    assert [(key.label, key.data) for row in shown.keys for key in row] == [
        ("记一句", press(1)),
        ("全部", press(2)),
        ("算了", press(0)),
    ]
    wecom.press(shown, press(2))
    pressed = at_work.desk.next()
    assert (pressed.press, pressed.text, pressed.back["task_id"]) == (Press(MENU, 2), "", shown.card["task_id"])
    at_work.answer(pressed, "全部在这里", pressed=pressed.press, settled=True)
    assert (shown.note, shown.keys) == ("已选：全部", [[Key("已选：全部", "")]])
    assert wecom.kinds()[-1] == ("markdown", "全部在这里")


def test_a_press_without_effect_leaves_the_buttons(wecom: Corp, at_work: Shop) -> None:
    wecom.say("查 王芳")
    at_work.answer(at_work.desk.next(), TEXT, choices=CHOICES, menu=MENU)
    shown = wecom.bubbles()[-1]
    wecom.press(shown, press(2))
    pressed = at_work.desk.next()
    at_work.answer(pressed, "全部在这里", pressed=pressed.press)
    assert [key.data for row in shown.keys for key in row] == [press(1), press(2), press(0)]
    assert wecom.frames("aibot_respond_update_msg") == []


def test_a_press_answered_late_leaves_the_card_and_still_says_it(wecom: Corp, tmp_path: Path) -> None:
    with shop(wecom, tmp_path, rhythm=replace(QUICK, update=0)) as late:
        wecom.say("查 王芳")
        late.answer(late.desk.next(), TEXT, choices=CHOICES, menu=MENU)
        wecom.press(wecom.bubbles()[-1], press(1))
        pressed = late.desk.next()
        late.answer(pressed, "记好了", pressed=pressed.press, settled=True)
        assert wecom.frames("aibot_respond_update_msg") == []
        assert wecom.kinds()[-1] == ("markdown", "记好了")


def test_what_is_no_message_is_left_out(wecom: Corp, at_work: Shop) -> None:
    feedback = {"eventtype": "feedback_event", "feedback_event": {"id": "F1", "type": 1}}
    wecom.send({"msgtype": "event", "event": feedback}, event=True)
    wecom.send({"msgtype": "location", "location": {}})
    foreign = {"event_key": "of-another-program", "task_id": "t"}
    wecom.send({"msgtype": "event", "event": {"eventtype": "template_card_event", "template_card_event": foreign}})
    wecom.say("在吗")
    assert plain(at_work.desk.next()) == heard("在吗")


def test_pictures_and_documents_are_brought_up_in_parts_and_shown(wecom: Corp, at_work: Shop, tmp_path: Path) -> None:
    chart, sheet = tmp_path / "chart.png", tmp_path / "名单.csv"
    chart.write_bytes(PNG)
    sheet.write_bytes(b"row\n" * 300_000)
    wecom.say("报表")
    at_work.answer(at_work.desk.next(), "本月", pictures=(str(chart),), documents=(str(sheet),))
    assert [kind for kind, _ in wecom.kinds()] == ["stream", "image", "file"]
    assert [body["chunk_index"] for body in wecom.frames("aibot_upload_media_chunk")] == [0, 0, 1, 2]
    sent = [one for one in wecom.server.corp.files.values() if one.owner == "aibot"]
    assert [(one.name, one.content) for one in sent] == [("chart.png", PNG), ("名单.csv", b"row\n" * 300_000)]


def test_a_long_answer_comes_in_parts_that_the_platform_takes(wecom: Corp, at_work: Shop) -> None:
    lines = "\n".join(f"{number} 王芳 13800138000 喜欢少糖" for number in range(1500))
    wecom.say("名单")
    at_work.answer(at_work.desk.next(), lines)
    said = [str(words) for _, words in wecom.kinds()]
    assert [len(one.encode()) <= 20480 for one in said] == [True] * 3
    assert "\n".join(said).replace("  \n", "\n") == lines


def test_a_push_goes_out_unasked_where_somebody_has_spoken_before(wecom: Corp, at_work: Shop) -> None:
    early = at_work.refusal(Parcel("digest:1", MINE, "今天 3 人生日"))
    assert (early.fault, early.say) == ("gone", "这个会话发不进去：对方要先跟机器人说句话，或已经不在了（93006）")
    wecom.say("@掌柜 在吗", talk=IN_GROUP)
    at_work.desk.next()
    at_work.send(Parcel("digest:2", wecom.ours, "今天 3 人生日", choices=CHOICES, menu=MENU))
    assert [kind for kind, _ in wecom.kinds(person="xiaoli", talk=IN_GROUP)] == ["markdown", "template_card"]


def test_a_card_sent_twice_is_shown_once(wecom: Corp, at_work: Shop) -> None:
    wecom.say("在吗")
    at_work.desk.next()
    push = Parcel("digest:3", MINE, "任务", choices=CHOICES, menu=MENU)
    card = at_work.bot.pieces(push)[-1]
    wecom.fault(kind="42014", path="ws/aibot_send_msg")
    at_work.on.do(lambda: at_work.bot.post(card))
    assert wecom.kinds() == []


def test_pulse_says_since_when_it_is_connected(wecom: Corp, at_work: Shop) -> None:
    wecom.say("在吗")
    at_work.desk.next()
    pulse = at_work.pulse()
    assert (pulse.ok, re.sub(r"\d+", "N", pulse.say)) == (True, "长连接正常：连上 N 秒，最近一帧在 N 秒前")
