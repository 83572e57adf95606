"""早报's first line: what may be compared with what, and the words where nothing may."""

from datetime import date, datetime, time, timedelta

import pytest

from bot.domain.board.days import Takings
from bot.domain.board.wording import hours, share, takings
from tests.support.cast import ZONE


def _day(on: date, yuan: int, tickets: int = 40, last: str = "21:50") -> Takings:
    clock = time.fromisoformat(last)
    return Takings(yuan * 100, tickets, datetime.combine(on, clock, ZONE))


def _said(on: date, told: Takings | None, before: Takings | None, reach: datetime | None = None) -> str:
    return takings(told, before, on, reach or datetime.combine(on, datetime.max.time(), ZONE), ZONE)


WEDNESDAY = date(2026, 11, 18)
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (7000, "少8%"), (6500, "差不多"), (6000, "多7%"), (1000, "多542%"),
    ],
)  # fmt: skip
def test_beside_the_same_weekday(before: int, says: str) -> None:
    said = _said(WEDNESDAY, _day(WEDNESDAY, 6420), _day(WEDNESDAY - WEEK, before))

    assert said == f"昨天¥6,420（40单），{'和上周三' if says == '差不多' else '比上周三'}{says}"


def test_the_first_week_of_a_store_has_nothing_to_compare_with() -> None:
    assert _said(WEDNESDAY, _day(WEDNESDAY, 6420), None) == "昨天¥6,420（40单），上周三没有数据，比不了"


def test_a_few_tickets_are_not_compared() -> None:
    few = _day(WEDNESDAY - WEEK, 100, tickets=9)

    assert _said(WEDNESDAY, _day(WEDNESDAY, 6420), few) == "昨天¥6,420（40单），单少，不和上周三比"


def test_half_a_day_is_not_compared_with_a_whole_one() -> None:
    half = _day(WEDNESDAY, 3000, last="15:10")

    assert _said(WEDNESDAY, half, _day(WEDNESDAY - WEEK, 6000)) == "昨天¥3,000（40单），数据只到15:10，先不比"


@pytest.mark.parametrize(
    ("on", "says"),
    [
        (date(2026, 10, 1), "昨天国庆节，不和上周四比"),
        (date(2026, 10, 19), "和上周一差不多"),  # worked as usual, both
        (date(2026, 10, 8), "上周四是国庆节，不比"),
        (date(2025, 10, 8), "和上周三差不多"),  # both of the same holiday
        (date(2025, 9, 28), "昨天调休上班，不和上周日比"),
        (date(2026, 5, 8), "上周五是劳动节，不比"),
    ],
)
def test_a_holiday_is_not_compared_with_a_usual_day(on: date, says: str) -> None:
    assert _said(on, _day(on, 6000), _day(on - WEEK, 6000)) == f"昨天¥6,000（40单），{says}"


def test_a_day_without_a_ticket_and_a_day_that_was_not_told() -> None:
    early = datetime(2026, 11, 17, 22, 10, tzinfo=ZONE)

    assert _said(WEDNESDAY, None, _day(WEDNESDAY - WEEK, 6000)) == "昨天没有开单"
    assert _said(WEDNESDAY, None, None, early) == "昨天的单还没传（数据到11-17 22:10）"


def test_shares_and_hours() -> None:
    assert (share(3, 9), share(3, 10), share(1, 3 * 10)) == ("", "30%", "3%")
    assert (hours(timedelta(hours=47)), hours(timedelta(hours=49))) == ("47小时", "2天")
