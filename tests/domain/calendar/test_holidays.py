from datetime import date, timedelta

import pytest
from borax.calendars.lunardate import LunarDate, TermUtils

from bot.domain.calendar import holidays
from bot.domain.calendar.holidays import shipped


def days(first, last):
    return [first + timedelta(ahead) for ahead in range((last - first).days + 1)]


def test_the_festivals_of_2026():
    assert [(f"{one.on:%m-%d}", one.called[0]) for one in holidays.festivals(2026)] == [
        ("01-01", "元旦"),
        ("01-26", "腊八节"),
        ("02-10", "小年"),
        ("02-14", "情人节"),
        ("02-16", "除夕"),
        ("02-17", "春节"),
        ("03-03", "元宵节"),
        ("03-08", "妇女节"),
        ("04-05", "清明节"),
        ("05-01", "劳动节"),
        ("05-10", "母亲节"),
        ("05-20", "520"),
        ("06-01", "儿童节"),
        ("06-18", "618"),
        ("06-19", "端午节"),
        ("06-21", "父亲节"),
        ("08-19", "七夕"),
        ("09-10", "教师节"),
        ("09-25", "中秋节"),
        ("10-01", "国庆节"),
        ("10-18", "重阳节"),
        ("11-11", "双11"),
        ("12-12", "双12"),
        ("12-22", "冬至"),
        ("12-24", "平安夜"),
        ("12-25", "圣诞节"),
    ]


LUNAR = (("spring", 1, 1), ("lantern", 1, 15), ("dragon_boat", 5, 5), ("qixi", 7, 7), ("mid_autumn", 8, 15))
LUNAR += (("double_ninth", 9, 9),)


def test_lunar_festivals_of_a_century_are_those_of_another_library():
    for year in range(1950, 2051):
        found = {one.key: one.on for one in holidays.festivals(year)}
        expected = {key: LunarDate(year, month, day).to_solar_date() for key, month, day in LUNAR}
        expected["spring_eve"] = expected["spring"] - timedelta(1)
        expected["qingming"] = TermUtils.nth_term_day(year, term_name="清明")
        expected["winter_solstice"] = TermUtils.nth_term_day(year, term_name="冬至")

        assert {key: found[key] for key in expected} == expected


def test_a_solar_year_may_have_a_lunar_festival_twice_or_not_at_all():
    found = [one.on for year in (2022, 2023, 2024) for one in holidays.festivals(year) if one.key == "laba"]

    assert found == [date(2022, 1, 10), date(2022, 12, 30), date(2024, 1, 18)]


@pytest.mark.parametrize(
    ("name", "today", "on"),
    [
        ("七夕", date(2026, 8, 19), date(2026, 8, 19)),
        ("七夕", date(2026, 8, 20), date(2027, 8, 8)),
        ("除夕", date(2026, 11, 20), date(2027, 2, 5)),
        ("double_eleven", date(2026, 11, 12), date(2027, 11, 11)),
        ("双十一", date(2026, 11, 11), date(2026, 11, 11)),
        ("腊八", date(2022, 12, 31), date(2024, 1, 18)),
        ("母亲节", date(2025, 5, 1), date(2025, 5, 11)),
        ("父亲节", date(2025, 6, 1), date(2025, 6, 15)),
    ],
)
def test_the_next_festival_of_a_name(name, today, on):
    assert holidays.next_festival(name, today).on == on


def test_no_festival_has_a_name_nobody_gave_it_and_no_two_share_one():
    assert holidays.next_festival("店庆", date(2026, 1, 1)) is None
    names = [name for one in holidays.festivals(2026) for name in {one.key, *one.called}]
    assert sorted(names) == sorted(set(names))


def test_festivals_of_a_window_reach_over_new_year():
    found = holidays.festivals_between(date(2026, 12, 25), date(2027, 1, 15))

    assert [one.key for one in found] == ["christmas", "new_year", "laba"]


PUBLISHED = {
    2025: [
        (date(2025, 1, 1), date(2025, 1, 1)),
        (date(2025, 1, 28), date(2025, 2, 4)),
        (date(2025, 4, 4), date(2025, 4, 6)),
        (date(2025, 5, 1), date(2025, 5, 5)),
        (date(2025, 5, 31), date(2025, 6, 2)),
        (date(2025, 10, 1), date(2025, 10, 8)),
    ],
    2026: [
        (date(2026, 1, 1), date(2026, 1, 3)),
        (date(2026, 2, 15), date(2026, 2, 23)),
        (date(2026, 4, 4), date(2026, 4, 6)),
        (date(2026, 5, 1), date(2026, 5, 5)),
        (date(2026, 6, 19), date(2026, 6, 21)),
        (date(2026, 9, 25), date(2026, 9, 27)),
        (date(2026, 10, 1), date(2026, 10, 7)),
    ],
}
WORKED = {
    2025: ["01-26", "02-08", "04-27", "09-28", "10-11"],
    2026: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
}


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_published_year_has_the_days_of_its_notice(year):
    whole = days(date(year, 1, 1), date(year, 12, 31))

    assert shipped().published(year)
    assert list(shipped().holidays_of(year)) == [on for first, last in PUBLISHED[year] for on in days(first, last)]
    assert [f"{on:%m-%d}" for on in whole if shipped().makes_up(on)] == WORKED[year]


@pytest.mark.parametrize(
    ("on", "holiday", "works"),
    [
        (date(2026, 2, 14), None, True),  # a Saturday that is worked
        (date(2026, 2, 15), "春节", False),
        (date(2026, 2, 24), None, True),
        (date(2026, 3, 7), None, False),  # a plain Saturday
        (date(2025, 10, 6), "国庆节、中秋节", False),
        (date(2026, 11, 20), None, True),
    ],
)
def test_a_day(on, holiday, works):
    assert (shipped().holiday(on), shipped().works(on)) == (holiday, works)


def test_a_year_without_a_notice_has_statutory_days_and_plain_weekends_only():
    whole = days(date(2027, 1, 1), date(2027, 12, 31))

    assert not shipped().published(2027)
    assert {f"{on:%m-%d}": name for on, name in shipped().holidays_of(2027).items()} == {
        "01-01": "元旦",
        "02-05": "春节",
        "02-06": "春节",
        "02-07": "春节",
        "02-08": "春节",
        "04-05": "清明节",
        "05-01": "劳动节",
        "05-02": "劳动节",
        "06-09": "端午节",
        "09-15": "中秋节",
        "10-01": "国庆节",
        "10-02": "国庆节",
        "10-03": "国庆节",
    }
    assert [on for on in whole if shipped().makes_up(on)] == []
    assert [on for on in whole if shipped().works(on) and on.weekday() > 4] == []


@pytest.mark.parametrize(
    ("year", "spring", "labour"),
    [
        (2013, ["02-09", "02-10", "02-11"], ["05-01"]),
        (2014, ["01-31", "02-01", "02-02"], ["05-01"]),
        (2024, ["02-10", "02-11", "02-12"], ["05-01"]),
        (2025, ["01-28", "01-29", "01-30", "01-31"], ["05-01", "05-02"]),
    ],
)
def test_statutory_days_are_those_of_the_regulation_in_force(year, spring, labour):
    found = holidays.statutory(year)

    assert [f"{on:%m-%d}" for on, name in found.items() if name == "春节"] == spring
    assert [f"{on:%m-%d}" for on, name in found.items() if name == "劳动节"] == labour


def test_two_holidays_on_one_day_are_both_named():
    assert holidays.statutory(2020)[date(2020, 10, 1)] == "中秋节、国庆节"


def test_of_years_before_the_first_regulation_kept_here_no_day_off_is_known():
    assert shipped().holidays_of(2007) == {}


# Days as 2019 had them: its New Year holiday began, and was paid for, in the December before.
NOTICE = """
[[notices]]
year = 2019
work = [2018-12-29, 2019-02-02, 2019-02-03, 2019-04-28, 2019-05-05, 2019-09-29, 2019-10-12]
[notices.off]
"元旦" = [2018-12-30, 2019-01-01]
"春节" = [2019-02-04, 2019-02-10]
"清明节" = [2019-04-05, 2019-04-07]
"劳动节" = [2019-05-01, 2019-05-04]
"端午节" = [2019-06-07, 2019-06-09]
"中秋节" = [2019-09-13, 2019-09-15]
"国庆节" = [2019-10-01, 2019-10-07]
"""


def test_another_year_s_notice_joins_those_shipped_and_may_begin_in_december():
    known = shipped().with_notices(NOTICE)

    assert [year for year in range(2018, 2028) if known.published(year)] == [2019, 2025, 2026]
    assert (known.works(date(2018, 12, 29)), known.holiday(date(2018, 12, 31))) == (True, "元旦")
    assert known.holidays_of(2026) == shipped().holidays_of(2026)


def test_a_notice_given_again_replaces_the_former():
    corrected = NOTICE.replace("2019-10-12]", "2019-10-13]")

    known = shipped().with_notices(NOTICE).with_notices(corrected)

    assert [known.makes_up(date(2019, 10, day)) for day in (12, 13)] == [False, True]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("2019-10-12]", "2019-10-11]", "no make-up day ['2019-10-11']"),  # a Friday
        ("2019-10-12]", "2019-10-06]", "no make-up day ['2019-10-06']"),  # off and worked
        ("[2019-06-07, 2019-06-09]", "[2019-06-08, 2019-06-09]", "not off ['2019-06-07']"),
        ("[2018-12-30,", "[2018-12-23,", "of another year ['2018-12-23']"),
    ],
)
def test_a_notice_with_a_typing_error_is_refused(right, wrong, told):
    with pytest.raises(ValueError, match=r"notice of 2019") as refused:
        shipped().with_notices(NOTICE.replace(right, wrong))

    assert told in str(refused.value)
