"""What a refresh writes, in the small world of the dialogues and in a village; and its command."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.cli import main
from bot.db.core.engine import Database
from bot.db.segments import flows, snapshots, standings
from bot.db.tables import customer_segments, refreshes
from bot.domain.segments.labels import LAYERS, Labels, Standing
from bot.domain.segments.layering import fixed
from bot.domain.segments.presets import preset
from bot.refresh.run import refresh
from tests.refresh.village import Village
from tests.support import cast
from tests.support.world import world


def test_the_small_world(database: Database, now: datetime, tmp_path: Path) -> None:
    world(database, now)
    done = refresh(database, tmp_path, now)

    assert (done.customers, done.changed, done.as_of) == (4, 4, date(2026, 11, 20))
    assert {words: people for words, people in done.segments.items() if people} == {"普通常客": 2, "新客": 1, "沉睡": 1}
    assert list(done.segments) == list(LAYERS.values())
    staff = cast.staff(database, "小王")
    assert staff.store_id
    with database.reading() as conn:
        found = conn.execute(select(customer_segments.c.customer_id, customer_segments.c.stage)).all()
        wang = standings.of(conn, next(row.customer_id for row in found if row.stage == "asleep"))
        assert wang
        assert wang == Standing(
            wang.customer_id, staff.store_id,
            Labels("asleep", "asleep", "low", "asleep", 1, 3, 2), date(2026, 11, 20), date(2026, 11, 20),
        )  # fmt: skip
        assert standings.as_of(conn) == date(2026, 11, 20)
        assert standings.of(conn, 1) is None
        assert flows.sizes(conn, staff.store_id, "layer") == {"asleep": 1, "new": 1, "ordinary": 1}
        assert flows.sizes(conn, None, "layer") == {"asleep": 1, "new": 1, "ordinary": 2}
        assert flows.flows(conn, date(2026, 11, 20), None, "layer") == {
            ("", "asleep"): 1,
            ("", "new"): 1,
            ("", "ordinary"): 2,
        }
        assert snapshots.cuts(conn, staff.store_id, preset("tea")) == fixed(preset("tea"))


def test_before_a_refresh_nothing_is_said(database: Database, now: datetime) -> None:
    world(database, now)
    with database.reading() as conn:
        assert standings.as_of(conn) is None
        assert flows.sizes(conn, None, "layer") == {}
        assert snapshots.latest(conn) is None


_TRIGGER = """
CREATE TRIGGER IF NOT EXISTS touch_{verb} AFTER {verb} ON customer_segments
BEGIN INSERT INTO touched VALUES ({row}.customer_id); END
"""


def rewritten(village: Village, work: Callable[[], object]) -> int:
    """How many rows of customer_segments the database itself saw written."""
    if village.database.is_sqlite:
        with village.database.engine.connect() as conn:
            conn.execute(text("CREATE TABLE IF NOT EXISTS touched (customer_id INTEGER)"))
            conn.execute(text("DELETE FROM touched"))
            for verb, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
                conn.execute(text(_TRIGGER.format(verb=verb, row=row)))
            conn.commit()
        work()
        with village.database.reading() as conn:
            return int(conn.scalar(text("SELECT COUNT(*) FROM touched")) or 0)
    before = _versions(village)
    work()
    after = _versions(village)
    return len({row_id for row_id in before.keys() | after.keys() if before.get(row_id) != after.get(row_id)})


def _versions(village: Village) -> dict[int, str]:
    with village.database.reading() as conn:
        return dict(conn.execute(text("SELECT customer_id, xmin::text || ctid::text FROM customer_segments")).all())


def test_only_rows_that_differ_are_written(busy: Village) -> None:
    before = busy.stored()
    written = rewritten(busy, busy.refresh)
    after = busy.stored()

    assert written == len(
        {row_id for row_id in before.keys() | after.keys() if before.get(row_id) != after.get(row_id)}
    )
    assert {busy.her("G"), busy.her("H")} <= {row_id for row_id in before if before[row_id] == after.get(row_id)}
    assert rewritten(busy, busy.refresh) == 0
    assert rewritten(busy, lambda: busy.refresh(full=True)) == 0


def test_a_second_run_on_the_same_day_changes_nothing(busy: Village) -> None:
    busy.refresh()
    known = busy.stored(), busy.sizes(), busy.flowed()
    done = busy.refresh()

    assert done.changed == 0
    assert (busy.stored(), busy.sizes(), busy.flowed()) == known
    with busy.database.reading() as conn:
        assert [row.changed for row in conn.execute(select(refreshes.c.changed).order_by(refreshes.c.id))][-1] == 0


def test_flows_of_a_night_lead_from_the_sizes_before_to_those_after(busy: Village) -> None:
    before = busy.sizes()
    yesterday = busy.flowed()
    busy.refresh()
    today = busy.flowed()

    moved = {key: today.get(key, 0) - yesterday.get(key, 0) for key in today.keys() | yesterday.keys()}
    after = busy.sizes()
    assert {key: before.get(key, 0) + moved.get(key, 0) for key in before.keys() | moved.keys()} == {
        key: after.get(key, 0) for key in before.keys() | moved.keys()
    }


def test_rules_that_wait_are_in_force_with_the_labels_made_by_them(village: Village) -> None:
    village.tell(*[(f"N{day}", "A", day, 70_000, None, 1) for day in range(40, 60)])
    village.refresh()
    row_id = village.her("A")
    assert village.stored()[row_id][1].spend == "high"
    village.rule(preset("jewellery"), 1)
    village.refresh()

    assert village.stored()[row_id][1].spend == "low"
    assert village.stored() == village.expected()


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["zhanggui", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    return int(str(ended.value.code)), told.out, told.err


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ZHANGGUI_DATABASE_URL", "ZHANGGUI_DATA", "ZHANGGUI_KEYS"):
        monkeypatch.delenv(name, raising=False)
    where = ("--data", str(tmp_path), "--quiet")
    code, out, err = said(capsys, monkeypatch, *where, "refresh")
    assert (code, out) == (1, "")
    assert "zhanggui init" in err

    at = datetime(2026, 11, 20, 15, tzinfo=cast.ZONE)
    said(capsys, monkeypatch, *where, "demo", "--make-only", "--customers", "30", "--at", at.isoformat())
    code, out, err = said(capsys, monkeypatch, *where, "refresh", "--at", at.isoformat(), "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert told["customers"] == sum(told["segments"].values()) == 30
    assert list(told["segments"]) == list(LAYERS.values())
    assert {"changed", "seconds"} <= told.keys()

    later = (at + timedelta(days=1)).isoformat()
    code, out, _ = said(capsys, monkeypatch, *where, "refresh", "--full", "--at", later)
    assert (code, out.splitlines()[0].partition("，")[0]) == (0, "分层到 11-21：30 位客户")
