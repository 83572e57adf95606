"""A local WeCom as strict as the real one: its HTTP interface, its callbacks, its smart bot, its members."""

from bot.sandbox.wecom.corp import Call, Callback, Seen
from bot.sandbox.wecom.server import WecomServer
from bot.sandbox.wecom.setup import WecomSetup

__all__ = ["Call", "Callback", "Seen", "WecomServer", "WecomSetup"]
