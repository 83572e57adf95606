"""What an update of Telegram means: whose it is, what is said, where the answer goes."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telegram import Update

from bot.channels.telegram.questions import Questions
from bot.channels.telegram.text import head
from bot.channels.telegram.updates import Attachment, Heard, Reader, Remark
from bot.channels.telegram.words import Entry
from bot.chat import Address, Incoming, Press
from bot.wire import Event

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
US = {"id": 1, "is_bot": True, "first_name": "掌柜", "username": "guide_bot"}
WANG = {"id": 42, "is_bot": False, "first_name": "小王"}
PRIVATE = {"id": 42, "type": "private", "first_name": "小王"}
GROUP = {"id": -1007, "type": "supergroup", "title": "徐汇店"}
QUOTED = "王芳 · 老客"
OURS = {"message_id": 8, "date": int(NOW.timestamp()), "chat": GROUP, "from": US, "text": QUOTED}
MENU = (Entry.read("cx", "查", "查客户：手机号或姓名"), Entry.read("rw", "任务", "今天要做的"))
IN_PRIVATE = Address("telegram", "42", "42")
IN_GROUP = Address("telegram", "42", "-1007", private=False)


def read(body: Mapping[str, Any], questions: Questions | None = None) -> Heard | Event | Remark | None:
    update = Update.de_json({"update_id": 5, **body}, None)
    return Reader(1, "guide_bot", MENU, questions or Questions()).read(update, NOW)


def message(chat: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    whole = {"message_id": 9, "date": int(NOW.timestamp()), "chat": chat, "from": WANG, **more}
    return {"message": {name: value for name, value in whole.items() if value is not None}}


def said(text: str, quoted: str = "", **back: str) -> Heard:
    return Heard(Incoming("1:5", IN_PRIVATE, text, NOW, back={"chat": "42", **back}, quoted=quoted))


def said_in_group(text: str, quoted: str = "", **back: str) -> Heard:
    back = {"chat": "-1007", "message": "9", **back}
    return Heard(Incoming("1:5", IN_GROUP, text, NOW, back=back, quoted=quoted))


def test_a_private_text_is_taken_as_it_is() -> None:
    assert read(message(PRIVATE, text=" 她对花生也过敏 👍 ")) == said("她对花生也过敏 👍")


def test_the_platforms_time_counts_where_ours_is_far_from_it() -> None:
    late = NOW - timedelta(hours=3)

    assert read(message(PRIVATE, text="查 8000", date=int(late.timestamp()))).message.at == late
    assert read(message(PRIVATE, text="查 8000", date=int(NOW.timestamp()) - 100)).message.at == NOW


def test_a_bare_menu_command_goes_on_with_its_question_open() -> None:
    assert read(message(PRIVATE, text="/cx")) == said("/查", ask="查", hint="手机号或姓名")
    assert read(message(PRIVATE, text="/rw")) == said("/任务")


def test_the_reply_to_a_question_is_the_rest_of_its_command() -> None:
    questions = Questions()
    questions.ask("42", 8, "查")
    asked = {**OURS, "chat": PRIVATE}

    assert read(message(PRIVATE, text="王芳", reply_to_message=asked), questions) == said("查 王芳", QUOTED)
    assert read(message(PRIVATE, text="/rw", reply_to_message=asked), questions) == said("/任务", QUOTED)
    assert read(message(PRIVATE, text="王芳", reply_to_message=asked)) == said("王芳", QUOTED)


def test_a_part_that_was_picked_out_is_what_is_quoted() -> None:
    part = {"text": "老客", "position": 5}

    assert read(message(PRIVATE, text="1", reply_to_message={**OURS, "chat": PRIVATE}, quote=part)) == said("1", "老客")


def test_only_the_newest_questions_are_remembered() -> None:
    questions = Questions()
    for number in range(2001):
        questions.ask("42", number, "查")

    assert (questions.word("42", 0), questions.word("42", 1), questions.word("42", 2000)) == ("", "查", "查")


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("/查 8000", "/查 8000"),
        ("／查 8000", "／查 8000"),
        ("/cx@guide_bot 8000", "/查 8000"),
        ("@guide_bot 查 8000", "查 8000"),
        ("/start@guide_bot ABCD2345", "帮助"),
    ],
)
def test_a_group_is_heard_where_it_speaks_to_us(text: str, heard: str) -> None:
    assert read(message(GROUP, text=text)) == said_in_group(heard)


@pytest.mark.parametrize("text", ["查 8000", "/cx@other_bot 8000", "@other_bot 查 8000", "1", "@guide_bot"])
def test_a_group_talking_among_itself_is_not_heard(text: str) -> None:
    assert read(message(GROUP, text=text)) is None


def test_a_reply_to_us_is_spoken_to_us() -> None:
    theirs = {**OURS, "from": {"id": 43, "is_bot": False, "first_name": "小李"}}

    assert read(message(GROUP, text="1", reply_to_message=OURS)) == said_in_group("1", QUOTED)
    assert read(message(GROUP, text="1", reply_to_message=theirs)) is None


def test_the_beginning_of_a_topic_is_no_message_of_ours() -> None:
    beginning = {**OURS, "text": None, "forum_topic_created": {"name": "客户", "icon_color": 7322096}}
    beginning = {name: value for name, value in beginning.items() if value is not None}
    topic = {"message_thread_id": 8, "is_topic_message": True, "reply_to_message": beginning}

    assert read(message(GROUP, text="今天好忙", **topic)) is None
    assert read(message(GROUP, text="/查 8000", **topic)) == said_in_group("/查 8000", topic="8")


def test_a_thread_that_is_no_topic_is_not_answered_as_one() -> None:
    assert read(message(GROUP, text="/查 8000", message_thread_id=8)) == said_in_group("/查 8000")


ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
NOBODYS = {
    "an anonymous admin": message(GROUP, text="/查 8000", sender_chat=GROUP, **{"from": ANONYMOUS}),
    "a channel in a group": message(
        GROUP, text="/查 8000", sender_chat={"id": -9, "type": "channel", "title": "x"}, is_automatic_forward=True
    ),
    "another bot": message(GROUP, text="/查 8000", **{"from": {**US, "id": 2}}),
    "an inline bot's text": message(PRIVATE, text="/查 8000", via_bot={**US, "id": 2}),
    "an edited message": {"edited_message": message(PRIVATE, text="/查 8000", edit_date=1)["message"]},
    "a channel post": {
        "channel_post": message({"id": -9, "type": "channel", "title": "x"}, text="/查 8000")["message"]
    },
    "nobody": message(GROUP, text="/查 8000", **{"from": None}),
    "a pinned message": message(PRIVATE, pinned_message={**OURS, "chat": PRIVATE}),
    "an unknown kind of update": {"something_of_next_year": {}},
}


@pytest.mark.parametrize("name", NOBODYS)
def test_what_no_person_says_in_her_own_name_is_let_go(name: str) -> None:
    assert read(NOBODYS[name]) is None


def test_a_document_comes_with_its_caption_and_name() -> None:
    document = {"file_id": "F", "file_unique_id": "u", "file_name": "订单.xlsx", "file_size": 7}

    heard = read(message(PRIVATE, document=document, caption="十一月"))

    assert heard == Heard(said("十一月").message, Attachment("F", "订单.xlsx", 7))


def test_of_a_photo_the_largest_is_taken() -> None:
    sizes = [
        {"file_id": f"P{side}", "file_unique_id": str(side), "width": side, "height": side, "file_size": side}
        for side in (90, 800, 320)
    ]

    assert read(message(PRIVATE, photo=sizes)).attachment == Attachment("P800", "照片.jpg", 800)


def test_a_voice_is_answered_in_private_alone() -> None:
    voice = {"file_id": "V", "file_unique_id": "v", "duration": 3}

    assert read(message(PRIVATE, voice=voice)) == Remark("听不了语音。请打字，输入法的语音转文字也行。", 42)
    assert read(message(GROUP, voice=voice)) is None


def press(data: str | None, shown: Mapping[str, Any], chat: Mapping[str, Any] = PRIVATE) -> dict[str, Any]:
    query = {"id": "Q", "from": WANG, "chat_instance": "1", "data": data}
    return {"callback_query": {**query, "message": {"message_id": 8, "chat": chat, **shown}}}


def test_a_pressed_button_knows_its_message() -> None:
    card = {"date": int(NOW.timestamp()), "from": US, "text": "王芳（138****8000）· 老客\n1 全部"}

    back = {"chat": "42", "pressed": "8", "head": head("王芳（138****8000）· 老客 · 你的客户")}
    assert read(press("1f.2", card)) == Heard(Incoming("1:5", IN_PRIVATE, "", NOW, Press(31, 2), back=back), query="Q")


def test_a_button_on_a_message_too_old_to_change_is_answered_anew() -> None:
    assert read(press("1f.2", {"date": 0})) == Heard(
        Incoming("1:5", IN_PRIVATE, "", NOW, Press(31, 2), back={"chat": "42"}), query="Q"
    )


def test_a_button_nobody_made_does_nothing() -> None:
    card = {"date": int(NOW.timestamp()), "from": US, "text": "王芳"}

    assert read(press("drop table", card)) == Remark("这个按钮用不了了，请再查一次。", query="Q")


def test_a_button_in_a_group_knows_its_topic() -> None:
    card = {**OURS, "message_thread_id": 5, "is_topic_message": True}

    assert dict(read(press("1f.2", card, GROUP)).message.back) == {
        "chat": "-1007",
        "message": "8",
        "topic": "5",
        "pressed": "8",
        "head": head("王芳"),
    }


def test_a_group_that_moves_is_the_same_event_told_from_both_ends() -> None:
    old = {"id": -7, "type": "group", "title": "徐汇店"}
    moved = Event("moved", Address("telegram", "42", "-7", private=False), NOW, "-1007")

    assert read(message(old, migrate_to_chat_id=-1007)) == moved
    assert read(message(GROUP, migrate_from_chat_id=-7)) == moved


def change(chat: Mapping[str, Any], was: str, now: str, **more: object) -> dict[str, Any]:
    def member(status: str) -> dict[str, Any]:
        return {"user": US, "status": status, **({"until_date": 0} if status == "kicked" else {})}

    told = {"chat": chat, "from": WANG, "date": 1, "old_chat_member": member(was), "new_chat_member": member(now)}
    return {"my_chat_member": {**told, **more}}


@pytest.mark.parametrize(
    ("told", "event"),
    [
        (change(PRIVATE, "member", "kicked"), Event("blocked", IN_PRIVATE, NOW)),
        (change(PRIVATE, "kicked", "member"), Event("unblocked", IN_PRIVATE, NOW)),
        (change(GROUP, "left", "member"), Event("joined", IN_GROUP, NOW, "徐汇店")),
        (change(GROUP, "member", "left"), Event("left", IN_GROUP, NOW)),
        (change(GROUP, "member", "kicked"), Event("left", IN_GROUP, NOW)),
        (change(GROUP, "left", "kicked"), None),
        (change({"id": -9, "type": "channel", "title": "x"}, "left", "member"), None),
    ],
)
def test_the_bots_own_coming_and_going_is_told(told: Mapping[str, Any], event: Event | None) -> None:
    assert read(told) == event
