import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import masks
from bot.domain.names import surname

HAN = st.text(st.sampled_from("王李陈欧阳司马张芳洁敏强小朵娜重单仇曾"), min_size=1, max_size=5)
MOBILES = st.from_regex(r"1[3-9]\d{9}", fullmatch=True)


@pytest.mark.parametrize(
    ("full", "shown"),
    [
        ("王芳", "王*"),
        ("王小芳", "王*"),
        ("王", "王*"),
        ("欧阳娜娜", "欧阳*"),
        ("欧陽娜娜", "欧阳*"),
        ("司马", "司马*"),
        ("小王", "王*"),
        ("王姐", "王*"),
        ("朵朵妈", "朵*"),
        ("阿不都·热西提", "阿*"),
        ("Alice Wang", "A*"),
        ("🌸 王芳", "王*"),
        ("<b>张_三*</b>", "张*"),
        ("<b></b>", "某客"),
        ("", "某客"),
        ("  ", "某客"),
        ("***", "某客"),
        ("13800138000", "某客"),
    ],
)
def test_name(full, shown):
    assert masks.name(full) == shown


@settings(max_examples=500)
@given(HAN)
def test_name_shows_the_surname_and_one_star(full):
    assert masks.name(full) == f"{surname(full)}*"
    assert len(surname(full)) <= 2


@settings(max_examples=300)
@given(st.text(max_size=12))
def test_name_never_crashes_and_shows_three_signs_at_most(full):
    assert re.fullmatch(r"(?s).{1,2}\*|某客", masks.name(full))


def test_who_has_digits_in_private_only():
    assert masks.who("王芳", "8000") == "王*（尾号8000）"
    assert masks.who("王芳", "13800138000") == "王*（尾号8000）"
    assert masks.who("王芳", "8000", in_group=True) == "王*"
    assert masks.who("王芳") == "王*"


@pytest.mark.parametrize(
    ("full", "gender", "said"),
    [
        ("王芳", "female", "王女士"),
        ("李强", "male", "李先生"),
        ("王芳", None, "王*"),
        ("王芳", "unknown", "王*"),
        ("王姐", None, "王女士"),
        ("欧阳娜娜", "female", "欧阳女士"),
        ("Alice", "female", "A女士"),
        ("朵朵妈", "female", "贵客"),
        ("<b>张_三*</b>", "male", "张先生"),
        ("<i>", "male", "贵客"),
        ("", "female", "贵客"),
    ],
)
def test_polite(full, gender, said):
    assert masks.polite(full, gender) == said


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613800138000", "138****8000"),
        ("13800138000", "138****8000"),
        ("008613800138000", "138****8000"),
        ("138 0013-8000", "138****8000"),
        ("１３８００１３８０００", "138****8000"),
        ("+862162345678", "021****5678"),
        ("021-62345678", "021****5678"),
        ("+85261234567", "852****4567"),
        ("61234567", "****4567"),
        ("12345", "****"),
        ("", ""),
    ],
)
def test_phone(number, shown):
    assert masks.phone(number) == shown


@settings(max_examples=500)
@given(st.from_regex(r"\+?[0-9 \-]{0,20}", fullmatch=True))
def test_phone_never_shows_five_digits_in_a_row(number):
    assert not re.search(r"\d{5}", masks.phone(number))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王芳说 13800138000 才是她的", "王*说 138****8000 才是她的"),
        ("打138-0013-8000找王小芳", "打138****8000找王*"),
        ("新号13911112222", "新号139****2222"),
        ("编号9913800138000", "编号99138****8000"),
        ("Alice 和 alice, malice", "A* 和 a*, malice"),
        ("王总不在", "王总不在"),
        ("单号20261120140533 ¥1234", "单号20261120140533 ¥1234"),
    ],
)
def test_scrub(text, expected):
    assert masks.scrub(text, ["王", "王芳", "王小芳", "Alice"], ["+8613800138000"]) == expected


def test_scrub_masks_numbers_where_no_name_is_known():
    assert masks.scrub("王芳 139 1111 2222") == "王芳 139****2222"


@settings(max_examples=400)
@given(st.text(max_size=10), st.text(max_size=10), HAN.filter(lambda full: surname(full) != full), MOBILES)
def test_scrub_leaves_no_name_and_no_number(before, after, full, number):
    scrubbed = masks.scrub(f"{before}{full}，{number}{after}", [full], [f"+86{number}"])

    assert full not in scrubbed
    assert number[3:7] + number[7:] not in scrubbed
    assert masks.scrub(scrubbed, [full], [f"+86{number}"]) == scrubbed
