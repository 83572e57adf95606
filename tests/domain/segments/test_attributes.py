from datetime import date

import pytest

from bot.domain.language import lexicon
from bot.domain.segments.attributes import AGES, GENDERS, SOURCES, age, gender, job, meant, names, source
from tests.domain.segments.purchases import TODAY


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("路过", "passing"),
        ("逛街路过", "passing"),
        ("专程", "on_purpose"),
        ("专程来", "on_purpose"),
        ("特地从静安過來", "on_purpose"),
        ("线上", "online"),
        ("小程序", "online"),
        ("社交媒体", "online"),
        ("抖音团购", "online"),
        ("WECHAT App", "online"),
        ("介绍", "member"),
        ("朋友介绍", "member"),
        ("转介绍", "member"),
        ("微信上朋友推荐", "member"),
        ("老客带新", "member"),
        ("传单", "other"),
        ("", "unknown"),
        (None, "unknown"),
        ("  未知 ", "unknown"),
    ],
)
def test_the_group_of_a_source(text, group):
    assert source(text) == group


def test_whatever_a_guide_may_say_of_a_source_has_a_group():
    groups = {word: source(word) for word in lexicon.grouped("sources").words()}

    assert {word for word, group in groups.items() if group not in SOURCES or group == "unknown"} == set()


@pytest.mark.parametrize(
    ("birthday", "band"),
    [
        ("2012-11-23", None),
        ("2012-11-22", "youth"),
        ("2008-11-23", "youth"),
        ("2008-11-22", "18"),
        ("2001-11-23", "18"),
        ("2001-11-22", "25"),
        ("1991-11-22", "35"),
        ("1981-11-22", "45"),
        ("1966-11-23", "45"),
        ("1966-11-22", "60"),
        ("1900-01-01", "unknown"),
        ("--03-05", "unknown"),
        ("lunar:1990-08-02", "35"),
        ("2030-01-01", "unknown"),
        ("?", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_age_band_of_a_birthday(birthday, band):
    assert age(birthday, TODAY) == band


def test_a_child_is_in_no_band_on_any_day_of_its_years():
    assert {age("2015-05-05", date(year, 5, 6)) for year in range(2015, 2029)} == {None}


def test_gender_and_job_are_as_they_were_told():
    assert [gender(kept) for kept in ("female", "male", None, "x")] == ["female", "male", "unknown", "unknown"]
    assert [job(kept) for kept in (" 老師 ", None)] == ["老师", ""]


def test_every_code_has_its_words():
    assert [names(one) for one in ("source", "age", "gender", "job")] == [SOURCES, AGES, GENDERS, None]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("女", ("gender", ("female",))),
        ("女生", ("gender", ("female",))),
        ("男客人", ("gender", ("male",))),
        ("路过", ("source", ("passing",))),
        ("线上", ("source", ("online",))),
        ("会员介绍", ("source", ("member",))),
        ("20-30岁", ("age", ("18", "25"))),
        ("20到30岁", ("age", ("18", "25"))),
        ("二十到三十岁", ("age", ("18", "25"))),
        ("25–34岁", ("age", ("25",))),
        ("30岁", ("age", ("25",))),
        ("40多岁", ("age", ("35", "45"))),
        ("60岁以上", ("age", ("60",))),
        ("18岁以下", ("age", ("youth",))),
        ("年龄 20-30", ("age", ("18", "25"))),
        ("10-13岁", None),
        ("30-20岁", None),
        ("5", None),
        ("高频", None),
        ("", None),
        ("火星人", None),
    ],
)
def test_kinds_of_people_as_they_are_asked_for(text, kind):
    assert meant(text) == kind


def test_a_lunar_age_turns_when_the_birthday_is_kept():
    assert age("lunar:2001-闰04-08", date(2026, 5, 23)) == "18"
    assert age("lunar:2001-闰04-08", date(2026, 5, 24)) == "25"
    assert age("lunar:1991-12-20", date(2026, 2, 6)) == "25"
    assert age("lunar:1991-12-20", date(2027, 1, 27)) == "35"
