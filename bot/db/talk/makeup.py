"""A make-up digest: several messages in one, whose digits still mean what they meant.

The first list of people keeps its digits, since whole sentences answer them (1没接 2约了周日). Other choices are
numbered on. A further list of people stays a digit away, because one sentence could mean rows of either; so does a
further question, because an answer settles all that is asked in one message.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.chat import LET_GO, Choice, numbered
from bot.domain.lists.kinds import ON_LIST, TAG
from bot.wire import LATE

_SEVERAL = "攒下的 {count} 条："
_HEAD = 14
_QUOTED = re.compile(r"「(\d{1,2})(?=[ 给没约])")  # how a text says what to answer: 「1 办了」


@dataclass(frozen=True, slots=True)
class Part:
    """One of the messages, as it is kept; `token` names it to the person it is for."""

    text: str
    discreet: str
    choices: Sequence[Choice]
    token: str


@dataclass(frozen=True, slots=True)
class Whole:
    """All of them as one."""

    text: str
    discreet: str | None
    choices: tuple[Choice, ...]


def together(parts: Sequence[Part]) -> Whole:
    """The messages in one: those without choices, the first list of people, the other choices, what is folded."""
    plain = [part for part in parts if not part.choices]
    lists = [part for part in parts if _is_list(part)]
    asked = [part for part in parts if _is_question(part)]
    folded = [*lists[1:], *asked[1:]]
    shown, choices = lists[:1], [choice for part in lists[:1] for choice in part.choices]
    for part in parts:
        if part.choices and part not in lists and part not in folded:
            shown.append(_numbered_on(part, len(choices)))
            choices += [choice for choice in part.choices if choice.command != LET_GO]
    more = [Choice(f"看{_name(part)}", f"攒下 #{part.token}") for part in folded]
    tail = ["\n".join(f"{digit} {choice.label}" for digit, choice in enumerate(more, len(choices) + 1))] if more else []
    header = _SEVERAL.format(count=len(parts))
    told = [*plain, *shown]
    whole = "\n\n".join([header, *(part.text for part in told), *tail])
    shy = "\n\n".join([header, *(part.discreet or part.text for part in told), *tail])
    return Whole(whole, shy if any(part.discreet for part in parts) else None, (*choices, *more))


def _is_list(part: Part) -> bool:
    return bool(part.choices) and all(ON_LIST.fullmatch(choice.command) for choice in part.choices)


def _is_question(part: Part) -> bool:
    return any(not choice.takes_text for choice in part.choices) and not _is_list(part)


def _name(part: Part) -> str:
    """What one is called on a button, as it may be shown anywhere: its tag, else how it begins."""
    text = (part.discreet or part.text).removeprefix(LATE)
    tag, line = TAG.search(text), text.strip().partition("\n")[0]
    return tag[0] if tag else f"「{line[:_HEAD]}{'…' * (len(line) > _HEAD)}」"


def _numbered_on(part: Part, by: int) -> Part:
    """The same with its digits raised, in its lines and where it says what to answer."""
    rows = [(digit, choice.label) for digit, choice in numbered(part.choices) if digit]
    if not by or not rows:
        return part
    own = {digit for digit, _ in rows}
    lines = re.compile("|".join(rf"(?<!\d){digit} {re.escape(label)}" for digit, label in reversed(rows)))

    def raised(text: str) -> str:
        text = lines.sub(lambda found: _raise(found[0], by), text)
        return _QUOTED.sub(lambda found: f"「{int(found[1]) + by}" if int(found[1]) in own else found[0], text)

    return replace(part, text=raised(part.text), discreet=raised(part.discreet))


def _raise(line: str, by: int) -> str:
    digit, _, rest = line.partition(" ")
    return f"{int(digit) + by} {rest}"
