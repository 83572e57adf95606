"""The ☰ list of commands on people's phones: a convenience, so that failing to set it stops nothing."""

import asyncio
import logging
from collections.abc import Sequence

from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, MenuButtonCommands
from telegram.error import TelegramError

from bot.channels.telegram.client import Client

log = logging.getLogger(__name__)
# A narrower list hides a wider one, so each scope has its own, and each in the language guides' phones ask for.
_SCOPES = (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats())
_LANGUAGES = (None, "zh")


async def show(client: Client, menu: Sequence[tuple[str, str, str]]) -> None:
    """Set the list where there is one."""
    if not menu:
        return
    commands = [BotCommand(latin, description) for latin, _word, description in menu]
    asked = [
        client.set_my_commands(commands, scope=scope, language_code=language)
        for scope in _SCOPES
        for language in _LANGUAGES
    ]
    asked.append(client.set_chat_menu_button(menu_button=MenuButtonCommands()))
    for failed in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(failed, TelegramError):
            log.warning("the menu could not be set: %s", type(failed).__name__)
        elif isinstance(failed, BaseException):
            raise failed
