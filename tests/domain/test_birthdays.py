from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.birthdays import Birthday, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1990-03-05", Birthday(3, 5, year=1990)),
        ("1990/3/5", Birthday(3, 5, year=1990)),
        ("1990.3.5", Birthday(3, 5, year=1990)),
        ("1990年3月5日", Birthday(3, 5, year=1990)),
        ("19900305", Birthday(3, 5, year=1990)),
        ("1990-03-05 00:00:00", Birthday(3, 5, year=1990)),
        ("1990-03-05T08:00:00+08:00", Birthday(3, 5, year=1990)),
        ("90.3.5", Birthday(3, 5, year=1990)),
        ("05-3-5", Birthday(3, 5, year=2005)),
        ("29-3-5", Birthday(3, 5, year=2029)),
        ("30-3-5", Birthday(3, 5, year=1930)),
        ("90年3月5号", Birthday(3, 5, year=1990)),
        ("一九九〇年三月五日", Birthday(3, 5, year=1990)),
        ("零五年三月五日", Birthday(3, 5, year=2005)),
        ("900305", Birthday(3, 5, year=1990)),
        ("0305", Birthday(3, 5)),
        ("32937", Birthday(3, 5, year=1990)),
        ("32937.0", Birthday(3, 5, year=1990)),
        ("3/15/1990", Birthday(3, 15, year=1990)),
        ("15/3/1990", Birthday(3, 15, year=1990)),
        ("3/3/1990", Birthday(3, 3, year=1990)),
        ("3月5日", Birthday(3, 5)),
        ("３月５日", Birthday(3, 5)),
        ("三月五号", Birthday(3, 5)),
        ("十二月三十一日", Birthday(12, 31)),
        ("元月一日", Birthday(1, 1)),
        ("生日：3月5号", Birthday(3, 5)),
        ("阳历八月十五", Birthday(8, 15)),
        ("八月十五", Birthday(8, 15)),
        ("03-05", Birthday(3, 5)),
        ("3.5", Birthday(3, 5)),
        ("--03-05", Birthday(3, 5)),
        ("2/29", Birthday(2, 29)),
        ("1992-02-29", Birthday(2, 29, year=1992)),
        ("0000-03-05", Birthday(3, 5)),
        ("1900-03-05", Birthday(3, 5)),
        ("农历八月初二", Birthday(8, 2, lunar=True)),
        ("農曆八月初二", Birthday(8, 2, lunar=True)),
        ("阴历8月2日", Birthday(8, 2, lunar=True)),
        ("8月2日（农历）", Birthday(8, 2, lunar=True)),
        ("农历8.2", Birthday(8, 2, lunar=True)),
        ("八月初二", Birthday(8, 2, lunar=True)),
        ("阴历腊月三十", Birthday(12, 30, lunar=True)),
        ("腊月廿九", Birthday(12, 29, lunar=True)),
        ("腊月廿", Birthday(12, 20, lunar=True)),
        ("正月十五", Birthday(1, 15, lunar=True)),
        ("冬月初一", Birthday(11, 1, lunar=True)),
        ("中秋节", Birthday(8, 15, lunar=True)),
        ("除夕", Birthday(12, 30, lunar=True)),
        ("闰四月初八", Birthday(4, 8, lunar=True, leap=True)),
        ("1990年农历八月初二", Birthday(8, 2, lunar=True, year=1990)),
        ("农历1990-08-02", Birthday(8, 2, lunar=True, year=1990)),
        ("农历2月30", Birthday(2, 30, lunar=True)),
        ("lunar:08-02", Birthday(8, 2, lunar=True)),
        ("lunar:闰04-08", Birthday(4, 8, lunar=True, leap=True)),
        ("lunar:1990-闰05-08", Birthday(5, 8, lunar=True, leap=True, year=1990)),
    ],
)
def test_read(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "不知道",
        "冬月",
        "3月",
        "1990",
        "199003",
        "200103",
        "3/5/1990",
        "13/14/1990",
        "2月30日",
        "1990-02-29",
        "1990-13-05",
        "13-05",
        "0-5",
        "农历13月1日",
        "农历八月三十一",
        "1900-01-01",
        "0000-00-00",
        "1700-03-05",
        "闰3-5",
        "13800138000",
        "99999",
        "农历32937",
        "九九九年三月五日",
    ],
)
def test_read_leaves_what_is_no_birthday(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("birthday", "text", "said"),
    [
        (Birthday(3, 5, year=1990), "1990-03-05", "3月5日"),
        (Birthday(3, 5), "--03-05", "3月5日"),
        (Birthday(8, 2, lunar=True), "lunar:08-02", "阴历八月初二"),
        (Birthday(8, 2, lunar=True, year=1990), "lunar:1990-08-02", "阴历八月初二"),
        (Birthday(4, 8, lunar=True, leap=True), "lunar:闰04-08", "阴历闰四月初八"),
        (Birthday(1, 10, lunar=True), "lunar:01-10", "阴历正月初十"),
        (Birthday(1, 15, lunar=True), "lunar:01-15", "阴历正月十五"),
        (Birthday(11, 20, lunar=True), "lunar:11-20", "阴历冬月二十"),
        (Birthday(12, 21, lunar=True), "lunar:12-21", "阴历腊月廿一"),
        (Birthday(12, 30, lunar=True), "lunar:12-30", "阴历腊月三十"),
    ],
)
def test_text_and_say(birthday, text, said):
    assert (birthday.text(), birthday.say()) == (text, said)


LUNAR = st.builds(
    Birthday,
    month=st.integers(1, 12),
    day=st.integers(1, 30),
    lunar=st.just(True),
    leap=st.booleans(),
    year=st.none() | st.integers(1905, 2050),
)
SOLAR = st.builds(
    lambda on, known: Birthday(on.month, on.day, year=on.year if known else None),
    st.dates(date(1905, 1, 1), date(2050, 12, 31)),
    st.booleans(),
)
DAYS = st.dates(date(1950, 1, 1), date(2050, 12, 31))


@settings(max_examples=500)
@given(LUNAR | SOLAR)
def test_a_birthday_reads_back_from_its_text_and_its_words(birthday):
    assert read(birthday.text()) == birthday
    assert read(birthday.say()) == Birthday(birthday.month, birthday.day, birthday.lunar, birthday.leap)


@settings(max_examples=500)
@given(st.text(max_size=16) | st.from_regex(r"[0-9年月日闰初./ -]{1,12}", fullmatch=True))
def test_read_never_crashes_and_gives_only_what_can_be_kept(text):
    found = read(text)

    assert found is None or read(found.text()) == found
