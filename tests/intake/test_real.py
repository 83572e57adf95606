"""Twenty thousand real lines of a supermarket; skipped, loudly, where the file is not there."""

import gzip
import random
from itertools import islice
from pathlib import Path

import pytest

from bot.db.bulk import recompute
from bot.db.core.engine import Database, open_database
from bot.intake import probe
from bot.intake.options import Options, Report
from bot.intake.run import run
from tests.intake.conftest import dump_of

TA_FENG = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "tafeng_orders.csv.gz"
LINES = 20_000

pytestmark = pytest.mark.skipif(not TA_FENG.exists(), reason=f"REAL DATA NOT THERE, NOT TESTED: {TA_FENG.name}")


@pytest.fixture(scope="module")
def text() -> list[str]:
    with gzip.open(TA_FENG, "rt", encoding="utf-8") as file:
        return list(islice(file, LINES + 1))


def taken(shop: Database, folder: Path, now, lines: list[str]) -> Report:
    path = folder / "file.csv"
    path.write_text("".join(lines), encoding="utf-8")
    return run(shop, "orders", path, Options(folder, now))


def counts(report: Report) -> tuple[int, ...]:
    return report.read, report.new, report.changed, report.unchanged, report.refused


def test_real_orders_once_again_shuffled_and_altered(shop, tmp_path, now, text):
    assert counts(taken(shop, tmp_path, now, text)) == (LINES, LINES, 0, 0, 0)
    before = dump_of(shop)

    shuffled = [text[0], *random.Random(1).sample(text[1:], LINES)]
    assert counts(taken(shop, tmp_path, now, shuffled)) == (LINES, 0, 0, LINES, 0)
    assert dump_of(shop) == before

    *cells, amount = text[777].rsplit(",", 1)
    altered = [*text[:777], ",".join([*cells, f"{float(amount) + 1}\n"]), *text[778:]]
    assert counts(taken(shop, tmp_path, now, altered)) == (LINES, 0, 1, LINES - 1, 0)
    with shop.reading() as conn:
        assert recompute.verify(conn) == (len(before["customers"]), 0)


def test_the_raw_probe_writes_the_same_rows(shop, tmp_path, now, text):
    if not shop.is_sqlite:
        pytest.skip("the probe is of the embedded database")
    taken(shop, tmp_path, now, text[:2000])
    imported = Path(str(shop.engine.url.database))

    assert probe.raw_probe(imported, tmp_path / "raw.db") > 0
    copy = open_database(f"sqlite:///{tmp_path / 'raw.db'}", shop.keys)
    assert dump_of(copy) == dump_of(shop)
    copy.close()
