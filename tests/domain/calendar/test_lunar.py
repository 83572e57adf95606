from datetime import date, timedelta

import pytest
from borax.calendars.lunardate import LCalendars, LunarDate, TermUtils
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.calendar import lunar

TERMS = ("小寒", "立春", "清明", "夏至", "白露", "冬至")


def test_every_month_of_a_century_is_the_one_another_library_says():
    for year in range(1949, 2051):
        for month, days, leap in LCalendars.iter_year_month(year):
            first = LunarDate(year, month, 1, leap).to_solar_date()

            assert lunar.lunar(first) == lunar.LunarDay(year, month, 1, bool(leap), days)
            assert lunar.lunar(first + timedelta(days - 1)) == lunar.LunarDay(year, month, days, bool(leap), days)


def test_every_day_of_a_century_is_the_one_another_library_says():
    for ordinal in range(date(1950, 1, 1).toordinal(), date(2051, 1, 1).toordinal()):
        on = date.fromordinal(ordinal)
        theirs, ours = LunarDate.from_solar(on), lunar.lunar(on)

        assert (ours.year, ours.month, ours.day, ours.leap) == (
            theirs.year, theirs.month, theirs.day, bool(theirs.leap),
        )  # fmt: skip
        assert lunar.solar(theirs.year, theirs.month, theirs.day, leap=bool(theirs.leap)) == on


def test_the_months_from_1900_to_2100_follow_one_another_without_a_gap():
    on = lunar.solar(1899, 12, 1)
    assert on <= date(1900, 1, 1)
    while on <= date(2100, 12, 31):
        here = lunar.lunar(on)
        assert (here.day, lunar.solar(here.year, here.month, 1, leap=here.leap)) == (1, on)
        on += timedelta(here.month_days)


@settings(max_examples=500)
@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_a_day_comes_back_from_its_lunar_day(on):
    here = lunar.lunar(on)

    assert lunar.solar(here.year, here.month, here.day, leap=here.leap) == on


@pytest.mark.parametrize("year", [1987, 2004, 2006, 2012, 2014, 2017, 2020, 2023, 2025, 2028, 2031, 2033])
def test_a_year_has_the_leap_month_another_library_says(year):
    assert [month for month in range(1, 13) if lunar.has_leap(year, month)] == [LCalendars.leap_month(year)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((2025, 6, 8, True), date(2025, 8, 1)),
        ((2025, 6, 8, False), date(2025, 7, 2)),
        ((2026, 6, 8, True), date(2026, 7, 21)),  # a leap month the year lacks: the ordinary
        ((2025, 12, 30, False), date(2026, 2, 16)),  # a month of 29 days; in the next solar year
        ((2033, 11, 10, True), date(2033, 12, 31)),
        ((1899, 12, 1, False), date(1900, 1, 1)),
    ],
)
def test_the_date_of_a_lunar_day(said, expected):
    year, month, day, leap = said

    assert lunar.solar(year, month, day, leap=leap) == expected


def test_solar_terms_of_a_century_are_those_of_another_library():
    for year in range(1950, 2051):
        for name in TERMS:
            assert (year, name, lunar.term(year, name)) == (year, name, TermUtils.nth_term_day(year, term_name=name))
