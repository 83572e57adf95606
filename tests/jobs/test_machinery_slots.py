"""When a job is wanted: pure, in any zone, over midnights, ends of months, leap days and changes of the clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedule import Job, job, newest_slot, next_slot, slots_between

SHANGHAI, BERLIN, URUMQI = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Urumqi")
HALF_HOURS = ZoneInfo("Australia/Lord_Howe")  # its clocks change by half an hour
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def a_job(**when) -> Job:
    return job("one", "一个", **when)(lambda _: 0)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def between(one: Job, since: str, until: str, zone: ZoneInfo = SHANGHAI) -> list[str]:
    return [f"{slot:%Y-%m-%d %H:%M}" for slot in slots_between(one, at(since, zone), at(until, zone), zone)]


def test_each_time_of_each_day_is_a_slot_after_the_first_moment_and_up_to_the_last():
    digest = a_job(at="18:00 08:30")

    assert between(digest, "2026-11-20 08:30", "2026-11-22 08:30") == [
        "2026-11-20 18:00",
        "2026-11-21 08:30",
        "2026-11-21 18:00",
        "2026-11-22 08:30",
    ]


def test_a_slot_at_midnight_belongs_to_the_day_it_begins():
    assert between(a_job(at="00:00"), "2026-11-20 23:59", "2026-11-22 00:00") == [
        "2026-11-21 00:00",
        "2026-11-22 00:00",
    ]
    assert between(a_job(every=DAY), "2026-11-20 23:59", "2026-11-22 00:00") == ["2026-11-21 00:00", "2026-11-22 00:00"]


def test_weekdays_begin_with_monday():
    assert between(a_job(at="09:00", weekdays=(1,)), "2026-11-16 09:00", "2026-12-01 00:00") == [
        "2026-11-23 09:00",
        "2026-11-30 09:00",
    ]


def test_a_day_a_month_lacks_is_its_last():
    last = a_job(at="10:00", month_days=(31,))

    assert between(last, "2026-01-31 10:00", "2026-05-01 00:00") == [
        "2026-02-28 10:00",
        "2026-03-31 10:00",
        "2026-04-30 10:00",
    ]
    assert between(a_job(at="10:00", month_days=(29,)), "2027-02-01 00:00", "2028-03-01 00:00")[::12] == [
        "2027-02-28 10:00",
        "2028-02-29 10:00",
    ]


def test_a_leap_day_has_its_slots():
    assert between(a_job(at="08:30"), "2028-02-28 09:00", "2028-03-01 09:00") == [
        "2028-02-29 08:30",
        "2028-03-01 08:30",
    ]


def test_steps_are_multiples_within_the_day():
    assert between(a_job(every=timedelta(hours=7)), "2026-11-20 07:00", "2026-11-21 07:00") == [
        "2026-11-20 14:00",
        "2026-11-20 21:00",
        "2026-11-21 00:00",
        "2026-11-21 07:00",
    ]


def test_one_second_steps_are_found_without_counting_the_day():
    a_second = a_job(every=timedelta(seconds=1))
    until = at("2026-11-20 23:59:59")

    found = list(slots_between(a_second, until - timedelta(seconds=2), until + timedelta(seconds=2), SHANGHAI))

    assert [slot - until for slot in found] == [timedelta(seconds=seconds) for seconds in (-1, 0, 1, 2)]


@pytest.mark.parametrize(
    ("zone", "day", "asked", "shown"),
    [
        (BERLIN, "2026-03-29", "02:30", "03:30"),  # skipped
        (BERLIN, "2026-10-25", "02:30", "02:30"),  # shown twice
        (HALF_HOURS, "2026-10-04", "02:15", "02:45"),
    ],
)
def test_where_clocks_change_a_time_is_one_slot(zone, day, asked, shown):
    found = between(a_job(at=asked), f"{day} 00:00", f"{day} 23:00", zone)

    assert found == [f"{day} {shown}"]


def test_a_skipped_time_and_the_one_it_becomes_are_one_slot():
    assert between(a_job(at="02:30 03:30"), "2026-03-29 00:00", "2026-03-29 12:00", BERLIN) == ["2026-03-29 03:30"]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_a_day_has_as_many_hourly_slots_as_hours(day, hours):
    midnight = at(f"{day} 00:00", BERLIN)
    tomorrow = at(f"{day} 00:00", BERLIN) + DAY

    found = list(
        slots_between(a_job(every=HOUR), midnight - timedelta(seconds=1), tomorrow - timedelta(seconds=1), BERLIN)
    )

    assert len({slot.astimezone(UTC) for slot in found}) == hours


def test_another_zone_means_other_moments_of_the_same_local_time():
    since, until = at("2026-11-20 00:00"), at("2026-11-21 00:00")

    (east,), (west,) = (list(slots_between(a_job(at="08:30"), since, until, zone)) for zone in (SHANGHAI, URUMQI))

    assert (east.isoformat(), west.isoformat()) == ("2026-11-20T08:30:00+08:00", "2026-11-20T08:30:00+06:00")


def test_the_newest_slot_is_found_within_the_time_allowed_and_not_beyond():
    week = a_job(at="09:00", weekdays=(1,))
    now = at("2026-11-22 10:00")

    assert newest_slot(week, now, 7 * DAY, SHANGHAI) == at("2026-11-16 09:00")
    assert newest_slot(week, now, 6 * DAY, SHANGHAI) is None
    assert newest_slot(week, at("2026-11-23 09:00"), HOUR, SHANGHAI) == at("2026-11-23 09:00")


def test_the_next_slot_is_later_than_the_moment_asked_for():
    assert next_slot(a_job(at="08:30"), at("2026-11-22 08:30"), SHANGHAI) == at("2026-11-23 08:30")
    assert next_slot(a_job(at="08:30", month_days=(1,), weekdays=(1,)), at("2026-11-22 08:30"), SHANGHAI) == at(
        "2027-02-01 08:30"
    )


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"at": "08:30"}, "每天 08:30"),
        ({"at": "18:00 10:00"}, "每天 10:00、18:00"),
        ({"at": "09:00", "weekdays": (1, 4)}, "周一、周四 09:00"),
        ({"at": "10:00", "month_days": (1,)}, "每月 1 日 10:00"),
        ({"at": "10:00", "month_days": (1, 15), "weekdays": (7,)}, "每月 1、15 日 周日 10:00"),
        ({"every": timedelta(minutes=10)}, "每 10 分钟"),
        ({"every": timedelta(hours=2)}, "每 2 小时"),
        ({"every": timedelta(seconds=90)}, "每 90 秒"),
        ({"every": HOUR, "weekdays": (6,)}, "周六 每 1 小时"),
    ],
)
def test_its_times_are_told_in_words(when, words):
    assert a_job(**when).when == words


@pytest.mark.parametrize("when", [{}, {"at": "08:30", "every": HOUR}])
def test_a_job_has_times_of_the_day_or_a_step_and_not_both(when):
    with pytest.raises(ValueError, match="one: either"):
        a_job(**when)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 — the bounds are naive
JOBS = st.one_of(
    st.builds(lambda minutes: a_job(at=" ".join(f"{one // 60:02}:{one % 60:02}" for one in minutes)),
              st.lists(st.integers(0, 1439), min_size=1, max_size=3)),
    st.builds(lambda minutes: a_job(every=timedelta(minutes=minutes)), st.integers(20, 1440)),
)  # fmt: skip


@given(JOBS, MOMENTS, st.integers(0, 48 * 60), st.integers(0, 48 * 60), st.sampled_from([SHANGHAI, BERLIN, HALF_HOURS]))
def test_two_periods_side_by_side_have_the_slots_of_both_together(one, since, first, second, zone):
    middle = since + timedelta(minutes=first)
    until = middle + timedelta(minutes=second)

    apart = [*slots_between(one, since, middle, zone), *slots_between(one, middle, until, zone)]

    assert list(slots_between(one, since, until, zone)) == apart
    assert newest_slot(one, until, until - since, zone) == (apart[-1] if apart else None)
    assert apart == sorted(set(apart))
