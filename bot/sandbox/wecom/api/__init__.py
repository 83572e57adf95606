"""The calls of the HTTP interface, each a plain function from what was asked to what is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from starlette.responses import Response

from bot.sandbox.wecom.api.multipart import Upload
from bot.sandbox.wecom.corp import Corp
from bot.sandbox.wecom.refusals import Body, RefusedError


@dataclass(frozen=True, slots=True)
class Ask:
    """One call: `right` is whose token it bears; `body` is the parsed JSON, `raw` its bytes, `file` an upload."""

    query: Mapping[str, str] = field(repr=False)
    body: Body = field(repr=False)
    raw: bytes = field(repr=False)
    right: str = ""
    file: Upload | None = None

    def text(self, name: str, code: int = 40058) -> str:
        """A string of the body that must be there."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise RefusedError(code, name)
        return value

    def number(self, name: str, otherwise: int) -> int:
        """A whole number of the body, not negative; `otherwise` where it is missing."""
        value = self.body.get(name, otherwise)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise RefusedError(40058, name)
        return value

    def names(self, name: str) -> list[str]:
        """A list of strings of the body; empty where it is missing."""
        value = self.body.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise RefusedError(40058, f"{name} must be an array of strings")
        return value


Run = Callable[[Corp, Ask], Body | Response]


@dataclass(frozen=True, slots=True)
class Api:
    """How one call is made: `right` is the token it needs, `open` for none; `upload` takes a file instead of JSON."""

    method: Literal["GET", "POST"]
    run: Run
    right: Literal["app", "contact", "open"] = "app"
    upload: bool = False
