"""Seals and blind indexes: a stolen database without its keys gives no phone, name, note or allergy.

A seal is `version 1 | key id 1 | nonce 12 | AES-256-GCM ciphertext and tag`, bound to its table, column and
row, padded so that lengths tell little. A blind index is a truncated HMAC-SHA256 under a key of its own.
"""

import hmac
import json
import os
import secrets
import time
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.domain.errors import UnavailableError

_VERSION = 1
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_PAD = 16
_NOTE_PAD = 64
_CLOSED = "这份资料打不开：密钥与数据库不匹配，请管理员检查密钥文件。"
NOTICE = 1.0  # seconds within which a running process takes up a new key


class Keyring:
    """The master keys of one chain, by id from 1; the highest seals, all unseal.

    Opened from a folder, it notices within a second when a key is added there, so that rotation needs no restart.
    """

    def __init__(self, masters: dict[int, bytes], folder: Path | None = None) -> None:
        """Take 32-byte masters; derived keys are made on first use and kept."""
        self._folder = folder
        self._seen = self._stamp()
        self._look_again = time.monotonic() + NOTICE
        self._aead = cache(self._make_aead)
        self._index = cache(self._make_index)
        self._token = cache(self._make_token)
        self._take(masters)

    def _take(self, masters: dict[int, bytes]) -> None:
        self._masters = masters
        self.current = max(masters)
        ids = sorted(masters, reverse=True)
        self._searched = (ids[0], ids[min(1, len(ids) - 1)])

    def _stamp(self) -> int:
        return self._folder.stat().st_mtime_ns if self._folder else 0

    def _notice(self, *, now: bool = False) -> None:
        """Take up keys that were added since; looks at the folder once a second."""
        if self._folder is None or not (now or time.monotonic() >= self._look_again):
            return
        self._look_again = time.monotonic() + NOTICE
        if (stamp := self._stamp()) != self._seen:
            self._seen = stamp
            self._take(_read(self._folder))

    def _derive(self, key_id: int, purpose: str, length: int = 32) -> bytes:
        return HKDF(SHA256(), length, salt=None, info=f"zhanggui|{purpose}".encode()).derive(self._masters[key_id])

    def _make_aead(self, key_id: int, place: str) -> AESGCM:
        return AESGCM(self._derive(key_id, f"seal|{place}"))

    def _make_index(self, key_id: int, index: str) -> bytes:
        return self._derive(key_id, f"index|{index}")

    def _make_token(self, key_id: int) -> Cipher[modes.ECB]:
        return Cipher(algorithms.AES(self._derive(key_id, "token")), modes.ECB())  # noqa: S305 — one block, never two

    def seal(self, place: str, row_id: int, text: str, *, note: bool = False) -> bytes:
        """Seal `text` for the column `place` (`table.column`) of row `row_id`; notes are padded to 64 bytes."""
        self._notice()
        data = text.encode("utf-8", "surrogatepass") + b"\x80"
        data += b"\0" * (-len(data) % (_NOTE_PAD if note else _PAD))
        nonce = os.urandom(12)
        body = self._aead(self.current, place).encrypt(nonce, data, b"%s|%d" % (place.encode(), row_id))
        return bytes((_VERSION, self.current)) + nonce + body

    def unseal(self, place: str, row_id: int, blob: bytes | None) -> str:
        """Open a seal; empty in, empty out. A seal moved from another row or column does not open."""
        if not blob:
            return ""
        if blob[1] not in self._masters:
            self._notice(now=True)
        if blob[0] != _VERSION or blob[1] not in self._masters:
            raise UnavailableError(_CLOSED)
        try:
            data = self._aead(blob[1], place).decrypt(blob[2:14], bytes(blob[14:]), b"%s|%d" % (place.encode(), row_id))
        except InvalidTag as error:
            raise UnavailableError(_CLOSED) from error
        return data[: data.rindex(b"\x80")].decode("utf-8", "surrogatepass")

    def again(self, place: str, row_id: int, blob: bytes) -> bytes:
        """The same text under the current key, padded as long as it was."""
        note = (len(blob) - 30) % _NOTE_PAD == 0
        return self.seal(place, row_id, self.unseal(place, row_id, blob), note=note)

    def seal_json(self, place: str, row_id: int, value: Any) -> bytes:  # noqa: ANN401 — whatever JSON can hold
        """Seal a JSON value as a note."""
        return self.seal(place, row_id, _JSON.encode(value), note=True)

    def unseal_json(self, place: str, row_id: int, blob: bytes | None) -> Any:  # noqa: ANN401 — whatever JSON can hold
        """Open what `seal_json` sealed; None for an empty column."""
        return json.loads(self.unseal(place, row_id, blob)) if blob else None

    def blind(self, index: str, text: str, size: int = 16) -> bytes:
        """The blind index written for `text` under the current key."""
        return hmac.digest(self._index(self.current, index), text.encode(), "sha256")[:size]

    def blinds(self, index: str, text: str, size: int = 16) -> tuple[bytes, bytes]:
        """What to search for: under the current key and the one before (the same twice where there is one key)."""
        self._notice()
        new, old = self._searched
        first = hmac.digest(self._index(new, index), text.encode(), "sha256")[:size]
        return first, first if old == new else hmac.digest(self._index(old, index), text.encode(), "sha256")[:size]

    def token(self, row_id: int, staff_id: int) -> str:
        """A name for a row that works only for this person: one AES block of both ids, 32 hex digits."""
        block = row_id.to_bytes(8, "big") + staff_id.to_bytes(8, "big")
        return self._token(self.current).encryptor().update(block).hex()

    def untoken(self, token: str, staff_id: int) -> int | None:
        """The row a token names for this person, or None: forged, or shown to somebody else."""
        try:
            block = bytes.fromhex(token)
        except ValueError:
            return None
        if len(block) != 16:
            return None
        for key_id in sorted(self._masters, reverse=True):
            plain = self._token(key_id).decryptor().update(block)
            if hmac.compare_digest(plain[8:], staff_id.to_bytes(8, "big")):
                return int.from_bytes(plain[:8], "big")
        return None


def make_key(folder: Path) -> int:
    """Write the next master key into `folder` (0700) as a file of mode 0600; gives its id."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    key_id = max(_files(folder), default=0) + 1
    making = folder / f".{key_id:02d}.making"  # renamed when whole: a running process must never read half a key
    handle = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    making.rename(folder / f"{key_id:02d}.key")
    return key_id


def open_keys(folder: Path) -> Keyring:
    """Read the keyring, or refuse with what to do."""
    return Keyring(_read(folder), folder)


def _read(folder: Path) -> dict[int, bytes]:
    files = _files(folder)
    if not files:
        raise UnavailableError(
            f"没有密钥：{folder} 里找不到密钥文件。新装请先运行 zhanggui init；换机请把原来的密钥文件夹拷回来。"
        )
    masters = {}
    for key_id, path in files.items():
        if path.stat().st_mode & 0o077:
            raise UnavailableError(f"密钥文件别人也能读：请运行 chmod 600 {path}")
        try:
            masters[key_id] = bytes.fromhex(path.read_text().strip())
        except ValueError as error:
            raise UnavailableError(f"密钥文件坏了：{path}，请从备份拷回来。") from error
    if any(len(master) != 32 for master in masters.values()):
        raise UnavailableError(f"密钥文件坏了：{folder} 里有长度不对的密钥，请从备份拷回来。")
    return masters


def _files(folder: Path) -> dict[int, Path]:
    found = sorted(folder.glob("[0-9][0-9].key")) if folder.is_dir() else []
    return {int(path.stem): path for path in found}
