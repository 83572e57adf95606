"""The envelope of WeCom's callbacks, against the platform's own samples and everything that is nearly right."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.channels.wecom.crypto import Crypto, Refused
from bot.wire import SendError

TOKEN, AES_KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
VECTORS = json.loads((Path(__file__).parent.parent / "data" / "wecom_vectors.json").read_text(encoding="utf-8"))
CRYPTO = Crypto(TOKEN, AES_KEY, CORP)


def signed(encrypted: str) -> tuple[str, str, str, str]:
    return CRYPTO.sign("1700000001", "nonce", encrypted), "1700000001", "nonce", encrypted


def sealed(raw: bytes) -> str:
    """Whatever is given, encrypted as it is: a sealer that forgot the rules."""
    sealer = CRYPTO._cipher().encryptor()
    return base64.b64encode(sealer.update(raw) + sealer.finalize()).decode()


def reason(*given: str, crypto: Crypto = CRYPTO) -> str:
    with pytest.raises(Refused) as refused:
        crypto.open(*given)
    return refused.value.reason


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_the_platforms_samples_open_and_are_sealed_alike(vector):
    crypto = Crypto(TOKEN, AES_KEY, vector["receiveid"])

    opened = crypto.open(vector["signature"], vector["timestamp"], vector["nonce"], vector["encrypt"])

    assert opened.decode() == vector["plain"]
    if "random16" in vector:
        assert crypto._encrypt(opened, vector["random16"].encode()) == vector["encrypt"]


@given(st.binary(max_size=200), st.sampled_from(["", CORP]))
def test_what_is_sealed_opens_again(plain, receiver):
    crypto = Crypto(TOKEN, AES_KEY, receiver)

    encrypted, signature = crypto.seal(plain, "nonce", 1700000001)

    assert crypto.open(signature, "1700000001", "nonce", encrypted) == plain


def test_it_and_wechatpy_open_what_the_other_sealed():
    other = WeChatCrypto(TOKEN, AES_KEY, CORP)
    for length in range(70):
        text = "好" * length
        encrypted, signature = CRYPTO.seal(text.encode(), "nonce", 1700000001)
        envelope = other.encrypt_message(text, "nonce", "1700000001")
        theirs = envelope.split("<Encrypt><![CDATA[")[1].split("]]")[0]

        assert other.decrypt_message({"Encrypt": encrypted}, signature, "1700000001", "nonce") == text
        assert CRYPTO.open(*signed(theirs)).decode() == text


def by(receiver: str) -> str:
    return Crypto(TOKEN, AES_KEY, receiver).seal(b"x", "n", 1)[0]


# What was sealed by somebody who knows the token; the name tells how it is wrong.
WRONG: dict[str, tuple[str, str]] = {
    "half a block": ("AAAA", "format"),
    "no base64": ("***", "format"),
    "nothing": ("", "format"),
    "chinese": ("加密", "format"),
    "no whole block": ("QUJD" * 16, "format"),
    "sixteen bytes": (base64.b64encode(bytes(16)).decode(), "format"),
    "padding of 0": (sealed(bytes(32)), "padding"),
    "padding of 33": (sealed(bytes(31) + b"\x21"), "padding"),
    "padding of 255": (sealed(bytes(31) + b"\xff"), "padding"),
    "uneven padding": (sealed(bytes(28) + b"\x04\x04\x03\x04"), "padding"),
    "nothing but padding": (sealed(b"\x20" * 32), "length"),
    "no room for a length": (sealed(bytes(16) + b"\0\0\0" + b"\x0d" * 13), "length"),
    "a length beyond the end": (sealed(bytes(16) + b"\xff\xff\xff\xff" + b"\x0c" * 12), "length"),
    "no receiver": (sealed(bytes(16) + b"\0\0\0\x05" + b"hello" + b"\x07" * 7), "receiver"),
    "another corp": (by("wx0000000000000000"), "receiver"),
    "a longer corp": (by(CORP + "x"), "receiver"),
    "a shorter corp": (by(CORP[:-1]), "receiver"),
    "a smart bot": (by(""), "receiver"),
    "another key": (
        "ZcSbxRy7TNTzEPTkhDbxZVV0NZ4UBzRG4V0vJyIz2J0W6bTYhX4m4B9YQ3lDPyjVJ9i1tLJmV0oUuDkGQ0q9mw==",
        "padding",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_signed_but_not_rightly_sealed_is_refused(name):
    encrypted, why = WRONG[name]

    assert reason(*signed(encrypted)) == why


@pytest.mark.parametrize("signature", ["", "0" * 40, "ÿ" * 40, "\ud800", VECTORS[2]["signature"].upper()])
def test_a_wrong_signature_is_refused_before_anything_is_decoded(signature):
    assert reason(signature, "1700000001", "nonce123", VECTORS[2]["encrypt"]) == "signature"
    assert reason(signature, "1700000001", "nonce123", "***") == "signature"


@given(st.sampled_from(VECTORS), st.integers(min_value=0), st.integers(0, 7))
def test_one_flipped_bit_is_refused(vector, place, bit):
    crypto = Crypto(TOKEN, AES_KEY, vector["receiveid"])
    raw = bytearray(base64.b64decode(vector["encrypt"]))
    raw[place % len(raw)] ^= 1 << bit
    given_ = (vector["signature"], vector["timestamp"], vector["nonce"], base64.b64encode(raw).decode())

    assert reason(*given_, crypto=crypto) == "signature"


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20), st.text(max_size=80))
def test_nothing_else_ever_happens(signature, timestamp, nonce, encrypted):
    assert reason(signature, timestamp, nonce, encrypted) == "signature"
    with pytest.raises(Refused):
        CRYPTO.open(CRYPTO.sign(timestamp, nonce, encrypted), timestamp, nonce, encrypted)


@pytest.mark.parametrize("token", ["", "a" * 33, "with blank", "中文", "a-b"])
def test_a_token_the_console_cannot_have_given_is_refused_in_words(token):
    with pytest.raises(SendError) as error:
        Crypto(token, AES_KEY, CORP)

    assert error.value.fault == "setup"
    assert error.value.say == "企业微信回调的 Token 不对：要 1 到 32 个英文字母或数字，请从「接收消息」页面复制。"


@pytest.mark.parametrize("key", ["", AES_KEY[:-1], AES_KEY + "A", AES_KEY[:-1] + "=", AES_KEY[:-1] + "中"])
def test_a_key_the_console_cannot_have_given_is_refused_in_words(key):
    with pytest.raises(SendError) as error:
        Crypto(TOKEN, key, CORP)

    assert error.value.fault == "setup"
    assert error.value.say == "企业微信回调的 EncodingAESKey 不对：要 43 个英文字母或数字，请从同一页面复制。"
