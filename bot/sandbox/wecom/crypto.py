"""The seal of WeCom's callbacks: AES-256-CBC with PKCS#7 to 32 bytes, and a SHA-1 over four sorted strings."""

import base64
import binascii
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
HEAD = 20  # 16 random bytes and the length of the message


class SealError(Exception):
    """What came was not sealed by whoever has the key, or not for this receiver."""


def aes_key(encoded: str) -> bytes:
    """The 32 bytes of an EncodingAESKey of 43 characters."""
    return base64.b64decode(encoded + "=" * (-len(encoded) % 4))


def lock(content: bytes, key: bytes) -> bytes:
    """Content encrypted as WeCom keeps files for smart bots."""
    padding = BLOCK - len(content) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return encryptor.update(content + bytes([padding]) * padding) + encryptor.finalize()


def unlock(content: bytes, key: bytes) -> bytes:
    """What `lock` was given; raises SealError."""
    if not content or len(content) % BLOCK:
        raise SealError("not whole blocks")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    padded = decryptor.update(content) + decryptor.finalize()
    padding = padded[-1]
    if not 1 <= padding <= BLOCK or padded[-padding:] != bytes([padding]) * padding:
        raise SealError("wrong padding")
    return padded[:-padding]


class Seal:
    """One door's token and key; `receiver` is the corp for an app, and nothing for a smart bot of the house."""

    def __init__(self, token: str, encoded_key: str, receiver: str) -> None:
        """Raises binascii.Error where the key is no base64."""
        self._token = token
        self._key = aes_key(encoded_key)
        self._receiver = receiver

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The signature of a sealed text, in lower-case hex."""
        parts = "".join(sorted([self._token, timestamp, nonce, encrypted]))
        return hashlib.sha1(parts.encode()).hexdigest()  # noqa: S324 — WeCom's scheme

    def encrypt(self, text: str, random: bytes = b"") -> str:
        """The text sealed; `random` fixes the 16 bytes that differ each time."""
        message = text.encode()
        head = (random or os.urandom(16)) + struct.pack(">I", len(message))
        return base64.b64encode(lock(head + message + self._receiver.encode(), self._key)).decode()

    def decrypt(self, encrypted: str) -> str:
        """The text that was sealed; raises SealError, also where it was sealed for another receiver."""
        try:
            plain = unlock(base64.b64decode(encrypted, validate=True), self._key)
            (length,) = struct.unpack(">I", plain[16:HEAD])
            message, receiver = plain[HEAD : HEAD + length].decode(), plain[HEAD + length :].decode()
        except (binascii.Error, struct.error, UnicodeDecodeError) as error:
            raise SealError("not sealed with this key") from error
        if receiver != self._receiver:
            raise SealError("for another receiver")
        return message

    def open(self, encrypted: str, signature: str, timestamp: str, nonce: str) -> str:
        """The text of a sealed one whose signature is right; raises SealError."""
        if not hmac.compare_digest(self.sign(timestamp, nonce, encrypted).encode(), signature.encode()):
            raise SealError("wrong signature")
        return self.decrypt(encrypted)
