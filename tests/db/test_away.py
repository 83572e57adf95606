"""What is remembered of a store's silent days is what its orders say, whatever comes in meanwhile."""

from datetime import date, datetime, time, timedelta

from bot.db.bulk.orders import Order, store_orders
from bot.db.core.engine import Database
from bot.db.segments import away, silence
from bot.domain.stats import Line
from tests.support import cast


def test_silent_days_follow_every_new_order(database: Database, now: datetime) -> None:
    database.transact(lambda conn: cast.add_cast(conn, now))
    store_id, today = cast.staff(database, "小王").store_id or 0, now.date()
    last_on = today - timedelta(days=20)

    def sold(number: str, on: date) -> None:
        order = Order(
            number, store_id, None, datetime.combine(on, time(15), cast.ZONE), on, "sale", [Line(None, 1000, 1)]
        )
        database.transact(lambda conn: store_orders(conn, [order]))

    def both() -> tuple[int, int]:
        return database.transact(
            lambda conn: (
                away.silent_since(conn, store_id, last_on, today),
                sum(day > last_on for day in silence.silent_days(conn, store_id, today)),
            )
        )

    seen = [both()]
    for turn in range(60, 0, -1):
        if turn not in range(5, 12):
            sold(f"A{turn}", today - timedelta(days=turn))
    seen.append(both())
    sold("B", today - timedelta(days=8))
    seen.append(both())

    assert [remembered for remembered, _ in seen] == [told for _, told in seen]
    assert [told for _, told in seen] == [0, 7, 6]
    assert database.transact(lambda conn: away.silent_since(conn, store_id, None, today)) == 0
