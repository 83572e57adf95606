"""Which days a store's till was silent, and that they count as nobody's time away."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.db.segments import silence
from bot.db.segments.silence import silent_among
from bot.db.tables import orders
from tests.refresh.village import Village

DAY = 1000


def days(*spans: tuple[int, int]) -> list[int]:
    """Every day of each span, its first and last in it."""
    return [day for first, last in spans for day in range(first, last + 1)]


@pytest.mark.parametrize(
    ("told", "today", "silent"),
    [
        ([], 100, []),
        (days((1, 60)), 61, []),
        (days((1, 30), (32, 60)), 61, [31]),  # one closed day of a shop that sells every day
        (days((1, 30), (41, 60)), 61, days((31, 40))),
        (days((1, 30)), 61, days((31, 60))),  # nothing came since: silent to this day, which is not over
        (list(range(1, 100, 7)), 106, []),  # somebody comes once a week: nobody came is no silence
        (list(range(1, 100, 7)), 99 + 71, days((100, 169))),
        (list(range(1, 100, 7)), 99 + 60, []),
        (days((1, 6), (8, 13), (15, 20), (22, 27), (29, 34)), 35, []),  # closed on Mondays, as ever
        (days((1, 6), (8, 13), (15, 20), (23, 27), (29, 34)), 35, [21, 22]),  # and for once on Tuesday
        (days((1, 7)), 100, []),  # too little to tell
        (days((1, 8)), 100, days((9, 99))),
        ([1, 62], 63, []),
    ],
)
def test_silent_days(told: list[int], today: int, silent: list[int]) -> None:
    assert silent_among(told, today) == silent


def test_days_are_read_from_all_orders_of_the_store_and_of_no_other(village: Village) -> None:
    store, other = village.stores
    told = [*range(20), *range(25, 40)]
    village.tell(*[(f"N{day}", None if day % 2 else "A", day, 100, None, 0) for day in told])
    village.tell(*[(f"X{day}", "B", day, 100, None, 1) for day in range(20, 25)])
    today = date(2026, 1, 1) + timedelta(days=45)
    with village.database.reading() as conn:
        read = conn.execute(select(orders.c.ordered_on).where(orders.c.store_id == store).distinct()).scalars().all()
        found = silence.silent_days(conn, store, today)

        assert found == tuple(day for day in found if day not in read)
        assert [(day - date(2026, 1, 1)).days for day in found] == [*range(20, 25), *range(40, 45)]
        assert silence.silent_days(conn, other, today) == ()


def test_a_silent_till_lets_nobody_fall_asleep_until_it_speaks_again(village: Village) -> None:
    village.tell(*[(f"D{day}", None, day, 100, None, 1) for day in range(60)])
    village.tell(*[(f"N{day}", "A", day, 2500, None, 1) for day in range(1, 60, 6)])
    row_id = village.her("A")

    def stage() -> str:
        village.refresh()
        return village.stored()[row_id][1].stage

    assert stage() == "regular"
    village.days += 100
    assert stage() == "regular"
    village.tell(*[(f"D{day}", None, day, 100, None, 1) for day in range(60, 160)])  # the files come in at last
    assert stage() == "asleep"
