"""The seal of the local WeCom is WeCom's: the official samples and our own vectors, both ways."""

import json
from pathlib import Path

import pytest
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.sandbox.wecom.crypto import Seal, SealError, aes_key, lock, unlock

TOKEN, KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
VECTORS = json.loads((Path(__file__).parent.parent / "data/wecom_vectors.json").read_text(encoding="utf-8"))


def test_there_are_seven_vectors():
    assert len(VECTORS) == 7


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_a_vector_opens(vector):
    seal = Seal(TOKEN, KEY, vector["receiveid"])

    opened = seal.open(vector["encrypt"], vector["signature"], vector["timestamp"], vector["nonce"])

    assert opened == vector["plain"]
    assert seal.sign(vector["timestamp"], vector["nonce"], vector["encrypt"]) == vector["signature"]


@pytest.mark.parametrize("vector", [one for one in VECTORS if "random16" in one], ids=lambda one: one["name"])
def test_a_vector_is_sealed_byte_for_byte(vector):
    sealed = Seal(TOKEN, KEY, vector["receiveid"]).encrypt(vector["plain"], vector["random16"].encode())

    assert sealed == vector["encrypt"]


@pytest.mark.parametrize("length", range(70))
def test_every_length_is_read_by_the_library_shops_use(length):
    seal, library = Seal(TOKEN, KEY, CORP), WeChatCrypto(TOKEN, KEY, CORP)
    text = "x" * length
    sealed = seal.encrypt(text)

    assert library.decrypt_message({"Encrypt": sealed}, seal.sign("1", "2", sealed), "1", "2") == text
    assert seal.decrypt(sealed) == text


@pytest.mark.parametrize(
    ("sealed", "why"),
    [
        ("AAAA", "not whole blocks"),
        ("***", "not sealed with this key"),
        ("A" * 43 + "=", "wrong padding"),
        (Seal(TOKEN, KEY, "another").encrypt("x", b"r" * 16), "for another receiver"),
    ],
)
def test_what_was_not_sealed_for_us_is_refused(sealed, why):
    seal = Seal(TOKEN, KEY, CORP)

    with pytest.raises(SealError, match=why):
        seal.open(sealed, seal.sign("1", "2", sealed), "1", "2")


def test_a_wrong_signature_is_refused_before_anything_else():
    with pytest.raises(SealError, match="wrong signature"):
        Seal(TOKEN, KEY, CORP).open("***", "ÿ" * 40, "1", "2")


def test_a_file_is_locked_and_unlocked():
    key = aes_key(KEY)

    assert [unlock(lock(content, key), key) for content in (b"x", b"x" * 32, b"x" * 33)] == [
        b"x",
        b"x" * 32,
        b"x" * 33,
    ]
