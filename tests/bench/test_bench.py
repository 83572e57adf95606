"""The measuring itself works: every group runs with tiny sizes and gives all its figures; how quick is for no test."""

import json
from pathlib import Path

import pytest

import bot.jobs
from bot.bench import GROUPS, Figure, Report, Sizes, measure
from bot.cli import main
from bot.schedule import collect

TINY = Sizes(customers=300, orders=200, rounds=10, readings=5, repeats=1, chat_seconds=0.1, posts=50)
FIGURES = {
    "fill": {"seconds", "per_million_s"},
    "lookup": {
        *(f"{name}_{what}" for name in ("phone", "miss", "last4", "raw_full", "raw_normal", "raw_insert")
          for what in ("us", "p99_us", "cpu_us")),
        "phone_by_raw_full", "phone_by_raw_normal", "phone_by_raw_cpu",
        "phone_by_small", "miss_by_hit", "last4_by_phone", "last4_wrong",
        "name_first_ms", "name_ms",
    },
    "chats": {"lookups_per_s", "raw_inserts_per_s", "by_raw_insert"},
    "parse": {"first_ms", "short_ms", "long_ms", "long_p99_ms"},
    "start": {"first_card_s", "raw_s", "by_raw", "first_card_mb", "serving_mb", "heavy_modules"},
    "callback": {
        *(f"{whose}per_s" for whose in ("", "alone_", "raw_", "importing_", "handled_")),
        *(f"{whose}p99_ms" for whose in ("", "alone_", "raw_", "importing_")),
        "by_raw", "alone_by_raw", "p99_by_raw", "alone_p99_by_raw", "p50_ms", "max_ms", "importing_max_ms", "refused",
    },
    "issuing": {"coupons_per_s", "raw_transactions_per_s", "by_raw"},
    "refresh": {
        "fill_s", "first_s", "seconds", "duckdb_s", "by_duckdb", "duckdb_plain_s", "by_duckdb_plain", "peak_mb",
        "duckdb_peak_mb", "rows_written", "full_s", "full_peak_mb", "full_differs", "lookup_p99_by_without",
        *(f"lookup_{name}_{what}" for name in ("without", "beside") for what in ("us", "p99_us")),
    },
    "digests": {
        "fill_s", "stores", "queued", "failed", "seconds", "per_5000_stores_s", "cpu_s", "raw_s", "by_raw", "peak_mb",
        *(f"{name}_s" for name in collect(bot.jobs)),
    },
    "import": {"lines", "seconds", "raw_seconds", "lines_per_s", "by_raw", "cpu_seconds", "peak_mb"},
}  # fmt: skip


def names(*groups: str) -> set[str]:
    return {f"{group}.{name}" for group in groups for name in FIGURES[group]}


def test_every_group_gives_all_its_figures() -> None:
    report = measure(TINY)

    assert set(report.figures) == names("fill", *GROUPS)
    assert report.figures["lookup.last4_wrong"].value == 0
    assert report.figures["start.heavy_modules"].value == 0
    assert report.figures["import.lines"].value == TINY.orders
    assert report.figures["callback.refused"].value == 0
    assert report.figures["refresh.full_differs"].value == 0
    assert report.figures["digests.failed"].value == 0
    assert report.figures["digests.queued"].value > 0


def test_look_ups_are_measured_in_the_database_that_is_given(empty_url: str) -> None:
    report = measure(TINY, ["lookup"], url=empty_url)

    assert set(report.figures) == names("fill", "lookup")
    assert report.figures["lookup.last4_wrong"].value == 0


def test_the_command_prints_one_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["zhanggui", "bench", "--only", "parse", "--json"])

    with pytest.raises(SystemExit) as ended:
        main()

    said = json.loads(capsys.readouterr().out)
    assert ended.value.code == 0
    assert set(said["figures"]) == names("parse")
    assert {"at", "python", "sqlite", "cpus", "load", "customers", "orders", "seconds"} <= set(said["machine"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("figure", "sign"),
    [
        (Figure("a.b", 1.0, "x", 2.0), "✓"),
        (Figure("a.b", 3.0, "x", 2.0), "✗"),
        (Figure("a.b", 3.0, "x", 2.0, more=True), "✓"),
        (Figure("a.b", None, "x", 2.0), ""),
        (Figure("a.b", 3.0, "x"), ""),
    ],
)
def test_a_goal_is_met_or_not(figure: Figure, sign: str) -> None:
    assert "".join(one for one in figure.in_words() if one in "✓✗") == sign
    assert figure.as_json()["met"] == {"✓": True, "✗": False}.get(sign)


def test_a_name_stands_once() -> None:
    report = Report({})
    report.add(Figure("a.b", 1.0, "x"))

    with pytest.raises(ValueError, match=r"a\.b"):
        report.add(Figure("a.b", 2.0, "x"))
