from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.birthdays import read
from bot.domain.calendar import months
from bot.domain.calendar.months import Care
from bot.domain.calendar.occurrences import first_day
from bot.domain.shop import VERTICALS

DATES = st.dates(date(1950, 1, 1), date(2050, 12, 31))


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2025, 12, 5), 1, date(2026, 1, 5)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 3, 5), 0, date(2026, 3, 5)),
    ],
)
def test_months_after(start, count, expected):
    assert months.months_after(start, count) == expected


@settings(max_examples=300)
@given(DATES, st.integers(0, 4000))
def test_months_old_are_the_most_whose_day_has_come(born, days):
    on = born + timedelta(days)
    old = months.months_old(born, on)

    assert months.months_after(born, old) <= on < months.months_after(born, old + 1)


@pytest.mark.parametrize(
    ("on", "old", "said"),
    [
        (date(2026, 1, 30), None, ""),
        (date(2026, 1, 31), 0, "第1天"),
        (date(2026, 2, 27), 0, "第28天"),
        (date(2026, 2, 28), 1, "1个月"),
        (date(2026, 3, 30), 1, "1个月"),
        (date(2027, 1, 31), 12, "12个月"),
        (date(2028, 1, 30), 23, "23个月"),
        (date(2028, 1, 31), 24, "2岁"),
        (date(2028, 7, 31), 30, "2岁半"),
        (date(2029, 1, 30), 35, "2岁半"),
    ],
)
def test_the_age_of_a_child_born_on_31_january(on, old, said):
    born = date(2026, 1, 31)

    assert (months.months_old(born, on), months.say_age(born, on)) == (old, said)


def called(vertical, starts, first, last):
    return [(one.on, one.care.called) for one in months.due(months.cares(vertical), starts, first, last)]


def test_a_baby_is_cared_for_through_three_years():
    assert called("baby", {"birth": date(2026, 1, 31)}, date(2026, 1, 31), date(2030, 1, 1)) == [
        (date(2026, 2, 28), "满月"),
        (date(2026, 5, 10), "百天"),  # the hundredth day; the day of the birth is the first
        (date(2026, 7, 31), "半岁"),
        (date(2026, 10, 31), "9个月"),
        (date(2027, 1, 31), "周岁"),
        (date(2027, 7, 31), "1岁半"),
        (date(2028, 1, 31), "2岁"),
        (date(2029, 1, 31), "3岁"),
    ]


def test_a_baby_whose_birthday_is_lunar_is_cared_for_from_the_date_of_the_birth():
    born = first_day(read("lunar:2025-闰06-08"))

    assert born == date(2025, 8, 1)
    assert called("baby", {"birth": born}, date(2025, 8, 2), date(2025, 9, 30)) == [(date(2025, 9, 1), "满月")]


def test_a_window_holds_its_first_and_its_last_day():
    starts = {"birth": date(2026, 3, 5)}

    assert called("baby", starts, date(2026, 4, 5), date(2026, 4, 5)) == [(date(2026, 4, 5), "满月")]
    assert called("baby", starts, date(2026, 4, 6), date(2026, 6, 11)) == []


def test_a_cycle_comes_again_and_again():
    bought = {"bought": date(2024, 8, 31)}

    assert called("jewellery", bought, date(2024, 8, 31), date(2026, 8, 31)) == [
        (date(2025, 2, 28), "半年清洗"),
        (date(2025, 8, 31), "半年清洗"),
        (date(2026, 2, 28), "半年清洗"),
        (date(2026, 8, 31), "半年清洗"),
    ]


@settings(max_examples=200)
@given(DATES, DATES, st.integers(0, 400))
def test_a_window_finds_of_a_cycle_what_the_whole_of_it_has(start, first, days):
    cycle = Care("key", "called", "bought", "words", every=6)
    last = first + timedelta(days)
    whole = [months.months_after(start, 6 * count) for count in range(1, 210)]

    assert list(cycle.on(start, first, last)) == [on for on in whole if first <= on <= last]


def test_nothing_is_due_from_a_day_that_is_not_known():
    assert called("baby", {"bought": date(2026, 1, 1)}, date(2026, 1, 1), date(2029, 1, 1)) == []
    assert called("baby", {}, date(2026, 1, 1), date(2029, 1, 1)) == []


def test_verticals_without_a_cycle_and_unknown_ones_have_none():
    assert [vertical for vertical in VERTICALS if not months.cares(vertical)] == ["tea", "supermarket"]
    assert months.cares("florist") == ()


@pytest.mark.parametrize("vertical", VERTICALS)
def test_the_steps_of_a_vertical_say_one_way_of_counting_and_have_keys_of_their_own(vertical):
    steps = months.cares(vertical)

    assert [one.key for one in steps if sum(map(bool, (one.months, one.days, one.nth_day, one.every))) != 1] == []
    assert len({one.key for one in steps}) == len(steps)
    assert [one.key for one in steps if not (one.words.startswith("【称呼】，") and one.called)] == []
    assert [one.key for one in steps if one.after not in ("birth", "bought")] == []
