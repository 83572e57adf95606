"""One file into the database: read, map headers, normalise, store, write the refused rows aside, report."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from bot.db.bulk.orders import Counts
from bot.db.core.engine import Database
from bot.intake.customer_import import import_customers
from bot.intake.desk import Desk
from bot.intake.options import Kind, Options, Progress, Report, silent
from bot.intake.order_import import import_orders
from bot.intake.preview import preview
from bot.intake.reading.customers import customer_reader
from bot.intake.reading.files import Source, open_source
from bot.intake.reading.headers import Header, find_header
from bot.intake.reading.orders import read_orders
from bot.intake.reading.rows import read_rows
from bot.intake.reading.shops import read_product, read_staff, read_store
from bot.intake.refused import place, write_refused
from bot.intake.shop_import import import_products, import_staff, import_stores
from bot.intake.storing import Plan

_SHOWN = 5


def run(database: Database, kind: Kind, path: Path, options: Options, progress: Progress = silent) -> Report:
    """Import a file; refuses with a sentence for people where it cannot be read at all.

    Raises UsageError for such a file. Rows that cannot be taken are no error: they are in the report, and in a file.
    """
    desk = Desk(database, options)
    source = open_source(path)
    header = find_header(kind, source)
    with _without_collector():
        rows, counts, refused, remarks = _import(desk, kind, source, header, progress)
    progress(rows, rows)
    refused_file = None
    if (refused or remarks) and not options.dry_run:
        target = place(options.data, kind, options.now, source.digest)
        refused_file = write_refused(target, header.cells, header.rows(source), {**remarks, **refused})
    shown = preview(header, islice(header.rows(source), _SHOWN)) if options.dry_run else ()
    return Report(rows, *counts, len(refused), refused_file, shown, len(remarks))


def _import(
    desk: Desk, kind: Kind, source: Source, header: Header, progress: Progress
) -> tuple[int, Counts, Mapping[int, str], Mapping[int, str]]:
    """How many rows there are, what became of them, why some were refused, and what is remarked of some others."""
    rows = header.rows(source)
    if kind == "orders":
        file = read_orders(rows, header.places, header.width, desk.zone(), garbled=source.garbled)
        counts = import_orders(desk, file, source.digest, progress)
        return file.gathered.rows, counts, file.gathered.refused, file.gathered.remarks
    if kind == "customers":
        members = read_rows(rows, header.places, customer_reader(desk.zone()))
        plan = Plan(kind, source.digest, members.rows, 0, progress)
        return members.rows, import_customers(desk, members, plan), members.refused, {}
    reader, importer = _SHOP[kind]
    table = read_rows(rows, header.places, reader)
    return table.rows, importer(desk, table, Plan(kind, source.digest, table.rows, 0, progress)), table.refused, {}


_SHOP = {
    "stores": (read_store, import_stores),
    "staff": (read_staff, import_staff),
    "products": (read_product, import_products),
}


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
