import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import phones

ANY = st.text(st.characters(codec=None, categories=None), max_size=60)


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        "138 0013 8000",
        "138－0013－8000",
        "１３８００１３８０００",
        "+86 138-0013-8000",
        "086 13800138000",
        "0086-138 0013 8000",
        "幺三八零零幺三八零零零",
        "幺三八 零零幺三 八零零零",
        "13800138000.0",
        "138.0013.8000",
        "\u202a13800138000\u202c",
    ],
)
def test_one_mobile_however_it_is_typed(typed: str) -> None:
    phone = phones.read(typed)

    assert phone == phones.Phone("+8613800138000")
    assert (phone.national, phone.first7, phone.last4, phone.is_mobile) == ("13800138000", "1380013", "8000", True)


@pytest.mark.parametrize(
    ("typed", "expected", "national"),
    [
        ("021-6288 1234", "+862162881234", "02162881234"),
        ("(0755)12345678", "+8675512345678", "075512345678"),
        ("+852 9123 4567", "+85291234567", "91234567"),
        ("0912345678", "+886912345678", "912345678"),
    ],
)
def test_landlines_and_numbers_from_elsewhere(typed: str, expected: str, national: str) -> None:
    phone = phones.read(typed)

    assert phone == phones.Phone(expected)
    assert (phone.national, phone.is_mobile) == (national, False)


@pytest.mark.parametrize(
    "typed", ["", "8000", "1380013800", "138001380001", "12800138000", "王姐", "1.38E+10", "+999 1"]
)
def test_what_is_no_number_is_none(typed: str) -> None:
    assert phones.read(typed) is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("1.38E+10", True), ("1.38001e10", True), ("1E10", True), ("13800138000", False), ("1.38", False)],
)
def test_a_number_mangled_by_a_spreadsheet_is_known(typed: str, expected: object) -> None:
    assert phones.is_mangled(typed) is expected


def test_find_gives_places_in_the_text_as_typed() -> None:
    text = "换成１３９－１２３４－５６７８了 座机021-6288 1234 旧的幺三八零零幺三八零零零"

    found = phones.find(text)

    assert [(phone.e164, text[start:end]) for phone, start, end in found] == [
        ("+8613912345678", "１３９－１２３４－５６７８"),
        ("+862162881234", "021-6288 1234"),
        ("+8613800138000", "幺三八零零幺三八零零零"),
    ]


def test_longer_runs_of_figures_hold_no_number() -> None:
    assert phones.find("订单 2138001380001 和 6222138001380001") == []


def test_a_phone_shows_only_its_tail() -> None:
    assert repr(phones.Phone("+8613800138000")) == "Phone(…8000)"


@given(ANY)
def test_read_and_find_never_raise(typed: str) -> None:
    found = phones.find(typed)
    read = phones.read(typed)

    assert all(0 <= start < end <= len(typed) for _, start, end in found)
    assert read is None or read.e164.startswith("+")


def test_mainland_numbers_do_without_the_library() -> None:
    code = "import sys; from bot.domain import phones; phones.find('13800138000'); phones.read('021-62881234');"
    code += "sys.exit('phonenumbers' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
