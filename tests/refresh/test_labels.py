"""Labels of many at once are those of one at a time, integer for integer."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.analytics.book import blank
from bot.domain.analytics.labelling import LAYER_CODES, STAGE_CODES, Codes
from bot.domain.analytics.measuring import bought, life
from bot.domain.segments import layering
from bot.domain.segments.labels import Labels
from bot.domain.segments.measures import Bought, measure
from bot.domain.segments.presets import preset
from bot.domain.segments.rules import BASES, Band, Banding, Rules
from bot.domain.shop import VERTICALS
from bot.refresh.collecting import put, windows
from bot.refresh.relabel import relabelled
from bot.refresh.shops import Shops

TODAY = date(2026, 11, 20)
SPENDS = st.one_of(st.none(), st.integers(-3000, 3000), st.sampled_from([0, 1, 10_000, 200_000, 1_000_000, -200_000]))
HISTORIES = st.lists(st.builds(Bought, st.integers(-900, 5).map(lambda days: TODAY + timedelta(days=days)), SPENDS))
HABITS = st.builds(  # somebody with a rhythm: many borders are only met by such
    lambda first, gap, many, fen: [Bought(TODAY - timedelta(days=first + gap * turn), fen) for turn in range(many)],
    st.integers(0, 130),
    st.integers(1, 40),
    st.integers(1, 12),
    SPENDS,
)


@st.composite
def bandings(draw: st.DrawFn, names: str) -> Banding:
    leasts = sorted(draw(st.lists(st.integers(1, 2000), max_size=3)), reverse=True)
    bands = tuple(Band(f"{names}{turn}", f"{names}{turn}", least) for turn, least in enumerate([*leasts, 0]))
    return Banding(draw(st.sampled_from(sorted(BASES))), draw(st.integers(1, 400)), bands, draw(st.booleans()))


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    said = preset(draw(st.sampled_from(VERTICALS)))
    said = replace(
        said, among=draw(st.sampled_from(["store", "chain"])), fewest=draw(st.sampled_from([0, 1, 3, 8, 50]))
    )
    if draw(st.booleans()):
        said = replace(said, spend=draw(bandings("s")), frequency=draw(bandings("f")))
    return replace(
        said,
        new_days=draw(st.integers(0, 40)),
        asleep_days=draw(st.integers(1, 200)),
        usual_days=draw(st.integers(1, 90)),
    )


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[Rules], list[list[date]], list[tuple[int, list[Bought]]]]:
    """The rules and the silent days of each store, and customers with their store and what they bought."""
    first = draw(rules())
    of = [draw(st.one_of(st.just(first), rules())) for _ in range(draw(st.integers(1, 3)))]
    days = st.lists(st.integers(1, 200).map(lambda ago: TODAY - timedelta(days=ago)), unique=True, max_size=30)
    people = st.tuples(st.integers(0, len(of) - 1), st.one_of(HISTORIES, HABITS))
    return of, [draw(days.map(sorted)) for _ in of], draw(st.lists(people, min_size=1, max_size=25))


def one_at_a_time(of: list[Rules], silent: list[list[date]], people: list[tuple[int, list[Bought]]]) -> list[Labels]:
    """By the definitions of bot/domain/segments."""
    measured = [measure(her, of[store], TODAY, silent[store]) for store, her in people]
    rows = [(m.since_days, m.purchase_days, m.spent_fen) for m in measured]
    found = []
    for one, (store, _) in zip(measured, people, strict=True):
        among = [
            row for row, (home, _) in zip(rows, people, strict=True)
            if row[0] is not None and (of[store].among == "chain" or home == store)
        ]  # fmt: skip
        found.append(layering.label(one, of[store], layering.cut(among, of[store])))
    return found


def all_at_once(of: list[Rules], silent: list[list[date]], people: list[tuple[int, list[Bought]]]) -> list[Labels]:
    """By the columns of a refresh."""
    days = tuple([day.toordinal() for day in its] for its in silent)
    shops = Shops(TODAY, True, tuple(range(len(of))), tuple(of), days)
    book, codes = blank(len(people)), Codes()
    book["store"] = np.array([store for store, _ in people], "i4")
    flat = [(row, one) for row, (_, her) in enumerate(people) for one in her if one.on <= TODAY]
    orders = bought(
        np.array([row for row, _ in flat], "i8"),
        np.array([one.on.toordinal() for _, one in flat], "i4"),
        np.array([one.net_fen or 0 for _, one in flat], "i8"),
        np.array([one.net_fen is None or one.net_fen >= 0 for _, one in flat], "i8"),
    )
    put(book, slice(None), life(orders, len(people)))
    put(book, slice(None), windows(orders, book["store"], shops))
    labels = relabelled(book, shops, codes).labels
    return [
        Labels(
            STAGE_CODES[labels["stage"][row]],
            LAYER_CODES[labels["layer"][row]],
            codes.words[labels["spend_band"][row]],
            codes.words[labels["frequency"][row]],
            *[int(labels[name][row]) for name in ("r", "f", "m")],
        )
        for row in range(len(people))
    ]


@given(chains())
@settings(max_examples=150)
def test_columns_come_to_the_same_labels_as_one_customer_does(chain) -> None:
    assert all_at_once(*chain) == one_at_a_time(*chain)


def test_sums_beyond_what_floating_point_holds_are_exact() -> None:
    amounts = [2**52 + 1, -(2**51) - 3, 7, -1]
    orders = bought(np.zeros(4, "i8"), np.arange(4, dtype="i4"), np.array(amounts, "i8"), np.ones(4, "i8"))

    assert int(life(orders, 1)["spent_fen"][0]) == sum(amounts)
