"""The envelope of WeCom's callbacks: what does not open exactly as the platform seals it is refused, in one way."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from typing import Literal

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.wire import SendError

_BLOCK = 32  # the platform pads to 32 bytes, not to AES's 16
_SALT = 16
_HEAD = _SALT + 4
_TOKEN = re.compile(r"[A-Za-z0-9]{1,32}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")

Reason = Literal["signature", "format", "padding", "length", "receiver", "stale"]


class Refused(Exception):  # noqa: N818 — what becomes of the request, not a fault of ours
    """A callback is not to be believed; the reason is for the log, the sender learns nothing."""

    def __init__(self, reason: Reason) -> None:
        """Take the reason in one word."""
        super().__init__(reason)
        self.reason: Reason = reason


class Crypto:
    """Seals and opens with one Token and EncodingAESKey; `receive_id` is the corp's id, or "" for a smart bot."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        """Refuse what the admin console cannot have given, by SendError("setup")."""
        if not _TOKEN.fullmatch(token):
            raise SendError(
                "setup", "企业微信回调的 Token 不对：要 1 到 32 个英文字母或数字，请从「接收消息」页面复制。"
            )
        if not _AES_KEY.fullmatch(aes_key):
            raise SendError("setup", "企业微信回调的 EncodingAESKey 不对：要 43 个英文字母或数字，请从同一页面复制。")
        self._token = token
        self._key = base64.b64decode(f"{aes_key}=")
        self._receive_id = receive_id.encode()

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The signature the platform would give these."""
        parts = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        return hashlib.sha1(parts.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()

    def open(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> bytes:
        """The plaintext; raises Refused. Nothing is decoded before the signature fits."""
        ours = self.sign(timestamp, nonce, encrypted)
        if not hmac.compare_digest(ours.encode(), signature.encode("utf-8", "replace")):
            raise Refused("signature")
        raw = self._unpadded(self._decrypt(encrypted))
        if len(raw) < _HEAD:
            raise Refused("length")
        end = _HEAD + int.from_bytes(raw[_SALT:_HEAD], "big")
        if end > len(raw):
            raise Refused("length")
        if not hmac.compare_digest(raw[end:], self._receive_id):
            raise Refused("receiver")
        return raw[_HEAD:end]

    def seal(self, plain: bytes, nonce: str, timestamp: int) -> tuple[str, str]:
        """What goes into an answer: the encrypted text and its signature."""
        encrypted = self._encrypt(plain, secrets.token_hex(_SALT // 2).encode())
        return encrypted, self.sign(str(timestamp), nonce, encrypted)

    def _encrypt(self, plain: bytes, salt: bytes) -> str:
        raw = salt + len(plain).to_bytes(4, "big") + plain + self._receive_id
        pad = _BLOCK - len(raw) % _BLOCK
        sealer = self._cipher().encryptor()
        return base64.b64encode(sealer.update(raw + bytes([pad]) * pad) + sealer.finalize()).decode()

    def _decrypt(self, encrypted: str) -> bytes:
        try:
            data = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise Refused("format") from None
        if not data or len(data) % _BLOCK:
            raise Refused("format")
        opener = self._cipher().decryptor()
        return opener.update(data) + opener.finalize()

    @staticmethod
    def _unpadded(raw: bytes) -> bytes:
        pad = raw[-1]
        if not 1 <= pad <= _BLOCK or not hmac.compare_digest(raw[-pad:], bytes([pad]) * pad):
            raise Refused("padding")
        return raw[:-pad]

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
