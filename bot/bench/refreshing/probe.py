"""The raw probe of a refresh: DuckDB groups all orders in Parquet by customer and cuts quintiles, writing nothing.

Once by purchase days, which gives the r, f and m of a refresh, and once by the plain count of orders, which is less.
"""

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.bench.importing import peak_mb
from bot.db.core.engine import Database

_SOME = 500_000  # orders in memory at once
_ORDERS = "SELECT customer_id, ordered_on, net_fen FROM orders WHERE customer_id IS NOT NULL"
_GROUPED = """
WITH hers AS (
  SELECT customer_id, MAX(ordered_on) AS last_on, MIN(ordered_on) AS first_on, {many} AS many, SUM(net_fen) AS fen
  FROM read_parquet($file) GROUP BY customer_id
), cuts AS (
  SELECT quantile_disc(last_on, [0.2, 0.4, 0.6, 0.8]) AS r, quantile_disc(many, [0.2, 0.4, 0.6, 0.8]) AS f,
         quantile_disc(fen, [0.2, 0.4, 0.6, 0.8]) AS m FROM hers
), ranked AS (
  SELECT customer_id, first_on, 1 + len(list_filter(cuts.r, lambda x: last_on > x)) AS r,
         1 + len(list_filter(cuts.f, lambda x: many > x)) AS f, 1 + len(list_filter(cuts.m, lambda x: fen > x)) AS m
  FROM hers, cuts
) SELECT COUNT(*), SUM(r * 100 + f * 10 + m), MIN(first_on) FROM ranked
"""


def is_here() -> bool:
    """Whether DuckDB is installed; it is only for measuring."""
    return importlib.util.find_spec("duckdb") is not None


def export(database: Database, path: Path) -> None:
    """All orders of somebody, as Parquet, day by day as tills tell them."""
    import duckdb  # noqa: PLC0415 — only for measuring

    with duckdb.connect() as duck:
        duck.execute("CREATE TABLE orders (customer_id BIGINT, ordered_on INTEGER, net_fen BIGINT)")
        for piece in _pieces(database):
            duck.register("piece", piece)
            duck.execute("INSERT INTO orders SELECT * FROM piece")
        duck.execute(
            "COPY (SELECT * FROM orders ORDER BY ordered_on, hash(customer_id)) TO $file (FORMAT parquet)",
            {"file": str(path)},
        )


def _pieces(database: Database) -> Iterator[Any]:
    import pandas as pd  # noqa: PLC0415 — only for measuring

    with database.reading() as conn:
        driver: Any = conn.connection.driver_connection
        named = {} if database.is_sqlite else {"name": "orders"}
        cursor = driver.cursor(**named)
        cursor.execute(_ORDERS)
        while rows := cursor.fetchmany(_SOME):
            yield pd.DataFrame(rows, columns=["customer_id", "ordered_on", "net_fen"])


def seconds(path: Path) -> dict[str, float]:
    """One reading of each kind in a process of its own: how long they took, and the peak of memory."""
    words = [sys.executable, "-m", "bot.bench.refreshing.probe", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603 — our own program
    said: dict[str, float] = json.loads(done.stdout)
    return said


def main(path: str) -> dict[str, float]:
    """Read it."""
    import duckdb  # noqa: PLC0415 — only for measuring

    with duckdb.connect() as duck:
        took = {}
        for name, many in (("plain", "COUNT(*)"), ("seconds", "COUNT(DISTINCT ordered_on)")):
            began = time.perf_counter()
            duck.execute(_GROUPED.format(many=many), {"file": path}).fetchall()
            took[name] = time.perf_counter() - began
        return {**took, "mb": peak_mb("VmHWM", "self")}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))  # noqa: T201 — the answer of a process
