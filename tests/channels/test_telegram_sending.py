"""What is sent to Telegram arrives as meant, and what fails is called by its right name; over HTTP."""

import asyncio
import struct
from pathlib import Path

import pytest

from bot.channels.telegram import Rhythm, Telegram
from bot.channels.telegram.text import head
from bot.chat import Address, Choice, Press
from bot.wire import Parcel, Piece, SendError
from tests.support.telegram_channel import Line, alone, line, plain

TWO = (Choice("记一句", "记 #a"), Choice("全部", "全 #a"))
IMPATIENT = Rhythm(poll=5, answer=0.2, first_wait=0.01, longest_wait=0.05)


def png(width: int, height: int, more: int = 0) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0" + b"\0" * (40 + more)
    )


def kept(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


async def refused(wire: Line, piece: Piece | None = None) -> SendError:
    with pytest.raises(SendError) as error:
        await wire.channel.post(piece or said(wire))
    return error.value


def said(wire: Line, text: str = "王芳") -> Piece:
    [piece] = wire.channel.pieces(Parcel("a", wire.wang, text))
    return piece


def test_a_card_is_protected_unpreviewed_and_has_its_buttons(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        await wire.send(Parcel("a", wire.wang, "<b>王芳</b> & https://例.cn\n1 记一句　2 全部", TWO, menu=31))

        [message] = wire.said(int(wire.wang.chat))
        assert message["text"] == "<b>王芳</b> & https://例.cn\n1 记一句　2 全部"
        assert message["has_protected_content"] is True
        assert message["reply_markup"]["inline_keyboard"] == [
            [
                {"text": "记一句", "callback_data": Press(31, 1).key},
                {"text": "全部", "callback_data": Press(31, 2).key},
            ]
        ]
        [call] = wire.calls("sendMessage")
        assert plain(call, "link_preview_options") == {"is_disabled": True}

    alone(scenario, tmp_path)


def test_a_long_answer_arrives_whole_in_order(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        text = "\n".join(f"{number} 👩🏽‍👧🏽 <王&芳> 138****8000" for number in range(600))
        await wire.send(Parcel("a", wire.wang, text, TWO, menu=1))

        sent = wire.said(int(wire.wang.chat))
        assert "\n".join(one["text"].rpartition("\n（未完")[0] or one["text"] for one in sent) == text
        assert ["reply_markup" in one for one in sent] == [False] * (len(sent) - 1) + [True]

    alone(scenario, tmp_path)


def test_what_cannot_be_set_in_type_is_sent_plain(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        words = 'Bad Request: can\'t parse entities: Unsupported start tag "王芳" at byte offset 3'
        wire.server.add_fault({"kind": "400", "method": "sendMessage", "description": words})
        await wire.channel.post(said(wire, "王芳 <3"))

        assert [call.fields.get("parse_mode") for call in wire.calls("sendMessage")] == ["HTML", None]
        assert [one["text"] for one in wire.said(int(wire.wang.chat))] == ["王芳 <3"]

    alone(scenario, tmp_path)


FAULTS = {
    "429": "wait",
    "400": "gone",
    "401": "setup",
    "404": "setup",
    "403": "gone",
    "409": "again",
    "500": "unknown",
    "502": "unknown",
    "reset": "unknown",
    "lost_reset": "unknown",
    "truncated": "unknown",
    "hang": "unknown",
    "lost": "unknown",
}
ARRIVED = ("lost", "lost_reset", "truncated")


def test_each_failure_is_called_by_its_name_and_tried_once(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        named = {}
        for kind in FAULTS:
            wire.server.add_fault({"kind": kind, "method": "sendMessage", "retry_after": 7})
            named[kind] = (await refused(wire)).fault

        assert named == FAULTS
        assert len(wire.calls("sendMessage")) == len(FAULTS)
        assert len(wire.said(int(wire.wang.chat))) == len(ARRIVED)

    alone(scenario, tmp_path, rhythm=IMPATIENT)


def test_a_pause_asked_for_is_handed_on(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.add_fault({"kind": "429", "method": "sendMessage", "retry_after": 7})

        assert (await refused(wire)).retry_after == 7.0

    alone(scenario, tmp_path)


def test_one_chat_told_to_wait_leaves_the_others_alone(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.start("xiaoli")
        li = str(wire.server.user_id_of("xiaoli"))
        wire.server.add_fault({"kind": "429", "person": "xiaowang", "retry_after": 60, "seconds": 60})

        assert (await refused(wire)).fault == "wait"
        await wire.send(Parcel("b", Address("telegram", li, li), "李强"))
        assert [one["text"] for one in wire.said(int(li))] == ["李强"]

    alone(scenario, tmp_path)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("chat not found", "gone"),
        ("not enough rights to send text messages to the chat", "gone"),
        ("message is too long", "never"),
        ("BUTTON_DATA_INVALID", "never"),
        ("message thread not found", "never"),
        ('something new about "王芳 13800138000"', "never"),
    ],
)
def test_a_refusal_is_worded_by_us(tmp_path: Path, words: str, fault: str) -> None:
    async def scenario(wire: Line) -> None:
        wire.server.add_fault({"kind": "400", "method": "sendMessage", "description": f"Bad Request: {words}"})
        error = await refused(wire)

        assert error.fault == fault
        assert "王芳" not in str(error)
        assert error.__suppress_context__

    alone(scenario, tmp_path)


def test_who_blocked_us_or_never_came_is_gone(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        li = str(wire.server.user_id_of("xiaoli"))
        [never_came] = wire.channel.pieces(Parcel("b", Address("telegram", li, li), "李强"))
        assert (await refused(wire, never_came)).fault == "gone"

        wire.server.block("xiaowang")
        assert (await refused(wire)).fault == "gone"

    alone(scenario, tmp_path)


def test_a_group_that_moved_is_named_anew(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        [piece] = wire.channel.pieces(Parcel("a", wire.group, "早上好"))
        new = wire.server.migrate("001")
        error = await refused(wire, piece)

        assert (error.fault, error.moved_to) == ("moved", str(new))

    alone(scenario, tmp_path)


def test_what_never_left_may_be_tried_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with line(tmp_path) as wire:
            await wire.channel.open(wire.desk)
            channel, piece = wire.channel, said(wire)
            wire.channel = Telegram(wire.setup)  # so that only the server goes
        with pytest.raises(SendError) as error:
            await channel.post(piece)
        await channel.close()

        assert error.value.fault == "again"

    asyncio.run(scenario())


def test_buttons_that_had_their_effect_go_once_and_again(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        back = await card(wire, "发券吗？\n1 发", (Choice("发", "发券"),))
        for _ in range(2):
            await wire.send(Parcel("b", wire.wang, "发了", back=back, pressed=Press(1, 1), settled=True))

        shown = wire.said(int(wire.wang.chat))
        assert [one["text"] for one in shown] == ["发券吗？\n1 发", "发了", "发了"]
        assert ["reply_markup" in one for one in shown] == [False, False, False]

    alone(scenario, tmp_path)


def test_the_same_card_is_changed_in_place_once_and_again(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        back = await card(wire, "王芳 · 老客\n1 全部", TWO[1:])
        for _ in range(2):
            more = Parcel(
                "b", wire.wang, "王芳 · <老客>\n更多\n1 记一句", TWO[:1], menu=2, back=back, pressed=Press(1, 1)
            )
            await wire.send(more)

        [shown] = wire.said(int(wire.wang.chat))
        assert shown["text"] == "王芳 · <老客>\n更多\n1 记一句"
        assert [[key["text"] for key in row] for row in shown["reply_markup"]["inline_keyboard"]] == [["记一句"]]

    alone(scenario, tmp_path)


def test_a_card_that_cannot_be_changed_any_more_is_sent_anew(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        back = await card(wire, "王芳 · 老客\n1 全部", TWO[1:])
        wire.server.delete("xiaowang", "private", back["pressed"])
        await wire.send(Parcel("b", wire.wang, "王芳 · 老客\n更多", back=back, pressed=Press(1, 1)))

        assert [one["text"] for one in wire.said(int(wire.wang.chat))] == ["王芳 · 老客\n更多"]

    alone(scenario, tmp_path)


async def card(wire: Line, text: str, choices: tuple[Choice, ...]) -> dict[str, str]:
    """A card whose first button is pressed; what came with the press."""
    await wire.send(Parcel("a", wire.wang, text, choices, menu=1))
    number = str(wire.said(int(wire.wang.chat))[-1]["message_id"])
    wire.server.tap("xiaowang", "private", number, Press(1, 1).key)
    [heard] = await wire.heard()
    assert heard.back["head"] == head(text)
    return dict(heard.back)


def test_a_picture_is_a_photo_with_its_words(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        path = kept(tmp_path, "本月.png", png(800, 600))
        await wire.send(Parcel("a", wire.wang, "本月 <b>", TWO, (path,), menu=1))

        [message] = wire.said(int(wire.wang.chat))
        assert message["caption"] == "本月 <b>"
        assert message["has_protected_content"] is True
        assert len(message["reply_markup"]["inline_keyboard"]) == 1
        assert wire.server.files.by_id[message["photo"][-1]["file_id"]].content == png(800, 600)

    alone(scenario, tmp_path)


@pytest.mark.parametrize(("width", "height"), [(9000, 1001), (2100, 100), (800, 600)])
def test_a_picture_telegram_would_not_show_goes_as_a_document(tmp_path: Path, width: int, height: int) -> None:
    async def scenario(wire: Line) -> None:
        content = png(width, height, (10 << 20) if width == 800 else 0)
        await wire.send(Parcel("a", wire.wang, "", pictures=(kept(tmp_path, "本月.png", content),)))

        [message] = wire.said(int(wire.wang.chat))
        assert message["document"]["file_name"] == "本月.png"

    alone(scenario, tmp_path)


def test_several_pictures_are_an_album_and_the_words_follow(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        paths = tuple(kept(tmp_path, f"{number}.png", png(8, 8)) for number in range(3))
        await wire.send(Parcel("a", wire.wang, "三张", pictures=paths))

        shown = wire.said(int(wire.wang.chat))
        assert [sorted({"photo", "text"} & one.keys()) for one in shown] == [["photo"], ["photo"], ["photo"], ["text"]]
        assert len({one["media_group_id"] for one in shown[:3]}) == 1

    alone(scenario, tmp_path)


def test_documents_keep_their_names(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        one, two = kept(tmp_path, "报表.xlsx", b"PK"), kept(tmp_path, "名单.csv", b"a,b")
        await wire.send(Parcel("a", wire.wang, "十一月", documents=(one,)))
        await wire.send(Parcel("b", wire.wang, "", documents=(one, two)))

        names = [message["document"]["file_name"] for message in wire.said(int(wire.wang.chat))]
        assert names == ["报表.xlsx", "报表.xlsx", "名单.csv"]

    alone(scenario, tmp_path)


def test_a_file_that_is_gone_or_empty_is_never_sent(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        for path in (str(tmp_path / "gone.png"), kept(tmp_path, "empty.csv", b"")):
            [piece] = wire.channel.pieces(Parcel("a", wire.wang, "", documents=(path,)))
            assert (await refused(wire, piece)).fault == "never"
        assert wire.calls("sendDocument") == []

    alone(scenario, tmp_path)


def test_an_answer_to_a_message_taken_back_is_sent_all_the_same(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        await wire.server.say("xiaowang", "001", "/查 8000")
        [heard] = await wire.heard()
        wire.server.delete("xiaowang", "001", heard.back["message"])
        await wire.send(Parcel("a", heard.address, "已私信你", back=heard.back))

        assert [one["text"] for one in wire.said(int(heard.address.chat))] == ["已私信你"]

    alone(scenario, tmp_path)
