"""The real client library against the local Telegram: each request and answer fits the Bot API's specification."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    MenuButtonCommands,
    ReplyParameters,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import Defaults, ExtBot

from tests.support.bot_api import check
from tests.support.local_telegram import TOKEN, Lab, local_telegram, png

Result = TypeVar("Result")
KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("1 记一句", callback_data="a.1")]])


@pytest.fixture
def lab() -> Iterator[Lab]:
    with local_telegram() as lab:
        lab.start("xiaowang")
        yield lab
        assert check(lab.server.calls) == []


def with_bot(lab: Lab, deed: Callable[[Bot], Awaitable[Result]], token: str = TOKEN) -> Result:
    async def run() -> Result:
        bot: Bot = ExtBot(
            token,
            base_url=f"{lab.url}/bot",
            base_file_url=f"{lab.url}/file/bot",
            defaults=Defaults(protect_content=True, allow_sending_without_reply=True),
        )
        async with bot:
            return await deed(bot)

    return asyncio.run(run())


def test_a_whole_conversation(lab: Lab) -> None:
    chat = lab.chat("xiaowang")

    async def deed(bot: Bot) -> list[str]:
        scope = BotCommandScopeAllPrivateChats()
        await bot.set_my_commands([BotCommand("cx", "查客户")], scope=scope, language_code="zh")
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
        await bot.send_chat_action(chat, "typing")
        sent = await bot.send_message(chat, "<b>王芳</b> &lt;3", parse_mode="HTML", reply_markup=KEYS)
        lab.server.tap("xiaowang", "private", str(sent.message_id), "a.1")
        (update,) = await bot.get_updates(timeout=5, allowed_updates=["message", "callback_query"])
        assert update.callback_query is not None
        await update.callback_query.answer("好的")
        edited = await bot.edit_message_text("记好了", chat, sent.message_id)
        assert isinstance(edited, type(sent))
        await bot.set_message_reaction(chat, sent.message_id, "👌")
        await bot.send_message(chat, "还有吗？", reply_parameters=ReplyParameters(sent.message_id))
        await bot.delete_message(chat, sent.message_id)
        return [update.callback_query.data or "", edited.text or "", sent.text or ""]

    assert with_bot(lab, deed) == ["a.1", "记好了", "王芳 <3"]
    assert lab.last("xiaowang").note == "不可转发"


def test_files_go_out_and_come_in(lab: Lab) -> None:
    chat = lab.chat("xiaowang")
    lab.act(lab.server.drop("xiaowang", "private", "客户.csv", b"a,b\r\n1,2\r\n"))

    async def deed(bot: Bot) -> list[bytes]:
        photo = await bot.send_photo(chat, png(), caption="本周")
        document = await bot.send_document(chat, b"x,y\r\n", filename="报表.csv")
        await bot.send_media_group(
            chat, [InputMediaDocument(b"1", filename="1.csv"), InputMediaDocument(b"2", filename="2.csv")]
        )
        (update,) = await bot.get_updates()
        assert update.message is not None
        assert update.message.document is not None
        assert document.document is not None
        files = [await one.get_file() for one in (photo.photo[-1], document.document, update.message.document)]
        return [bytes(await file.download_as_bytearray()) for file in files]

    assert with_bot(lab, deed) == [png(), b"x,y\r\n", b"a,b\r\n1,2\r\n"]


def test_refusals_are_the_exceptions_the_library_knows(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else the library warns of the old form of retry_after
    chat, group = lab.chat("xiaowang"), lab.server.chat_id_of("001")
    new = lab.server.migrate("001")
    url = f"{lab.url}/nowhere"
    lab.server.add_fault({"kind": "429", "method": "sendPoll", "retry_after": 9})
    lab.server.add_fault({"kind": "502", "method": "sendPhoto"})
    lab.server.add_fault({"kind": "lost", "method": "sendDocument"})

    async def deed(bot: Bot) -> list[type[Exception]]:
        await bot.set_webhook(url)
        deeds: list[Callable[[], Awaitable[object]]] = [
            lambda: bot.send_message(chat, "<x>", parse_mode="HTML"),
            lambda: bot.send_message(lab.chat("luren"), "x"),
            lambda: bot.send_message(group, "x"),
            lambda: bot.send_poll(chat, "几点？", ["八点", "九点"]),
            lambda: bot.send_photo(chat, png()),
            lambda: bot.send_document(chat, b"x", filename="x.csv", read_timeout=0.2),
            bot.get_updates,
        ]
        seen = []
        for one in deeds:
            with pytest.raises(Exception) as raised:  # noqa: PT011 - which one is the question
                await one()
            seen.append(raised.type)
        await bot.delete_webhook()
        return seen

    wanted = [BadRequest, Forbidden, ChatMigrated, RetryAfter, NetworkError, TimedOut, Conflict]
    assert with_bot(lab, deed) == wanted
    assert lab.server.chat_id_of("001") == new


def test_a_wrong_token_is_invalid(lab: Lab) -> None:
    async def deed(bot: Bot) -> str:
        return bot.username

    with pytest.raises(InvalidToken):
        with_bot(lab, deed, "1:wrong")


def test_the_check_sees_what_is_wrong(lab: Lab) -> None:
    chat = lab.chat("xiaowang")
    lab.ask("sendMessage", chat_id=chat, txt="x", protect_content="maybe")
    lab.ask("sendMessage", chat_id=chat, text="x", reply_markup={"inline_keyboard": [[{"txt": "a"}]]})
    lab.ask("sendMesage", chat_id=chat)
    faults = check(lab.server.calls)
    lab.server.calls.clear()

    assert faults == [
        "sendMessage.txt: no such parameter",
        "sendMessage.text: missing",
        "sendMessage.protect_content: Boolean expected, not str",
        "sendMessage.reply_markup.inline_keyboard[][].txt: no field of InlineKeyboardButton",
        "sendMessage.reply_markup.inline_keyboard[][].text: missing in InlineKeyboardButton",
        "sendmesage: no such method",
    ]
