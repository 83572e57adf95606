"""The raw probe of a morning: the bare queries and inserts that its lines and lists need, store by store.

On the driver's own connection, nothing opened, ranked, worded or sealed. Of each store are read: what its till took on
two days, its groups and how they moved, its staff and rota, what is open, everybody in a layer that is called for, and
of the first ten every fact, consent and contact; coupons that end and birthdays are read once for the chain. Written
are the very rows that the morning wrote, into tables with the same indexes, a commit for every hundred stores.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.bench.raw import POSTGRESQL, SQLITE, Words
from bot.db.core.engine import Database
from bot.db.customers import BIRTHDAY
from bot.db.tables import metadata
from bot.domain.calendar import occurrences
from bot.domain.calendar.occurrences import Keeping

_TOGETHER = 100  # stores of a commit
_CALLED = 10  # customers of a store whose every fact decides whether she is called
_COPIED = {
    "outbox": ("id", "key"),
    "menus": ("id",),
    "lists": ("id",),
    "list_rows": ("id", "list_id, position"),
    "job_runs": ("job, slot, target",),
    "trials": ("id",),
}
"""The tables a morning writes to, and what is unique in each; the other indexes are those of the schema."""


class Probe:
    """Reads and writes on the database whose morning it was."""

    def __init__(self, database: Database, today: date) -> None:
        """Take the database after its morning: how many rows to write stands in it."""
        self._database = database
        self._today = today.toordinal()
        self._words: Words = SQLITE if database.is_sqlite else POSTGRESQL

    def read(self) -> None:
        """A handful of queries for each store."""
        with self._database.reading() as conn:
            driver: Any = conn.connection.driver_connection
            stores = [row[0] for row in driver.execute("SELECT id FROM stores ORDER BY code").fetchall()]
            days = (self._today - 1, self._today - 8)
            for store in stores:
                driver.execute(self._sql("trade"), (store, *days)).fetchall()
                for name in ("sizes", "flows", "staff", "complaints", "followups"):
                    driver.execute(self._sql(name), (store,)).fetchall()
                driver.execute(self._sql("rota"), (store, self._today)).fetchall()
                called = driver.execute(self._sql("called"), (store,)).fetchall()[:_CALLED]
                self._of_each(driver, [row[0] for row in called])
            driver.execute(self._sql("coupons"), (self._today, self._today + 3)).fetchall()
            for day in occurrences.keys_on(date.fromordinal(self._today), Keeping()):
                for blind in self._database.keys.blinds(BIRTHDAY, day, 8):
                    driver.execute(self._sql("birthdays"), (blind,)).fetchall()

    def _of_each(self, driver: Any, ids: Sequence[int]) -> None:  # noqa: ANN401 — a driver's connection
        if not ids:
            return
        among = ", ".join([self._words.mark] * len(ids))
        for name in ("facts", "consents", "contacts"):
            driver.execute(self._sql(name).replace("AMONG", among), tuple(ids)).fetchall()

    def write(self) -> None:
        """As many rows as were written, into tables like those, a commit for every hundred stores."""
        with self._database.engine.connect() as conn:
            driver: Any = conn.connection.driver_connection
            made = {table: driver.execute(f"SELECT * FROM {table}").fetchall() for table in _COPIED}  # noqa: S608
            turns = max(1, driver.execute("SELECT COUNT(*) FROM stores").fetchone()[0] // _TOGETHER)
            for table, unique in _COPIED.items():
                driver.execute(f"CREATE TABLE raw_{table} AS SELECT * FROM {table} WHERE 1 = 0")  # noqa: S608
                for number, columns in enumerate(unique):
                    driver.execute(f"CREATE UNIQUE INDEX raw_{table}_{number} ON raw_{table} ({columns})")
                for words in self._indexes(table):
                    driver.execute(words)
            driver.commit()
            for turn in range(turns):
                if self._database.is_sqlite:
                    driver.execute(self._words.begin)
                for table, rows in made.items():
                    self._insert(driver, table, rows[turn::turns])
                driver.commit()

    def _indexes(self, table: str) -> list[str]:
        """Those of the schema, for the copy."""
        name = "sqlite" if self._database.is_sqlite else "postgresql"
        found = []
        for index in metadata.tables[table].indexes:
            columns = ", ".join(column.name for column in index.columns)
            where = index.dialect_options[name]["where"]
            only = "" if where is None else f" WHERE {where}"
            found.append(f"CREATE INDEX raw_{index.name} ON raw_{table} ({columns}){only}")
        return found

    def _insert(self, driver: Any, table: str, rows: Sequence[Sequence[Any]]) -> None:  # noqa: ANN401 — the same
        if rows:
            marks = ", ".join([self._words.mark] * len(rows[0]))
            driver.cursor().executemany(f"INSERT INTO raw_{table} VALUES ({marks})", rows)  # noqa: S608

    def _sql(self, name: str) -> str:
        return _READS[name].replace("?", self._words.mark)


_READS = {
    "trade": "SELECT ordered_on, kind, COUNT(*), SUM(total_fen) FROM orders WHERE store_id = ?"
    " AND ordered_on IN (?, ?) GROUP BY ordered_on, kind",
    "sizes": "SELECT label, people FROM segment_sizes WHERE store_id = ? AND scheme = 'frequency'"
    ' AND "on" = (SELECT MAX("on") FROM segment_sizes)',
    "flows": "SELECT before, after, people FROM segment_flows WHERE store_id = ? AND scheme = 'frequency'"
    ' AND "on" = (SELECT MAX("on") FROM segment_sizes)',
    "staff": "SELECT id, code, name, role FROM staff WHERE store_id = ? AND active",
    "rota": "SELECT staff_id, starts_minute, ends_minute FROM shifts WHERE store_id = ? AND work_on = ?",
    "complaints": "SELECT id, number, customer_id, content, due_at FROM complaints WHERE store_id = ?"
    " AND state = 'open'",
    "followups": "SELECT id, number, customer_id, kind, content, due_at FROM followups WHERE store_id = ?"
    " AND state = 'open'",
    "called": "SELECT c.id, c.name, c.phone, c.birthday, c.guide_id, g.layer, s.last_on, s.purchase_days,"
    " s.gap_sum_days, s.gap_square_sum, s.spent_fen, s.recent FROM customer_segments g"
    " JOIN customers c ON c.id = g.customer_id JOIN customer_stats s ON s.customer_id = g.customer_id"
    " WHERE g.store_id = ? AND g.layer IN ('leaving', 'lost_big', 'slowing', 'asleep') AND c.state = 'active'"
    " ORDER BY s.spent_fen DESC",
    "facts": "SELECT id, customer_id, content FROM facts WHERE customer_id IN (AMONG) AND state = 'live'",
    "consents": "SELECT customer_id, kind, given FROM consents WHERE customer_id IN (AMONG) AND voided_at IS NULL",
    "contacts": "SELECT customer_id, outcome, at, again_at FROM contacts WHERE customer_id IN (AMONG)",
    "birthdays": "SELECT id, store_id, birthday FROM customers WHERE birthday_index = ?",
    "coupons": "SELECT id, customer_id, offer_id, store_id, ends_on FROM coupons WHERE state = 'live'"
    " AND ends_on BETWEEN ? AND ?",
}
