"""快用完: by her own interval, in trades whose goods are used up at home; told with dates and numbers."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from bot.db import customers, people
from bot.db.bulk.orders import Order, sort_lines, store_orders
from bot.db.bulk.products import ids_of
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.lists import lists
from bot.db.tables import chain
from bot.domain.stats import Line
from bot.jobs.care import care
from tests.board.conftest import TODAY, Undone, at, run


def _buys(conn, days: list[int], pieces: int = 1, last_pieces: int = 1, vertical: str = "beauty") -> None:
    """段梅, whom nobody knew, bought the same so many days ago each."""
    conn.execute(update(chain).values(vertical=vertical))
    store, row_id = people.store_by_code(conn, "001"), new_id()
    product = ids_of(conn, ["葡萄冻冻"])["葡萄冻冻"]
    assert store
    customers.add(conn, row_id, at("08:00", 1), name="段梅", phone="+8613900005555", gender="female", store_id=store.id)
    for ago in days:
        on: date = TODAY - timedelta(days=ago)
        many = last_pieces if ago == min(days) else pieces
        noon = at("12:00").replace(year=on.year, month=on.month, day=on.day)
        lines = sort_lines([Line(product, 1000 * many, 5000 * many)])
        store_orders(conn, [Order(f"R{row_id}-{on}", store.id, row_id, noon, on, "sale", lines)])


def _line(shop_of: Undone) -> str:
    said = run(shop_of, care, at("10:00"))
    return next((line for one in said for line in one.text.splitlines() if "快用完" in line), "")


@pytest.mark.parametrize(
    ("days", "due"),
    [
        ([120, 90, 60, 30], True),
        ([118, 88, 58, 28], True),  # two days before
        ([117, 87, 57, 27], False),
        ([124, 94, 64, 34], True),  # four days after
        ([125, 95, 65, 35], False),  # she found it elsewhere, or needs no more
        ([60, 30], False),  # twice is no interval
        ([90, 60, 30, 1], False),  # she has it
    ],
)
def test_she_is_asked_around_the_day_it_should_be_used_up(shop_of: Undone, days: list[int], due: bool) -> None:  # noqa: FBT001
    shop_of.transact(lambda conn: _buys(conn, days))

    assert bool(_line(shop_of)) is due


def test_what_it_says_and_why(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: _buys(conn, [121, 91, 61, 31]))
    (told,) = [one for one in run(shop_of, care, at("10:00")) if "快用完" in one.text]

    lines = told.text.splitlines()
    place = next(nth for nth, line in enumerate(lines) if "快用完" in line)
    assert lines[place].endswith("段*（尾号5555）🧴葡萄冻冻快用完：平时30天买一次，已31天")
    assert lines[place + 1] == "　“段女士，您的葡萄冻冻差不多该用完了吧？要的话我给您留一份。”"
    with shop_of.reading() as conn:
        list_id = keys_of(conn).untoken(
            told.commands[0].split()[1].removeprefix("#"), people.staff_id_of(conn, told.to.removeprefix("staff:")) or 0
        )
        rows = lists.rows_of(conn, list_id or 0)
    assert [row.why.evidence for row in rows if row.why.kind == "replenish"] == [
        ("最近4次买这一类，平均隔30天，上次10-20，该用到11-19",)
    ]


def test_more_pieces_last_longer(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: _buys(conn, [120, 90, 60, 30], pieces=1, last_pieces=3))

    assert _line(shop_of) == ""


@pytest.mark.parametrize("vertical", ["tea", "jewellery", "fashion"])
def test_where_nothing_is_used_up_at_home_nobody_is_asked(shop_of: Undone, vertical: str) -> None:
    shop_of.transact(lambda conn: _buys(conn, [120, 90, 60, 30], vertical=vertical))

    assert _line(shop_of) == ""


def test_a_second_run_asks_nobody(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: _buys(conn, [120, 90, 60, 30]))

    assert _line(shop_of)
    assert run(shop_of, care, at("10:00")) == []
