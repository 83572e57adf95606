"""The raw probe of issuing: the statements of one coupon on the driver's own connection, nothing sealed or checked."""

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.bench.raw import POSTGRESQL, SQLITE, Words
from bot.db.core.engine import Database
from bot.db.core.ids import new_id
from bot.domain.selling.offers import Offer

_SEAL, _NOTE, _INDEX = bytes(62), bytes(94), 16


class RawIssuing:
    """A coupon of one offer for one customer after the other; a connection for each thread that asks at once."""

    def __init__(self, database: Database, offer: Offer) -> None:
        """Take the database that is measured: its own tables are read and written."""
        self._database, self._offer = database, offer
        self._words: Words = SQLITE if database.is_sqlite else POSTGRESQL
        self._sql = {name: words.replace("?", self._words.mark) for name, words in _STATEMENTS.items()}
        self._free: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._opened: list[Any] = []

    @classmethod
    @contextmanager
    def over(cls, database: Database, offer: Offer) -> Iterator["RawIssuing"]:
        """One that closes its connections."""
        raw = cls(database, offer)
        try:
            yield raw
        finally:
            for conn in raw._opened:
                conn.close()

    def _connection(self) -> Any:  # noqa: ANN401 — a SQLAlchemy connection, of which only the driver's is used
        try:
            return self._free.get_nowait()
        except queue.Empty:
            conn = self._database.engine.connect()
            self._opened.append(conn)
            return conn

    def issue(self, customer: int, guide: int, store: int) -> None:
        """One coupon, with what is read before and filed after, in one commit."""
        conn = self._connection()
        driver = conn.connection.driver_connection
        run, sql, offer, at = driver.execute, self._sql, self._offer, time.time_ns() // 1_000_000
        coupon, unit = new_id(), new_id()
        if self._database.is_sqlite:
            run(self._words.begin)
        run(sql["customer"], (store, customer)).fetchall()
        run(sql["heard"], (guide,)).fetchall()
        run(sql["facts"], (customer,)).fetchall()
        run(sql["matters"], (customer, customer)).fetchall()
        run(sql["consents"], (customer,)).fetchall()
        run(sql["limits"]).fetchall()
        run(sql["hers"], (offer.id, customer)).fetchall()
        index = coupon.to_bytes(_INDEX, "big")
        row = (coupon, offer.id, customer, store, _SEAL, index, index[-8:], offer.cost_fen, at, guide)
        run(sql["coupon"], row)
        run(sql["made"], (coupon,)).fetchall()
        run(sql["take"], (offer.cost_fen, offer.id, offer.cost_fen))
        run(sql["unit"], (unit,)).fetchall()
        run(sql["add_unit"], (unit, guide, store, customer, _NOTE, at))
        for target in ("coupons", "count:offers"):
            run(sql["add_change"], (new_id(), unit, target, _NOTE, index))
        driver.commit()
        self._free.put(conn)


_STATEMENTS = {
    "customer": "SELECT c.*, g.name, s.store_id, t.* FROM customers c"
    " LEFT JOIN customer_stats t ON t.customer_id = c.id"
    " LEFT JOIN staff g ON g.id = c.guide_id JOIN customer_stores s ON s.customer_id = c.id AND s.store_id = ?"
    " WHERE c.id = ? AND c.state != 'merged'",
    "heard": "SELECT max(at) FROM audit WHERE staff_id = ?",
    "facts": "SELECT f.*, a.name FROM facts f LEFT JOIN staff a ON a.id = f.author_id WHERE f.customer_id = ?"
    " AND f.state != 'void' ORDER BY f.id",
    "matters": "SELECT id, number, content, urgent FROM complaints WHERE state = 'open' AND customer_id = ?"
    " UNION ALL SELECT id, NULL, content, NULL FROM followups WHERE state = 'open' AND customer_id = ?",
    "consents": "SELECT kind, given FROM consents WHERE customer_id = ? AND voided_at IS NULL ORDER BY id",
    "limits": "SELECT guide_limit_fen, manager_limit_fen FROM chain",
    "hers": "SELECT nth, state, ends_on FROM coupons WHERE offer_id = ? AND customer_id = ?",
    "coupon": "INSERT INTO coupons (id, offer_id, customer_id, nth, store_id, code, code_index, tail_index, state,"
    " uses, uses_left, cost_fen, starts_on, ends_on, issued_at, issued_by)"
    " VALUES (?, ?, ?, 1, ?, ?, ?, ?, 'live', 1, 1, ?, 740000, 740014, ?, ?) ON CONFLICT DO NOTHING",
    "made": "SELECT * FROM coupons WHERE id = ?",
    "take": "UPDATE offers SET issued = issued + 1, committed_fen = committed_fen + ? WHERE id = ? AND state = 'live'"
    " AND (cap IS NULL OR issued < cap) AND (budget_fen IS NULL OR committed_fen + ? <= budget_fen)",
    "unit": "SELECT id FROM units WHERE id = ?",
    "add_unit": "INSERT INTO units (id, staff_id, store_id, customer_id, command, summary, at)"
    " VALUES (?, ?, ?, ?, '发', ?, ?)",
    "add_change": "INSERT INTO changes (id, unit_id, target, before, after_digest) VALUES (?, ?, ?, ?, ?)",
}
