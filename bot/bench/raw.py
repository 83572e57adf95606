"""The raw probe of a look-up: the least work that gives the right card, by bare SQL on small tables of its own.

As many statements as the card needs and no more: keep the message, who asks, whom she means, what is known of her,
what is open, what she buys; remember the chat, write the audit row, commit. Sealed as the product seals.
"""

import itertools
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hmac import digest
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.db.core.engine import sqlite_module
from bot.demo.bulk import Filled

_TABLES = """
CREATE TABLE raw_guide (account TEXT PRIMARY KEY, id {int}, store {int}, focus {int}, menu {bytes});
CREATE TABLE raw_customer (id {key}, store {int}, phone_index {bytes} UNIQUE, phone {bytes}, name {bytes},
                           orders {int}, spent {int}, first_day {int}, last_day {int}, recent TEXT);
CREATE TABLE raw_fact (id {key}, customer {int}, content {bytes});
CREATE INDEX raw_fact_customer ON raw_fact (customer);
CREATE TABLE raw_matter (id {key}, customer {int}, content {bytes});
CREATE INDEX raw_matter_customer ON raw_matter (customer);
CREATE TABLE raw_product (id {key}, name TEXT);
CREATE TABLE raw_inbox (id {key}, mark TEXT UNIQUE, at {int}, body {bytes});
CREATE TABLE raw_audit (id {key}, at {int}, guide {int}, command TEXT, customer {int});
CREATE INDEX raw_audit_customer ON raw_audit (customer, at)
"""
_SQLITE = {"key": "INTEGER PRIMARY KEY", "int": "INTEGER", "bytes": "BLOB"}
_POSTGRESQL = {"key": "BIGINT PRIMARY KEY", "int": "BIGINT", "bytes": "BYTEA"}
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_RECENT = "1 2 3 1 2 4"
_GOODS = ("乌龙", "奶绿", "波波", "柚子茶")


@dataclass(frozen=True, slots=True)
class Words:
    """What differs between the two engines."""

    mark: str
    types: dict[str, str]
    begin: str


SQLITE = Words("?", _SQLITE, "BEGIN IMMEDIATE")
POSTGRESQL = Words("%s", _POSTGRESQL, "BEGIN")


def open_sqlite(path: Path, synchronous: str) -> Any:  # noqa: ANN401 — a driver's connection
    """A connection as the product has it, but for how durable a commit is."""
    conn = sqlite_module().connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "cache_size=-65536", "temp_store=MEMORY"):
        conn.execute(f"PRAGMA {pragma}")
    return conn


class Raw:
    """Looks customers up on a driver's own connection that commits by itself."""

    def __init__(self, conn: Any, words: Words = SQLITE) -> None:  # noqa: ANN401 — a driver's connection
        """Take a connection; `make` first, unless the tables are there."""
        self._conn, self._words = conn, words
        self._seal, self._secret = AESGCM(bytes(32)), bytes(32)
        self._ids = itertools.count(time.time_ns())
        self._sql = {name: text.replace("?", words.mark) for name, text in _STATEMENTS.items()}

    def make(self, filled: Filled) -> None:
        """The tables, and everybody of the measured shop."""
        for statement in _TABLES.format(**self._words.types).split(";"):
            self._conn.execute(statement)
        self._conn.execute(self._words.begin)
        run = self._conn.cursor().executemany
        run(self._sql["add_guide"], [(f"s{store}", n, store) for n, store in enumerate(filled.stores)])
        run(self._sql["add_product"], list(enumerate(_GOODS, 1)))
        run(self._sql["add_customer"], self._customers(filled))
        self._conn.execute("COMMIT")

    def _customers(self, filled: Filled) -> Iterator[tuple[Any, ...]]:
        for number in range(filled.customers):
            phone = filled.phone_of(number)[3:]
            index, sealed, name = self._index(phone), self._sealed(phone), self._sealed("王小芳")
            yield number, filled.store_of(number), index, sealed, name, 3, 7200, 740_000, 740_200, _RECENT

    def look(self, account: str, text: str) -> str:
        """One message in, the card out, all in one commit."""
        run, sql, at = self._conn.execute, self._sql, time.time_ns()
        run(self._words.begin)
        row_id = next(self._ids)
        run(sql["inbox"], (row_id, str(row_id), at, self._sealed(text)))
        guide, store = run(sql["guide"], (account,)).fetchone()
        found = _PHONE.search(text)
        index = self._index(found[0]) if found else b""
        customer, phone, name, *stats = run(sql["customer"], (index, store)).fetchone()
        facts = run(sql["facts"], (customer,)).fetchall()
        matters = run(sql["matters"], (customer,)).fetchall()
        usual = run(sql["products"], tuple(map(int, stats[-1].split()[:3]))).fetchall()
        card = f"{self._opened(name)[0]}*（尾号{self._opened(phone)[-4:]}）\n常买：{usual}\n{stats}\n{facts}{matters}"
        run(sql["remember"], (customer, self._sealed(f"记|全|给看 #{customer}"), account))
        run(sql["audit"], (row_id, at, guide, "查", customer))
        run("COMMIT")
        return card

    def insert(self) -> None:
        """One row, durable: what no message can do without."""
        row_id = next(self._ids)
        self._conn.execute(self._words.begin)
        self._conn.execute(self._sql["inbox"], (row_id, str(row_id), 0, bytes(100)))
        self._conn.execute("COMMIT")

    def drop(self) -> None:
        """Take the tables away again."""
        for table in re.findall(r"TABLE (\w+)", _TABLES):
            self._conn.execute(f"DROP TABLE {table}")

    def run(self, statement: str) -> None:
        """A statement of the engine's own."""
        self._conn.execute(statement)

    def close(self) -> None:
        """Give the connection back."""
        self._conn.close()

    def _index(self, phone: str) -> bytes:
        return digest(self._secret, phone.encode(), "sha256")[:16]

    def _sealed(self, text: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._seal.encrypt(nonce, text.encode(), None)

    def _opened(self, blob: bytes) -> str:
        return self._seal.decrypt(blob[:12], blob[12:], None).decode()


_STATEMENTS = {
    "add_guide": "INSERT INTO raw_guide (account, id, store) VALUES (?, ?, ?)",
    "add_product": "INSERT INTO raw_product VALUES (?, ?)",
    "add_customer": "INSERT INTO raw_customer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "inbox": "INSERT INTO raw_inbox VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "guide": "SELECT id, store FROM raw_guide WHERE account = ?",
    "customer": "SELECT id, phone, name, orders, spent, first_day, last_day, recent FROM raw_customer"
    " WHERE phone_index = ? AND store = ?",
    "facts": "SELECT id, content FROM raw_fact WHERE customer = ?",
    "matters": "SELECT id, content FROM raw_matter WHERE customer = ?",
    "products": "SELECT name FROM raw_product WHERE id IN (?, ?, ?)",
    "remember": "UPDATE raw_guide SET focus = ?, menu = ? WHERE account = ?",
    "audit": "INSERT INTO raw_audit VALUES (?, ?, ?, ?, ?)",
}
