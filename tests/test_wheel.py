"""What is installed from the wheel works anywhere: it brings the migrations and needs nothing of the source tree."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the tree without fetching anything."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (made,) = folder.glob("zhanggui-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel, and the packages of this one."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    _run(sys.executable, "-m", "pip", "-qq", "--python", python, "install", "--no-deps", "--no-index", wheel)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "packages.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    return python.parent


def _run(*words: str | Path, cwd: Path | None = None, said: str = "") -> str:
    """Run a program outside the tree and without its environment; gives what it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZHANGGUI_", "PYTHON"))}
    done = subprocess.run(words, cwd=cwd, env=kept, input=said, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_the_package_and_its_migrations(wheel: Path) -> None:
    packed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / "bot").rglob("*") if path.is_file()}
    wanted |= {
        f"bot/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "migrations").rglob("*") if path.is_file()
    }

    assert packed == {name for name in wanted if "__pycache__" not in name}


def test_it_runs_from_another_folder(installed: Path, tmp_path: Path) -> None:
    where = _run(installed / "python", "-c", "import bot; print(bot.__file__)", cwd=tmp_path).strip()

    assert Path(where).is_relative_to(installed.parent)


def test_init_makes_a_shop(installed: Path, tmp_path: Path) -> None:
    _run(installed / "zhanggui", "init", cwd=tmp_path)

    assert sorted(path.name for path in (tmp_path / "var").iterdir() if path.suffix != ".db-wal") == [
        "keys",
        "zhanggui.db",
    ]


def test_the_demo_answers(installed: Path, tmp_path: Path) -> None:
    demo = ("demo", "--make-only", "--customers", "40", "--at", "2026-11-20T15:00")
    _run(installed / "zhanggui", *demo, cwd=tmp_path)

    chat = ("chat", "--as", "xiaowang", "--json", "--at", "2026-11-20T15:00")
    answers = _run(installed / "zhanggui", *chat, cwd=tmp_path, said="查 13800138000\n").splitlines()

    (card,) = [json.loads(line) for line in answers]
    assert card["error"] is None
    assert "芒果" in card["text"]
