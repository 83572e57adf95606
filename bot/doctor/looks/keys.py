"""The keys that seal what is known of customers: whether they are there, whole, and nobody else's to read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.db.core.crypto import Keyring, open_keys
from bot.domain.errors import UnavailableError

_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Keys:
    """`open`: others may read them; `fine` ones may lie in a folder that others can list. `ring`: only of fine ones."""

    state: Literal["fine", "none", "open", "unreadable", "broken"]
    count: int = 0
    open_to_others: tuple[Path, ...] = ()
    ring: Keyring | None = None
    copies: tuple[Path, ...] = ()  # key files among the backups of the database


def look_at_keys(folder: Path, backups: Path) -> Keys:
    """Look at the folder of keys, and for keys where only backups should be."""
    try:
        files = sorted(folder.glob("[0-9][0-9].key")) if folder.is_dir() else []
        if not files:
            return Keys("none")
        loose = tuple(path for path in (folder, *files) if path.stat().st_mode & _OTHERS)
        if set(loose) & set(files):
            return Keys("open", len(files), loose)
        ring = open_keys(folder)
        copies = tuple(backups.rglob("*.key")) if backups.is_dir() else ()
    except UnavailableError:
        return Keys("broken", len(files))
    except OSError:
        return Keys("unreadable")
    return Keys("fine", len(files), loose, ring, copies)
