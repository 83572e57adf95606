"""Questions that are open: which message of ours asked for the rest of which command. Kept in memory alone.

After a restart a reply to an older question is taken as it is written, which for a number or a name is mostly right.
"""

from collections import OrderedDict

_MOST = 2000


class Questions:
    """The newest questions, by chat and message."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open: OrderedDict[tuple[str, int], str] = OrderedDict()

    def ask(self, chat: str, message: int, word: str) -> None:
        """Note that this message asks for what follows `word`."""
        self._open[chat, message] = word
        while len(self._open) > _MOST:
            self._open.popitem(last=False)

    def word(self, chat: str, message: int) -> str:
        """The command this message asked the rest of, or nothing; asked again it is the same."""
        return self._open.get((chat, message), "")
