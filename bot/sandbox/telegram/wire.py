"""A Bot API request as it arrives (query, form, multipart, JSON) and a refusal as it goes back; no method is known."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

Json = dict[str, Any]

LARGEST_REQUEST = 51 << 20
_HALF = re.compile("[\ud800-\udfff]")  # half a character, which JSON can say and UTF-8 cannot
_NOT_UTF8 = "strings must be encoded in UTF-8"
_PART_NAME = re.compile(r'(?:^|;)\s*name="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_PART_FILE = re.compile(r'(?:^|;)\s*filename="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


class Refusal(Exception):  # noqa: N818
    """The server says no, with Telegram's own code and words; `parameters` are those of the answer."""

    def __init__(self, code: int, words: str, **parameters: int) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.parameters = parameters


def bad(words: str, **parameters: int) -> Refusal:
    """A refusal with code 400."""
    return Refusal(400, f"Bad Request: {words}", **parameters)


def word(given: Json, name: str) -> str:
    """The text in a field of an object; what is none reads as empty."""
    value = given.get(name)
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request."""

    name: str
    content: bytes


@dataclass(slots=True)
class Fields:
    """The parameters of one request: all are text here, objects are JSON text, as in a form."""

    values: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A parameter as it came; missing is empty."""
        return self.values.get(name, "")

    def integer(self, name: str) -> int:
        """A whole number; what is none reads as 0, as with Telegram."""
        found = re.match(r"\s*([+-]?\d{1,18})", self.text(name))
        return int(found[1]) if found else 0

    def flag(self, name: str) -> bool:
        """True for the words Telegram takes for it."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def array(self, name: str) -> list[Any] | None:
        """A JSON array, None where it is missing; anything else is refused."""
        value: list[Any] | None = self._parsed(name, list)
        return value

    def object(self, name: str) -> Json | None:
        """A JSON object, None where it is missing; anything else is refused."""
        value: Json | None = self._parsed(name, dict)
        return value

    def _parsed(self, name: str, kind: type) -> Any:  # noqa: ANN401 - JSON, looked at by its readers
        if not (text := self.text(name).strip()):
            return None
        try:
            value = json.loads(text)
        except ValueError as error:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from error
        if _HALF.search(json.dumps(value, ensure_ascii=False)):
            raise bad(_NOT_UTF8)
        if not isinstance(value, kind):
            raise bad(f"{'object' if kind is dict else 'array'} expected as {name.replace('_', ' ')}")
        return value


async def read(request: Request) -> Fields:
    """The parameters of a request, the body's over the query's."""
    fields = Fields(dict(request.query_params))
    if request.method != "POST":
        return fields
    if int(request.headers.get("content-length") or 0) > LARGEST_REQUEST:
        raise Refusal(413, "Request Entity Too Large")
    body = await request.body()
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    try:
        _take_body(fields, body, kind.strip().lower(), rest)
    except UnicodeDecodeError as error:
        raise bad(_NOT_UTF8) from error
    if any(_HALF.search(text) for pair in fields.values.items() for text in pair):
        raise bad(_NOT_UTF8)
    return fields


def _take_body(fields: Fields, body: bytes, kind: str, rest: str) -> None:
    if kind == "application/json":
        try:
            given = json.loads(body or b"{}")
        except ValueError as error:
            raise bad("can't parse JSON object") from error
        if not isinstance(given, dict):
            raise bad("JSON object expected as the request body")
        fields.values |= {name: _as_text(value) for name, value in given.items() if value is not None}
    elif kind == "multipart/form-data":
        _take_parts(fields, body, rest)
    else:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
        fields.values |= dict(pairs)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _take_parts(fields: Fields, body: bytes, rest: str) -> None:
    found = re.search(r'boundary="?([^";]+)"?', rest)
    if not found:
        raise bad("boundary is missing in the request")
    # The first part has no line end before its mark; with one added all parts look alike.
    for part in (b"\r\n" + body).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        said = next((line[20:] for line in lines if line.lower().startswith("content-disposition:")), "")
        if not (name := _PART_NAME.search(said)):
            continue
        if file := _PART_FILE.search(said):
            fields.uploads[name[1]] = Upload(file[1], content)
        else:
            fields.values[name[1]] = content.decode()
