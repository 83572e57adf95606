"""Entities of a text as Telegram marks them by itself; offsets and lengths are UTF-16 units."""

import re
from typing import Any

Entity = dict[str, Any]

MOST_ENTITIES = 100
KINDS = {  # what a writer may mark
    *("bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre"),
    *("text_link", "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"),
}
_COMMAND = re.compile(r"(?<![\w/<>])/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{3,32}))?(?![\w/<>])")
_MENTION = re.compile(r"(?<!\w)@[A-Za-z0-9_]{3,32}(?!\w)")
_URL = re.compile(r"(?<![\w@.-])(?:https?://[^\s<>\"]+|t\.me/[\w/?=&-]+)(?<![.,;:!?，。；：！？）)])")


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity marks."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def found(text: str) -> list[Entity]:
    """Commands, mentions and links in a plain text, in order."""
    marks = [
        (match.start(), match.end(), kind)
        for kind, pattern in (("bot_command", _COMMAND), ("mention", _MENTION), ("url", _URL))
        for match in pattern.finditer(text)
    ]
    entities: list[Entity] = []
    last = 0
    for start, end, kind in sorted(marks):
        if start >= last:
            entities.append({"type": kind, "offset": units(text[:start]), "length": units(text[start:end])})
            last = end
    return entities


def merged(text: str, given: list[Entity]) -> list[Entity]:
    """What the writer marked and what Telegram finds besides, outside of code; at most a hundred."""
    closed = [one for one in given if one["type"] in {"code", "pre", "text_link", "mention", "bot_command", "url"}]
    more = [
        one
        for one in found(text)
        if not any(
            one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
            for other in closed
        )
    ]
    every = sorted([*given, *more], key=lambda one: (one["offset"], -one["length"]))
    return every[:MOST_ENTITIES]


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """A text without white space around it, its entities moved along."""
    kept = text.strip()
    before = units(text[: len(text) - len(text.lstrip())]) if kept else 0
    most = units(kept)
    moved = []
    for one in entities:
        start = max(one["offset"] - before, 0)
        end = min(one["offset"] + one["length"] - before, most)
        if start < end:
            moved.append({**one, "offset": start, "length": end - start})
    return kept, moved
