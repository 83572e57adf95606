"""The channel opens only where it will work, says what to mend where not, and tells nobody the token."""

import asyncio
import logging
from pathlib import Path

import pytest
from starlette.applications import Starlette

from bot.channels.telegram import Telegram, TelegramSetup
from bot.wire import Pace, Parcel, SendError
from tests.support.telegram_channel import (
    MENU,
    QUICK,
    SECRET,
    TOKEN,
    Desk,
    Line,
    alone,
    line,
    local_telegram,
    served,
    until,
)


def test_it_knows_who_it_is_and_what_groups_show_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with line(tmp_path) as wire:
            assert (wire.channel.pulse().ok, wire.channel.privacy) == (False, None)
            await wire.channel.open(wire.desk)
            assert (wire.channel.username, wire.channel.privacy) == ("zhanggui_bot", False)

            wire.server.set_privacy(on=True)
            await wire.channel.open(wire.desk)
            assert wire.channel.privacy is True

    asyncio.run(scenario())


def test_the_menu_stands_in_private_chats_and_groups_in_both_tongues(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        commands = [{"command": latin, "description": description} for latin, _word, description in MENU]

        assert wire.server.world.commands == {
            (scope, 0, 0, language): commands
            for scope in ("all_private_chats", "all_group_chats")
            for language in ("", "zh")
        }
        assert wire.server.world.buttons == {0: {"type": "commands"}}

    alone(scenario, tmp_path)


def test_a_menu_telegram_refuses_keeps_nobody_out(tmp_path: Path) -> None:
    async def scenario(wire: Line) -> None:
        await wire.server.say("xiaowang", "private", "查 8000")

        assert len(await wire.heard()) == 1

    alone(scenario, tmp_path, menu=(("查", "查", "查客户"),))


def test_what_waited_while_we_were_away_is_not_dropped(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with line(tmp_path) as wire:
            await wire.server.say("xiaowang", "private", "查 8000")
            await wire.channel.open(wire.desk)
            polling = asyncio.create_task(wire.channel.listen())
            await wire.heard()
            polling.cancel()

            assert [call.fields for call in wire.calls("deleteWebhook")] == [{}]

    asyncio.run(scenario())


def test_what_it_may_send_is_told_to_the_sender(tmp_path: Path) -> None:
    paces = Telegram(TelegramSetup(TOKEN, tmp_path)).paces

    assert paces == {"all": (Pace(25, 1),), "chat": (Pace(3, 3),), "group": (Pace(18, 60),)}


async def not_opened(channel: Telegram) -> SendError:
    with pytest.raises(SendError) as error:
        await channel.open(Desk())
    return error.value


@pytest.mark.parametrize("token", ["7000000001:AAwrong", "nonsense", ""])
def test_a_wrong_token_is_a_matter_of_setup(tmp_path: Path, token: str) -> None:
    async def scenario() -> None:
        async with line(tmp_path, token=token) as wire:
            error = await not_opened(wire.channel)
            assert (error.fault, "ZHANGGUI_TELEGRAM_TOKEN" in error.say) == ("setup", True)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"secret": ""}, "ZHANGGUI_TELEGRAM_SECRET"),
        ({"secret": "有 空格"}, "ZHANGGUI_TELEGRAM_SECRET"),
        ({"public_url": ""}, "ZHANGGUI_PUBLIC_URL"),
        ({"public_url": "http://shop.example.com"}, "ZHANGGUI_PUBLIC_URL"),
        ({"public_url": "https://shop.example.com:9000"}, "ZHANGGUI_PUBLIC_URL"),
        ({"proxy": "ftp://127.0.0.1:1"}, "ZHANGGUI_TELEGRAM_PROXY"),
    ],
)
def test_a_setup_that_cannot_work_is_refused_by_name(tmp_path: Path, changes: dict[str, str], named: str) -> None:
    async def scenario() -> None:
        whole = {"mode": "webhook", "secret": SECRET, "public_url": "https://shop.example.com", **changes}
        async with line(tmp_path, **whole) as wire:
            error = await not_opened(wire.channel)
            assert (error.fault, named in error.say) == ("setup", True)

    asyncio.run(scenario())


def test_where_telegram_is_away_it_may_be_tried_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with line(tmp_path) as wire:
            wire.server.add_fault({"kind": "502", "method": "getMe"})
            error = await not_opened(wire.channel)
            assert (error.fault, "ZHANGGUI_TELEGRAM_PROXY" in error.say) == ("again", True)

            await wire.channel.open(wire.desk)

    asyncio.run(scenario())


def test_both_lines_go_through_the_proxy(tmp_path: Path) -> None:
    async def scenario() -> None:
        server = local_telegram()
        async with served(Starlette(routes=list(server.routes))) as proxy:
            setup = TelegramSetup(TOKEN, tmp_path, api="http://api.telegram.invalid", proxy=proxy)
            channel, desk = Telegram(setup, QUICK), Desk()
            await channel.open(desk)
            polling = asyncio.create_task(channel.listen())
            await server.say("xiaowang", "private", "查 8000")
            await until(lambda: desk.taken)
            polling.cancel()
            await channel.close()
            server.world.updates.end_poll("over")

            assert [heard.text for heard in desk.taken] == ["查 8000"]

    asyncio.run(scenario())


def test_no_log_and_no_error_holds_the_token_or_what_was_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    words, errors = "她对花生过敏", []

    async def scenario(wire: Line) -> None:
        for kind in ("401", "502", "409", "reset", "truncated"):
            wire.server.add_fault({"kind": kind, "method": "getUpdates"})
            wire.server.add_fault({"kind": kind, "method": "sendMessage"})
        wire.server.announce("message", {"message_id": 1, "date": "?", "text": words}, "xiaowang")
        wire.desk.broken = True
        await wire.server.say("xiaowang", "private", words)
        await until(lambda: wire.desk.tries)
        wire.desk.broken = False
        await wire.heard()
        for _ in range(6):
            try:
                await wire.send(Parcel("a", wire.wang, words))
            except SendError as error:
                errors.append(repr(error))
        wire.server.add_fault({"kind": "401", "method": "getMe"})
        errors.append(repr(await not_opened(wire.channel)))
        errors.append(repr(wire.setup))

    alone(scenario, tmp_path)

    told = "\n".join([*errors, *(logging.Formatter().format(record) for record in caplog.records)])
    assert len(errors) == 7
    assert [secret for secret in (TOKEN, TOKEN.partition(":")[2], words) if secret in told] == []


def test_a_channel_that_is_closed_sends_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with line(tmp_path) as wire:
            await wire.channel.open(wire.desk)
            await wire.channel.close()
            with pytest.raises(RuntimeError):
                await wire.send(Parcel("a", wire.wang, "王芳"))
            assert not wire.channel.pulse().ok

    asyncio.run(scenario())
