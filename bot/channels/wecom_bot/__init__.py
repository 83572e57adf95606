"""WeCom's smart bot, in private and in groups: on a long connection, or called back; both say and hear the same."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the SDK imports a name that websockets is giving up
    import aibot as _aibot  # noqa: F401  # so that every later import of it is silent

from bot.channels.wecom_bot.channel import WecomBot
from bot.channels.wecom_bot.setup import Rhythm, WecomBotSetup

__all__ = ["Rhythm", "WecomBot", "WecomBotSetup"]
