"""Which tests come first: the longest files, dealt out to the workers like cards.

xdist gives each worker one stretch of the list, and whoever is done early takes over the second half of what another
has left. A long file that stands late is then the end of the run, with one worker at it and the others idle. So the
stretches begin with the long files, in turn; all else follows in its own order. Files stay whole, for their fixtures.
"""

import pytest

LONG = (
    "tests/serve/test_doors.py",
    "tests/bench/test_bench.py",
    "tests/sandbox/test_command.py",
    "tests/serve/test_kills.py",
    "tests/serve/test_trouble.py",
    "tests/test_undo.py",
    "tests/lists/test_month.py",
    "tests/sandbox/test_page.py",
    "tests/outbox/test_bad_days.py",
    "tests/serve/test_pushes.py",
    "tests/jobs/test_replicas.py",
    "tests/db/test_stats_running.py",
    "tests/intake/test_crash.py",
    "tests/test_docs.py",
    "tests/serve/test_page.py",
    "tests/serve/test_pauses.py",
    "tests/test_every_command.py",
    "tests/refresh/test_any_sequence.py",
    "tests/jobs/test_machinery_service.py",
)
"""The files with a test, or with a fixture of theirs, that takes five seconds or more; the longest first."""


def spread(items: list[pytest.Item], workers: int) -> None:
    """Put the list into the order of this page; tests of one file keep theirs."""
    long: dict[str, list[pytest.Item]] = {name: [] for name in LONG}
    others = []
    for item in items:
        long.get(item.nodeid.partition("::")[0], others).append(item)
    done = []
    for worker in range(workers):
        first = [item for name in LONG[worker::workers] for item in long[name]]
        room = max(len(items) // workers - len(first), 0) if worker < workers - 1 else len(others)
        done += first + others[:room]
        del others[:room]
    items[:] = done
