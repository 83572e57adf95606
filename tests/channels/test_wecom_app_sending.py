"""What the app says: in WeCom's sizes, once, and with the right fault where it was refused."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.wecom import WecomApp, WecomAppSetup
from bot.channels.wecom.menu import Entry, menu_body
from bot.chat import LET_GO, Address, Choice, Press
from bot.wire import Pace, Pulse, SendError
from tests.support.wecom_app import AES_KEY, AGENT, CORP, PICTURE, SECRET, TOKEN, Ledger, Shop, parcel, shop

CHOICES = (Choice("记一句", "记 #a", takes_text=True), Choice("全部", "全 #a"), Choice("算了", LET_GO))
SHORT = "没有找到这位客户。\n1 记一句　2 全部　0 算了"
LONG = "⚠️ 芒果过敏\n王*（尾号8000）\n常买：芋泥波波\n今天可说：“好久不见”\n1 记一句　2 全部　0 算了"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as found:
        yield found


@pytest.fixture
def store(servers: Shop) -> Iterator[Shop]:
    yield servers.fresh()
    assert list(servers.wecom.complaints) == []


def fault(store: Shop, text: str = "好", **more: object) -> SendError:
    with pytest.raises(SendError) as error:
        store.send(text, **more)
    return error.value


def shown(store: Shop) -> list[str]:
    return [bubble.html for bubble in store.bubbles()]


def test_a_text_is_one_message_that_the_platform_may_be_given_twice(store: Shop) -> None:
    store.post(parcel("您好", key="answer:1"))

    (body,) = store.sent()
    interval = body.pop("duplicate_check_interval")
    assert 9000 <= interval <= 14400
    assert body == {
        "touser": "xiaowang",
        "msgtype": "text",
        "agentid": AGENT,
        "text": {"content": "您好"},
        "enable_duplicate_check": 1,
    }
    assert shown(store) == ["您好"]


def test_the_same_parcel_is_the_same_to_the_byte_and_another_is_not(store: Shop) -> None:
    one = parcel("好" * 2000, key="a", choices=CHOICES, menu=7, pictures=("/x.png",))

    assert store.app.pieces(one) == store.app.pieces(replace(one))
    for mine, other in zip(store.app.pieces(one), store.app.pieces(replace(one, key="b")), strict=True):
        assert mine.body != other.body


def test_2049_bytes_are_two_messages(store: Shop) -> None:
    store.send("好" * 683)

    assert shown(store) == ["好" * 682, "好"]


def test_silence_is_nothing(store: Shop) -> None:
    assert store.app.pieces(parcel("")) == []


def test_what_people_wrote_mentions_nobody(store: Shop) -> None:
    store.send('备注：<@all> <a href="http://evil">领券</a>')

    assert store.sent()[0]["text"] == {"content": '备注：＜@all> ＜a href="http://evil">领券＜/a>'}


def test_a_short_answer_with_choices_is_one_card(store: Shop) -> None:
    store.send(SHORT, choices=CHOICES, menu=7)

    (card,) = store.bubbles()
    assert card.card is not None
    assert (card.card["main_title"]["title"], card.card["sub_title_text"]) == tuple(SHORT.split("\n"))
    assert [(row[0].label, row[0].data) for row in card.keys] == [("记一句", "7.1"), ("全部", "7.2"), ("算了", "7.0")]


def test_a_long_answer_can_be_copied_and_has_its_card_below(store: Shop) -> None:
    store.send(LONG, choices=CHOICES, menu=7)

    text, card = store.sent()
    assert text["text"] == {"content": LONG}
    assert card["template_card"]["main_title"] == {"title": "点一下，或回数字"}
    assert "sub_title_text" not in card["template_card"]


def test_a_card_the_platform_refuses_comes_as_a_text(store: Shop) -> None:
    store.wecom.add_fault({"kind": 42038, "path": "message/send"})

    store.send(SHORT, choices=CHOICES, menu=7)

    assert [body.get("text") for body in store.sent()] == [None, {"content": SHORT}]
    assert len(store.bubbles()) == 1


def test_only_the_card_below_a_text_may_be_lost(store: Shop) -> None:
    long, short = (store.app.pieces(parcel(text, choices=CHOICES, menu=7)) for text in (LONG, SHORT))

    assert [(piece.harmless, piece.optional) for piece in long] == [(True, False), (True, True)]
    assert [(piece.harmless, piece.optional) for piece in short] == [(True, False)]


def test_more_choices_than_a_card_holds_stay_digits(store: Shop) -> None:
    store.send("选一个", choices=CHOICES * 3, menu=7)

    assert [body["msgtype"] for body in store.sent()] == ["text"]


def test_without_a_menu_there_are_no_buttons(store: Shop) -> None:
    store.send(SHORT, choices=CHOICES)

    assert [body["msgtype"] for body in store.sent()] == ["text"]


def test_a_pressed_card_says_what_was_chosen_and_cannot_be_pressed_again(store: Shop) -> None:
    store.send(SHORT, choices=CHOICES, menu=7)
    card = store.bubbles()[0]
    store.press("7.2", card.id)
    (pressed,) = store.desk.taken

    store.send("全部资料", back=pressed.back, pressed=pressed.press, settled=True)

    assert (card.note, [[key.label for key in row] for row in card.keys]) == ("已选：全部", [["已选：全部"]])
    assert store.press("7.2", card.id) == "按钮已失效"
    assert shown(store)[1:] == ["全部资料"]


def test_a_press_from_before_a_restart_is_told_by_its_digit(store: Shop) -> None:
    store.send(SHORT, choices=CHOICES, menu=7)
    card = store.bubbles()[0]
    store.app._labels.clear()
    store.press("7.2", card.id)

    store.send("好", back=store.desk.taken[0].back, pressed=Press(7, 2))

    assert card.note == "已选：2"


def test_a_code_that_was_used_hinders_no_answer(store: Shop) -> None:
    store.send(SHORT, choices=CHOICES, menu=7)
    store.press("7.2", store.bubbles()[0].id)
    answer = parcel("全部资料", back=store.desk.taken[0].back, pressed=Press(7, 2))
    store.post(answer)
    update, text = store.app.pieces(answer)

    with pytest.raises(SendError) as error:
        asyncio.run(store.app.post(update))
    asyncio.run(store.app.post(text))

    assert (update.optional, update.harmless, error.value.fault) == (True, True, "never")
    assert shown(store)[1:] == ["全部资料"]


def test_equal_answers_of_two_parcels_are_two_messages(store: Shop) -> None:
    for _ in range(3):
        store.send("没有找到这位客户。")

    assert shown(store) == ["没有找到这位客户。"] * 3
    assert [body.get("enable_duplicate_check") for body in store.sent()] == [1, None, None]


@pytest.mark.parametrize("kind", ["lost", "reset", "http500", "http502-html", "http503", "empty", "truncated"])
def test_an_unclear_try_may_be_repeated_and_is_seen_once(store: Shop, kind: str) -> None:
    answer = parcel(SHORT, choices=CHOICES, menu=7)
    store.wecom.add_fault({"kind": kind, "path": "message/send", "acts": True})

    with pytest.raises(SendError) as error:
        store.post(answer)
    store.post(answer)

    assert error.value.fault == "again"
    assert len(store.bubbles()) == 1
    assert len(store.sent()) == 2


@pytest.mark.parametrize("kind", ["lost", "http502-html"])
def test_words_said_before_are_sent_without_the_check_and_their_unclear_try_is_unknown(store: Shop, kind: str) -> None:
    store.send("没有找到这位客户。")
    store.wecom.add_fault({"kind": kind, "path": "message/send", "acts": True})

    assert fault(store, "没有找到这位客户。").fault == "unknown"
    assert shown(store) == ["没有找到这位客户。"] * 2


def test_a_card_the_platform_already_has_is_sent(store: Shop) -> None:
    answer = parcel(SHORT, choices=CHOICES, menu=7)
    store.post(answer)
    store.clock.ahead = 4 * 3600 + 1  # the duplicate check has ended, the card's name is still taken

    store.post(answer)

    assert len(store.bubbles()) == 1
    assert store.wecom.calls[-1].code == 42014


@pytest.mark.parametrize(
    ("code", "kind", "wait"),
    [
        (-1, "again", 0),
        (6000, "again", 0),
        (45033, "again", 0),
        (45009, "wait", 60),
        (40001, "setup", 0),
        (40056, "setup", 0),
        (48002, "setup", 0),
        (50003, "setup", 0),
        (301002, "setup", 0),
        (60020, "setup", 0),
        (81013, "gone", 0),
        (60111, "gone", 0),
        (60011, "gone", 0),
        (40008, "never", 0),
        (42038, "never", 0),
        (44004, "never", 0),
        (45002, "never", 0),
        (99999, "never", 0),
    ],
)
def test_each_refusal_is_the_fault_it_means(store: Shop, code: int, kind: str, wait: float) -> None:
    store.wecom.add_fault({"kind": code, "path": "message/send"})

    error = fault(store)

    assert (error.fault, error.retry_after) == (kind, wait)
    assert shown(store) == []


def test_http_429_is_tried_again(store: Shop) -> None:
    store.wecom.add_fault({"kind": "http429", "path": "message/send"})

    assert fault(store).fault == "again"


def test_who_is_outside_the_range_or_without_licence_is_gone(store: Shop) -> None:
    store.wecom.corp.unlicensed.add("xiaoli")

    assert fault(store, to=Address("wecom", "nobody", "nobody")).fault == "gone"
    assert fault(store, to=Address("wecom", "xiaoli", "xiaoli")).fault == "gone"


@pytest.mark.parametrize("account", ["@all", "xiaowang|xiaoli", "", " ", "小王"])
def test_what_is_no_single_account_is_nobody(store: Shop, account: str) -> None:
    assert fault(store, to=Address("wecom", account, account)).say == "收件人不是一个企业微信账号。"
    assert store.sent() == []


def test_an_address_that_is_not_trusted_is_shown_to_the_operator(store: Shop) -> None:
    store.wecom.add_fault({"kind": 60020, "path": "message/send"})

    say = fault(store).say

    assert say == ("企业微信 60020：服务器不在可信 IP 里。请到应用 → 企业可信IP，把 127.0.0.1 填进去，约一分钟后生效。")
    assert store.app.pulse() == Pulse(ok=False, say=say)
    store.send("好了")
    assert store.app.pulse() == Pulse(ok=True, say="企业微信应用正常。")


def test_a_message_that_is_refused_says_nothing_of_the_channel(store: Shop) -> None:
    store.wecom.add_fault({"kind": 45002, "path": "message/send"})
    fault(store)

    assert store.app.pulse() == Pulse(ok=True, say="企业微信 45002：这条内容被拒绝。")


def test_a_picture_is_uploaded_once_in_two_and_a_half_days(store: Shop, tmp_path: Path) -> None:
    path = tmp_path / "积分.png"
    path.write_bytes(PICTURE)

    for _ in range(2):
        store.send("看图", pictures=(str(path),))

    assert [body["msgtype"] for body in store.sent()] == ["text", "image"] * 2
    assert store.count("media/upload") == 1
    assert [one["name"] for bubble in store.bubbles() for one in bubble.files] == ["积分.png"] * 2


def test_a_document_keeps_its_name(store: Shop, tmp_path: Path) -> None:
    path = tmp_path / '日报 "11月".xlsx'
    path.write_bytes(b"PK" + bytes(100))

    store.send("", documents=(str(path),))

    assert [body["msgtype"] for body in store.sent()] == ["file"]
    assert len(store.bubbles()[0].files) == 1


def test_a_picture_too_large_for_one_goes_as_a_file(store: Shop, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(PICTURE + bytes(5 << 20))

    store.send("", pictures=(str(path),))

    assert [body["msgtype"] for body in store.sent()] == ["file"]


@pytest.mark.parametrize("size", [None, 0, 5, (20 << 20) + 1])
def test_a_file_that_cannot_be_sent_is_never_tried(store: Shop, tmp_path: Path, size: int | None) -> None:
    path = tmp_path / "f.pdf"
    if size is not None:
        path.write_bytes(bytes(size))

    assert fault(store, "", documents=(str(path),)).fault == "never"
    assert store.count("media/upload") == 0


def test_media_that_has_ended_is_uploaded_anew(store: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PICTURE)
    monkeypatch.setattr("bot.channels.wecom.api._MEDIA_FRESH", 0.0)
    store.send("", pictures=(str(path),))
    store.clock.ahead = 3 * 86400 + 1

    assert fault(store, "", pictures=(str(path),)).fault == "again"
    store.send("", pictures=(str(path),))
    assert (store.count("media/upload"), len(store.bubbles())) == (2, 2)


def test_the_limits_stay_under_those_of_the_platform(store: Shop) -> None:
    assert store.app.paces == {"chat": (Pace(25, 60), Pace(900, 3600))}
    assert [(door.path, door.methods, door.most_bytes) for door in store.app.doors] == [
        ("/wecom/callback", ("GET", "POST"), 65536)
    ]


def test_the_menu_is_set_when_the_app_opens(store: Shop) -> None:
    assert [entry["name"] for entry in store.wecom.corp.menu] == ["查客户", "记一句", "更多"]


@pytest.mark.parametrize(
    "entries",
    [
        (),
        (Entry("查", "查"),) * 4,
        (Entry("很长很长的字", "查"),),
        (Entry("", "查"),),
        (Entry("查", ""),),
        (Entry("查", "x" * 129),),
        (Entry("更多", "说", entries=(Entry("查", "查"),)),),
        (Entry("更多", entries=(Entry("查", "查"),) * 6),),
        (Entry("更多", entries=(Entry("里", entries=(Entry("查", "查"),)),)),),
    ],
)
def test_a_menu_wecom_would_refuse_is_refused_at_once(entries: tuple[Entry, ...]) -> None:
    with pytest.raises(ValueError, match=r"a menu|a group"):
        menu_body(entries)


def opened(store: Shop, **changes: object) -> WecomApp:
    setup = WecomAppSetup(CORP, AGENT, SECRET, TOKEN, AES_KEY, store.wecom.address, files=Path("unused"))
    app = WecomApp(replace(setup, **changes))

    async def run() -> None:
        try:
            await app.open(Ledger(store.clock))
        finally:
            await app.close()

    asyncio.run(run())
    return app


@pytest.mark.parametrize("changes", [{"secret": "wrong"}, {"corp_id": "wwanother"}, {"agent_id": 1000009}], ids=str)
def test_a_setup_no_waiting_mends_is_refused_in_words(store: Shop, changes: dict[str, object]) -> None:
    with pytest.raises(SendError) as error:
        opened(store, **changes)

    assert error.value.fault == "setup"
    assert error.value.say.startswith("企业微信 4")


@pytest.mark.parametrize("kind", [60020, 43012, 48002, 45009, "http503", "reset"])
def test_what_can_be_mended_later_does_not_keep_the_door_shut(store: Shop, kind: int | str) -> None:
    store.wecom.add_fault({"kind": kind, "path": "menu/create"})

    assert not opened(store).pulse().ok


def test_a_wrong_address_is_a_fault_of_the_setup(store: Shop) -> None:
    app = opened(store, api="ftp://nowhere")

    assert app.pulse() == Pulse(ok=False, say="企业微信的接口地址写错了。")


def test_nobody_at_the_address_is_tried_again(store: Shop) -> None:
    app = opened(store, api="http://127.0.0.1:1")

    assert app.pulse() == Pulse(ok=False, say="连不上企业微信的服务器。")
