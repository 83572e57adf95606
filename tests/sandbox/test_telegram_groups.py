"""Groups of the local Telegram: privacy, coming and going, migration, topics."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.local_telegram import Lab, local_telegram


@pytest.fixture
def lab() -> Iterator[Lab]:
    with local_telegram() as lab:
        yield lab


@pytest.fixture
def private_lab(lab: Lab) -> Lab:
    """The bot came into the group with its privacy on."""
    lab.server.set_privacy(on=True)
    lab.server.remove_bot("xiaowang", "001")
    lab.server.add_bot("xiaowang", "001")
    lab.updates()
    return lab


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


def test_with_privacy_off_the_bot_hears_everything(lab: Lab) -> None:
    lab.say("xiaowang", "今天人好多", "001")

    assert texts(lab.updates()) == ["今天人好多"]
    assert lab.do("getMe")["can_read_all_group_messages"] is True


def test_with_privacy_on_the_bot_hears_what_names_it_and_answers_to_it(private_lab: Lab) -> None:
    lab = private_lab
    group = lab.server.chat_id_of("001")
    for text in ("今天人好多", "/查 8000", "@zhanggui_bot 在吗", "/cx 1", "/cx@other_bot 2", "/cx@zhanggui_bot 3"):
        lab.say("xiaowang", text, "001")
    sent = lab.do("sendMessage", chat_id=group, text="请回复手机号")
    lab.say("xiaoli", "13800138000", "001", quotes=str(sent["message_id"]))
    lab.say("xiaoli", "/cx 4", "001")

    assert texts(lab.updates()) == ["/cx@zhanggui_bot 3", "13800138000", "/cx 4"]


def test_an_administrator_hears_everything_and_privacy_changes_when_the_bot_comes_anew(private_lab: Lab) -> None:
    lab = private_lab
    lab.server.set_privacy(on=False)
    lab.say("xiaowang", "一", "001")
    lab.server.add_bot("xiaowang", "001", administrator=True)
    lab.updates()
    lab.say("xiaowang", "二", "001")

    assert texts(lab.updates()) == ["二"]


def test_coming_and_going_of_the_bot_is_told_and_afterwards_it_may_not_write(lab: Lab) -> None:
    group = lab.server.chat_id_of("001")
    lab.server.remove_bot("xiaowang", "001")
    gone = lab.updates()
    refused = lab.ask("sendMessage", chat_id=group, text="x")
    lab.say("xiaowang", "听得到吗", "001")
    lab.server.add_bot("xiaoli", "001")
    back = lab.updates()

    assert [[kind for kind in update if kind != "update_id"] for update in gone + back] == [
        ["message"],
        ["my_chat_member"],
        ["my_chat_member"],
        ["message"],
    ]
    assert refused == (403, "Forbidden: bot was kicked from the group chat")
    assert back[0]["my_chat_member"]["from"]["id"] == lab.chat("xiaoli")
    assert [one["is_bot"] for one in back[1]["message"]["new_chat_members"]] == [True]


def test_people_come_and_go(lab: Lab) -> None:
    lab.server.invite("luren", "001")
    lab.server.part("luren", "001")
    came, went = (update["message"] for update in lab.updates())

    assert (came["new_chat_members"][0]["first_name"], went["left_chat_member"]["first_name"]) == ("路人", "路人")


def test_a_migrated_group_goes_on_under_another_number(lab: Lab) -> None:
    old = lab.server.chat_id_of("001")
    new = lab.server.migrate("001")
    notes = [update["message"] for update in lab.updates()]
    answer = lab.http.post(f"/bot{lab.server._token}/sendMessage", json={"chat_id": old, "text": "x"})

    assert [
        (note["chat"]["id"], note.get("migrate_to_chat_id"), note.get("migrate_from_chat_id")) for note in notes
    ] == [
        (old, new, None),
        (new, None, old),
    ]
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "ok": False,
            "error_code": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": {"migrate_to_chat_id": new},
        },
    )
    assert lab.do("sendMessage", chat_id=new, text="x")["message_id"] == 2  # supergroups count for themselves
    assert lab.server.chat_id_of("001") == new
    assert [talk.id for talk in lab.server.talks("xiaowang")] == ["private", "001"]


def test_in_a_topic_every_message_answers_its_start(lab: Lab) -> None:
    talk = lab.server.open_topic("xiaowang", "001", "早会")
    lab.say("xiaowang", "任务", talk)
    message = lab.updates()[-1]["message"]
    group, thread = message["chat"]["id"], message["message_thread_id"]
    sent = lab.do("sendMessage", chat_id=group, text="三件", reply_parameters={"message_id": message["message_id"]})

    assert (message["is_topic_message"], message["chat"]["is_forum"]) == (True, True)
    assert message["reply_to_message"]["forum_topic_created"]["name"] == "早会"
    assert (sent["message_thread_id"], sent["reply_to_message"]["text"]) == (thread, "任务")
    assert lab.last("xiaowang", talk).html == "<blockquote>任务</blockquote>三件"
    assert lab.ask("sendMessage", chat_id=group, text="x", message_thread_id=1) == (
        400,
        "Bad Request: message thread not found",
    )
    assert lab.do("sendMessage", chat_id=group, text="大厅")["chat"]["id"] == group
    assert lab.last("xiaoli", "001").html == "大厅"
