"""What members do in WeCom arrives at the desk, once, and only then WeCom is told so."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.wecom import door
from bot.chat import Address, Choice, Incoming, Press
from bot.wire import Event
from tests.support.wecom_app import AGENT, PICTURE, WANG, Sender, Shop, letter, shop

CHOICES = (Choice("记一句", "记 #a"), Choice("全部", "全 #a"))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as found:
        yield found


@pytest.fixture
def store(servers: Shop) -> Iterator[Shop]:
    yield servers.fresh()
    assert list(servers.wecom.complaints) == []


def texts(store: Shop) -> list[str]:
    return [message.text for message in store.desk.taken]


def test_the_address_is_verified_in_the_admin_console(store: Shop) -> None:
    assert store.there.do(store.wecom.verify()) == ""


def test_a_text_arrives_and_is_acknowledged_with_an_empty_200(store: Shop) -> None:
    assert store.say("查 13800138000") == ""

    (message,) = store.desk.taken
    assert (message.address, message.text, message.press, message.files) == (WANG, "查 13800138000", None, ())
    assert message.key.startswith(f"{AGENT}:xiaowang:7")
    assert [(one.status, one.door) for one in store.wecom.callbacks] == [(200, "app")]


def test_a_quoted_message_is_not_part_of_what_she_says(store: Shop) -> None:
    store.send("第一张卡\n“有引号”\n------\n横线")

    store.say("1", quotes=store.bubbles()[0].id)

    assert texts(store) == ["1"]
    assert [one.quoted for one in store.desk.taken] == ["第一张卡\n“有引号”\n------\n横线"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("「张三：旧消息」\n- - - - - - - - - - - - - - -\n新回复", "新回复"),
        ('This is a quote/reply:\n"张三：\n旧"\n------\n好的', "好的"),
        ("「不是引用」后面的话", "「不是引用」后面的话"),
        ("这是一条引用/回复消息：没有下文", "这是一条引用/回复消息：没有下文"),
        ("一行\n------\n二行", "一行\n------\n二行"),
        ("]]&gt; <xml> & 撇'号\"", "]]&gt; <xml> & 撇'号\""),
    ],
)
def test_texts_that_look_like_quotes_or_markup_arrive_as_they_are(store: Shop, content: str, said: str) -> None:
    assert Sender(store).post(letter(Content=content, MsgId="1")).status_code == 200

    assert texts(store) == [said]


def test_four_deliveries_of_one_message_have_one_effect(store: Shop) -> None:
    store.wecom.add_fault({"kind": "parallel", "path": "callback/app"})
    store.say("一")
    store.wecom.add_fault({"kind": "duplicate", "path": "callback/app"})
    store.say("二")
    store.wecom.add_fault({"kind": "replay", "path": "callback/app"})
    store.say("三")

    assert texts(store) == ["一", "二", "三"]
    assert [one.status for one in store.wecom.callbacks] == [200] * 8


def test_two_events_of_one_second_are_two(store: Shop) -> None:
    sender = Sender(store)
    first = letter("event", Event="click", EventKey="今天", CreateTime="1700000000")
    second = letter("event", Event="click", EventKey="我的", CreateTime="1700000000")

    assert [sender.post(one).status_code for one in (first, second, first, second)] == [200] * 4
    assert texts(store) == ["今天", "我的"]


def test_storage_that_fails_is_503_and_the_next_delivery_is_kept(store: Shop) -> None:
    store.desk.fails = 2

    assert store.say("查 8000") == ""

    assert [one.status for one in store.wecom.callbacks] == [503, 503, 200]
    assert texts(store) == ["查 8000"]


def test_a_desk_that_is_slow_is_asked_once_however_often_wecom_comes(
    store: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "ANSWER_WITHIN", 0.1)
    store.desk.gate = gate = asyncio.Event()
    sender, plain = Sender(store), letter(Content="慢", MsgId="77")

    assert [sender.post(plain).status_code for _ in range(3)] == [503] * 3
    assert (store.desk.tries, texts(store)) == (1, [])

    store.here.do(opened(gate))
    store.until(lambda: texts(store) == ["慢"])
    assert sender.post(plain).status_code == 200
    assert texts(store) == ["慢"]


async def opened(gate: asyncio.Event) -> None:
    gate.set()


def test_a_pressed_button_comes_with_what_is_needed_to_grey_it(store: Shop) -> None:
    store.send("没有找到这位客户。\n1 记一句　2 全部", choices=CHOICES, menu=0xBEEF)
    (card,) = store.bubbles()

    store.press(card.keys[1][0].data, card.id)

    (message,) = store.desk.taken
    assert (message.text, message.press) == ("", Press(0xBEEF, 2))
    assert message.back.keys() == {"response_code", "task_id", "label"}
    assert (message.back["label"], message.back["task_id"]) == ("全部", store.sent()[0]["template_card"]["task_id"])


def test_a_key_that_is_no_press_of_ours_is_left_alone(store: Shop) -> None:
    event = letter("event", Event="template_card_event", EventKey="done", TaskId="t", ResponseCode="RC")

    assert Sender(store).post(event).status_code == 200
    assert store.desk.taken == []


def test_a_tapped_menu_entry_is_its_command(store: Shop) -> None:
    top = store.wecom.talks("xiaowang")[0].menu

    for key in top:
        store.press(key.data)

    assert [key.label for key in top] == ["查客户", "记一句", "我的", "撤回上一步", "帮助"]
    assert texts(store) == ["查", "记", "我的", "撤", "帮助"]


def test_opening_the_app_and_coming_into_its_range_are_silent(store: Shop) -> None:
    store.there.do(store.wecom.enter("xiaowang"))
    store.there.do(store.wecom.subscribe("xiaowang"))

    assert [one.status for one in store.wecom.callbacks] == [200, 200]
    assert (store.desk.taken, store.desk.told, store.bubbles()) == ([], [], [])


def test_who_leaves_is_told_to_the_shop(store: Shop) -> None:
    store.there.do(store.wecom.unsubscribe("xiaoli"))
    store.there.do(store.wecom.dismiss("xiaowang"))

    assert [(event.kind, event.address.account) for event in store.desk.told] == [
        ("unseated", "xiaoli"),
        ("resigned", "xiaowang"),
    ]


def test_a_new_account_name_asks_for_a_new_binding(store: Shop) -> None:
    fields = {"ChangeType": "update_user", "UserID": "xiaowang", "NewUserID": "wangfang"}

    store.there.do(store.wecom.app.system("change_contact", fields))

    assert [(event.kind, event.detail) for event in store.desk.told] == [
        ("alert", "企业微信账号 xiaowang 改成了 wangfang：请让本人重新绑定。")
    ]


def test_warnings_of_the_platform_reach_the_operator(store: Shop) -> None:
    store.there.do(store.wecom.app.system("inactive_alert", {"EffectTime": 1700000000}))

    (event,) = store.desk.told
    assert (event.kind, event.address, event.detail) == (
        "alert",
        Address("wecom", "", ""),
        "企业微信提醒：应用太久没人用，快要被停用了。",
    )


NEEDLESS: dict[str, dict[str, str]] = {
    "customer added": {"Event": "change_external_contact", "ChangeType": "add_external_contact", "UserID": "xiaowang"},
    "customer group": {"Event": "change_external_chat", "ChatId": "wr1", "ChangeType": "update"},
    "customer tag": {"Event": "change_external_tag", "Id": "et1", "ChangeType": "create"},
    "new colleague": {"Event": "change_contact", "ChangeType": "create_user", "UserID": "new"},
    "batch job": {"Event": "batch_job_result"},
    "place": {"Event": "LOCATION", "Latitude": "23.1"},
    "link in the menu": {"Event": "view", "EventKey": "https://example.com"},
    "unknown": {"Event": "never_heard_of"},
    "menu without key": {"Event": "click", "EventKey": ""},
    "to another app": {"MsgType": "text", "Content": "给别的应用的", "MsgId": "9", "AgentID": "1000003"},
    "no words": {"MsgType": "text", "Content": "", "MsgId": "9"},
}


@pytest.mark.parametrize("what", NEEDLESS)
def test_what_needs_no_answer_gets_an_empty_200_and_does_nothing(store: Shop, what: str) -> None:
    plain = letter("event", **NEEDLESS[what])

    answer = Sender(store).post(plain)

    assert (answer.status_code, answer.content) == (200, b"")
    assert (store.desk.taken, store.desk.told) == ([], [])


def test_a_picture_arrives_as_a_file_for_its_owner_alone(store: Shop) -> None:
    store.there.do(store.wecom.drop("xiaowang", "app", "小票.png", PICTURE))

    (message,) = store.desk.taken
    (file,) = message.files
    path = Path(file.path)
    assert (message.text, file.name, path.read_bytes()) == ("", "图片.png", PICTURE)
    assert (path.parent, path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (
        store.folder / "files",
        0o600,
        0o700,
    )


def test_a_picture_that_came_before_leaves_one_file(store: Shop) -> None:
    store.wecom.add_fault({"kind": "duplicate", "path": "callback/app"})

    store.there.do(store.wecom.drop("xiaowang", "app", "a.png", PICTURE))

    assert len(store.desk.taken) == 1
    assert [path.read_bytes() for path in (store.folder / "files").iterdir()] == [PICTURE]


def test_a_picture_that_cannot_be_fetched_now_is_delivered_again(store: Shop) -> None:
    store.wecom.add_fault({"kind": "http503", "path": "media/get"})

    store.there.do(store.wecom.drop("xiaowang", "app", "a.png", PICTURE))

    assert [one.status for one in store.wecom.callbacks] == [503, 200]
    assert len(store.desk.taken) == 1


def test_a_picture_that_could_not_be_kept_leaves_no_second_file(store: Shop) -> None:
    store.desk.fails = 1

    store.there.do(store.wecom.drop("xiaowang", "app", "a.png", PICTURE))

    assert [one.status for one in store.wecom.callbacks] == [503, 200]
    assert [str(path) for path in (store.folder / "files").iterdir()] == [store.desk.taken[0].files[0].path]


def test_a_picture_that_takes_longer_than_wecom_waits_is_fetched_once(
    store: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "ANSWER_WITHIN", 0.02)
    store.wecom.add_fault({"kind": "slow", "path": "media/get", "delay": 0.5})

    store.there.do(store.wecom.drop("xiaowang", "app", "a.png", PICTURE))
    store.until(lambda: store.desk.taken)

    assert [one.status for one in store.wecom.callbacks] == [503] * 4
    assert (store.count("media/get"), len(store.desk.taken)) == (1, 1)


def test_a_hint_that_cannot_be_sent_hinders_nothing(store: Shop) -> None:
    store.wecom.add_fault({"kind": 60020, "path": "message/send"})

    assert store.there.do(store.wecom.drop("xiaowang", "app", "a.amr", b"#!AMR" + bytes(20))) == ""
    store.until(lambda: not store.app.pulse().ok)
    assert store.say("查 8000") == ""


def test_a_picture_that_is_gone_is_asked_for_again(store: Shop) -> None:
    assert Sender(store).post(letter("image", MediaId="MEDIA_gone", MsgId="5")).status_code == 200

    store.until(store.bubbles)
    assert [bubble.html for bubble in store.bubbles()] == ["图片没有收到，请再发一次。"]
    assert store.desk.taken == []


def test_each_voice_message_is_answered_other_things_once(store: Shop) -> None:
    for _ in range(2):
        store.there.do(store.wecom.drop("xiaowang", "app", "a.amr", b"#!AMR" + bytes(20)))
        store.there.do(store.wecom.drop("xiaowang", "app", "a.mp4", bytes(4) + b"ftyp" + bytes(20)))
        store.there.do(store.wecom.app.locate("xiaowang", 31.2, 121.4, "徐汇"))

    store.until(lambda: len(store.bubbles()) == 3)
    assert sorted(bubble.html for bubble in store.bubbles()) == [
        "我只看得懂文字和图片，别的请打字告诉我。",
        "语音我听不了：请用键盘上的语音输入，说完变成文字再发。",
        "语音我听不了：请用键盘上的语音输入，说完变成文字再发。",
    ]
    assert store.desk.taken == []


def test_a_late_message_keeps_the_time_it_was_written(store: Shop) -> None:
    sender = Sender(store)
    sender.post(letter(Content="昨天", MsgId="1", CreateTime="1700000000"))
    sender.post(letter(Content="刚才", MsgId="2"))

    old, new = store.desk.taken
    assert old.at == datetime.fromtimestamp(1700000000, UTC)
    assert abs((new.at - store.desk.now()).total_seconds()) < 60


def test_a_clock_that_was_moved_is_the_clock(store: Shop) -> None:
    store.clock.ahead = 30 * 86400

    store.say("明年见")

    assert texts(store) == ["明年见"]
    assert abs((store.desk.taken[0].at - store.desk.now()).total_seconds()) < 60


def test_before_the_channel_is_open_nothing_is_acknowledged(store: Shop) -> None:
    store.app._callbacks.desk = None

    assert store.say("早") == "应用没有应答（HTTP 503）"
    store.app._callbacks.desk = store.desk


def test_an_answer_is_an_incoming_like_any_other(store: Shop) -> None:
    Sender(store).post(letter(Content="好", MsgId="42"))

    assert store.desk.taken == [
        Incoming(f"{AGENT}:xiaowang:42", WANG, "好", store.desk.taken[0].at),
    ]
    assert [event for event in store.desk.told if isinstance(event, Event)] == []
