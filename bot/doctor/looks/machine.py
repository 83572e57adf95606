"""The machine: its Python, SQLite, time zones and fonts, the room on its disks, its clock."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.db.core.engine import sqlite_module
from bot.domain.errors import UnavailableError

FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
_CHINESE = re.compile(
    r"noto(sans|serif).*(cjk|sc|tc)|sourcehan|wqy|droidsansfallback|uming|ukai|pingfang|stheiti|hiragino sans gb"
    r"|msyh|simsun|simhei|deng",
    re.IGNORECASE,
)
_FONTS = {".ttf", ".ttc", ".otf", ".otc"}
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What was found. `sqlite` is empty where there is no library to use; `font` where none has Chinese."""

    python: tuple[int, ...]
    sqlite: tuple[int, ...]
    has_zones: bool
    font: str
    free: Callable[[Path], int]
    time: Callable[[], datetime]


def this_machine() -> Machine:
    """Look at this one."""
    return Machine(
        python=sys.version_info[:3],
        sqlite=_sqlite(),
        has_zones=has_zones(),
        font=chinese_font(FONT_FOLDERS),
        free=lambda folder: shutil.disk_usage(folder).free,
        time=lambda: datetime.now(UTC),
    )


def _sqlite() -> tuple[int, ...]:
    try:
        return tuple(sqlite_module().sqlite_version_info)
    except UnavailableError:
        return ()


def has_zones() -> bool:
    """Whether the rules of time zones are there, on the machine or in Python's own package."""
    try:
        ZoneInfo.no_cache("Asia/Shanghai")
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return False
    return True


def chinese_font(folders: Iterable[Path], lister: str = "fc-list") -> str:
    """The file of a font with Chinese in it: by fontconfig where it is installed, else by well-known names."""
    program = shutil.which(lister)
    if program and (listed := _listed(program)):
        return listed
    files = (file for folder in folders if folder.is_dir() for file in folder.rglob("*"))
    return next((str(file) for file in files if file.suffix.lower() in _FONTS and _CHINESE.search(file.name)), "")


def _listed(program: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 — fontconfig's own program, without anybody's words
            [program, ":lang=zh", "file"], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return done.stdout.partition("\n")[0].strip().rstrip(":")
