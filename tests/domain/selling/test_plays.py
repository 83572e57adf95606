"""Plays: whose is whose, by one documented order; every vertical's name offers it has; words tell nobody a layer."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from bot.domain.language import problems
from bot.domain.segments.labels import LAYERS
from bot.domain.segments.presets import preset as rules_of
from bot.domain.selling import plays as plays_of
from bot.domain.selling.plays import Play, choosing, preset, unpack
from bot.domain.selling.plays.saying import sayable
from bot.domain.selling.plays.words import (
    CALLED,
    GAPS,
    LIKED,
    NEWS,
    OFFER,
    SHOP,
    WHO,
    fill,
    given,
    scene,
    scenes,
    unknown_gaps,
)
from bot.domain.selling.presets import presets
from bot.domain.shop import VERTICALS

TEA = preset("tea")
EVERYTHING = {CALLED: "王女士", LIKED: "芋泥波波", NEWS: "芋泥波波 热饮版"}
EVERYTHING |= {SHOP: "徐汇店", WHO: "徐汇店的小王", OFFER: "回归券"}


@pytest.mark.parametrize("vertical", VERTICALS)
def test_every_play_names_an_offer_of_its_vertical_and_its_kind(vertical: str) -> None:
    kinds = {one.name: one.kind for one in presets(vertical)}

    named = {key: (play.offer, play.kind) for key, play in preset(vertical).items() if play.offer}

    assert named == {key: (offer, kinds[offer]) for key, (offer, _) in named.items()}
    assert {one.kind for one in presets(vertical)} >= {"gift", "second_half", "cut", "counted", "pickup", "next_visit"}


@pytest.mark.parametrize("vertical", VERTICALS)
def test_every_play_is_of_a_layer_or_a_band_there_is(vertical: str) -> None:
    bands = {f"frequency.{band.code}" for band in rules_of(vertical).frequency.bands}
    keys = set(preset(vertical))

    assert keys - {f"layer.{code}" for code in LAYERS} - bands == {"birthday"}
    assert {f"layer.{code}" for code in LAYERS} <= keys


FREE = re.compile("备了|您的?一份|我们送|送您|免费|份心意|赠")


@pytest.mark.parametrize("vertical", VERTICALS)
def test_nothing_free_is_promised_but_by_the_name_of_the_offer_that_goes_with_it(vertical: str) -> None:
    bare = {gap: said for gap, said in EVERYTHING.items() if gap != OFFER}
    lines = [line for key, play in preset(vertical).items() if key != "birthday" for line in play.words]
    lines += [line for one in scenes() for tone in plays_of.TONES for line in one.lines.get(tone, ())]

    assert [said for line in lines if (said := fill(line, bare)) and FREE.search(said)] == []


@pytest.mark.parametrize("vertical", VERTICALS)
def test_somebody_who_sleeps_is_told_of_her_offer_by_its_name_and_greeted_without_one(vertical: str) -> None:
    play = preset(vertical)["layer.asleep"]
    (offer,) = (one for one in presets(vertical) if one.name == play.offer)
    known = {CALLED: "王女士", LIKED: "芋泥波波"}

    assert sayable(play.words, known | given(offer))[0] == (
        f"王女士，好久不见！您喜欢的芋泥波波还在，给您留了张{offer.name.removesuffix('券')}券，回来坐坐。"
    )
    assert sayable(play.words, known | given(None))[0] == "王女士，好久不见！您喜欢的芋泥波波还在，回来坐坐。"


def test_loyal_customers_get_feeling_and_potential_ones_a_benefit() -> None:
    assert (TEA["layer.loyal"].tone, TEA["layer.loyal"].offer) == ("feeling", "")
    assert (TEA["layer.potential"].tone, TEA["layer.potential"].kind) == ("benefit", "cut")
    assert (TEA["frequency.high"].kind, TEA["frequency.occasional"].kind) == ("counted", "second_half")
    assert (TEA["layer.asleep"].kind, TEA["layer.leaving"].tone) == ("gift", "care")


@pytest.mark.parametrize(
    ("layer", "frequency", "celebrating", "key"),
    [
        ("asleep", "asleep", True, "birthday"),
        ("asleep", "high", False, "layer.asleep"),
        ("new", "high", False, "layer.new"),
        ("leaving", "occasional", False, "layer.leaving"),
        ("lost_big", "seldom", False, "layer.lost_big"),
        ("slowing", "occasional", False, "layer.slowing"),
        ("never", "never", False, "layer.never"),
        ("loyal", "high", False, "layer.loyal"),
        ("potential", "high", False, "frequency.high"),
        ("ordinary", "occasional", False, "frequency.occasional"),
        ("potential", "steady", False, "layer.potential"),
        ("ordinary", "", False, "layer.ordinary"),
    ],
)
def test_the_first_that_fits_is_hers(layer: str, frequency: str, *, celebrating: bool, key: str) -> None:
    assert choosing.chosen(TEA, layer=layer, frequency=frequency, celebrating=celebrating).key == key


@pytest.mark.parametrize(
    ("today", "celebrates"),
    [("2026-06-10", False), ("2026-06-11", True), ("2026-06-18", True), ("2026-06-21", True), ("2026-06-22", False)],
)
def test_a_birthday_is_wished_for_from_a_week_before_to_three_days_after(today: str, *, celebrates: bool) -> None:
    assert choosing.celebrates("1993-06-18", date.fromisoformat(today)) is celebrates
    assert choosing.celebrates("", date.fromisoformat(today)) is False


def test_a_birthday_at_the_turn_of_the_year_is_wished_for_on_both_sides() -> None:
    days = [date(2025, 12, 26), date(2026, 1, 4), date(2026, 1, 5)]

    assert [choosing.celebrates("--01-02", day) for day in days] == [True, True, True]


@pytest.mark.parametrize("stage", ["new", "regular", "slowing", "asleep", "never"])
def test_a_stage_stands_for_a_layer_until_a_refresh(stage: str) -> None:
    assert f"layer.{choosing.layer_of(stage)}" in TEA


def test_what_is_changed_of_a_play_is_kept_and_no_more() -> None:
    play = TEA["layer.asleep"]
    changed = Play(play.key, play.called, "打个电话", play.tone, ("好久不见",), "cut", "满30减6")

    assert unpack(play, changed.pack()) == changed
    assert set(json.loads(changed.pack())) == {"action", "words", "kind", "offer"}


def test_a_line_with_a_gap_nothing_is_known_for_is_not_said() -> None:
    lines = ["【称呼】，新出了【新品】", "【称呼】，还是【喜欢】吗", "【称呼】，好久不见"]

    assert sayable(lines, {CALLED: "王女士", LIKED: "芋泥波波", NEWS: ""}) == [
        "王女士，还是芋泥波波吗",
        "王女士，好久不见",
    ]


@pytest.mark.parametrize("text", ["{customer.__class__}", "{{ 7*7 }}", "%s %(x)s", "$name", "\\1 \\g<0>"])
def test_whatever_else_a_line_or_a_name_holds_is_said_as_it_stands(text: str) -> None:
    assert fill(f"【称呼】{text}", {CALLED: text}) == text + text


def test_every_line_can_be_said_of_whom_all_is_known_and_hurts_nobody() -> None:
    lines = [line for play in TEA.values() for line in play.words]
    lines += [line for one in scenes() for tone in one.lines.values() for line in tone]

    assert [line for line in lines if unknown_gaps(line)] == []
    said = [fill(line, EVERYTHING) or "" for line in lines]
    assert [line for line in said if not line or problems(line)] == []
    assert [line for line in said if any(label in line for label in LAYERS.values())] == []


def test_everyone_can_be_told_something_whatever_is_known() -> None:
    nothing = {CALLED: "您好", SHOP: "徐汇店", WHO: "徐汇店的小王"}

    assert [key for key, play in TEA.items() if not sayable(play.words, nothing)] == []
    assert [one.called[0] for one in scenes() if not sayable(one.of("feeling"), nothing)] == []


def test_scenes_are_found_by_each_of_their_names() -> None:
    found = [(name, one) for one in scenes() for name in one.called]

    assert [scene(name) for name, _ in found] == [one for _, one in found]
    assert {one.called[0] for one in scenes()} == {"回归", "生日", "上新", "嫌贵", "道歉", "感谢", "邀请", "到店"}


def test_the_gaps_the_data_tells_of_are_those_there_are() -> None:
    folder = Path(plays_of.__file__).parent
    heads = [(folder / name).read_text("utf-8").partition("\n\n")[0] for name in ("plays.toml", "scenes.toml")]

    assert [all(f"【{gap}】" in head for gap in GAPS) for head in heads] == [True, True]
