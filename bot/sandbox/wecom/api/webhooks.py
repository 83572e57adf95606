"""Group webhooks: who knows the key may speak into the group, twenty times a minute; nothing comes back."""

import base64
import binascii
import hashlib
import uuid

from bot.sandbox.model import Group
from bot.sandbox.wecom import cards, faces
from bot.sandbox.wecom.api import Api, Ask
from bot.sandbox.wecom.api.contents import check_content, check_words
from bot.sandbox.wecom.api.media import is_picture, keep
from bot.sandbox.wecom.api.sending import file_links
from bot.sandbox.wecom.corp import MINUTE, Corp, Seen, Stored
from bot.sandbox.wecom.refusals import Body, RefusedError

KINDS = ("text", "markdown", "markdown_v2", "image", "news", "file", "voice", "template_card")
TEXT, MARKDOWN = 2048, 4096
PICTURE_MOST = 2 << 20
LIMIT = (20, MINUTE)
AUTHOR = "消息推送"


def key_of(corp: Corp, group: str) -> str:
    """The key of a group's webhook: the same for the same corp and secret."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{corp.setup.corp_id}/{corp.setup.secret}/{group}"))


def _group(corp: Corp, ask: Ask) -> Group:
    for group in corp.groups.values():
        if key_of(corp, group.id) == ask.query.get("key"):
            return group
    raise RefusedError(93000)


def _send(corp: Corp, ask: Ask) -> Body:
    group = _group(corp, ask)
    kind = ask.body.get("msgtype")
    content = _content(corp, ask, f"webhook:{group.id}")
    if not corp.windows.pass_(f"webhook:{group.id}", LIMIT):
        raise RefusedError(45009)
    message = corp.name("MSG")
    files = _files(corp, str(kind), content)
    for member in group.members:
        bubble = faces.bubble(message, AUTHOR, corp.now(), str(kind), content)
        bubble.files = files
        called = _called(corp, content)
        bubble.note = f"@{'、@'.join(called)}" if called else bubble.note
        corp.put(Seen(message, member, f"group:{group.id}", str(kind), content, bubble))
    return {}


def _content(corp: Corp, ask: Ask, owner: str) -> Body:
    kind = ask.body.get("msgtype")
    content = ask.body.get(kind) if isinstance(kind, str) and kind in KINDS else None
    if kind not in KINDS:
        raise RefusedError(40008)
    if kind in ("text", "markdown", "markdown_v2"):
        if not isinstance(content, dict):
            raise RefusedError(44004)
        check_words(content, TEXT if kind == "text" else MARKDOWN)
        return content
    if kind == "image":
        return _picture(content)
    if kind == "template_card" and isinstance(content, dict) and content.get("card_type") not in cards.NOTICES:
        raise RefusedError(42031, "a webhook sends notices only")
    return check_content(corp, ask.body, KINDS, owner)


def _picture(content: object) -> Body:
    if not isinstance(content, dict):
        raise RefusedError(40058, "image missing")
    try:
        raw = base64.b64decode(str(content.get("base64")), validate=True)
    except binascii.Error as error:
        raise RefusedError(40058, "base64") from error
    if len(raw) > PICTURE_MOST:
        raise RefusedError(45001)
    if not is_picture(raw):
        raise RefusedError(40004)
    if hashlib.md5(raw).hexdigest() != content.get("md5"):  # noqa: S324 — WeCom asks for it
        raise RefusedError(40058, "md5")
    return content


def _files(corp: Corp, kind: str, content: Body) -> list[dict[str, str]]:
    if kind != "image":
        return file_links(corp, kind, content)
    raw = base64.b64decode(content["base64"])
    mime = "image/png" if raw.startswith(b"\x89PNG") else "image/jpeg"
    name = corp.keep("PIC", Stored("image", mime, raw, corp.now(), "image"))
    return [{"name": "image", "mime": mime, "href": f"/wecom/file/{name}"}]


def _called(corp: Corp, content: Body) -> list[str]:
    listed = content.get("mentioned_list")
    names = {"@all": "所有人"} | {person.id: person.name for person in corp.people.values()}
    return [names[str(one)] for one in (listed if isinstance(listed, list) else []) if str(one) in names]


def _upload(corp: Corp, ask: Ask) -> Body:
    group = _group(corp, ask)
    kind = ask.query.get("type", "")
    if kind not in ("file", "voice"):
        raise RefusedError(40004)
    if ask.file is None:
        raise RefusedError(41005)
    return {**keep(corp, kind, ask.file, f"webhook:{group.id}"), "errmsg": "ok"}


CALLS = {
    "webhook/send": Api("POST", _send, right="open"),
    "webhook/upload_media": Api("POST", _upload, right="open", upload=True),
}
