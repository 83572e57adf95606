"""What a message asks for: a numbered answer, a command, a bare number, or a sentence to be read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.actions.lists import meant as listed
from bot.chat import Choice, numbered
from bot.commands import Command, Commands
from bot.domain import phones
from bot.domain.errors import UsageError
from bot.domain.text import normal, spoken_digits
from bot.handlers.followups import glued

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
_DIGITS = re.compile(r"第?(\d{1,3}|[一二两三四五六七八九])[个位号条项]?[.、,，:： ]*(\S.*)?", re.DOTALL)
_CHINESE = dict(zip("一二两三四五六七八九", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_NONE_OF_THEM = re.compile("都不是|不是她|没有她")
_YES = re.compile("(?:好[的吧，, ]*)?(?:她|他|客人)?(?:说)?(?:同意|可以|行|愿意|没问题|好的?)[了啊的吧]?")
_NO = re.compile("(?:她|他|客人)?(?:说)?(?:不同意|不行|不可以|不愿意|不要记|别记|不想)[了啊的吧]?")
_CLOSING = re.compile(
    r"#?(\d{1,3}|\d{5,6})[ ,，]+(.*(?:已|过了|电话|道歉|赔|退|换|送了|重做|解决|结|她说|说行|接受).*)", re.DOTALL
)
_WITH_FULL = re.compile(r"(?:\d{4}|\d{11}) *全部?")
_SEVERAL = re.compile(r"(?:\d{11}|\d{4})(?:[ 、,，和]+(?:\d{11}|\d{4}))+")
_NO_LIST = "这个数字现在没有对应的选项。查客户请发手机号或后四位。"
_LAST4 = re.compile(r"\d{4}")
_ROW = re.compile(r"第?(?:\d{1,2}|[一二三四五六七八九十])[位个号]?")
_NUMBER = re.compile(r"(?:客户|会员)?号 *[0-9A-Za-z_-]{2,40}|\d{5,12}")


@dataclass(frozen=True, slots=True)
class Said:
    """A command and the text it takes; `command` is None where the message wants no answer.

    `settles` says that it is a choice of a list whose write settles the list: none of it may be written again.
    `guesses`: it may as well be an answer to a list of people that was shown before.
    """

    command: Command[Any] | None
    text: str = ""
    settles: bool = False
    guesses: bool = False


def understand(raw: str, commands: Commands, menu: Sequence[Choice], *, menu_is_old: bool) -> Said | None:
    """Everything that needs no reading of a sentence; None hands it to the language.

    Raises UsageError for what is too long, and for a digit that is on no list.
    """
    if len(raw) > LONGEST:
        raise UsageError(f"太长了，一条最多{LONGEST}字，请分条发。")
    plain = normal(raw)
    text = plain.lstrip(_PREFIX).strip()
    slash = len(text) < len(plain)
    if not menu_is_old and (answer := _on_list(raw, commands, menu)):
        return answer
    if answer := _answer(text, commands, menu, old=menu_is_old):
        return answer
    if not text or text.lower() in _QUIET:
        return Said(None)
    return _typed(text, commands, slash=slash)


def _typed(text: str, commands: Commands, *, slash: bool) -> Said | None:
    """A command, a complaint being closed, or bare numbers to look up."""
    figures = spoken_digits(text)
    if found := commands.match(figures, slash=slash):
        return Said(*found, guesses=found[0].names[0] == "为什么" and _ROW.fullmatch(found[1]) is not None)
    if run_on := glued.heard(text):
        return Said(commands.named(run_on[0]), run_on[1])
    if closing := _CLOSING.fullmatch(text):
        return Said(commands.named("诉结"), f"{closing[1]} {closing[2]}", guesses=len(closing[1]) <= 2)
    if any(bare.fullmatch(figures) for bare in (_LAST4, _NUMBER, _WITH_FULL, _SEVERAL)) or phones.read(figures):
        return Said(commands.named("查"), figures)
    return None


def _on_list(raw: str, commands: Commands, menu: Sequence[Choice]) -> Said | None:
    """An answer under a list of people: several rows at once, 为什么 2, 派 2 小周, 都打过了."""
    shown = listed.shown(menu)
    first = _DIGITS.match(normal(raw))
    if shown and first and first[1].isdecimal() and len(shown[1]) < int(first[1]) <= len(menu):
        return None  # a choice that stands beside the list
    meant = listed.command(raw, *shown) if shown else None
    return replace(chosen(meant, commands), guesses=listed.misses(raw, shown[1])) if shown and meant else None


def _answer(text: str, commands: Commands, menu: Sequence[Choice], *, old: bool) -> Said | None:
    """A digit of the list, or words that mean one of its choices."""
    fresh = [] if old else numbered(menu)
    for choice in _said_in_words(text, [choice for _, choice in fresh]):
        return _chosen(choice, "", commands)
    digits = _DIGITS.fullmatch(text)
    if not digits or (not digits[1].isdecimal() and not fresh):
        return None
    digit, rest = _CHINESE.get(digits[1]) or int(digits[1]), (digits[2] or "").strip()
    choice_ = next((choice for number, choice in fresh if number == digit), None)
    if choice_ and choice_.command.startswith("记 ") and listed.tells_rows(text):
        return None  # outcomes of a list of people, not a note on whoever was looked at since
    if choice_ and rest and (choice_.takes_text or rest == choice_.label):
        return _chosen(choice_, "" if rest == choice_.label else rest, commands)
    if rest:
        return None
    if choice_:
        return _chosen(choice_, "", commands)
    if old and menu:
        raise UsageError("那个列表已经过期了，请再查一次。")
    last = max((number for number, _ in fresh), default=0)
    raise UsageError(f"没有第{digit}项，请回 1 到 {last}。" if last else _NO_LIST)


def pressed(digit: int, commands: Commands, menu: Sequence[Choice]) -> Said:
    """The command of a button that was pressed; raises UsageError where the list has no such button."""
    for number, choice in numbered(menu):
        if number == digit:
            return _chosen(choice, "", commands)
    raise UsageError("这组按钮用不了了，请再查一次。")


def _said_in_words(text: str, menu: Sequence[Choice]) -> Iterator[Choice]:
    """The choice that is said instead of its digit: its own label, or yes and no where her consent is asked."""
    if menu and _NONE_OF_THEM.fullmatch(text):
        raise UsageError("那就发11位手机号，或换个说法再查。")
    for choice in menu:
        agrees, refuses = choice.command.startswith("同意 "), choice.command.startswith("不同意 ")
        if text == choice.label or (agrees and _YES.fullmatch(text)) or (refuses and _NO.fullmatch(text)):
            yield choice


def chosen(command: str, commands: Commands) -> Said:
    """The command that words were found to stand for."""
    return _chosen(Choice("", command, takes_text=True), "", commands)


def _chosen(choice: Choice, rest: str, commands: Commands) -> Said:
    found = commands.match(f"{choice.command} {rest}".strip(), slash=True)
    if found is None:
        raise UsageError("这一项现在用不了了，请再查一次。")
    return Said(*found, settles=found[0].writes and not choice.takes_text)
