"""Announcements into a store's group by its webhook, against a strict WeCom."""

import asyncio
import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.wecom.transport import Transport
from bot.channels.wecom.webhook import Webhook, WecomWebhook, markdowns, texts
from bot.chat import Address, Choice
from bot.sandbox.model import Bubble
from bot.wire import Channel, Pace, Parcel, Pulse, SendError
from tests.support.wecom_app import GROUPS, PICTURE, Shop, shop

STORE = Address("wecom_group", "001", "001", private=False, store="001")
KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as found:
        yield found


@pytest.fixture
def store(servers: Shop) -> Shop:
    return servers.fresh()


@pytest.fixture
def groups(store: Shop) -> Iterator[WecomWebhook]:
    addresses = {
        "001": store.wecom.webhook_url(GROUPS[0].id),
        "003": f"{store.wecom.address}/cgi-bin/webhook/send?key={KEY}",
    }
    channel = WecomWebhook(lambda code: addresses.get(code, ""))
    yield channel
    asyncio.run(channel.close())


def parcel(text: str, **more: object) -> Parcel:
    return replace(Parcel("push:1", STORE, text), **more)


def send(channel: Channel, given: Parcel) -> None:
    for piece in channel.pieces(given):
        asyncio.run(channel.post(piece))


def fault(channel: Channel, given: Parcel) -> SendError:
    with pytest.raises(SendError) as error:
        send(channel, given)
    return error.value


def said(store: Shop, person: str = "xiaowang") -> list[Bubble]:
    talk = next(one for one in store.wecom.talks(person) if one.group)
    return talk.bubbles


def test_an_announcement_reaches_everybody_in_the_group(store: Shop, groups: WecomWebhook) -> None:
    send(groups, parcel("今天 15:00 盘点"))

    assert [[bubble.html for bubble in said(store, person)] for person in GROUPS[0].members] == [
        ["今天 15:00 盘点"]
    ] * 2
    assert store.sent("webhook/send") == [{"msgtype": "text", "text": {"content": "今天 15:00 盘点"}}]
    assert groups.pulse() == Pulse(ok=True, say="群机器人正常。")


def test_a_long_one_is_several_and_choices_stay_digits(store: Shop, groups: WecomWebhook) -> None:
    send(groups, parcel("好" * 683, choices=(Choice("查", "查"),), menu=7))

    assert [bubble.html for bubble in said(store)] == ["好" * 682, "好"]


def test_what_people_wrote_mentions_nobody(store: Shop, groups: WecomWebhook) -> None:
    send(groups, parcel("<@all> [领券](http://evil)"))

    assert store.sent("webhook/send")[0]["text"] == {"content": "＜@all> [领券]（http://evil)"}


def test_our_own_markdown_has_twice_the_room() -> None:
    assert texts("") == markdowns("") == []
    assert [body["msgtype"] for body in markdowns("**好**")] == ["markdown"]
    assert [len(body["markdown"]["content"].encode()) for body in markdowns("好" * 1366)] == [4095, 3]


def test_markdown_is_sent_as_it_is(store: Shop) -> None:
    transport = Transport()
    robot = Webhook(store.wecom.webhook_url(GROUPS[0].id), transport)
    for body in markdowns('今天 <font color="info">3</font> 位生日'):
        robot.post(body)
    transport.close()

    assert store.sent("webhook/send") == [
        {"msgtype": "markdown", "markdown": {"content": '今天 <font color="info">3</font> 位生日'}}
    ]


def test_pictures_and_documents_go_along(store: Shop, groups: WecomWebhook, tmp_path: Path) -> None:
    picture, large, table = tmp_path / "榜.png", tmp_path / "大.png", tmp_path / "日报.xlsx"
    picture.write_bytes(PICTURE)
    large.write_bytes(PICTURE + bytes(2 << 20))
    table.write_bytes(b"PK" + bytes(100))

    send(groups, parcel("日报", pictures=(str(picture), str(large)), documents=(str(table),)))

    assert [body["msgtype"] for body in store.sent("webhook/send")] == ["text", "image", "file", "file"]
    assert [file["name"] for bubble in said(store) for file in bubble.files] == ["image", "大.png", "日报.xlsx"]


@pytest.mark.parametrize("size", [None, 3, (20 << 20) + 1])
def test_a_file_that_cannot_be_sent_is_never_tried(
    store: Shop, groups: WecomWebhook, tmp_path: Path, size: int | None
) -> None:
    path = tmp_path / "f.pdf"
    if size is not None:
        path.write_bytes(bytes(size))

    assert fault(groups, parcel("", documents=(str(path),))).fault == "never"


def test_the_limit_stays_under_that_of_the_platform(store: Shop, groups: WecomWebhook) -> None:
    assert groups.paces == {"chat": (Pace(18, 60),)}
    assert (groups.name, groups.doors) == ("wecom_group", ())
    for number in range(20):
        send(groups, parcel(str(number)))

    error = fault(groups, parcel("21"))
    assert (error.fault, error.retry_after) == ("wait", 60)


def test_a_robot_that_was_removed_is_gone(groups: WecomWebhook) -> None:
    error = fault(groups, parcel("好", to=replace(STORE, chat="003")))

    assert error.fault == "gone"
    assert error.say == "企业微信 93000：群机器人的地址失效了：请在群里重新添加机器人，再执行 zhanggui store webhook。"
    assert groups.pulse() == Pulse(ok=False, say=f"门店 003：{error.say}")


def test_a_store_without_a_robot_is_gone(groups: WecomWebhook) -> None:
    assert fault(groups, parcel("好", to=replace(STORE, chat="002"))).say == "这家门店没有设置群机器人。"


@pytest.mark.parametrize("kind", ["lost", "reset", "http500", "empty", "truncated"])
def test_an_unclear_try_is_unknown_since_it_might_come_twice(store: Shop, groups: WecomWebhook, kind: str) -> None:
    store.wecom.add_fault({"kind": kind, "path": "webhook/send"})

    assert fault(groups, parcel("好")).fault == "unknown"
    assert [piece.harmless for piece in groups.pieces(parcel("好"))] == [False]


def test_an_unclear_upload_may_be_tried_again(store: Shop, groups: WecomWebhook, tmp_path: Path) -> None:
    path = tmp_path / "f.pdf"
    path.write_bytes(bytes(100))
    store.wecom.add_fault({"kind": "http502-html", "path": "webhook/upload_media"})

    assert fault(groups, parcel("", documents=(str(path),))).fault == "again"
    assert said(store) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "ftp://x/send?key=1",
        "https://x/cgi-bin/webhook/?key=1",
        KEY,
    ],
)
def test_an_incomplete_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(SendError) as error:
        Webhook(url, Transport())

    assert error.value.fault == "setup"
    assert error.value.say == "群机器人的地址不完整：请在群里复制 Webhook 地址，再执行 zhanggui store webhook。"


@pytest.mark.parametrize("kind", ["93000", "lost", "http500", "empty"])
def test_the_key_is_in_no_error_and_no_log(
    store: Shop, groups: WecomWebhook, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.CRITICAL, "uvicorn.access")  # WeCom's own side of the wire
    url = store.wecom.webhook_url(GROUPS[0].id)
    store.wecom.add_fault({"kind": kind, "path": "webhook/send"})

    error = fault(groups, parcel("好"))

    told = "".join(traceback.format_exception(error)) + caplog.text + repr(Webhook(url, Transport())) + repr(groups)
    assert url.partition("key=")[2] not in told
