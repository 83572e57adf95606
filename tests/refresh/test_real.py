"""Some of a real supermarket's customers, the definitions anew in pandas; skipped, loudly, without the file."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

from bot.db import people
from bot.db.core.engine import Database
from bot.intake.options import Options
from bot.intake.run import run
from bot.refresh.run import refresh
from tests.support.cast import ZONE

TA_FENG = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "tafeng_orders.csv.gz"
SILENT_AFTER = pd.Timestamp("2001-02-10")  # until the 16th, as if the till's files had been lost
NIGHTS = ("2001-02-01", "2001-02-02", "2001-02-20", "2001-03-01", "2001-03-09")
STORED = text(
    "SELECT c.customer_no, s.stage, s.layer, s.spend, s.frequency, s.r, s.f, s.m FROM customer_segments AS s"
    " JOIN customers AS c ON c.id = s.customer_id"
)

pytestmark = pytest.mark.skipif(not TA_FENG.exists(), reason=f"REAL DATA NOT THERE, NOT TESTED: {TA_FENG.name}")


@pytest.fixture
def shop(database: Database) -> Database:
    database.transact(lambda conn: people.make_chain(conn, "超市", "supermarket", "store", "Asia/Shanghai"))
    return database


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """Every line of one customer in forty."""
    found = pd.read_csv(TA_FENG, dtype=str)
    found = found[found.customer_no.str[-3:].astype(int) % 40 == 7]
    day = pd.to_datetime(found.ordered_at)
    return found[~day.between(SILENT_AFTER, SILENT_AFTER + pd.Timedelta(days=6))]


def silent(days: np.ndarray, today: int) -> list[int]:
    """Days of pauses more than ten times as long as the others are on average."""
    told = [*sorted(day for day in set(days.tolist()) if day < today), today]
    pauses = [(one, later - one - 1) for one, later in pairwise(told)]
    found = []
    for place, (start, pause) in enumerate(pauses):
        others = [long for at, (_, long) in enumerate(pauses[:-1]) if at != place]
        if pause and len(others) >= 7 and pause > 10 * np.mean(others):
            found += range(start + 1, start + 1 + pause)
    return found


def window(today: int, length: int, closed: list[int]) -> int:
    """The first of so many days that counted, today the last of them."""
    day, left = today + 1, length
    while left:
        day -= 1
        left -= day not in closed
    return day


def anew(lines: pd.DataFrame, night: str) -> dict[str, tuple]:
    """The labels of each buyer, from the lines of the file."""
    today = pd.Timestamp(night).toordinal()
    orders = lines.assign(fen=(lines.amount.astype(float) * 100).round().astype("i8"))
    orders = orders.groupby("order_no").agg(
        who=("customer_no", "first"), at=("ordered_at", "first"), fen=("fen", "sum")
    )
    orders["day"] = pd.to_datetime(orders["at"]).map(pd.Timestamp.toordinal)
    orders = orders[orders.day <= today]
    closed = silent(orders.day.unique(), today)
    hers = orders.groupby("who").agg(first=("day", "min"), last=("day", "max"), fen=("fen", "sum"))
    days = orders.groupby("who").day.unique()
    hers["days"] = days.map(len)
    gaps = days.map(lambda its: [*np.diff(np.sort(its)), 10])  # a supermarket's own cycle
    hers["typical"] = gaps.map(lambda its: max(int(np.mean(its) + 0.5), 1))
    hers["patience"] = np.maximum(1.5 * hers.typical + gaps.map(np.std), 7)
    hers["since"] = [today - last - sum(day > last for day in closed) for last in hers["last"]]
    recent = orders[orders.day >= window(today, 91, closed)]
    hers["spend"] = recent.groupby("who").fen.sum().reindex(hers.index, fill_value=0)
    visits = orders[orders.day >= window(today, 28, closed)].groupby("who").day.nunique()
    hers["visits"] = visits.reindex(hers.index, fill_value=0)
    for name, values in (("r", -hers.since), ("f", hers.days), ("m", hers.fen)):
        hers[name] = 1 + (5 * (2 * values.rank() - 1) // (2 * len(hers))).astype(int)
    return {str(row.Index): labels(row, today) for row in hers.itertuples()}


def labels(her: tuple, today: int) -> tuple:
    new, once = today - her.first <= 30, her.days == 1
    stage = "new" if new or once else "regular"
    if not new and her.since >= 60 and her.since > max(3 * her.typical, her.patience):
        stage = "asleep"
    elif not new and her.since > her.patience:
        stage = "slowing"
    best, least = max(her.f, her.m), min(her.f, her.m)
    layer = {
        "new": "new",
        "regular": "loyal" if least >= 4 else "potential" if best >= 4 or least >= 3 else "ordinary",
        "slowing": "leaving" if best >= 4 else "slowing",
        "asleep": "lost_big" if her.m >= 4 else "asleep",
    }[stage]
    spend = "high" if her.spend >= 200_000 else "medium" if her.spend >= 50_000 else "low"
    frequency = (
        "high" if her.visits >= 12 else "steady" if her.visits >= 3 else "occasional" if her.visits else "seldom"
    )
    if new and frequency != "high":
        frequency = "new"
    return stage, layer, spend, frequency, her.r, her.f, her.m


def stored(shop: Database) -> dict[str, tuple]:
    with shop.reading() as conn:
        return {row[0]: tuple(row[1:]) for row in conn.execute(STORED)}


def test_nights_over_real_orders_come_to_what_pandas_says(shop: Database, tmp_path: Path, lines: pd.DataFrame) -> None:
    path = tmp_path / "orders.csv"
    since = ""
    for until in NIGHTS:
        night = datetime.fromisoformat(until).replace(hour=22, tzinfo=ZONE)
        lines[(lines.ordered_at > since) & (lines.ordered_at <= until)].to_csv(path, index=False)
        since = until
        run(shop, "orders", path, Options(tmp_path, night))
        refresh(shop, tmp_path, night)
        assert stored(shop) == anew(lines, until)
        assert refresh(shop, tmp_path, night, full=True).changed == 0

    past = datetime(2001, 2, 5, 22, tzinfo=ZONE)  # and a day that is over, with orders after it
    for days in (0, 3):
        refresh(shop, tmp_path, past + timedelta(days))
        known = {who: its for who, its in stored(shop).items() if its[0] != "never"}
        assert known == anew(lines, str((past + timedelta(days)).date()))
