"""What is remembered for a while and may be forgotten: a new start begins without it, and nothing is lost by that."""

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The last so many things by name."""

    def __init__(self, most: int) -> None:
        """`most` are kept, the oldest goes first."""
        self._most = most
        self._held: OrderedDict[str, Value] = OrderedDict()

    def put(self, name: str, value: Value) -> None:
        """Remember it as the newest."""
        self._held[name] = value
        self._held.move_to_end(name)
        if len(self._held) > self._most:
            self._held.popitem(last=False)

    def get(self, name: str) -> Value | None:
        """What was put under the name, if it is still known."""
        return self._held.get(name)

    def drop(self, name: str) -> None:
        """Forget it."""
        self._held.pop(name, None)
