"""The people's side of the local Telegram: what they do becomes the update a real bot would get."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.sandbox.model import Key
from tests.support.local_telegram import Lab, local_telegram, png

KEYS = {"inline_keyboard": [[{"text": "1 记一句", "callback_data": "a.1"}, {"text": "2 全部", "callback_data": "a.2"}]]}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with local_telegram() as lab:
        yield lab


def messages(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"].get("text", "") for update in updates if "message" in update]


def test_a_phone_shows_the_bot_before_the_first_word_and_her_groups(lab: Lab) -> None:
    assert [(talk.id, talk.group, talk.bubbles) for talk in lab.server.talks("xiaowang")] == [
        ("private", False, []),
        ("001", True, []),
    ]
    assert [talk.id for talk in lab.server.talks("luren")] == ["private"]
    assert lab.phone("luren").menu == [Key("开始", "/start")]


def test_start_carries_the_payload_of_a_link(lab: Lab) -> None:
    lab.server.start("luren", "AB12cd34")
    message = lab.updates()[0]["message"]

    assert (message["text"], message["entities"]) == (
        "/start AB12cd34",
        [{"type": "bot_command", "offset": 0, "length": 6}],
    )


def test_a_text_too_long_for_one_message_comes_as_several(lab: Lab) -> None:
    lab.say("xiaowang", "客" * 4097)

    assert [len(text) for text in messages(lab.updates())] == [4096, 1]


def test_an_answer_holds_what_it_answers(lab: Lab) -> None:
    lab.start("xiaowang")
    sent = lab.do("sendMessage", chat_id=lab.chat("xiaowang"), text="是哪一位？")
    lab.say("xiaowang", "第一位", quotes=str(sent["message_id"]))
    answered = lab.updates()[0]["message"]["reply_to_message"]

    assert (answered["text"], answered["from"]["is_bot"]) == ("是哪一位？", True)
    assert lab.last("xiaowang").html == "<blockquote>是哪一位？</blockquote>第一位"


def test_a_pressed_key_flashes_up_what_the_bot_answers(lab: Lab) -> None:
    lab.start("xiaowang")
    sent = lab.do("sendMessage", chat_id=lab.chat("xiaowang"), text="选一个", reply_markup=KEYS)
    with ThreadPoolExecutor() as threads:
        press = lab.server.press("xiaowang", "private", str(sent["message_id"]), "a.2", {})
        flash = threads.submit(lab.act, press)
        query = lab.do("getUpdates", timeout=8)[0]["callback_query"]
        lab.do("answerCallbackQuery", callback_query_id=query["id"], text="好的")

        assert (flash.result(), query["data"], query["message"]["text"]) == ("好的", "a.2", "选一个")


def test_a_query_is_answered_once_and_soon(lab: Lab) -> None:
    lab.start("xiaowang")
    sent = str(lab.do("sendMessage", chat_id=lab.chat("xiaowang"), text="选一个", reply_markup=KEYS)["message_id"])
    lab.server.tap("xiaowang", "private", sent, "a.1")
    lab.server.tap("xiaowang", "private", sent, "a.1")
    first, second = (update["callback_query"]["id"] for update in lab.updates())
    old = "Bad Request: query is too old and response timeout expired or query ID is invalid"

    assert lab.ask("answerCallbackQuery", callback_query_id=first) == (200, True)
    assert lab.ask("answerCallbackQuery", callback_query_id=first) == (400, old)
    lab.at += 16
    assert lab.ask("answerCallbackQuery", callback_query_id=second) == (400, old)


def test_a_key_of_a_message_that_is_gone_cannot_be_pressed(lab: Lab) -> None:
    with pytest.raises(LookupError, match="这条消息已经不在了"):
        lab.server.tap("xiaowang", "private", "77", "a.1")


def test_a_very_old_message_comes_without_its_content(lab: Lab) -> None:
    lab.start("xiaowang")
    sent = str(lab.do("sendMessage", chat_id=lab.chat("xiaowang"), text="选一个", reply_markup=KEYS)["message_id"])
    lab.server.tap("xiaowang", "private", sent, "a.1", inaccessible=True)
    message = lab.updates()[0]["callback_query"]["message"]

    assert (message["date"], "text" in message) == (0, False)


def test_a_menu_entry_is_a_command_and_in_a_group_names_the_bot(lab: Lab) -> None:
    lab.do("setMyCommands", commands=[{"command": "cx", "description": "查客户"}])
    for talk in ("private", "001"):
        lab.act(lab.server.press("xiaowang", talk, "", lab.phone("xiaowang", talk).menu[0].data, {}))

    assert messages(lab.updates()) == ["/start", "/cx@zhanggui_bot"]
    assert lab.phone("xiaowang").menu == [Key("/cx 查客户", "/cx")]


def test_a_picture_is_a_photo_in_sizes_and_anything_else_a_document(lab: Lab) -> None:
    lab.act(lab.server.drop("xiaowang", "private", "a.png", png(640, 320)))
    lab.act(lab.server.drop("xiaowang", "private", "客户.csv", b"a,b"))
    photo, document = (update["message"] for update in lab.updates())

    assert [(size["width"], size["height"]) for size in photo["photo"]] == [(90, 45), (320, 160), (640, 320)]
    assert (document["document"]["file_name"], document["document"]["file_size"]) == ("客户.csv", 3)
    assert [file["mime"] for file in lab.last("xiaowang").files] == ["text/csv"]


def test_files_sent_together_are_updates_with_one_number(lab: Lab) -> None:
    lab.act(lab.server.drop_together("xiaowang", "private", {"a.png": png(), "b.png": png()}))
    first, second = lab.updates()

    assert first["message"]["media_group_id"] == second["message"]["media_group_id"]


def test_an_edited_message_comes_as_edited(lab: Lab) -> None:
    lab.say("xiaowang", "查 8000")
    lab.server.edit("xiaowang", "private", lab.last("xiaowang").id, "查 2203")
    edited = lab.updates()[1]["edited_message"]

    assert (edited["text"], edited["edit_date"]) == ("查 2203", int(lab.at))


def test_blocking_and_taking_up_again_are_told(lab: Lab) -> None:
    lab.start("xiaowang")
    lab.server.block("xiaowang")
    with pytest.raises(ValueError, match="已被停用"):
        lab.say("xiaowang", "在吗")
    lab.act(lab.server.press("xiaowang", "private", "", lab.phone("xiaowang").menu[0].data, {}))
    told = lab.updates()

    assert [update["my_chat_member"]["new_chat_member"]["status"] for update in told[:2]] == ["kicked", "member"]
    assert messages(told) == ["/start"]


def test_what_no_phone_can_do_is_announced_as_it_is(lab: Lab) -> None:
    lab.server.announce("channel_post", {"message_id": 1, "date": 1, "chat": {"id": -1, "type": "channel"}}, "xiaowang")

    assert [*lab.updates()[0]] == ["update_id", "channel_post"]


def test_nothing_the_bot_writes_becomes_markup_of_the_page(lab: Lab) -> None:
    lab.start("xiaowang")
    text = "<b>A</b>&lt;script&gt;\n<a href='https://x.cn'>x</a>"
    lab.do("sendMessage", chat_id=lab.chat("xiaowang"), parse_mode="HTML", text=text)
    link = '<a href="https://x.cn" rel="noreferrer noopener" target="_blank">x</a>'

    assert lab.last("xiaowang").html == f"<b>A</b>&lt;script&gt;\n{link}"


def test_watchers_hear_of_every_change(lab: Lab) -> None:
    heard: list[str] = []
    lab.server.watchers.append(lambda: heard.append("ring"))
    lab.say("xiaowang", "一")
    lab.do("sendMessage", chat_id=lab.chat("xiaowang"), text="二")

    assert heard == ["ring", "ring"]
