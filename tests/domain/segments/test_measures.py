from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.segments.measures import Bought, Measures, Span, amount, measure, span
from bot.domain.segments.presets import preset
from tests.domain.segments.purchases import TODAY, ago, bought

TEA = preset("tea")


def test_all_that_is_measured_of_a_customer():
    purchases = [
        Bought(ago(200), 5000),
        Bought(ago(20), 1500),
        Bought(ago(20), 2500),
        Bought(ago(5), None),
        Bought(ago(4), -700),
    ]

    assert measure(purchases, TEA, TODAY, [ago(3), ago(2), ago(10)]) == Measures(
        today=TODAY,
        purchase_days=3,
        first_on=ago(200),
        last_on=ago(5),
        gap_sum_days=195,
        gap_square_sum=180**2 + 15**2,
        first_days=200,
        since_days=3,
        silent_days=2,
        spent_fen=8300,
        spend=3300,
        spend_on=ago(20),
        spend_span=Span(ago(92), TODAY, 3),
        visits=2,
        visits_span=Span(ago(30), TODAY, 3),
    )


def test_nothing_is_measured_of_who_never_bought():
    found = measure([], TEA, TODAY)

    assert (found.purchase_days, found.first_on, found.last_on, found.first_days, found.since_days) == (0,) + (
        None,
    ) * 4
    assert (found.spent_fen, found.spend, found.spend_on, found.visits) == (0, 0, None, 0)


def test_what_comes_after_the_day_is_ignored():
    known = bought(3, 9)

    assert measure([*known, Bought(TODAY + timedelta(1), 900)], TEA, TODAY) == measure(known, TEA, TODAY)
    assert measure(known, TEA, TODAY, [TODAY + timedelta(2)]) == measure(known, TEA, TODAY)


def test_an_unknown_amount_is_a_visit_on_which_nothing_was_spent():
    found = measure(bought(1, fen=None), TEA, TODAY)

    assert (found.purchase_days, found.visits, found.spent_fen, found.spend) == (1, 1, 0, 0)


def test_what_cost_nothing_is_a_visit_all_the_same():
    found = measure(bought(1, fen=0), TEA, TODAY)

    assert (found.purchase_days, found.visits, found.spent_fen, found.spend_on) == (1, 1, 0, None)


def test_a_silent_day_on_which_she_bought_is_not_after_it():
    found = measure(bought(5), TEA, TODAY, [ago(5), ago(4)])

    assert (found.since_days, found.silent_days) == (4, 1)


def test_a_refund_alone_is_no_visit_and_no_negative_measure():
    found = measure(bought(1, fen=-900), TEA, TODAY)

    assert (found.purchase_days, found.visits, found.spent_fen, found.spend) == (0, 0, -900, 0)


@pytest.mark.parametrize(("basis", "size"), [("ticket", 700), ("sum", 1200), ("days", 2)])
def test_the_same_purchases_by_each_basis(basis, size):
    purchases = [Bought(ago(2), 500), Bought(ago(2), 700), Bought(ago(1), None), Bought(ago(1), 0), Bought(ago(0), -0)]

    assert amount(basis, purchases[:4]) == size


@pytest.mark.parametrize(
    ("window_days", "silent", "first", "skipped"),
    [
        (1, [], 0, 0),
        (28, [], 27, 0),
        (3, [1], 3, 1),
        (3, [2], 3, 1),
        (3, [3], 2, 0),
        (3, [2, 3], 4, 2),
        (3, [1, 3], 4, 2),
        (3, [1, 3, 4, 5], 6, 4),
        (1, [0], 1, 1),
    ],
)
def test_a_window_reaches_further_back_for_each_silent_day(window_days, silent, first, skipped):
    days = sorted(ago(day) for day in silent)

    assert span(window_days, TODAY, days) == Span(ago(first), TODAY, skipped)


@settings(max_examples=300)
@given(st.integers(1, 60), st.sets(st.integers(0, 120)))
def test_a_window_holds_as_many_telling_days_as_it_says(window_days, silent):
    found = span(window_days, TODAY, sorted(ago(day) for day in silent))

    days = {(TODAY - found.first_on).days - n for n in range((TODAY - found.first_on).days + 1)}
    assert len(days - silent) == window_days
    assert len(days & silent) == found.silent_days
    assert (TODAY - found.first_on).days not in silent


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 200), st.none() | st.integers(-500, 5000))), st.randoms())
def test_the_order_of_purchases_does_not_matter(purchases, random):
    known = [Bought(ago(day), fen) for day, fen in purchases]
    mixed = random.sample(known, len(known))

    assert measure(mixed, TEA, TODAY) == measure(known, TEA, TODAY)
