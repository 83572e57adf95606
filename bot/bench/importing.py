"""Importing an order file, in a process of its own, beside the same rows as bare INSERTs."""

import csv
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.bench.figures import Figure
from bot.bench.place import SEED
from bot.bench.rounds import ratio, rounded

_HEADER = ("order_no", "ordered_at", "store", "phone", "product", "category", "quantity", "amount")
_LINES_OF_A_CUSTOMER = 8
_LONG_FILE = 300_000  # lines from which one round is enough
_MB = 1024


def measure(folder: Path, orders: int, file: Path | None, rounds: int) -> Iterator[Figure]:
    """Import a file that is given, else one of so many lines that is made up, in turn with the raw probe."""
    path = file or invented(folder / "orders.csv", orders)
    took: dict[str, list[float]] = {"import": [], "raw": [], "mb": [], "cpu": []}
    lines = turn = 0
    while turn < (rounds if lines < _LONG_FILE else 1):
        said = _in_a_process(folder / f"shop{turn}", path)
        lines = said["lines"]
        for name, values in took.items():
            values.append(said[name])
        turn += 1
    seconds, raw, cpu = (statistics.median(took[name]) for name in ("import", "raw", "cpu"))
    yield Figure("import.lines", lines, "lines")
    yield Figure("import.seconds", rounded(seconds), "s")
    yield Figure("import.cpu_seconds", rounded(cpu), "s")
    yield Figure("import.raw_seconds", rounded(raw), "s")
    yield Figure("import.lines_per_s", rounded(lines / seconds), "/s")
    yield Figure("import.by_raw", ratio(seconds, raw), "x", 6, 4)
    yield Figure("import.peak_mb", rounded(max(took["mb"])), "MB", 1024)


def _in_a_process(data: Path, file: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", "bot.bench.importing", str(data), str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603 — our own program
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def invented(path: Path, lines: int) -> Path:
    """A year of orders of one or two lines, a fifth of them by customers met for the first time."""
    dice, day = random.Random(SEED), date(2025, 11, 1)  # noqa: S311 — no secret
    customers = max(1, lines // _LINES_OF_A_CUSTOMER)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for number in range(lines):
            order = number * 2 // 3
            buyer = random.Random(order).randrange(customers)  # noqa: S311 — the lines of an order have one buyer
            good, on = dice.randrange(400), day + timedelta(days=order * 540 // lines)
            at = f"{on} {10 + buyer % 11}:{buyer % 60:02}"
            amount = f"{10 + good % 30}.{good % 10}0"
            writer.writerow(
                (f"B{order:08}", at, f"{buyer % 50:03}", f"139{buyer:08}", f"P{good}", f"C{good % 20}", 1, amount)
            )
    return path


def main(data: Path, file: Path) -> dict[str, Any]:
    """Make a shop in `data`, import the file, and write its rows again raw; seconds, and the peak of the import."""
    from bot.app import prepare  # noqa: PLC0415 — the parent's process imports none of this
    from bot.db import people  # noqa: PLC0415
    from bot.intake.options import Options  # noqa: PLC0415
    from bot.intake.probe import raw_probe  # noqa: PLC0415
    from bot.intake.run import run  # noqa: PLC0415
    from bot.settings import Settings  # noqa: PLC0415

    database, _ = prepare(Settings(data=data))
    database.transact(lambda conn: people.make_chain(conn, "量一量", "tea", "store", "Asia/Shanghai"))
    worked = time.process_time()
    began = time.perf_counter()
    report = run(database, "orders", file, Options(data, datetime.now(UTC)))
    said = {"import": time.perf_counter() - began, "cpu": time.process_time() - worked, "lines": report.read}
    said["mb"] = peak_mb("VmHWM", "self")
    database.close()
    return said | {"raw": raw_probe(data / "zhanggui.db", data / "raw.db")}


def peak_mb(what: str, process: int | str) -> float:
    """A line of a process's status in MB: VmHWM is its peak, VmRSS what it holds; 0 where there is no /proc."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return 0.0
    words = (line.split() for line in status.read_text().splitlines())
    return next(int(line[1]) / _MB for line in words if line[0] == f"{what}:")


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))  # noqa: T201 — the answer of a process
