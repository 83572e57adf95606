from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.lists.cooldown import RULES, Caps, Contact, Rest, Verdict, may_contact, rest
from bot.domain.lists.values import OUTCOMES, Outcome

TZ = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 18, 14, 0, tzinfo=TZ)  # a Wednesday
TODAY = NOW.date()
CAPS = Caps()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TZ)


def test_every_outcome_has_its_rule() -> None:
    assert set(RULES) == set(OUTCOMES)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("reached", Rest(date(2026, 11, 25))),
        ("coupon", Rest(date(2026, 11, 25))),
        ("coming", Rest(date(2026, 11, 25))),
        ("appointment", Rest(date(2026, 11, 25))),
        ("refused", Rest(date(2026, 12, 18))),
        ("later", Rest(date(2026, 11, 19), at(19, 10))),
        ("hand_over", Rest(date(2026, 11, 18))),
        ("stop", Rest(None, out="她说别再联系，全店停止联系")),
        ("moved", Rest(None, out="搬走了")),
        ("wrong_number", Rest(None, out="号码不对，找到新号再联系")),
    ],
)
def test_what_follows_an_outcome(outcome: Outcome, expected: Rest) -> None:
    assert rest(outcome, NOW, TZ) == expected


@pytest.mark.parametrize(
    ("retries", "expected"),
    [
        (0, Rest(date(2026, 11, 19), at(19, 15), retry=True)),
        (1, Rest(date(2026, 11, 19), at(19, 15), retry=True)),
        (2, Rest(date(2026, 11, 25))),
        (7, Rest(date(2026, 11, 25))),
    ],
)
def test_an_unanswered_call_is_tried_twice_more_and_then_rests_a_week(retries: int, expected: Rest) -> None:
    assert rest("no_answer", NOW, TZ, retries=retries) == expected


def test_an_unanswered_call_is_tried_again_when_the_guide_says() -> None:
    assert rest("no_answer", NOW, TZ, when=at(20, 11)) == Rest(date(2026, 11, 20), at(20, 11), retry=True)


@pytest.mark.parametrize(
    ("when", "remind_at"),
    [
        (at(22, 21), at(22, 10)),
        (at(22, 9, 30), at(22, 8, 30)),
        (at(18, 21), at(18, 20)),
        (at(22, 15), at(22, 14)),
        (at(18, 14, 30), at(18, 14, 30)),
    ],
    ids=[
        "at ten that day",
        "an hour before an early one",
        "in the evening where ten has gone by",
        "an hour before",
        "at its hour where that is nearer",
    ],
)
def test_an_appointment_is_reminded_of_on_its_day(when: datetime, remind_at: datetime) -> None:
    assert rest("appointment", NOW, TZ, when=when) == Rest(when.date() + timedelta(7), remind_at)


def test_a_later_call_is_due_when_it_was_said() -> None:
    assert rest("later", NOW, TZ, when=at(18, 20)) == Rest(TODAY, at(18, 20))


def contacts(*ago: int, outcome: Outcome = "reached") -> list[Contact]:
    return [Contact(TODAY - timedelta(days), outcome) for days in ago]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], Verdict(allowed=True)),
        (contacts(7), Verdict(allowed=True)),
        (contacts(0, 1, 2, outcome="no_answer"), Verdict(allowed=True)),
        (contacts(7, 14, 30, 31), Verdict(allowed=True)),
        (contacts(-3), Verdict(allowed=True)),
        (
            contacts(6),
            Verdict(allowed=False, why="11-12刚联系过，要隔7天；明天起可以再联系。", again_on=date(2026, 11, 19)),
        ),
        (
            contacts(0),
            Verdict(allowed=False, why="今天刚联系过，要隔7天；下周三起可以再联系。", again_on=date(2026, 11, 25)),
        ),
        (
            contacts(8, 15, 22, 29),
            Verdict(allowed=False, why="30天里已联系4次，最多4次；明天起可以再联系。", again_on=date(2026, 11, 19)),
        ),
        (
            contacts(0, 15, 22, 29),
            Verdict(allowed=False, why="30天里已联系4次，最多4次；下周三起可以再联系。", again_on=date(2026, 11, 25)),
        ),
        (contacts(90, outcome="stop"), Verdict(allowed=False, why="她说别再联系，全店停止联系。")),
        (contacts(90, outcome="moved"), Verdict(allowed=False, why="搬走了。")),
    ],
)
def test_caps_leave_room_or_say_why_not(history: list[Contact], expected: Verdict) -> None:
    verdict = may_contact(history, TODAY, CAPS)

    assert (verdict.allowed, verdict.again_on) == (expected.allowed, expected.again_on)
    assert verdict.why == expected.why.replace("11-12", "上周四")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    wishes=st.lists(st.integers(0, 120), max_size=120),
    caps=st.builds(Caps, st.integers(1, 6), st.integers(7, 60), st.integers(1, 14)),
)
def test_whoever_asks_first_is_never_contacted_above_the_caps(wishes: list[int], caps: Caps) -> None:
    history: list[Contact] = []
    for day in sorted(wishes):
        today = TODAY + timedelta(day)
        verdict = may_contact(history, today, caps)
        if verdict.allowed:
            history.append(Contact(today, "reached"))
        else:
            assert verdict.again_on
            assert verdict.again_on > today
            assert may_contact(history, verdict.again_on, caps).allowed
    days = [one.on for one in history]

    assert all((later - sooner).days >= caps.apart_days for sooner, later in pairwise(days))
    most = max((sum(0 <= (on - first).days < caps.window_days for on in days) for first in days), default=0)
    assert most <= caps.most
