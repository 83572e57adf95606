"""Text in the sizes WeCom takes: cut between paragraphs, lines or signs, and never read as markup."""

import re
import unicodedata

_TAG = re.compile(r"<(?=\s*[@/!A-Za-z])")
_LINK = re.compile(r"\]\s*\(")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SENTENCE_ENDS = "。！？；!?; "
_LARGEST_CHARACTER = 4
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def plain(text: str) -> str:
    """Text that mentions nobody and links nowhere, whatever is in it: a tag's `<` and a link's `(` get wide.

    Text messages read `<a href>` and `<@userid>`, markdown also `[x](url)` and `<font>`.
    """
    return _LINK.sub("]（", _TAG.sub("＜", _CONTROL.sub("", _whole(text))))


def split_bytes(text: str, most_bytes: int) -> list[str]:
    """The text in parts of at most so many bytes of UTF-8; only white space at cuts and end is lost, no part blank.

    A paragraph or line border is taken where it leaves the part at least half full, so that a short heading does not
    stand alone; no accent, emoji or flag is cut in two unless it alone is too large.
    """
    if most_bytes < _LARGEST_CHARACTER:
        raise ValueError(f"no room for one character in {most_bytes} bytes")
    parts, rest = [], _whole(text)
    while len(rest.encode()) > most_bytes:
        cut = _border(rest, _fitting(rest, most_bytes))
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip("\n")
    return [part for part in (*parts, rest.rstrip()) if part.strip()]


def shorten(text: str, most: int) -> str:
    """The text in at most so many characters, with … where it was cut; no sign is cut in two."""
    if len(text) <= most:
        return text
    return text[: _backed(text, most - 1)].rstrip() + "…"


def _whole(text: str) -> str:
    """Halves of characters joined or replaced: what is left can be encoded."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _fitting(text: str, most_bytes: int) -> int:
    """How many characters fit, at least one; up to a border between signs where there is one."""
    most = len(text.encode()[:most_bytes].decode("utf-8", "ignore"))
    return _backed(text, most) or most


def _backed(text: str, at: int) -> int:
    while at and _joined(text, at):
        at -= 1
    return at


def _border(text: str, end: int) -> int:
    """The best place to cut, at most `end`: a paragraph's end, a line's, a sentence's, else `end` itself."""
    enough = max(end // 2, 1)
    for mark in ("\n\n", "\n"):
        found = text.rfind(mark, 0, end + len(mark))
        if found >= enough:
            return found
    found = max(text.rfind(mark, 0, end) for mark in _SENTENCE_ENDS) + 1
    return found if found >= enough and not _joined(text, found) else end


def _joined(text: str, at: int) -> bool:
    """Whether the characters before and after `at` are one sign: accent, emoji family, skin tone, flag."""
    if at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if "\u200d" in (before, after) or unicodedata.category(after).startswith("M"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True
    letters = at - len(text[:at].rstrip(_FLAG_LETTERS))
    return after in _FLAG_LETTERS and letters % 2 == 1
