"""One file into the database: read, map headers, normalise, store, report."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.db.engine import Database
from bot.intake.desk import Desk
from bot.intake.files import open_source
from bot.intake.headers import find_header
from bot.intake.options import Kind, Options, Progress, Report, silent
from bot.intake.order_import import import_orders
from bot.intake.orders import read_orders


def run(database: Database, kind: Kind, path: Path, options: Options, progress: Progress = silent) -> Report:
    """Import a file; refuses with a sentence for people where it cannot be read at all."""
    desk = Desk(database, options)
    source = open_source(path)
    header = find_header(kind, source)
    with _without_collector():
        file = read_orders(header.rows(source), header.places, header.width, desk.zone())
        counts = import_orders(desk, file, source.digest, progress)
    return Report(file.gathered.rows, *counts, len(file.gathered.refused), None)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Nothing here makes cycles, and millions of live tuples make the collector's rounds long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
