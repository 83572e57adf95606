from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.segments.layering import fixed, label
from bot.domain.segments.measures import Bought, measure
from bot.domain.segments.presets import preset
from bot.domain.segments.turning import next_change
from bot.domain.shop import VERTICALS
from tests.domain.segments.purchases import TODAY, ago, bought

TEA = preset("tea")
FAR = 40


def turns(purchases, silent=(), rules=TEA):
    found = next_change(measure(purchases, rules, TODAY, silent), purchases, rules, fixed(rules), silent)
    return found and (found - TODAY).days


@pytest.mark.parametrize(
    ("days", "turns_in"),
    [
        ([], None),
        ([0, 300], 8),
        ([1, 300], 7),
        ([5, 300], 3),
        ([26, 27, 300], 2),
        ([27, 300], 1),
        ([59, 300], 1),
        ([0, 30], 1),
        ([0, 29], 2),
        ([600, 700], None),
    ],
)
def test_the_next_day_on_which_time_alone_moves_her(days, turns_in):
    assert turns(bought(*days)) == turns_in


def test_a_purchase_leaves_the_window_later_where_days_were_silent():
    assert turns(bought(27, 300), [ago(3)]) == 2
    assert turns(bought(27, 300), [ago(28)]) == 1


def labels_in(purchases, rules, silent, later):
    return label(measure(purchases, rules, TODAY + timedelta(later), silent), rules, fixed(rules))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(VERTICALS),
    st.lists(st.builds(Bought, st.integers(0, 110).map(ago), st.none() | st.integers(-50_000, 90_000)), max_size=14),
    st.sets(st.integers(0, 40).map(ago), max_size=8),
)
def test_no_label_changes_before_its_day(vertical, purchases, silent):
    rules = preset(vertical)

    found = turns(purchases, silent, rules)

    now = labels_in(purchases, rules, silent, 0)
    quiet = range(1, min(found or FAR, FAR))
    assert found is None or found > 0
    assert [later for later in quiet if labels_in(purchases, rules, silent, later) != now] == []
