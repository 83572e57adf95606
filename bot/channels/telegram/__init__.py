"""Telegram: the channel, and what it is set up with; nothing else of this folder is used from outside."""

from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.client import Rhythm, TelegramSetup

__all__ = ["Rhythm", "Telegram", "TelegramSetup"]
