"""Pictures made for an answer: the code of a coupon to be scanned; they are gone after a day."""

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import segno

_KEPT = 26 * 3600.0  # seconds: an answer is sent again for a day
_BORDER = 4  # modules of quiet zone, as the standard wants
_SCALE = 12  # pixels a module: 400 pixels, to be scanned off any telephone
_NAME = "券码.png"


def qr(folder: Path, code: str) -> str:
    """A picture of a code that a till's scanner reads; gives its path (mode 0600, in a folder of its own).

    Older ones go first. The file's name says nothing of the code.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    forget(folder)
    path = Path(tempfile.mkdtemp(dir=folder)) / _NAME
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        segno.make(code, micro=False, error="m").save(file, kind="png", scale=_SCALE, border=_BORDER)
    return str(path)


def forget(folder: Path) -> None:
    """Remove the pictures of the day before."""
    for path in folder.glob("*"):
        with suppress(OSError):  # gone meanwhile
            if time.time() - path.stat().st_mtime > _KEPT:
                shutil.rmtree(path, ignore_errors=True)
