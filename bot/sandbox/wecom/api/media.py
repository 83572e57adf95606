"""Temporary media: kept three days, checked for kind and size as they come."""

from urllib.parse import quote

from starlette.responses import Response

from bot.sandbox.wecom.api import Api, Ask
from bot.sandbox.wecom.api.multipart import Upload
from bot.sandbox.wecom.corp import DAY, Corp, Stored
from bot.sandbox.wecom.refusals import Body, RefusedError

LIFE = 3 * DAY
MEGABYTE = 1 << 20
MOST = {"image": 10 * MEGABYTE, "voice": 2 * MEGABYTE, "video": 10 * MEGABYTE, "file": 20 * MEGABYTE}
LEAST = 6
PICTURE_MOST = 2 * MEGABYTE


def is_picture(content: bytes) -> bool:
    """JPEG or PNG by their first bytes."""
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


def check_media(kind: str, content: bytes) -> None:
    """Refuse what is too small, too large, or not of its kind."""
    if kind not in MOST:
        raise RefusedError(40004)
    if not content:
        raise RefusedError(44001)
    if len(content) < LEAST:
        raise RefusedError(40006)
    if len(content) > MOST[kind]:
        raise RefusedError(45001)
    right = {
        "image": is_picture(content),
        "voice": content.startswith(b"#!AMR"),
        "video": content[4:8] == b"ftyp",
        "file": True,
    }
    if not right[kind]:
        raise RefusedError(40004)


def keep(corp: Corp, kind: str, upload: Upload, owner: str = "") -> Body:
    """Keep a file; the answer to whoever uploaded it."""
    check_media(kind, upload.content)
    stored = Stored(upload.name, upload.mime, upload.content, corp.now(), kind, owner)
    name = corp.keep("MEDIA", stored)
    return {"errmsg": "", "type": kind, "media_id": name, "created_at": str(int(corp.now()))}


def stored_media(corp: Corp, media_id: object, kind: str = "", owner: str = "") -> Stored:
    """The media of this id; raises RefusedError 40007 where it is unknown, too old, of another kind or another's."""
    found = corp.files.get(media_id) if isinstance(media_id, str) and media_id.startswith("MEDIA") else None
    if found is None or corp.now() > found.at + LIFE or (kind and found.kind != kind) or found.owner != owner:
        raise RefusedError(40007)
    return found


def attachment(stored: Stored) -> Response:
    """The bytes as a download; a name beyond ASCII goes raw in UTF-8, as WeCom sends it."""
    response = Response(stored.content, media_type=stored.mime)
    disposition = f'attachment; filename="{quote(stored.name, safe=" .-_()") if _odd(stored.name) else stored.name}"'
    response.raw_headers.append((b"content-disposition", disposition.encode()))
    return response


def _odd(name: str) -> bool:
    return any(sign in name for sign in '"\\\r\n')


def _upload(corp: Corp, ask: Ask) -> Body:
    if ask.query.get("type") not in MOST:
        raise RefusedError(40004)
    if ask.file is None:
        raise RefusedError(41005)
    return keep(corp, ask.query["type"], ask.file)


def _get(corp: Corp, ask: Ask) -> Response:
    return attachment(stored_media(corp, ask.query.get("media_id")))


def _upload_picture(corp: Corp, ask: Ask) -> Body:
    if ask.file is None:
        raise RefusedError(41005)
    if not is_picture(ask.file.content):
        raise RefusedError(40004)
    if len(ask.file.content) > PICTURE_MOST:
        raise RefusedError(45001)
    name = corp.keep("PIC", Stored(ask.file.name, ask.file.mime, ask.file.content, corp.now(), "image"))
    return {"errmsg": "", "url": f"{corp.address}/wecom/file/{name}"}


CALLS = {
    "media/upload": Api("POST", _upload, upload=True),
    "media/get": Api("GET", _get),
    "media/uploadimg": Api("POST", _upload_picture, upload=True),
}
