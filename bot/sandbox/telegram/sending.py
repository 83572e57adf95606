"""What the bot says: messages, photos, documents, albums, polls, and that it is typing."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.keyboards import markup
from bot.sandbox.telegram.text.entities import KINDS, Entity, merged, trimmed, units
from bot.sandbox.telegram.text.markup import parsed
from bot.sandbox.telegram.wire import Fields, Json, bad, word
from bot.sandbox.telegram.world import Chat, World, placed

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LARGEST_TEXT = 32768  # bytes, before parsing
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


class Sending:
    """The methods that put a message into a chat."""

    def __init__(self, world: World, files: Files) -> None:
        self._world = world
        self._files = files

    def methods(self) -> dict[str, Callable[[Fields], object]]:
        """The Bot API methods it answers."""
        return {
            "sendMessage": self.message,
            "sendPhoto": self.photo,
            "sendDocument": self.document,
            "sendMediaGroup": self.album,
            "sendPoll": self.poll,
            "sendChatAction": self.action,
        }

    def message(self, fields: Fields) -> Json:
        """SendMessage."""
        text, entities = formatted(fields)
        return self._send(fields, content(text, entities))

    def photo(self, fields: Fields) -> Json:
        """SendPhoto: PNG or JPEG, as uploaded."""
        caption = content(*formatted(fields, "caption", LONGEST_CAPTION), "caption")
        kept = self._files.sent(fields, "photo", "photo", "there is no photo in the request")
        return self._send(fields, {"photo": self._files.photo(kept)} | caption)

    def document(self, fields: Fields) -> Json:
        """SendDocument."""
        caption = content(*formatted(fields, "caption", LONGEST_CAPTION), "caption")
        kept = self._files.sent(fields, "document", "document", "there is no document in the request")
        return self._send(fields, {"document": self._files.document(kept)} | caption)

    def album(self, fields: Fields) -> list[Json]:
        """SendMediaGroup: photos, or documents, at most ten; each counts as a message."""
        items = fields.array("media")
        if not items:
            raise bad("there are no messages to send")
        if len(items) > 10:
            raise bad("too many messages to send as an album")
        bodies = [self._item(fields, item) for item in items]
        if len({"photo" in body for body in bodies}) > 1:
            raise bad("document can't be mixed with other media types")
        chat, place = self._place(fields)
        self._world.flood.pass_message(chat.id, len(bodies))
        together = {"media_group_id": str(self._world.fresh())} if len(bodies) > 1 else {}
        return [self._post(chat, fields, place | body | together) for body in bodies]

    def _item(self, fields: Fields, item: object) -> Json:
        if not isinstance(item, dict):
            raise bad("can't parse InputMedia: expected an Object")
        kind = word(item, "type")
        if kind not in {"photo", "document"}:
            raise bad(f'can\'t parse InputMedia: type "{kind}" is unsupported')
        own = Fields({name: value for name, value in item.items() if isinstance(value, str)})
        caption = content(*formatted(own, "caption", LONGEST_CAPTION), "caption")
        kept = self._files.attached(fields, kind, item.get("media"))
        return {kind: self._files.photo(kept) if kind == "photo" else self._files.document(kept)} | caption

    def poll(self, fields: Fields) -> Json:
        """SendPoll: shown, not voted on."""
        question = fields.text("question").strip()
        if not 1 <= len(question) <= 300:
            raise bad("poll question must be non-empty" if not question else "poll question length must not exceed 300")
        options = [one.get("text") if isinstance(one, dict) else one for one in fields.array("options") or []]
        if not 1 <= len(options) <= 12:
            raise bad("poll must have at least 1 option" if not options else "poll can't have more than 12 options")
        if not all(isinstance(one, str) and 1 <= len(one) <= 100 for one in options):
            raise bad("poll options length must not exceed 100")
        shown = [{"persistent_id": str(place), "text": one, "voter_count": 0} for place, one in enumerate(options)]
        poll: Json = {
            "id": str(self._world.fresh()),
            "question": question,
            "options": shown,
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": "is_anonymous" not in fields.values or fields.flag("is_anonymous"),
            "type": "regular",
            "allows_multiple_answers": fields.flag("allows_multiple_answers"),
            "allows_revoting": True,
            "members_only": False,
        }
        return self._send(fields, {"poll": poll})

    def action(self, fields: Fields) -> bool:
        """SendChatAction."""
        if fields.text("action").lower() not in _ACTIONS:
            raise bad("wrong parameter action in request")
        self._world.writable(fields)
        return True

    def _send(self, fields: Fields, body: Json) -> Json:
        keys = markup(fields)
        chat, place = self._place(fields)
        self._world.flood.pass_message(chat.id)
        return self._post(chat, fields, place | body | ({"reply_markup": keys} if keys else {}))

    def _post(self, chat: Chat, fields: Fields, body: Json) -> Json:
        kept = {"has_protected_content": True} if fields.flag("protect_content") else {}
        message = self._world.post(chat, self._world.me, body | kept)
        self._world.changed()
        return message

    def _place(self, fields: Fields) -> tuple[Chat, dict[str, Any]]:
        """The chat, and where in it: its topic and the message answered."""
        chat = self._world.writable(fields)
        thread = fields.integer("message_thread_id") if fields.text("message_thread_id") else None
        if thread is not None and thread not in chat.topics:
            raise bad("message thread not found")
        answered = self._answered(chat, fields)
        if answered is not None and thread is None and answered.get("is_topic_message"):
            thread = answered["message_thread_id"]
        return chat, placed(chat, thread, answered)

    @staticmethod
    def _answered(chat: Chat, fields: Fields) -> Json | None:
        told = fields.object("reply_parameters")
        if told is None and fields.text("reply_to_message_id"):
            anyway = fields.flag("allow_sending_without_reply")
            told = {"message_id": fields.integer("reply_to_message_id"), "allow_sending_without_reply": anyway}
        if told is None:
            return None
        number = told.get("message_id")
        if type(number) is not int:
            raise bad('can\'t parse reply parameters: Field "message_id" must be of type Number')
        here = str(told.get("chat_id", chat.id)) == str(chat.id)
        found = chat.messages.get(number) if here else None
        if found is None and told.get("allow_sending_without_reply") is not True:
            raise bad("message to be replied not found")
        return found


def formatted(fields: Fields, name: str = "text", most: int = LONGEST_TEXT) -> tuple[str, list[Entity]]:
    """Text and entities of a request, parsed and measured; a caption may be empty, a message not."""
    raw = fields.text(name)
    if len(raw.encode()) > LARGEST_TEXT:
        raise bad("text is too long")
    mode = fields.text("parse_mode").lower()
    if mode == "html":
        text, entities = parsed(raw)
    elif mode and mode != "none":
        raise bad("unsupported parse_mode")  # Markdown too: nothing of ours speaks it
    else:
        text, entities = raw, _given(fields, "entities" if name == "text" else "caption_entities", units(raw))
    text, entities = trimmed(text, entities)
    if name == "text" and not text:
        raise bad("message text is empty")
    if len(text) > most:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    return text, merged(text, entities)


def _given(fields: Fields, name: str, most: int) -> list[Entity]:
    entities = fields.array(name) or []
    for one in entities:
        if not isinstance(one, dict):
            raise bad("can't parse MessageEntity: expected an Object")
        if word(one, "type") not in KINDS or (one["type"] == "text_link" and not word(one, "url")):
            raise bad("can't parse MessageEntity: Unsupported type specified")
        offset, length = one.get("offset"), one.get("length")
        if type(offset) is not int or type(length) is not int or offset < 0 or length <= 0:
            raise bad('can\'t parse MessageEntity: Field "offset" and "length" must be of type Number')
        if offset + length > most:
            raise bad("entity begins or ends outside of the text")
    names = ("type", "offset", "length", "url")
    return [{name: one[name] for name in names if isinstance(one.get(name), str | int)} for one in entities]


def content(text: str, entities: list[Entity], name: str = "text") -> Json:
    """Text or caption as a message holds it."""
    marks = "entities" if name == "text" else "caption_entities"
    return ({name: text} if text else {}) | ({marks: entities} if entities else {})
