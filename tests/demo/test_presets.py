"""What a vertical is made of fits together, and personas keep their rhythm."""

from datetime import datetime
from itertools import pairwise
from statistics import mean
from zoneinfo import ZoneInfo

import pytest

from bot.demo.days import Calendar
from bot.demo.dice import stream
from bot.demo.habits import comes, visits
from bot.demo.preset import load
from bot.domain.language.families import canonical
from bot.domain.language.lexicon import allergens
from bot.domain.shop import VERTICALS

CALENDAR = Calendar(datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai")), ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("vertical", VERTICALS)
def test_what_refers_to_goods_finds_them(vertical):
    preset = load(vertical)
    codes = {good.code for good in preset.goods}

    assert len(codes) == len(preset.goods)
    assert {good.replaces for good in preset.goods if good.replaces} <= codes
    assert {code for _, code in preset.aliases} <= codes
    for role in preset.cast.values():
        assert {role.usual, *role.others, *filter(None, [role.returned])} <= codes
    assert {like for persona in preset.personas for like in persona.likes} <= {good.category for good in preset.goods}
    assert [good.name for good in preset.goods if good.new == 0 and good.replaces] != []


@pytest.mark.parametrize("vertical", VERTICALS)
def test_allergies_are_words_the_shop_knows(vertical):
    warned = [value for template in load(vertical).facts if template.kind == "allergy" for value in template.values]

    assert [value for value in warned if canonical(value) not in allergens()] == []


@pytest.mark.parametrize("vertical", VERTICALS)
def test_personas_keep_their_rhythm(vertical):
    for persona in load(vertical).personas:
        gaps, counts = [], []
        for number in range(60):
            days = [visit.day for visit in visits(persona, CALENDAR, stream("rhythm", persona.name, number))]
            assert all(comes(persona, CALENDAR, day) and day < CALENDAR.today for day in days)
            assert days == sorted(set(days))
            gaps += [later - earlier for earlier, later in pairwise(days)]
            counts.append(len(days))
        if persona.visits <= 1:
            assert set(counts) == {persona.visits}
        elif not persona.months and persona.weekdays == "1234567":
            assert mean(gaps) == pytest.approx(persona.gap, rel=0.15, abs=0.4)


@pytest.mark.parametrize("vertical", VERTICALS)
def test_sleepers_sleep_and_regulars_do_not(vertical):
    for persona in load(vertical).personas:
        last = [days[-1].day for n in range(60) if (days := visits(persona, CALENDAR, stream("last", persona.name, n)))]
        if persona.until[0] > 1:
            assert max(last) < CALENDAR.today - 60
        elif persona.visits > 5 and not persona.months:
            assert mean(CALENDAR.today - day for day in last) < 2 * persona.gap + 4
