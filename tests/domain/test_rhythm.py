from datetime import date, timedelta
from decimal import Decimal, getcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.rhythm import STAGES, Patience, rhythm, say

TODAY = date(2026, 11, 18)


def steady(gap, times, since, **more):
    """Somebody who came `times` times, always `gap` days apart, last `since` days ago."""
    last = TODAY - timedelta(since)
    gaps = times - 1
    return rhythm(times, last - timedelta(gap * gaps), last, gap * gaps, gap * gap * gaps, TODAY, **more)


def test_rhythm_of_nobody_yet():
    known = rhythm(0, None, None, 0, 0, TODAY)

    assert (known.stage, known.since_days, known.ratio) == ("never", None, None)
    assert say(known) == "还没买过"


def test_rhythm_counts_one_usual_gap_more():
    known = steady(18, 11, 41, usual_days=18)

    assert (known.typical_gap_days, known.spread, known.since_days) == (18, 0.0, 41)
    assert known.ratio == 41 / 18


@pytest.mark.parametrize(
    ("gap", "times", "usual_days", "typical"),
    [
        (18, 2, 30, 24),
        (18, 3, 30, 22),
        (18, 31, 30, 18),
        (1, 400, 30, 1),
        (1, 2, 0, 1),
        (18, 1, 30, 30),
        (2, 3, 3, 2),
    ],
)
def test_typical_gap_leans_on_the_category_while_she_is_little_known(gap, times, usual_days, typical):
    assert steady(gap, times, 5, usual_days=usual_days).typical_gap_days == typical


@pytest.mark.parametrize(
    ("gap", "times", "since", "stage"),
    [
        (30, 1, 0, "new"),
        (30, 1, 30, "new"),
        (30, 1, 45, "new"),
        (30, 1, 46, "slowing"),
        (30, 1, 90, "slowing"),
        (30, 1, 91, "asleep"),
        (30, 2, 0, "new"),
        (30, 2, 1, "regular"),
        (1, 30, 1, "new"),
        (30, 11, 45, "regular"),
        (30, 11, 46, "slowing"),
        (30, 11, 90, "slowing"),
        (30, 11, 91, "asleep"),
        (20, 31, 60, "slowing"),
        (10, 31, 59, "slowing"),
    ],
)
def test_stage_at_its_borders(gap, times, since, stage):
    assert steady(gap, times, since, usual_days=30).stage == stage


@pytest.mark.parametrize(
    ("since", "stage"), [(7, "regular"), (8, "slowing"), (59, "slowing"), (60, "asleep"), (61, "asleep")]
)
def test_stage_of_somebody_who_came_daily(since, stage):
    assert steady(1, 100, since, usual_days=1).stage == stage


def test_stage_allows_for_an_uneven_rhythm():
    even = rhythm(5, TODAY - timedelta(130), TODAY - timedelta(50), 80, 1600, TODAY, usual_days=20)
    uneven = rhythm(5, TODAY - timedelta(130), TODAY - timedelta(50), 80, 4000, TODAY, usual_days=20)

    assert (even.spread, even.stage) == (0.0, "slowing")
    assert (round(uneven.spread, 2), uneven.stage) == (21.91, "regular")


def test_silent_days_are_not_her_staying_away():
    assert steady(10, 31, 65, usual_days=10).stage == "asleep"
    assert steady(10, 31, 65, usual_days=10, silent_days=6).stage == "slowing"
    assert steady(10, 31, 65, usual_days=10, silent_days=99).since_days == 0


@pytest.mark.parametrize(
    ("gap", "times", "since", "said"),
    [
        (18, 18, 41, "平时18天来一次，已41天没来"),
        (18, 18, 18, "平时18天来一次，18天前来过"),
        (18, 18, 1, "平时18天来一次，昨天来过"),
        (18, 18, 0, "平时18天来一次，今天来过"),
        (18, 1, 0, "第一次来是今天"),
        (18, 1, 1, "第一次来是昨天"),
        (18, 1, 30, "第一次来是30天前"),
        (18, 1, 31, "只来过一次，31天前"),
        (18, 2, 5, "来过2次，5天前来过"),
        (18, 2, 19, "来过2次，已19天没来"),
        (1, 90, 0, "每天都来"),
        (1, 90, 1, "每天都来"),
        (1, 90, 9, "平时每天来，已9天没来"),
    ],
)
def test_say(gap, times, since, said):
    assert say(steady(gap, times, since, usual_days=gap)) == said


GAPS = st.lists(st.integers(1, 400), max_size=30)


@settings(max_examples=500)
@given(GAPS, st.integers(0, 900), st.integers(1, 365), st.integers(0, 60))
def test_rhythm_keeps_its_promises(gaps, since, usual_days, silent_days):
    last = TODAY - timedelta(since)
    first = last - timedelta(sum(gaps))
    squares = sum(gap * gap for gap in gaps)

    known = rhythm(
        len(gaps) + 1, first, last, sum(gaps), squares, TODAY, usual_days=usual_days, silent_days=silent_days
    )

    assert known.typical_gap_days >= 1
    assert known.since_days == max(since - silent_days, 0)
    assert (known.stage == "new") >= (known.first_days <= 30)
    assert (known.since_days >= 60) >= (known.stage == "asleep")
    assert known.stage in STAGES


@settings(max_examples=300)
@given(GAPS, st.integers(31, 900), st.integers(1, 365))
def test_staying_away_longer_never_wakes_her(gaps, since, usual_days):
    order = ["new", "regular", "slowing", "asleep"]
    args = (len(gaps) + 1, TODAY - timedelta(sum(gaps)), TODAY, sum(gaps), sum(g * g for g in gaps))

    stages = [rhythm(*args, TODAY + timedelta(d), usual_days=usual_days).stage for d in (since, since + 1)]

    assert order.index(stages[0]) <= order.index(stages[1])


@settings(max_examples=500)
@given(GAPS, st.integers(1, 365), st.integers(0, 3000))
def test_whole_days_keep_the_borders_of_the_exact_numbers(gaps, usual_days, since):
    getcontext().prec = 60
    told = [Decimal(gap) for gap in (*gaps, usual_days)]
    mean = sum(told) / len(told)
    spread = max(sum(gap * gap for gap in told) / len(told) - mean * mean, Decimal(0)).sqrt()

    patience = Patience.of(len(gaps) + 1, sum(gaps), sum(gap * gap for gap in gaps), usual_days)

    exact = max(Decimal("1.5") * patience.typical + spread, Decimal(7))
    near = abs(exact - since) < Decimal("1e-40")  # sixty digits do not tell which side it is on
    assert patience.typical == max(int(mean + Decimal("0.5")), 1)
    assert near or (since >= patience.slowing()) == (since > exact)
    assert near or (since >= patience.asleep(60)) == (since >= 60 and since > max(3 * patience.typical, exact))


def test_the_rules_may_move_the_borders():
    assert steady(10, 31, 55, usual_days=10, asleep_days=50).stage == "asleep"
    assert steady(10, 31, 65, usual_days=10, asleep_days=90).stage == "slowing"
    assert steady(10, 5, 5, usual_days=10, new_days=45).stage == "new"
    assert steady(10, 5, 5, usual_days=10, new_days=44).stage == "regular"
