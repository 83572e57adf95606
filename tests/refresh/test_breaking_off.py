"""A refresh may be killed at any moment, and is run again: labels are right, and nobody's move is counted twice."""

import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import func, select

from bot.db.segments import snapshots, stale
from bot.db.tables import customer_segments, refreshes
from bot.domain.errors import ConflictError
from bot.refresh import run, turn
from bot.refresh.run import refresh
from bot.refresh.snapshot import load
from tests.refresh.village import Village

KILLED = """
import sys
from datetime import datetime
from pathlib import Path
from bot.db.core.engine import open_database
from bot.refresh.run import refresh
from tests.support import engines
refresh(open_database(sys.argv[1], engines.KEYS), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
"""


class KilledError(Exception):
    """The process is gone."""


def broken_off(village: Village, after: int) -> bool:
    """A refresh that dies after so many batches; false where it was done before."""
    left = after

    def step(_done: int, _total: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KilledError

    try:
        refresh(village.database, village.data, village.at, step=step)
    except KilledError:
        return True
    return False


@pytest.mark.parametrize("later", [0, 1])
def test_broken_off_after_each_batch_and_run_again(busy: Village, later: int) -> None:
    after = 0
    while broken_off(busy, after):
        busy.days += later
        after += 1
        if later:  # a day has passed meanwhile, and she who was new has bought
            busy.tell((f"K{after}", "F", busy.days, 700, None, 0))
    busy.refresh()

    assert after >= 2
    assert {row_id: labels for row_id, (_, labels, _) in busy.stored().items()} == {
        row_id: labels for row_id, (_, labels, _) in busy.expected().items()
    }
    assert busy.sizes() == busy.counted() == busy.flowed()
    assert busy.refresh(full=True).changed == 0
    with busy.database.reading() as conn:
        assert stale.pending(conn, 10) == []


def test_broken_off_before_its_first_row(busy: Village) -> None:
    with busy.database.reading() as conn:
        before = snapshots.latest(conn)
    assert before
    assert broken_off(busy, 0)
    known = load(busy.data, before.id)
    assert known
    assert len(known.unsure) > 0

    busy.refresh()
    assert busy.stored() == busy.expected()
    assert len(list(busy.data.glob("*.snapshot"))) == 1


def test_a_process_that_is_killed_while_it_writes(village: Village) -> None:
    village.add(*[f"Z{number}" for number in range(4000)])
    with village.database.reading() as conn:
        url = village.database.engine.url.render_as_string(hide_password=False)
        words = [sys.executable, "-c", KILLED, url, str(village.data), village.at.isoformat()]
        with subprocess.Popen(words, env={**os.environ, "PYTHONPATH": "."}) as process:
            while not conn.scalar(select(func.count()).select_from(customer_segments)):
                conn.rollback()
                assert process.poll() is None
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
        conn.rollback()
        written = conn.scalar(select(func.count()).select_from(customer_segments))
        assert 0 < written < 4005
        assert conn.scalar(select(func.count()).select_from(refreshes)) == 0

    done = village.refresh()
    assert (done.customers, done.changed) == (4005, 4005 - written)
    assert village.sizes() == village.counted() == village.flowed()


@pytest.mark.parametrize("how", ["gone", "short", "other", "promise"])
def test_a_snapshot_that_cannot_be_used_is_made_anew(busy: Village, how: str) -> None:
    (path,) = busy.data.glob("*.snapshot")
    if how == "gone":
        path.unlink()
    elif how == "short":
        path.write_bytes(path.read_bytes()[:-9])
    elif how == "other":
        path.write_text("{}\n")
    else:
        (busy.data / "segments.promise").write_bytes(b"?")
    busy.refresh()

    assert busy.stored() == busy.expected()
    assert busy.sizes() == busy.counted() == busy.flowed()


def test_a_snapshot_of_another_generation_says_nothing(busy: Village) -> None:
    kept = {path.name: path.read_bytes() for path in busy.data.iterdir()}
    busy.days += 1
    busy.refresh()
    busy.expected()
    for path in busy.data.iterdir():
        path.unlink()
    for name, content in kept.items():
        (busy.data / name).write_bytes(content)
    busy.days += 1
    busy.refresh()

    assert busy.stored() == busy.expected()
    assert busy.sizes() == busy.counted() == busy.flowed()


def test_two_at_once_the_second_is_refused_and_changes_nothing(busy: Village) -> None:
    before = busy.stored()
    with turn.taken(busy.database), pytest.raises(ConflictError, match="另一个 refresh 正在算分层"):
        busy.refresh()
    assert busy.stored() == before

    busy.refresh()
    assert busy.stored() == busy.expected()


def test_what_happens_while_it_runs_is_left_for_the_next(busy: Village) -> None:
    told = False

    def step(_done: int, _total: int) -> None:
        nonlocal told
        if not told:
            told = True
            busy.tell(("X1", "E", busy.days - 1, 90_000, None, 0))

    run.refresh(busy.database, busy.data, busy.at, step=step)
    with busy.database.reading() as conn:
        assert [row_id for row_id, _ in stale.pending(conn, 10)] == [busy.her("E")]
    busy.refresh()
    assert {row_id: its[:2] for row_id, its in busy.stored().items()} == {
        row_id: its[:2] for row_id, its in busy.expected().items()
    }
