"""Reply markup of a request: parsed, refused where Telegram refuses it, kept as the message shows it."""

import re

from bot.sandbox.telegram.wire import Fields, Json, bad, word

MOST_KEYS = 100
_ACTIONS = {
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
}
_STYLES = {"danger", "success", "primary"}


def markup(fields: Fields, *, inline_only: bool = False) -> Json | None:
    """The inline keyboard a message will show; other kinds are checked and not shown."""
    given = fields.object("reply_markup")
    if given is None:
        return None
    if "inline_keyboard" in given:
        rows = _rows(given["inline_keyboard"], "inline keyboard")
        keys = [[_inline_key(key) for key in row] for row in rows if row]
        if sum(len(row) for row in keys) > MOST_KEYS:
            raise bad("reply markup is too long")
        return {"inline_keyboard": keys} if keys else None
    if inline_only:
        raise bad("inline keyboard expected")
    _check_other(given)
    return None


def _rows(value: object, what: str) -> list[list[object]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise bad(f'field "{what.replace(" ", "_")}" of the {what} should be an Array of Arrays')
    return value


def _inline_key(key: object) -> Json:
    if not isinstance(key, dict):
        raise bad("can't parse inline keyboard button: Inline keyboard button must be an Object")
    text = key.get("text")
    if not isinstance(text, str):
        raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not text.strip():
        raise bad("can't parse inline keyboard button: Button text must be non-empty")
    if len(_ACTIONS & key.keys()) != 1:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    _check_action(key)
    if "style" in key and word(key, "style") not in _STYLES:
        raise bad("can't parse inline keyboard button: Invalid button style specified")
    return dict(key)


def _check_action(key: Json) -> None:
    if "callback_data" in key:
        data = key["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
    if "url" in key and not re.match(r"(https?|tg)://[^\s]+", str(key["url"])):
        raise bad(f"inline keyboard button URL '{key['url']}' is invalid: Wrong HTTP URL")
    if "copy_text" in key:
        copied = key["copy_text"].get("text") if isinstance(key["copy_text"], dict) else None
        if not isinstance(copied, str) or not 1 <= len(copied) <= 256:
            raise bad("BUTTON_COPY_TEXT_INVALID")


def _check_other(given: Json) -> None:
    """A reply keyboard, its removal, or a forced reply."""
    if "keyboard" in given:
        for row in _rows(given["keyboard"], "keyboard"):
            for key in row:
                text = key.get("text") if isinstance(key, dict) else key
                if not isinstance(text, str):
                    raise bad('can\'t parse keyboard button: Field "text" must be of type String')
                if not text:
                    raise bad("can't parse keyboard button: Button text must be non-empty")
    elif given.get("remove_keyboard") is not True and given.get("force_reply") is not True:
        raise bad("object expected as reply markup")
    placeholder = given.get("input_field_placeholder", "-")
    if not isinstance(placeholder, str) or not 1 <= len(placeholder) <= 64:
        raise bad("PLACEHOLDER_INVALID")
