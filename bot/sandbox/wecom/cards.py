"""What a template card must be: the required parts, lengths of lists and keys that WeCom enforces, with its codes."""

import re
from collections.abc import Iterable

from bot.sandbox.wecom.refusals import Body, RefusedError

INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")
NOTICES = ("text_notice", "news_notice")
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
TEXTS = (
    "title",
    "desc",
    "text",
    "value",
    "keyname",
    "quote_text",
    "sub_title_text",
    "replace_text",
    "url",
    "selected_id",
)
PARTS = ("source", "main_title", "emphasis_content", "quote_area", "card_action", "card_image", "image_text_area")
KEY_BYTES, OPTION_BYTES = 1024, 128


def check(card: object, *, update: bool = False) -> Body:
    """The card, where it keeps the rules of its kind; raises RefusedError. An update needs no `task_id`."""
    if not isinstance(card, dict):
        raise RefusedError(40058, "template_card must be an object")
    kind = card.get("card_type")
    if kind not in (*INTERACTIVE, *NOTICES):
        raise RefusedError(42031)
    _check_shape(card)
    _check_common(card)
    {
        "text_notice": _check_text_notice,
        "news_notice": _check_news_notice,
        "button_interaction": _check_buttons,
        "vote_interaction": _check_vote,
        "multiple_interaction": _check_selects,
    }[kind](card)
    _check_keys(card)
    if not update and calls_back(card):
        _task_id(card)
    return card


def calls_back(card: Body) -> bool:
    """Whether pressing it tells the bot, so that it needs a callback and has a response_code."""
    return card.get("card_type") in INTERACTIVE or bool(card.get("action_menu"))


def button_keys(card: Body) -> list[str]:
    """The keys of the buttons that call back, in order; the submit button's where there is one."""
    keys = [str(one.get("key")) for one in _rows(card, "button_list") if one.get("type", 0) == 0]
    return keys + ([str(card["submit_button"].get("key"))] if card.get("submit_button") else [])


def menu_keys(card: Body) -> list[str]:
    """The keys of the menu at the card's corner."""
    return [str(one.get("key")) for one in _rows(_part(card, "action_menu"), "action_list")]


def questions(card: Body) -> dict[str, Body]:
    """The lists of options by question_key."""
    found = [_part(card, "button_selection"), _part(card, "checkbox"), *_rows(card, "select_list")]
    return {str(one["question_key"]): one for one in found if one.get("question_key")}


def chosen(card: Body, values: dict[str, list[str]]) -> dict[str, list[str]]:
    """What goes along with a press: the options picked in each list, else those it stood on; raises ValueError."""
    asked = questions(card)
    if values.keys() - asked.keys():
        raise ValueError("没有这个选择项")
    return {name: _picked(question, values.get(name)) for name, question in asked.items()}


def _picked(question: Body, wished: list[str] | None) -> list[str]:
    options = [str(one["id"]) for one in question["option_list"]]
    many = question.get("mode") == 1
    if wished is None or question.get("disable"):
        ticked = [str(one["id"]) for one in question["option_list"] if one.get("is_checked")]
        first = question.get("selected_id") if question.get("selected_id") in options else options[0]
        return ticked if "mode" in question or ticked else [str(first)]
    if set(wished) - set(options):
        raise ValueError("没有这个选项")
    if len(wished) > 1 and not many:
        raise ValueError("只能选一项")
    return wished


def _part(card: Body, name: str) -> Body:
    part = card.get(name, {})
    if not isinstance(part, dict):
        raise RefusedError(40058, f"{name} must be an object")
    return part


def _rows(card: Body, name: str) -> list[Body]:
    rows = card.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise RefusedError(40058, f"{name} must be an array of objects")
    return rows


def _text(part: Body, name: str, code: int) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RefusedError(code, name)
    return value


def _key(part: Body, name: str, code: int, most: int = KEY_BYTES) -> str:
    value = _text(part, name, code)
    if len(value.encode()) > most:
        raise RefusedError(code, f"{name} over {most} bytes")
    return value


def _link(part: Body, *, url: int = 1, mini: int = 2) -> None:
    """A part that may lead somewhere needs where."""
    kind = part.get("type", 0)
    if kind == url and not re.match("https?://", str(part.get("url", ""))):
        raise RefusedError(42028)
    if kind == mini and not part.get("appid"):
        raise RefusedError(42030)


def _check_shape(part: Body) -> None:
    """Texts are strings and parts are objects, however deep they are."""
    for name, value in part.items():
        kind = str if name in TEXTS else dict if name in PARTS else object
        if not isinstance(value, kind):
            raise RefusedError(40058, name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                _check_shape(one)


def _check_common(card: Body) -> None:
    rows = _rows(card, "horizontal_content_list")
    if len(rows) > 6:
        raise RefusedError(42035)
    for row in rows:
        _text(row, "keyname", 42027)
        _link(row, mini=-1)
        if row.get("type") == 2:
            _text(row, "media_id", 42029)
        if row.get("type") == 3:
            _text(row, "userid", 42050)
    jumps = _rows(card, "jump_list")
    if len(jumps) > 3:
        raise RefusedError(42042)
    for jump in jumps:
        _text(jump, "title", 42033)
        _link(jump)
    _link(_part(card, "quote_area"))
    if card.get("action_menu"):
        _check_menu(_part(card, "action_menu"))


def _check_menu(menu: Body) -> None:
    actions = _rows(menu, "action_list")
    if not 1 <= len(actions) <= 3:
        raise RefusedError(40058, "action_list")
    for action in actions:
        _text(action, "text", 42038)
        _key(action, "key", 42039)


def _check_action(card: Body) -> None:
    action = _part(card, "card_action")
    if action.get("type") not in (1, 2):
        raise RefusedError(42045)
    _link(action)


def _check_text_notice(card: Body) -> None:
    if not _part(card, "main_title").get("title") and not card.get("sub_title_text"):
        raise RefusedError(42033)
    _check_action(card)


def _check_news_notice(card: Body) -> None:
    _text(_part(card, "main_title"), "title", 42033)
    image = _part(card, "card_image")
    area = _part(card, "image_text_area")
    if not image and not area:
        raise RefusedError(42044)
    if image:
        _text(image, "url", 42044)
    if area:
        _text(area, "image_url", 42044)
        _link(area)
    rows = _rows(card, "vertical_content_list")
    if len(rows) > 4:
        raise RefusedError(42036)
    for row in rows:
        _text(row, "title", 42033)
    _check_action(card)


def _check_buttons(card: Body) -> None:
    _text(_part(card, "main_title"), "title", 42033)
    buttons = _rows(card, "button_list")
    if not 1 <= len(buttons) <= 6:
        raise RefusedError(42016)
    for button in buttons:
        _text(button, "text", 42038)
        _link(button, mini=-1)
        if button.get("type", 0) == 0:
            _key(button, "key", 42039)
    if _part(card, "button_selection"):
        _check_question(card["button_selection"], 10)


def _check_vote(card: Body) -> None:
    box = _part(card, "checkbox")
    _check_question(box, 20)
    if box.get("mode", 0) not in (0, 1):
        raise RefusedError(40058, "mode")
    _check_submit(card)


def _check_selects(card: Body) -> None:
    selects = _rows(card, "select_list")
    if not 1 <= len(selects) <= 3:
        raise RefusedError(42047)
    for select in selects:
        _check_question(select, 10)
    keys = [select["question_key"] for select in selects]
    if len(set(keys)) != len(keys):
        raise RefusedError(42043, "question_key duplicated")
    _check_submit(card)


def _check_submit(card: Body) -> None:
    if not (_part(card, "main_title").get("title") or _part(card, "main_title").get("desc")):
        raise RefusedError(42033)
    submit = _part(card, "submit_button")
    _text(submit, "text", 42049)
    _key(submit, "key", 42046)


def _check_question(question: Body, most: int) -> None:
    _key(question, "question_key", 42043)
    options = _rows(question, "option_list")
    if not 1 <= len(options) <= most:
        raise RefusedError(42037)
    for option in options:
        _key(option, "id", 42040, OPTION_BYTES)
        _text(option, "text", 42041)
    if _twice(option["id"] for option in options):
        raise RefusedError(42040, "option id duplicated")


def _check_keys(card: Body) -> None:
    if _twice(button_keys(card)) or _twice(menu_keys(card)):
        raise RefusedError(42051)


def _twice(names: Iterable[str]) -> bool:
    listed = list(names)
    return len(set(listed)) != len(listed)


def _task_id(card: Body) -> None:
    if not TASK_ID.fullmatch(str(card.get("task_id") or "")):
        raise RefusedError(42014)
