"""Template cards made of choices: what a card cannot hold stays digits in the text, so that nothing is lost."""

import re
from collections.abc import Sequence
from typing import Any

from bot.channels.wecom.text import plain, shorten
from bot.chat import LET_GO, Choice, Press, numbered

MOST_BUTTONS = 6
MOST_TITLE = 36
MOST_TEXT = 160
MOST_LABEL = 10
_QUIET = 2  # the grey style, for letting go


def button_card(
    title: str, text: str, choices: Sequence[Choice], menu: int, *, mark: str = ""
) -> dict[str, Any] | None:
    """A `button_interaction` card whose buttons carry `Press` keys; None where the choices do not fit.

    Title and text are cut to what a card shows. `mark` ([0-9A-Za-z_-]) makes the task's name another one for a
    menu that is shown again: the platform takes each name once.
    """
    rows = numbered(choices)
    if not 1 <= len(rows) <= MOST_BUTTONS or not title.strip():
        return None
    card: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": shorten(plain(title).strip(), MOST_TITLE)},
        "task_id": task_id(menu, mark),
        "button_list": [
            {"text": label(digit, choice), "style": _style(place, choice), "key": Press(menu, digit).key}
            for place, (digit, choice) in enumerate(rows)
        ],
    }
    if text.strip():
        card["sub_title_text"] = shorten(plain(text).strip(), MOST_TEXT)
    return card


def task_id(menu: int, mark: str = "") -> str:
    """What the platform calls the card of a list of choices."""
    return f"menu-{menu:x}@{mark}" if mark else f"menu-{menu:x}"


def label(digit: int, choice: Choice) -> str:
    """A button's words; one that had to be cut begins with its digit, since two may then read alike."""
    said = " ".join(plain(choice.label).split())
    if 0 < len(said) <= MOST_LABEL:
        return said
    brief = re.split(r"[（(：:，,]", said)[0].strip() or said
    numbered_label = f"{digit} {brief}"
    return shorten(numbered_label if len(numbered_label) <= MOST_LABEL else f"{digit} {said}", MOST_LABEL).strip()


def _style(place: int, choice: Choice) -> int:
    return 1 if place == 0 and choice.command != LET_GO else _QUIET
