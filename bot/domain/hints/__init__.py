"""What guides remember of somebody instead of her name: the words read, and how well each customer fits them."""

from bot.domain.hints.reading import Hint, read

__all__ = ["Hint", "read"]
