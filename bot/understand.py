"""What a message asks for: a numbered answer, a command, a bare number, or a sentence to be read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.chat import Choice, numbered
from bot.commands import Command, Commands
from bot.domain import phones
from bot.domain.errors import UsageError
from bot.domain.text import normal, spoken_digits

LONGEST = 500
_PREFIX = "/、。"
_QUIET = frozenset(
    [
        "嗯",
        "嗯嗯",
        "好",
        "好的",
        "好嘞",
        "好滴",
        "收到",
        "收到收到",
        "知道了",
        "明白",
        "谢谢",
        "辛苦了",
        "ok",
        "哦",
        "噢",
        "哈哈",
        "在吗",
    ]
)
_DIGITS = re.compile(r"(\d{1,3})(?:[.、,，号 ]+(\S.*))?", re.DOTALL)
_CLOSING = re.compile(
    r"#?(\d{1,6})[ ,，]+(.*(?:已|过了|电话|道歉|赔|退|换|送了|重做|解决|结|她说|说行|接受).*)", re.DOTALL
)
_LAST4 = re.compile(r"\d{4}")
_NUMBER = re.compile(r"(?:客户|会员)?号 *[0-9A-Za-z_-]{2,40}|\d{5,12}")


@dataclass(frozen=True, slots=True)
class Said:
    """A command and the text it takes; `command` is None where the message wants no answer.

    `answers` says that it was a digit of a list.
    """

    command: Command[Any] | None
    text: str = ""
    answers: bool = False


def understand(raw: str, commands: Commands, menu: Sequence[Choice], *, menu_is_old: bool) -> Said | None:
    """Everything that needs no reading of a sentence; None hands it to the language.

    Raises UsageError for what is too long, and for a digit that is on no list.
    """
    if len(raw) > LONGEST:
        raise UsageError(f"太长了，一条最多{LONGEST}字，请分条发。")
    plain = normal(raw)
    text = plain.lstrip(_PREFIX).strip()
    slash = len(text) < len(plain)
    if not text or text.lower() in _QUIET:
        return Said(None)
    if answer := _answer(text, commands, menu, old=menu_is_old):
        return answer
    figures = spoken_digits(text)
    if found := commands.match(figures, slash=slash):
        return Said(*found)
    if closing := _CLOSING.fullmatch(text):
        return Said(commands.named("诉结"), f"{closing[1]} {closing[2]}")
    if _LAST4.fullmatch(figures) or _NUMBER.fullmatch(figures) or phones.read(figures):
        return Said(commands.named("查"), figures)
    return None


def _answer(text: str, commands: Commands, menu: Sequence[Choice], *, old: bool) -> Said | None:
    digits = _DIGITS.fullmatch(text)
    if not digits:
        return None
    digit, rest = int(digits[1]), (digits[2] or "").strip()
    chosen = None if old else next((c for n, c in numbered(menu) if n == digit), None)
    if rest and (chosen is None or not chosen.takes_text):
        return None
    if chosen is None:
        if old and menu:
            raise UsageError("那个列表已经过期了，请再查一次。")
        last = max((n for n, _ in numbered(menu)), default=0)
        raise UsageError(
            f"没有第{digit}项，请回 1 到 {last}。" if last else "这个数字现在没有对应的选项。查客户请发手机号或后四位。"
        )
    found = commands.match(f"{chosen.command} {rest}".strip(), slash=True)
    if found is None:
        raise UsageError("这一项现在用不了了，请再查一次。")
    return Said(*found, answers=True)
