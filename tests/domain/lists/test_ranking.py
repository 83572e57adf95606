from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.lists.holdout import held_out
from bot.domain.lists.ranking import RULE, WORTH, Candidate, gap_days, rank
from bot.domain.segments.labels import LAYERS

CANDIDATES = st.builds(
    Candidate,
    st.integers(1, 2**62),
    st.sampled_from(list(LAYERS)),
    st.integers(0, 300),
    st.integers(1, 400),
    st.none() | st.integers(0, 2000),
    st.integers(-10_000, 10_000_000),
    st.integers(0, 5),
    st.integers(0, 5),
)


def candidate(customer_id: int, layer: str = "slowing", *, since_days: int | None = 38, m: int = 3) -> Candidate:
    return Candidate(customer_id, layer, 31, 12, since_days, 86_000, 3, m)


def ids(*candidates: Candidate) -> list[int]:
    return [one.candidate.customer_id for one in rank(candidates, 30)]


def test_every_layer_has_its_worth() -> None:
    assert set(WORTH) == set(LAYERS)


def test_a_worthier_layer_comes_first_however_long_the_other_is_away() -> None:
    assert ids(candidate(1, "slowing", since_days=40, m=5), candidate(2, "leaving", since_days=20, m=1)) == [2, 1]


def test_within_a_layer_three_gaps_are_more_urgent_than_one_and_than_seven() -> None:
    assert ids(*(candidate(days, since_days=days) for days in (14, 40, 90))) == [40, 90, 14]


def test_within_a_layer_the_better_customer_comes_first() -> None:
    assert ids(candidate(1, m=2), candidate(2, m=5), candidate(3, m=4)) == [2, 3, 1]


def test_who_is_within_her_rhythm_comes_after_all_who_are_not() -> None:
    assert ids(candidate(1, "leaving", since_days=5), candidate(2, "new", since_days=90)) == [2, 1]


def test_equals_are_in_the_order_of_their_ids() -> None:
    assert ids(candidate(9), candidate(3), candidate(5)) == [3, 5, 9]


def test_few_visits_draw_the_gap_towards_the_stores() -> None:
    once, often = Candidate(1, "new", 1, 10, 20, 0, 1, 1), Candidate(2, "loyal", 99, 10, 20, 0, 5, 5)

    assert gap_days(once, 30) == pytest.approx(30)
    assert gap_days(often, 30) == pytest.approx(10.4)


def test_the_evidence_says_layer_rhythm_and_that_it_is_a_rule_of_thumb() -> None:
    (ranked,) = rank([candidate(1, "leaving")], 30)

    assert ranked.evidence == (
        "要走的大客：消费第3档、频次第3档（5档最高），共花了¥860",
        "平时12天来一次，已38天没来；按她和本店的节奏约13天一次，已到2.9倍",
        RULE,
    )


def test_the_evidence_of_who_never_bought_and_who_is_not_late() -> None:
    never, early = rank([candidate(1, "never", since_days=None), candidate(2, since_days=4)], 30)

    assert never.evidence == (
        "变慢：消费第3档、频次第3档（5档最高），共花了¥860",
        "平时12天来一次，4天没来，还在节奏里",
        RULE,
    )
    assert early.evidence == ("还没买过", RULE)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(CANDIDATES, max_size=20, unique_by=lambda one: one.customer_id), st.integers(1, 400), st.integers())
def test_the_order_does_not_depend_on_how_they_come(found: list[Candidate], gap: int, seed: int) -> None:
    mixed = Random(seed).sample(found, len(found))
    ranked = rank(found, gap)

    assert ranked == rank(mixed, gap)
    assert {one.candidate for one in ranked} == set(found)


def test_the_hold_out_is_a_tenth_stable_and_drawn_anew_by_another_salt() -> None:
    ids = range(10**15, 10**15 + 20_000)
    first, second = ({one for one in ids if held_out(one, salt)} for salt in (b"one", b"two"))

    assert 1_850 < len(first) < 2_150
    assert 1_850 < len(second) < 2_150
    assert 140 < len(first & second) < 260
    assert first == {one for one in ids if held_out(one, b"one")}


def test_known_members_of_the_hold_out_stay_in_it() -> None:
    assert [one for one in range(1, 60) if held_out(one, b"zhanggui")] == [5, 9, 10, 18, 22, 34, 44, 50]


def test_a_larger_share_holds_the_smaller_one() -> None:
    assert all(held_out(one, b"s", 20) for one in range(2_000) if held_out(one, b"s", 10))
    assert not any(held_out(one, b"s", 0) for one in range(2_000))
    assert all(held_out(one, b"s", 100) for one in range(2_000))


@pytest.mark.parametrize("salt", [b"", b"x" * 65])
def test_a_salt_that_is_none_is_refused(salt: bytes) -> None:
    with pytest.raises(ValueError, match="1 to 64 bytes"):
        held_out(1, salt)
