"""One uploaded file out of a multipart body; read as strictly as WeCom does, which knows no `filename*`."""

import re
from dataclasses import dataclass, field

from bot.sandbox.wecom.refusals import RefusedError

QUOTED = r'="((?:[^"\\]|\\.)*)"'


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came."""

    name: str
    mime: str
    content: bytes = field(repr=False)


def read_file(body: bytes, content_type: str) -> Upload:
    """The part named `media`; raises RefusedError 44001 where nothing came, 41005 where no file did."""
    boundary = re.search(r'boundary="?([^";,]+)"?', content_type)
    if not body or boundary is None:
        raise RefusedError(44001)
    mark = b"--" + boundary[1].encode()
    for part in (b"\r\n" + body).split(b"\r\n" + mark)[1:]:
        head, found, content = part.partition(b"\r\n\r\n")
        if not found:
            continue
        headers = head.decode("utf-8", "replace")
        name = re.search(rf"\bname{QUOTED}", headers)
        file_name = re.search(rf"\bfilename{QUOTED}", headers)
        if name and name[1] == "media" and file_name:
            mime = re.search(r"(?im)^content-type:\s*([^\r\n;]+)", headers)
            return Upload(file_name[1], mime[1].strip() if mime else "application/octet-stream", content)
    raise RefusedError(41005)
