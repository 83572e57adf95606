"""How people are called, and how the people of one store are found by sloppy words."""

from bot.domain.names.index import Index, find
from bot.domain.names.keys import Keys, is_useless, keys, matches
from bot.domain.names.surnames import Gender, address_form, surname

__all__ = ["Gender", "Index", "Keys", "address_form", "find", "is_useless", "keys", "matches", "surname"]
