"""WeCom without its smart bot: the self-built app, the group webhook and customer contact, under one roof."""

from bot.channels.wecom.app import WecomApp, WecomAppSetup

__all__ = ["WecomApp", "WecomAppSetup"]
