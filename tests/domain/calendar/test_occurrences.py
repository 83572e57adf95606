from calendar import isleap
from datetime import date, timedelta
from functools import cache

import pytest
from borax.calendars.lunardate import LCalendars, LunarDate
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.db.customers import birthday_key
from bot.domain.birthdays import Birthday, read
from bot.domain.calendar import occurrences
from bot.domain.calendar.occurrences import Celebration, Keeping, ToldAge

FIRST, LAST = date(1950, 1, 1), date(2050, 12, 31)
DAYS = [FIRST + timedelta(ahead) for ahead in range((LAST - FIRST).days + 1)]
KEEPINGS = [Keeping("02-28", "ordinary"), Keeping("03-01", "leap")]
SOLAR = [Birthday(on.month, on.day) for on in DAYS if on.year == 1952]
LUNAR = [Birthday(m, d, lunar=True, leap=leap) for m in range(1, 13) for d in range(1, 31) for leap in (False, True)]

STORED = st.sampled_from([*SOLAR, *LUNAR])
KEPT = st.sampled_from(KEEPINGS)
DATES = st.dates(FIRST, LAST)


@cache
def months_by_another_library(year):
    """Month and whether it is a leap one → its first date and length."""
    months = LCalendars.iter_year_month(year)
    return {(m, bool(leap)): (LunarDate(year, m, 1, leap).to_solar_date(), days) for m, days, leap in months}


def by_another_library(birthday, keeping):
    """All its celebrations of a century: lunar months as borax has them, and the rules."""
    for year in range(FIRST.year - 1, LAST.year + 1):
        if birthday.lunar:
            months = months_by_another_library(year)
            leap = birthday.leap and keeping.leap_month == "leap" and (birthday.month, True) in months
            first, length = months[birthday.month, leap]
            yield first + timedelta(min(birthday.day, length) - 1)
        elif (birthday.month, birthday.day) == (2, 29) and not isleap(year):
            yield date.fromisoformat(f"{year}-{keeping.leap_day}")
        else:
            yield date(year, birthday.month, birthday.day)


@pytest.mark.parametrize("keeping", KEEPINGS, ids=str)
@pytest.mark.parametrize("stored", [SOLAR, LUNAR], ids=["solar", "lunar"])
def test_a_century_of_celebrations_agrees_with_another_library(stored, keeping):
    for birthday in stored:
        expected = [on for on in by_another_library(birthday, keeping) if FIRST <= on <= LAST]

        assert [one.on for one in occurrences.celebrations(birthday, FIRST, LAST, keeping)] == expected


@pytest.mark.parametrize("keeping", KEEPINGS, ids=str)
def test_the_keys_of_every_day_of_a_century_are_those_of_who_celebrates_then(keeping):
    forward = {on: set() for on in DAYS}
    for birthday in (*SOLAR, *LUNAR):
        for one in occurrences.celebrations(birthday, FIRST, LAST, keeping):
            forward[one.on].add(occurrences.key(birthday))

    for on in DAYS:
        keys = occurrences.keys_on(on, keeping)
        assert (on, set(keys), len(keys)) == (on, forward[on], len(forward[on]))


def test_with_the_usual_keeping_all_of_one_key_celebrate_together():
    for month in range(1, 13):
        for day in (1, 15, 29, 30):
            ordinary, leap = (Birthday(month, day, lunar=True, leap=leap) for leap in (False, True))

            assert occurrences.celebrations(leap, FIRST, LAST) == occurrences.celebrations(ordinary, FIRST, LAST)


@pytest.mark.parametrize(
    ("on", "keeping", "keys"),
    [
        (date(2026, 3, 5), Keeping(), ("03-05", "L:01-17")),
        (date(2026, 2, 28), Keeping(), ("02-28", "02-29", "L:01-12")),
        (date(2026, 2, 28), Keeping(leap_day="03-01"), ("02-28", "L:01-12")),
        (date(2026, 3, 1), Keeping(leap_day="03-01"), ("03-01", "02-29", "L:01-13")),
        (date(2028, 2, 28), Keeping(), ("02-28", "L:02-04")),
        (date(2028, 2, 29), Keeping(), ("02-29", "L:02-05")),
        (date(2026, 2, 16), Keeping(), ("02-16", "L:12-29", "L:12-30")),  # New Year's eve of a short month
        (date(2025, 1, 27), Keeping(), ("01-27", "L:12-28")),
        (date(2025, 8, 1), Keeping(), ("08-01",)),  # in a leap month nobody celebrates
        (date(2025, 8, 1), Keeping(leap_month="leap"), ("08-01", "L:06-08")),
        (date(2025, 7, 2), Keeping(leap_month="leap"), ("07-02", "L:06-08")),
    ],
)
def test_the_keys_of_a_day(on, keeping, keys):
    assert occurrences.keys_on(on, keeping) == keys


@settings(max_examples=200)
@given(DATES, st.integers(0, 40), KEPT)
def test_a_window_asks_for_the_keys_of_its_days(first, days, keeping):
    last = first + timedelta(days)
    window = [first + timedelta(ahead) for ahead in range(days + 1)]
    expected = {}
    for on in window:
        for key in occurrences.keys_on(on, keeping):
            expected.setdefault(key, []).append(on)

    assert occurrences.keys_between(first, last, keeping) == {key: tuple(days) for key, days in expected.items()}


@settings(max_examples=300)
@given(STORED, st.none() | st.integers(1920, 2040))
def test_a_key_is_the_one_customers_are_indexed_by(birthday, year):
    if not birthday.lunar and (birthday.month, birthday.day) == (2, 29) and year is not None and not isleap(year):
        year = None
    dated = Birthday(birthday.month, birthday.day, birthday.lunar, birthday.leap, year)

    assert occurrences.key(dated) == birthday_key(dated.text())


@settings(max_examples=500)
@given(STORED, DATES, KEPT)
def test_the_next_one_is_the_first_of_the_window_from_today(birthday, today, keeping):
    coming = occurrences.next_celebration(birthday, today, keeping)

    assert 0 <= (coming.on - today).days <= 385
    assert occurrences.celebrations(birthday, today, coming.on, keeping) == [coming]
    assert occurrences.celebrates_on(birthday, today, keeping) == (coming.on == today)


@pytest.mark.parametrize(
    ("text", "today", "keeping", "expected"),
    [
        ("1990-03-05", date(2026, 3, 5), Keeping(), Celebration(date(2026, 3, 5), 36)),
        ("1990-03-05", date(2026, 3, 6), Keeping(), Celebration(date(2027, 3, 5), 37)),
        ("--03-05", date(2026, 3, 6), Keeping(), Celebration(date(2027, 3, 5), None)),
        ("06-01", date(2026, 6, 1), Keeping(), Celebration(date(2026, 6, 1), None)),  # as a fact keeps it
        ("2020-02-29", date(2026, 1, 1), Keeping(), Celebration(date(2026, 2, 28), 6)),
        ("2020-02-29", date(2026, 1, 1), Keeping(leap_day="03-01"), Celebration(date(2026, 3, 1), 6)),
        ("2020-02-29", date(2028, 1, 1), Keeping(leap_day="03-01"), Celebration(date(2028, 2, 29), 8)),
        ("lunar:08-02", date(2026, 9, 1), Keeping(), Celebration(date(2026, 9, 12), None)),
        ("lunar:1990-08-02", date(2026, 9, 13), Keeping(), Celebration(date(2027, 9, 2), 37)),
        ("lunar:1990-12-08", date(2026, 1, 1), Keeping(), Celebration(date(2026, 1, 26), 35)),  # of lunar 2025
        ("lunar:1990-12-30", date(2026, 1, 1), Keeping(), Celebration(date(2026, 2, 16), 35)),  # 廿九 is the eve
        ("lunar:12-29", date(2025, 1, 1), Keeping(), Celebration(date(2025, 1, 28), None)),
        ("lunar:1987-闰06-08", date(2025, 7, 1), Keeping(), Celebration(date(2025, 7, 2), 38)),
        ("lunar:1987-闰06-08", date(2025, 7, 10), Keeping(leap_month="leap"), Celebration(date(2025, 8, 1), 38)),
        ("lunar:1987-闰06-08", date(2026, 7, 1), Keeping(leap_month="leap"), Celebration(date(2026, 7, 21), 39)),
        ("2026-03-05", date(2026, 3, 5), Keeping(), Celebration(date(2027, 3, 5), 1)),  # a birth is no birthday
        ("lunar:2025-闰06-08", date(2025, 6, 1), Keeping(), Celebration(date(2026, 7, 21), 1)),
        ("2028-02-29", date(2026, 1, 1), Keeping(), Celebration(date(2029, 2, 28), 1)),
    ],
)
def test_the_next_celebration(text, today, keeping, expected):
    assert occurrences.next_celebration(read(text), today, keeping) == expected


def test_a_solar_year_may_have_a_lunar_birthday_twice_or_not_at_all():
    eighth = read("腊月初八")

    found = occurrences.celebrations(eighth, date(2022, 1, 1), date(2024, 12, 31))

    assert [one.on for one in found] == [date(2022, 1, 10), date(2022, 12, 30), date(2024, 1, 18)]


def test_an_anniversary_counts_its_years():
    wedding = read("2016-10-01")

    found = occurrences.celebrations(wedding, date(2016, 1, 1), date(2018, 12, 31))

    assert found == [Celebration(date(2017, 10, 1), 1), Celebration(date(2018, 10, 1), 2)]


def test_an_empty_window_has_nothing():
    assert occurrences.celebrations(read("03-05"), date(2026, 3, 6), date(2026, 3, 5)) == []


@pytest.mark.parametrize("year", [1900, 2000, 2026, 2099, 2100])
@pytest.mark.parametrize("text", ["02-29", "lunar:12-30", "lunar:01-01", "lunar:闰04-30"])
def test_two_centuries_have_a_next_one(text, year):
    for today in (date(year, 1, 1), date(year, 12, 31)):
        assert 0 <= (occurrences.next_celebration(read(text), today).on - today).days <= 385


@pytest.mark.parametrize(
    ("text", "on", "age"),
    [
        ("1990-03-05", date(2026, 3, 4), 35),
        ("1990-03-05", date(2026, 3, 5), 36),
        ("2012-02-29", date(2026, 2, 27), 13),
        ("2012-02-29", date(2026, 2, 28), 14),
        ("lunar:1990-08-02", date(2026, 9, 11), 35),
        ("lunar:1990-08-02", date(2026, 9, 12), 36),
        ("lunar:2000-12-20", date(2026, 1, 5), 24),
        ("lunar:2000-12-20", date(2026, 2, 7), 25),
        ("lunar:2025-闰06-08", date(2025, 7, 2), None),  # kept in the sixth month, but born in the second of them
        ("lunar:2025-闰06-08", date(2025, 8, 1), 0),
        ("lunar:2025-闰06-08", date(2026, 7, 21), 1),
        ("2026-03-05", date(2026, 3, 5), 0),
        ("2026-03-05", date(2026, 3, 4), None),
        ("03-05", date(2026, 3, 5), None),
    ],
)
def test_age(text, on, age):
    assert occurrences.age_on(read(text), on) == age


@settings(max_examples=300)
@given(STORED.filter(lambda one: not one.lunar), st.integers(1950, 2040), DATES)
def test_age_of_a_solar_birthday_counts_the_years(birthday, year, on):
    if (birthday.month, birthday.day) == (2, 29) and not isleap(year):
        year -= year % 4
    dated = Birthday(birthday.month, birthday.day, year=year)
    short = birthday.month == 2 and birthday.day == 29 and not isleap(on.year)
    age = on.year - year - ((on.month, on.day) < (birthday.month, birthday.day - short))

    assert occurrences.age_on(dated, on) == (age if age >= 0 else None)


@settings(max_examples=300)
@given(STORED.filter(lambda one: one.lunar), st.integers(1950, 2040), DATES, KEPT)
def test_age_is_how_many_birthdays_were_kept(birthday, year, on, keeping):
    dated = Birthday(birthday.month, birthday.day, birthday.lunar, birthday.leap, year)
    born = occurrences.first_day(dated)
    kept = occurrences.celebrations(dated, born, on, keeping)

    assert occurrences.age_on(dated, on, keeping) == (None if on < born else len(kept))


@pytest.mark.parametrize(
    ("text", "on", "child"),
    [
        ("2012-11-21", date(2026, 11, 20), True),
        ("2012-11-20", date(2026, 11, 20), False),
        ("2012-02-29", date(2026, 2, 28), True),  # the law waits for 1 March
        ("2012-02-29", date(2026, 3, 1), False),
        ("lunar:2012-08-02", date(2026, 9, 12), True),  # kept that day, but by the sun only on the 17th
        ("lunar:2012-08-02", date(2026, 9, 16), True),
        ("lunar:2012-08-02", date(2026, 9, 17), False),
        ("lunar:2011-08-02", date(2025, 8, 30), True),  # fourteen by the sun, kept three weeks later
        ("lunar:2011-08-02", date(2025, 9, 23), False),
        ("2027-03-05", date(2026, 11, 20), True),  # not born yet
        ("1990-03-05", date(2026, 11, 20), False),
        ("--11-20", date(2026, 11, 20), None),
        ("lunar:08-02", date(2026, 11, 20), None),
    ],
)
def test_a_child_by_birthday(text, on, child):
    assert occurrences.is_child(read(text), on) is child


@settings(max_examples=300)
@given(STORED, st.sampled_from(range(1952, 2041, 4)), st.integers(13 * 365, 15 * 366), KEPT)
def test_no_child_is_fourteen_by_the_law_and_by_her_own_count(birthday, year, lived, keeping):
    dated = Birthday(birthday.month, birthday.day, birthday.lunar, birthday.leap, year)
    born = occurrences.first_day(dated)
    on = born + timedelta(lived)
    lawful = on >= (
        date(born.year + 14, 3, 1) if (born.month, born.day) == (2, 29) else born.replace(year=born.year + 14)
    )

    grown = lawful and occurrences.age_on(dated, on, keeping) >= 14
    assert occurrences.is_child(dated, on, keeping) is not grown


@pytest.mark.parametrize(
    ("said", "told_on", "on", "child"),
    [
        ("5岁", date(2026, 11, 20), date(2026, 11, 20), True),
        ("13岁", date(2025, 11, 21), date(2026, 11, 20), True),
        ("13岁", date(2025, 11, 20), date(2026, 11, 20), False),
        ("13岁半", date(2026, 5, 20), date(2026, 11, 20), False),
        ("13岁半", date(2026, 5, 21), date(2026, 11, 20), True),
        ("8个月", date(2020, 1, 31), date(2026, 11, 20), True),
        ("20岁", date(2026, 11, 20), date(2026, 11, 20), False),
        ("20岁", date(2026, 11, 20), date(2010, 1, 1), True),  # asked about the past
    ],
)
def test_a_child_by_the_age_that_was_told(said, told_on, on, child):
    assert occurrences.is_child(occurrences.told_age(said, told_on), on) is child


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("5岁", 60),
        ("两岁半", 30),
        ("女儿3周岁了", 36),
        ("十三岁", 156),
        ("8个月大", 8),
        ("8个多月", 8),
        ("十个月", 10),
    ],
)
def test_an_age_in_words(text, months):
    on = date(2026, 11, 20)

    assert occurrences.told_age(text, on) == ToldAge(months, on)


@pytest.mark.parametrize("text", ["", "上小学", "怀孕3个月", "孕5个月", "3月5日", "三个月前搬家", "3个月没来"])
def test_words_without_an_age(text):
    assert occurrences.told_age(text, date(2026, 11, 20)) is None
