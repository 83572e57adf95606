from dataclasses import replace
from itertools import pairwise

import pytest

from bot.domain.language import hygiene
from bot.domain.segments.labels import SCHEMES
from bot.domain.segments.layering import fixed, frequency, label, spend
from bot.domain.segments.measures import Bought, measure
from bot.domain.segments.presets import preset
from bot.domain.segments.rules import unpack
from bot.domain.shop import USUAL_DAYS, VERTICALS
from tests.domain.segments.purchases import TODAY, ago, bought

LONG_AGO = 300


def frequency_of(vertical, days, silent=()):
    rules = preset(vertical)
    return frequency(measure(bought(*days), rules, TODAY, silent), rules)


@pytest.mark.parametrize("vertical", VERTICALS)
def test_every_preset_is_whole(vertical):
    rules = preset(vertical)

    assert unpack(rules.pack()) == rules
    assert rules.usual_days == USUAL_DAYS[vertical]
    for banding in (rules.spend, rules.frequency):
        leasts = [band.least for band in banding.bands]
        assert leasts == sorted(set(leasts), reverse=True)
        assert leasts[-1] == 0
        assert len({band.code for band in banding.bands}) == len({band.name for band in banding.bands}) == len(leasts)
    assert rules.frequency.basis == "days"
    assert rules.frequency.bands[0].least <= rules.frequency.window_days
    assert rules.new_days < rules.asleep_days
    assert list(rules.ranks) == ["r", "f", "m"]
    assert all(more < less for less, more in pairwise(rules.ranks["r"]))
    assert all(less < more for name in "fm" for less, more in pairwise(rules.ranks[name]))


@pytest.mark.parametrize("vertical", VERTICALS)
def test_no_label_of_a_preset_would_hurt_whoever_reads_it(vertical):
    names = [name for scheme in SCHEMES for name in preset(vertical).names(scheme).values()]

    assert [name for name in names if hygiene.problems(name) or not name.strip()] == []


def test_an_unknown_vertical_starts_like_a_tea_shop():
    assert preset("florist") == preset("tea")


def test_codes_are_listed_with_their_words():
    assert preset("tea").names("frequency") == {
        "high": "高频奶茶党",
        "steady": "稳定客",
        "occasional": "偶尔尝鲜族",
        "seldom": "间隔客",
        "new": "新客",
        "asleep": "沉睡",
        "never": "还没买过",
    }
    assert preset("supermarket").names("frequency") == {
        "high": "高频客",
        "steady": "稳定客",
        "occasional": "中频客",
        "seldom": "低频客",
        "new": "新客",
        "never": "还没买过",
    }
    assert preset("jewellery").names("spend") == {
        "high": "高消费",
        "medium": "中消费",
        "low": "低消费",
        "never": "还没买过",
    }
    assert preset("tea").frequency.named("asleep") == "沉睡"
    assert preset("tea").frequency.named("of_another_time") == "of_another_time"


def test_the_middle_bands_that_fill_holes_say_so():
    filled = {
        vertical: [band.name for band in preset(vertical).frequency.bands if band.filled] for vertical in VERTICALS
    }

    assert filled["tea"] == ["稳定客", "间隔客"]
    assert filled["supermarket"] == ["稳定客"]


@pytest.mark.parametrize(
    ("fen", "band"),
    [
        (1_000_001, "high"),
        (1_000_000, "high"),
        (999_999, "medium"),
        (200_000, "medium"),
        (199_999, "low"),
        (0, "low"),
        (None, "low"),
    ],
)
def test_a_jeweller_ranks_by_the_best_single_ticket(fen, band):
    rules = preset("jewellery")
    tickets = [Bought(ago(400), fen), Bought(ago(3), 100)]

    assert spend(measure(tickets, rules, TODAY), rules) == band


def test_a_jeweller_never_adds_tickets_up():
    rules = preset("jewellery")
    twice = [Bought(ago(3), 600_000), Bought(ago(3), 600_000)]

    assert spend(measure(twice, rules, TODAY), rules) == "medium"
    summed = replace(rules, spend=replace(rules.spend, basis="sum"))
    assert spend(measure(twice, summed, TODAY), summed) == "high"


@pytest.mark.parametrize(("days", "band"), [(729, "high"), (730, "low")])
def test_a_jeweller_looks_at_24_months_with_today(days, band):
    rules = preset("jewellery")

    assert spend(measure(bought(days, fen=1_000_000), rules, TODAY), rules) == band


@pytest.mark.parametrize(
    ("days", "supermarket", "tea"),
    [
        (range(0, 28, 2), "high", "high"),
        (range(12), "high", "high"),
        (range(11), "steady", "steady"),
        (range(16, 28), "high", "high"),
        (range(17, 29), "steady", "steady"),
        (range(3), "steady", "steady"),
        (range(2), "occasional", "occasional"),
        ([27], "occasional", "occasional"),
        ([28], "seldom", "seldom"),
        ([59], "seldom", "seldom"),
        ([60], "seldom", "asleep"),
        ([61], "seldom", "asleep"),
        ([100], "seldom", "asleep"),
    ],
)
def test_frequency_at_its_borders(days, supermarket, tea):
    found = [frequency_of(vertical, [*days, LONG_AGO]) for vertical in ("supermarket", "tea")]

    assert found == [supermarket, tea]


def test_several_receipts_on_a_day_are_one_purchase_day():
    eleven = [*range(11), LONG_AGO]

    assert frequency_of("tea", [*eleven, *eleven, *eleven]) == "steady"
    assert frequency_of("tea", [*eleven, 11]) == "high"


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ([1], "new"),
        ([0], "new"),
        ([30], "new"),
        ([31], "seldom"),
        (range(1, 12), "new"),
        (range(1, 13), "high"),
        (range(20, 31), "new"),
    ],
)
def test_a_new_customer_is_new_unless_she_is_of_the_highest_band(days, code):
    assert frequency_of("tea", days) == code


@pytest.mark.parametrize("vertical", VERTICALS)
def test_a_first_purchase_yesterday_is_new_and_never_asleep(vertical):
    rules = replace(preset(vertical), asleep_days=1)
    labels = label(measure(bought(1), rules, TODAY), rules, fixed(rules))

    assert (labels.stage, labels.layer, labels.frequency) == ("new", "new", "new")


@pytest.mark.parametrize("vertical", VERTICALS)
def test_who_never_bought_has_not_stopped_buying(vertical):
    rules = preset(vertical)
    labels = label(measure([], rules, TODAY), rules, fixed(rules))

    assert labels == type(labels)("never", "never", "never", "never", 0, 0, 0)


def test_days_on_which_the_store_told_nothing_are_not_hers():
    closed = [ago(day) for day in range(5, 15)]

    assert frequency_of("tea", [60, LONG_AGO], closed) == "seldom"
    assert frequency_of("tea", [69, LONG_AGO], closed) == "seldom"
    assert frequency_of("tea", [70, LONG_AGO], closed) == "asleep"
    assert frequency_of("tea", [*range(5), *range(31, 38), LONG_AGO], closed) == "high"
    assert frequency_of("tea", [*range(5), *range(32, 39), LONG_AGO], closed) == "steady"
