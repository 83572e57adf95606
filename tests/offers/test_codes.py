"""Codes of coupons: hard to guess, hard to mistake, easy to type."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UsageError
from bot.domain.selling import codes as coupon_codes
from bot.domain.selling.codes import ALPHABET, LENGTH

CODES = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1).map(
    lambda drawn: next(drawn + last for last in ALPHABET if coupon_codes.is_code(drawn + last))
)


def test_a_code_has_sixty_random_bits_and_no_character_that_is_taken_for_another():
    assert (LENGTH - 1) * log2(len(ALPHABET)) >= 60
    assert len(set(ALPHABET)) == len(ALPHABET) == 29
    assert set(ALPHABET) & set("0O1ILZU") == set()


def test_drawn_codes_differ_and_use_every_character_everywhere():
    drawn = [coupon_codes.draw() for _ in range(3000)]

    assert len(set(drawn)) == len(drawn)
    assert {len(code) for code in drawn} == {LENGTH}
    for place in range(LENGTH):
        assert {code[place] for code in drawn} == set(ALPHABET)
    assert [coupon_codes.read(code) for code in drawn] == drawn


@given(code=CODES)
def test_a_code_is_read_however_it_is_typed(code):
    shown = coupon_codes.show(code)
    wide = "".join(chr(ord(char) + 0xFEE0) for char in code.lower())

    for typed in (code, shown, shown.lower(), f" {shown.replace('-', ' ')} ", shown.replace("-", "—"), wide):
        assert coupon_codes.read(typed) == code
    assert shown.rpartition("-")[2] == code[-4:]
    assert coupon_codes.read_tail(f" {code[-4:].lower()} ") == code[-4:]


@given(code=CODES, place=st.integers(0, LENGTH - 1), other=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(code, place, other):
    wrong = code[:place] + other + code[place + 1 :]
    assert coupon_codes.is_code(wrong) == (wrong == code)


@given(code=CODES, one=st.integers(0, LENGTH - 2), other=st.integers(0, LENGTH - 2))
def test_two_characters_that_changed_places_are_noticed(code, one, other):
    chars = list(code)
    chars[one], chars[other] = chars[other], chars[one]
    assert coupon_codes.is_code("".join(chars)) == ("".join(chars) == code)


@pytest.mark.parametrize(
    ("typed", "say"),
    [
        ("K7M2P-9QRTV-K3T", "券码是14位，这里有13位：请再看一眼，或只发后四位。"),
        ("", "券码是14位，这里有0位：请再看一眼，或只发后四位。"),
        ("K7M2P-9QRTV-K3TO", "券码里没有「O」（不用 0 O、1 I L、Z、U，免得看错）：请再看一眼。"),
        ("k7m2p-9qrtv-k3tl", "券码里没有「L」（不用 0 O、1 I L、Z、U，免得看错）：请再看一眼。"),
        ("K7M2P-9QRTV-K3T0", "券码里没有「0」（不用 0 O、1 I L、Z、U，免得看错）：请再看一眼。"),
        ("22222-22222-2223", "券码不对，可能看错或颠倒了一个字：请再看一眼，或扫二维码。"),
    ],
)
def test_what_is_no_code_is_said_with_what_to_do(typed, say):
    with pytest.raises(UsageError) as refused:
        coupon_codes.read(typed)
    assert refused.value.say == say


@given(text=st.text())
def test_nothing_typed_breaks_the_reading(text):
    for read in (coupon_codes.read, coupon_codes.read_tail):
        try:
            assert set(read(text)) <= set(ALPHABET)
        except UsageError:
            continue
    assert coupon_codes.is_code(text) in (True, False)
