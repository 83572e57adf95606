"""Telegram's HTML mode, as strict as the real one: its tags, its entities, its words with byte offsets."""

import re
from dataclasses import dataclass

from bot.sandbox.telegram.text.entities import Entity, units
from bot.sandbox.telegram.wire import Refusal, bad

_KINDS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("tg-spoiler", "span"), "spoiler"),
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CHARACTER = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));?")
_SPACE = " \t\r\n\v\f"
_ARGUMENTS = {("a", "href"), ("code", "class"), ("span", "class"), ("tg-emoji", "emoji-id")}


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    argument: str
    begins: int  # characters of the result before it


def parsed(text: str) -> tuple[str, list[Entity]]:
    """The plain text and the entities of an HTML text; refuses what Telegram cannot parse."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.plain = ""
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.text):
            if self._peek() != "<":
                self.plain += self._character()
            elif self.text[self.at + 1 : self.at + 2] == "/":
                self._close()
            else:
                self._start()
        if self.open:
            raise _refused(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return self.plain, sorted(self.entities, key=lambda one: (one["offset"], -one["length"]))

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip(self, characters: str) -> None:
        while self._peek() and self._peek() in characters:
            self.at += 1

    def _until(self, stops: str) -> str:
        begin = self.at
        while self._peek() and self._peek() not in stops:
            self.at += 1
        return self.text[begin : self.at]

    def _offset(self, at: int) -> int:
        return len(self.text[:at].encode("utf-8", "surrogatepass"))

    def _character(self) -> str:
        match = _CHARACTER.match(self.text, self.at)
        if match:
            code = int(match[2]) if match[2] else int(match[3] or "0", 16)
            if match[1] or 0 < code < 0x10FFFF:
                self.at = match.end()
                return _NAMED[match[1]] if match[1] else chr(code)
        self.at += 1
        return self.text[self.at - 1]

    def _start(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._until(_SPACE + ">").lower()
        if not self._peek():
            raise self._unclosed(begin)
        if tag not in _KINDS:
            raise _refused(f'Unsupported start tag "{tag}" at byte offset {self._offset(begin)}')
        argument = ""
        while True:
            self._skip(_SPACE)
            if not self._peek():
                raise self._unclosed(begin)
            if self._peek() == ">":
                break
            name, value = self._attribute(tag, begin)
            if (tag, name) in _ARGUMENTS:
                argument = value
            elif (tag, name) == ("blockquote", "expandable"):
                argument = "expandable"
        self.at += 1
        if tag == "span" and argument != "tg-spoiler":
            raise _refused(f'Tag "span" must have class "tg-spoiler" at byte offset {self._offset(begin)}')
        self.open.append(_Open(tag, argument, len(self.plain)))

    def _unclosed(self, begin: int) -> Refusal:
        return _refused(f"Unclosed start tag at byte offset {self._offset(begin)}")

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._until(_SPACE + "=>").lower()
        if not name:
            raise _refused(f'Empty attribute name in the tag "{tag}" at byte offset {self._offset(begin)}')
        self._skip(_SPACE)
        if self._peek() != "=":
            if (tag, name) == ("blockquote", "expandable"):
                return name, ""
            where = f'of an attribute of the tag "{tag}" at byte offset {self._offset(begin)}'
            raise _refused(f"Expected equal sign in declaration {where}")
        self.at += 1
        self._skip(_SPACE)
        return name, self._value(begin)

    def _value(self, begin: int) -> str:
        quote = self._peek()
        if quote not in {'"', "'"}:
            token = self.at
            value = self._until(_SPACE + ">").lower()
            if not re.fullmatch(r"[a-z0-9.-]*", value):
                raise _refused(f"Unexpected end of name token at byte offset {self._offset(token)}")
            return value
        self.at += 1
        value = ""
        while self._peek() and self._peek() != quote:
            value += self._character()
        if not self._peek():
            raise self._unclosed(begin)
        self.at += 1
        return value

    def _close(self) -> None:
        begin = self.at
        if not self.open:
            raise _refused(f"Unexpected end tag at byte offset {self._offset(begin)}")
        self.at += 2
        tag = self._until(_SPACE + ">").lower()
        self._skip(_SPACE)
        if self._peek() != ">":
            raise _refused(f"Unclosed end tag at byte offset {self._offset(begin)}")
        self.at += 1
        opened = self.open.pop()
        if tag and tag != opened.tag:
            where = f"at byte offset {self._offset(begin)}"
            raise _refused(f'Unmatched end tag {where}, expected "</{opened.tag}>", found "</{tag}>"')
        if len(self.plain) > opened.begins:
            self._mark(opened)

    def _mark(self, opened: _Open) -> None:
        inside = self.plain[opened.begins :]
        entity: Entity = {
            "type": _KINDS[opened.tag],
            "offset": units(self.plain[: opened.begins]),
            "length": units(inside),
        }
        if opened.tag == "a":
            url = opened.argument or inside
            if not re.match(r"(?:https?|tg|mailto|tel):", url):
                url = f"http://{url}/" if "." in url and " " not in url else ""
            if not url:
                return  # a link that leads nowhere is no link, and no fault
            entity["url"] = url
        elif opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "tg-emoji":
            if not opened.argument.isdigit():
                raise _refused("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = opened.argument
        elif opened.tag == "code" and opened.argument.startswith("language-"):
            self._language = opened.argument.removeprefix("language-")
        elif opened.tag == "pre" and self._wraps_code(entity):
            entity |= {"language": self._language}
        self.entities.append(entity)

    _language = ""

    def _wraps_code(self, entity: Entity) -> bool:
        """Whether a pre holds nothing but code of a named language; the two become one."""
        inner = {**entity, "type": "code"}
        if self._language and self.entities[-1:] == [inner]:
            self.entities.pop()
            return True
        return False


def _refused(words: str) -> Refusal:
    return bad(f"can't parse entities: {words}")
