"""Files sent by the bot and by people: kept whole, named by identifiers, given back by getFile and by address."""

import mimetypes
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.sandbox.telegram.wire import Fields, Json, Refusal, Upload, bad

LARGEST_UPLOAD = 50 << 20
LARGEST_PHOTO = 10 << 20
LARGEST_DOWNLOAD = 20 << 20
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_SIDES = (90, 320, 800, 1280)  # the longer sides of the sizes a photo is kept in


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored file; `id` is what a bot may send it by."""

    id: str
    unique: str
    kind: str
    name: str
    path: str
    content: bytes

    @property
    def mime(self) -> str:
        """Its type, read from its name alone, as Telegram does."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


class Files:
    """All files, by identifier, by path and by unique identifier."""

    def __init__(self, fresh: Callable[[], int]) -> None:
        self._fresh = fresh
        self.by_id: dict[str, Kept] = {}
        self.by_path: dict[str, Kept] = {}
        self.by_unique: dict[str, Kept] = {}

    def keep(self, kind: str, name: str, content: bytes) -> Kept:
        """Store a file, kind photo or document."""
        number = self._fresh()
        suffix = PurePosixPath(name).suffix or (".jpg" if kind == "photo" else "")
        path = f"{kind}s/file_{number}{suffix}"
        prefix = "AgACAgUAAxk" if kind == "photo" else "BQACAgUAAxk"
        kept = Kept(f"{prefix}{number:08d}", f"AQAD{number:08d}", kind, name, path, content)
        self.by_id[kept.id] = self.by_path[kept.path] = self.by_unique[kept.unique] = kept
        return kept

    def document(self, kept: Kept) -> Json:
        """A Document."""
        return {
            "file_id": kept.id,
            "file_unique_id": kept.unique,
            "file_name": kept.name,
            "mime_type": kept.mime,
            "file_size": len(kept.content),
        }

    def photo(self, kept: Kept) -> list[Json]:
        """The sizes of a photo; all have the bytes that were sent, scaled or not."""
        width, height = dimensions(kept.content)
        longer = max(width, height)
        sides = [side for side in _SIDES if side < longer] + [min(longer, _SIDES[-1])]
        sizes = []
        for place, side in enumerate(dict.fromkeys(sides)):
            self.by_id[f"{kept.id}-{place}"] = kept
            sizes.append(
                {
                    "file_id": f"{kept.id}-{place}",
                    "file_unique_id": f"{kept.unique}{place}",
                    "width": max(1, width * side // longer),
                    "height": max(1, height * side // longer),
                    "file_size": len(kept.content),
                }
            )
        return sizes

    def sent(self, fields: Fields, kind: str, named: str, missing: str) -> Kept:
        """The file a request sends: uploaded under that name, attached, or known by its identifier."""
        value = fields.text(named) if named in fields.values else ""
        return self.found(fields, kind, fields.uploads.get(named), value, missing)

    def attached(self, fields: Fields, kind: str, value: object) -> Kept:
        """The file an item of an album names."""
        return self.found(fields, kind, None, value if isinstance(value, str) else "", "media not found")

    def found(self, fields: Fields, kind: str, upload: Upload | None, value: str, missing: str) -> Kept:
        """A file by upload, attach:// or identifier; Telegram's words where there is none."""
        if value.startswith("attach://"):
            upload = fields.uploads.get(value.removeprefix("attach://"))
            if upload is None:
                raise bad(missing)
        if upload is not None:
            return self.keep(kind, upload.name or kind, _checked(kind, upload.content))
        if not value:
            raise bad(missing)
        kept = self.by_id.get(value)
        if kept is None:
            raise bad("failed to get HTTP URL content" if "." in value else _WRONG_FILE)
        if kept.kind != kind:
            raise bad(f"can't use file of type {kept.kind.title()} as {kind.title()}")
        return kept

    def get(self, fields: Fields) -> Json:
        """A File to be fetched, at most 20 MB."""
        if not fields.text("file_id"):
            raise bad("file_id not specified")
        kept = self.by_id.get(fields.text("file_id"))
        if kept is None:
            raise bad("invalid file_id")
        if len(kept.content) > LARGEST_DOWNLOAD:
            raise bad("file is too big")
        return {
            "file_id": fields.text("file_id"),
            "file_unique_id": kept.unique,
            "file_size": len(kept.content),
            "file_path": kept.path,
        }


_WRONG_FILE = "wrong file identifier/HTTP URL specified"


def _checked(kind: str, content: bytes) -> bytes:
    if not content:
        raise bad("file must be non-empty")
    if len(content) > LARGEST_UPLOAD:
        raise Refusal(413, "Request Entity Too Large")
    if kind == "photo":
        if len(content) > LARGEST_PHOTO:
            size = f"file of size {len(content)} bytes"
            raise bad(f"{size} is too big for a photo; the maximum size is {LARGEST_PHOTO} bytes")
        width, height = dimensions(content)
        if not width or not height:
            raise bad("IMAGE_PROCESS_FAILED")
        if width + height > 10000 or max(width, height) > 20 * min(width, height):
            raise bad("PHOTO_INVALID_DIMENSIONS")
    return content


def dimensions(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG from its own head; (0, 0) for anything else."""
    if content.startswith(_PNG) and content[12:16] == b"IHDR" and len(content) >= 33:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith(_JPEG):
        return _jpeg(content)
    return 0, 0


def _jpeg(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        mark = content[at + 1]
        if 0xC0 <= mark <= 0xCF and mark not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        if mark == 0xFF or 0xD0 <= mark <= 0xD8:
            at += 1 if mark == 0xFF else 2
            continue
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return 0, 0
