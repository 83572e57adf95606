"""The bot's words as markdown that reads exactly as they are: the smart bot takes nothing but markdown.

Whether a client knows backslashes is not written anywhere, so that a sign which would be read as markup is put as
its look-alike instead.
"""

import re

from bot.channels.wecom.text import plain, split_bytes

MOST_BYTES = 20480
_SLACK = 64  # what a cut may add: the signs that begin a line are changed there too
_INLINE = str.maketrans(
    {
        "<": "＜",
        ">": "＞",
        "[": "［",
        "]": "］",
        "*": "∗",
        "_": "＿",
        "`": "ˋ",
        "~": "～",
        "|": "｜",
        "\\": "＼",
        "&": "＆",
        "$": "＄",
        "\t": "　",
    }
)
_STARTS = (
    (re.compile(r"^[ \u3000]+"), lambda found: "\u3000" * min(2, len(found[0]))),  # four blanks would be code
    (re.compile(r"^(\u3000*)#"), r"\1＃"),
    (re.compile(r"^(\u3000*)([-+=])"), lambda found: found[1] + {"-": "－", "+": "＋", "=": "＝"}[found[2]]),
    (re.compile(r"^(\u3000*\d{1,9})\.(?=\s|$)"), r"\1．"),
    (re.compile(r"^(\u3000*\d{1,9})\)(?=\s|$)"), r"\1）"),
)


def literal(text: str) -> str:
    """The text so that markdown shows it as it is, each line on its own; done twice it is the same."""
    return "  \n".join(_line(line) for line in plain(text).splitlines())


def parts(text: str) -> list[str]:
    """The text as markdown in parts that the platform takes."""
    return [literal(part) for part in split_bytes(literal(text), MOST_BYTES - _SLACK)]


def _line(line: str) -> str:
    line = line.rstrip().translate(_INLINE).replace("://", "：//")
    for start, instead in _STARTS:
        line = start.sub(instead, line)
    return line
