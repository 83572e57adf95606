"""Whatever breaks off an import, the next run ends where an unbroken one would have ended."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import people
from bot.db.bulk import recompute
from bot.db.core.engine import Database, open_database
from bot.db.tables import imports
from bot.intake import order_import, pace
from bot.intake.options import Options
from bot.intake.run import run
from tests.intake.conftest import dump_of
from tests.support import engines

ROOT = Path(__file__).parent.parent.parent


class CrashError(Exception):
    """The power went."""


def orders(count: int) -> str:
    rows = [
        f"A{n:04},2026-{1 + n % 11:02}-{1 + n % 28:02} {n % 24:02}:00,00{n % 3},C{n % 17},茶{n * m % 13},1,{n + m}.5"
        for n in range(count)
        for m in (1, 2)
    ]
    return "\n".join(["单号,下单时间,门店,会员号,商品,数量,金额", *rows[::2], *rows[1::2]]) + "\n"


@contextmanager
def a_shop(engine: str, folder: Path) -> Iterator[Database]:
    url = engines.fresh(engine, folder)
    database = open_database(url, engines.KEYS)
    database.transact(lambda conn: people.make_chain(conn, "茶", "tea", "store", "Asia/Shanghai"))
    try:
        yield database
    finally:
        database.close()
        engines.drop(url)


def breaking_at(database: Database, commit: int, *, after: bool) -> Callable[..., object]:
    """`transact` that works until its n-th call, and breaks just before or just after that commit."""
    whole, calls = database.transact, iter(range(1_000_000))

    def transact(work: Callable[..., object]) -> object:
        now = next(calls) == commit
        if now and not after:
            raise CrashError
        result = whole(work)
        if now:
            raise CrashError
        return result

    return transact


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(pace, "_FIRST", 1)
    monkeypatch.setattr(pace, "_MOST", 12)
    monkeypatch.setattr(order_import, "_LEAST", 12)


FILES = {
    "orders": orders(20) + "A0001,?,,,,,\n",
    "customers": "会员号,手机号,姓名,备注\n"
    + "".join(f"C{n},138001380{n:02},顾客{n},备注{n}\n" for n in range(25))
    + ",,x,\n",
    "products": "商品编码,名称\n" + "".join(f"P{n},茶{n}\n" for n in range(50)) + ",\n",
}


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(("kind", "after"), [(kind, after) for kind in FILES for after in (False, True)])
def test_a_crash_at_any_commit_resumes(engine, tmp_path, now, monkeypatch, *, kind, after):
    path, options = tmp_path / "file.csv", Options(tmp_path / "data", now)
    path.write_text(FILES[kind], encoding="utf-8")
    with a_shop(engine, tmp_path) as shop:
        report = run(shop, kind, path, options).as_json()
        whole = dump_of(shop)

    for commit in range(1000):
        with a_shop(engine, tmp_path) as shop:
            with monkeypatch.context() as patched:
                patched.setattr(shop, "transact", breaking_at(shop, commit, after=after))
                try:
                    run(shop, kind, path, options)
                    broken = False
                except CrashError:
                    broken = True
            wanted = _seen_before(report) if _finished(shop) else report
            assert run(shop, kind, path, options).as_json() == wanted
            assert dump_of(shop) == whole
        if not broken:
            break
    assert commit >= 3


def _finished(shop: Database) -> bool:
    return shop.transact(lambda conn: conn.execute(select(imports.c.finished_at)).scalar()) is not None


def _seen_before(report: dict[str, object]) -> dict[str, object]:
    return report | {"new": 0, "unchanged": report["new"] + report["unchanged"]}


@pytest.mark.usefixtures("small_batches")
def test_what_became_possible_meanwhile_is_not_skipped(tmp_path, now, monkeypatch):
    path, options = tmp_path / "file.csv", Options(tmp_path / "data", now, unknown="refuse")
    path.write_text(orders(20), encoding="utf-8")
    with a_shop("sqlite", tmp_path) as shop:
        path.write_text(orders(20).replace("C3,", "C99,"), encoding="utf-8")
        run(shop, "orders", path, Options(tmp_path / "data", now))
        path.write_text(orders(20).replace(".5\n", ".6\n"), encoding="utf-8")
        with monkeypatch.context() as patched:
            patched.setattr(shop, "transact", breaking_at(shop, 3, after=True))
            with pytest.raises(CrashError):
                run(shop, "orders", path, options)
        other = tmp_path / "other.csv"
        other.write_text("会员号\nC3\n", encoding="utf-8")
        run(shop, "customers", other, Options(tmp_path / "data", now))

        report = run(shop, "orders", path, options)

        assert (report.read, report.refused) == (40, 0)
        assert report.new + report.changed + report.unchanged == 40
        with shop.reading() as conn:
            assert recompute.verify(conn)[1] == 0


_CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from bot.db.core.engine import open_database
from bot.intake import order_import, pace
from bot.intake.options import Options
from bot.intake.run import run
from tests.support import engines
pace._MOST = pace._FIRST = order_import._LEAST = 60
now = datetime.fromisoformat(sys.argv[3])
run(open_database(sys.argv[1], engines.KEYS), "orders", Path(sys.argv[2]), Options(Path(sys.argv[2]).parent, now),
    lambda done, total: print(done, flush=True))
"""


def test_a_killed_process_resumes(engine, tmp_path, now):
    path, options = tmp_path / "file.csv", Options(tmp_path / "data", now)
    path.write_text(orders(600), encoding="utf-8")
    with a_shop(engine, tmp_path) as shop:
        run(shop, "orders", path, options)
        whole = dump_of(shop)

    url = engines.fresh(engine, tmp_path)
    shop = open_database(url, engines.KEYS)
    try:
        shop.transact(lambda conn: people.make_chain(conn, "茶", "tea", "store", "Asia/Shanghai"))
        words = [sys.executable, "-c", _CHILD, url, str(path), now.isoformat()]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
            assert child.stdout is not None
            for _ in range(5):
                child.stdout.readline()
            child.send_signal(signal.SIGKILL)
        assert len(dump_of(shop)["orders"]) in range(1, 600)

        report = run(shop, "orders", path, options)

        assert (report.new, report.changed, report.unchanged, report.refused) == (1200, 0, 0, 0)
        assert dump_of(shop) == whole
    finally:
        shop.close()
        engines.drop(url)
