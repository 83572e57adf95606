import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.ids import invite_code, read_code


def test_invite_code_is_made_of_the_bytes():
    assert invite_code(bytes(16)) == "22222222"
    assert invite_code(bytes(15) + b"\x01") == "32222222"
    assert invite_code(bytes(15) + b"\x1f") == "23222222"


def test_invite_code_refuses_too_little_chance():
    with pytest.raises(ValueError, match="needs 16 random bytes, not 15"):
        invite_code(bytes(15))


@settings(max_examples=500)
@given(st.binary(min_size=16, max_size=32))
def test_invite_code_has_eight_unmistakable_signs_and_reads_back(random_bytes):
    code = invite_code(random_bytes)

    assert len(code) == 8
    assert not set(code) & set("0O1IL")
    assert code.isalnum()
    assert code == code.upper()
    assert read_code(f" {code[:4].lower()}-{code[4:]} ") == code


def test_every_letter_of_the_alphabet_is_used():
    codes = {invite_code(n.to_bytes(16, "big"))[0] for n in range(31)}

    assert len(codes) == 31


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("K3T9ABCD", "K3T9ABCD"),
        ("k3t9 abcd", "K3T9ABCD"),
        ("k3t9-ab－cd", "K3T9ABCD"),
        ("Ｋ３Ｔ９ＡＢＣＤ", "K3T9ABCD"),
        ("K3T9ABC", None),
        ("K3T9ABCDE", None),
        ("K3T9ABC0", None),
        ("K3T9ABCO", None),
        ("K3T9ABC券", None),
        ("", None),
    ],
)
def test_read_code_is_forgiving(text, code):
    assert read_code(text) == code
