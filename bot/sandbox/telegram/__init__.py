"""A local Telegram: a strict Bot API server with people, groups and their phones, and with faults on order."""

from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.server import Call, TelegramServer

__all__ = ["Call", "Fault", "TelegramServer"]
