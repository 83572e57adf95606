from dataclasses import astuple, replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.rhythm import STAGES
from bot.domain.segments.labels import LAYERS, SCHEMES
from bot.domain.segments.layering import Cuts, borders, cut, fifths, fixed, label, layer, too_little
from bot.domain.segments.measures import Bought, measure
from bot.domain.segments.presets import preset
from bot.domain.shop import VERTICALS
from tests.domain.segments.purchases import TODAY, ago, bought

TEA = preset("tea")


def fifth(value, least):
    return 1 + sum(value >= one for one in least)


@pytest.mark.parametrize(
    ("stage", "f", "m", "found"),
    [
        ("regular", 5, 5, "loyal"),
        ("regular", 4, 4, "loyal"),
        ("regular", 4, 3, "potential"),
        ("regular", 1, 5, "potential"),
        ("regular", 3, 3, "potential"),
        ("regular", 3, 2, "ordinary"),
        ("regular", 1, 1, "ordinary"),
        ("slowing", 4, 1, "leaving"),
        ("slowing", 1, 4, "leaving"),
        ("slowing", 3, 3, "slowing"),
        ("asleep", 1, 4, "lost_big"),
        ("asleep", 5, 3, "asleep"),
        ("new", 5, 5, "new"),
        ("never", 0, 0, "never"),
    ],
)
def test_the_layer_of_a_stage_and_two_fifths(stage, f, m, found):
    assert layer(stage, f, m) == found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (range(1, 11), (3, 5, 7, 9)),
        ([7] * 10, (7, 7, 8, 8)),
        ([1] * 7 + [2, 3, 9], (1, 2, 2, 3)),
        ([1, 2, 3, 4, 5], (2, 3, 4, 5)),
        ([4], (4, 4, 5, 5)),
        ([1] * 9 + [5], (1, 1, 5, 5)),
    ],
)
def test_borders_never_part_equal_values(values, found):
    assert borders(list(values)) == found


def test_fifths_of_a_hundred_different_buyers_are_twenty_each():
    rows = [(day, day * 3, day * 700) for day in range(100)]
    rules = replace(TEA, fewest=100)

    cuts = cut(rows, rules)

    assert cuts == Cuts((79, 59, 39, 19), (60, 120, 180, 240), (14000, 28000, 42000, 56000), 100)
    found = [1 + sum(day <= most for most in cuts.r) for day in range(100)]
    assert [found.count(one) for one in (1, 2, 3, 4, 5)] == [20] * 5


def test_a_small_shop_has_fixed_ranks():
    rows = [(1, 1, 1)] * 49

    assert cut(rows, TEA) == fixed(TEA) == Cuts((60, 30, 14, 7), (2, 4, 8, 16), (5000, 12000, 30000, 80000), 0)
    assert cut([*rows, (1, 1, 1)], TEA).buyers == 50
    assert cut([], replace(TEA, fewest=0)) == fixed(TEA)


@pytest.mark.parametrize(("since", "r"), [(0, 5), (7, 5), (8, 4), (14, 4), (15, 3), (30, 3), (31, 2), (60, 2), (61, 1)])
def test_few_days_since_are_the_best_fifth(since, r):
    assert fifths(measure(bought(since), TEA, TODAY), fixed(TEA)) == (r, 1, 1)


@settings(max_examples=300)
@given(st.lists(st.integers(-50, 60), min_size=1, max_size=80))
def test_a_fifth_is_where_the_middle_of_equal_values_stands(values):
    values.sort()
    least = borders(values)

    assert list(least) == sorted(least)
    for value in set(values):
        below, upto = sum(one < value for one in values), sum(one <= value for one in values)
        assert fifth(value, least) == min(1 + 5 * (below + upto) // (2 * len(values)), 5)


def test_a_regular_customer_who_spends_is_loyal_and_one_who_slows_down_leaves():
    loyal = bought(*range(0, 120, 3), fen=4000)
    slow = [one._replace(on=one.on - timedelta(20)) for one in loyal]
    gone = [one._replace(on=one.on - timedelta(60)) for one in loyal]

    layers = [label(measure(one, TEA, TODAY), TEA, fixed(TEA)).layer for one in (loyal, slow, gone)]

    assert layers == ["loyal", "leaving", "lost_big"]


@pytest.mark.parametrize(("away", "stage"), [(59, "slowing"), (60, "asleep"), (61, "asleep")])
def test_sixty_days_away_is_asleep(away, stage):
    steady = bought(*range(away, away + 200, 5))

    assert label(measure(steady, TEA, TODAY), TEA, fixed(TEA)).stage == stage


def test_who_comes_rarely_is_not_asleep_in_her_own_rhythm():
    rare = bought(61, 121, 181, 241, 301)

    found = label(measure(rare, TEA, TODAY), TEA, fixed(TEA))

    assert (found.stage, found.layer, found.frequency) == ("regular", "ordinary", "asleep")


def test_the_rules_move_the_borders_of_the_stages():
    steady = measure(bought(*range(50, 250, 5)), TEA, TODAY)
    young = measure(bought(20, 40), TEA, TODAY)

    moved = replace(TEA, asleep_days=45, new_days=40)

    assert [label(steady, rules, fixed(TEA)).stage for rules in (TEA, moved)] == ["slowing", "asleep"]
    assert [label(young, rules, fixed(TEA)).stage for rules in (TEA, moved)] == ["regular", "new"]


def test_a_shop_with_too_little_data_says_so():
    said = "资料还少：订单只有59天、回头客30位（够60天、30位才准），分层先当参考。"

    assert too_little(ago(59), 30, TODAY) == ""
    assert too_little(ago(58), 30, TODAY) == said
    assert too_little(ago(400), 29, TODAY) == "资料还少：订单只有401天、回头客29位（够60天、30位才准），分层先当参考。"
    assert too_little(None, 0, TODAY) == "资料还少：订单只有0天、回头客0位（够60天、30位才准），分层先当参考。"


PURCHASES = st.lists(
    st.builds(Bought, st.integers(-5, 900).map(ago), st.none() | st.integers(-20_000, 2_000_000)), max_size=25
)
SILENT = st.sets(st.integers(0, 60).map(ago), max_size=20)


@settings(max_examples=400)
@given(st.sampled_from(VERTICALS), PURCHASES, SILENT)
def test_every_customer_has_exactly_one_known_code_in_every_scheme(vertical, purchases, silent):
    rules = preset(vertical)
    found = measure(purchases, rules, TODAY, silent)

    labels = label(found, rules, fixed(rules))

    assert all(getattr(labels, scheme) in rules.names(scheme) for scheme in SCHEMES)
    never = [code == "never" for code in astuple(labels)[:4]]
    assert never == [found.purchase_days == 0] * 4
    assert {labels.r, labels.f, labels.m} <= ({0} if never[0] else {1, 2, 3, 4, 5})
    if found.first_days is not None and found.first_days <= rules.new_days:
        assert (labels.stage, labels.layer) == ("new", "new")
        assert labels.frequency in {"new", "high"}
    assert (labels.layer in {"asleep", "lost_big"}) == (labels.stage == "asleep")


@settings(max_examples=200)
@given(st.sampled_from(VERTICALS), st.integers(0, 3_000_000), st.integers(0, 3_000_000))
def test_a_larger_measure_is_never_a_lower_band(vertical, one, other):
    for banding in (preset(vertical).spend, preset(vertical).frequency):
        order = list(reversed(banding.bands))
        assert order.index(banding.band(max(one, other))) >= order.index(banding.band(min(one, other)))


@settings(max_examples=200)
@given(PURCHASES.filter(bool), st.integers(0, 50))
def test_staying_away_longer_never_makes_a_layer_of_stages_milder(purchases, days):
    order = ["never", "new", "regular", "slowing", "asleep"]
    seen = [one for one in purchases if one.on <= TODAY]
    found = [label(measure(seen, TEA, TODAY + timedelta(later)), TEA, fixed(TEA)).stage for later in (days, days + 1)]

    assert all(order.index(before) <= order.index(after) for before, after in pairwise(found))


def test_words_for_every_stage_and_layer():
    assert TEA.names("stage") == STAGES
    assert TEA.names("layer") == LAYERS
