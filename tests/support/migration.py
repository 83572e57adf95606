"""Writing a migration: what bot/db/tables.py says now, less what the migrations so far make.

`.venv/bin/python -m tests.support.migration first` writes 0001 anew (only until the first release), and
`.venv/bin/python -m tests.support.migration "what changes"` the next one.
"""

import io
import re
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from alembic import command
from alembic.config import Config

from bot.db.core import schema
from bot.db.core.crypto import Keyring
from bot.db.core.engine import open_database


def write(message: str) -> Path:
    """Write the next revision (or, for `first`, 0001 anew) and give its file."""
    versions = schema.folder() / "versions"
    versions.mkdir(exist_ok=True)
    if message == "first":
        for old in versions.glob("0*.py"):
            old.unlink()
    number = f"{len(list(versions.glob('0*.py'))) + 1:04d}"
    schema.revisions.cache_clear()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/at-head.db", Keyring({1: bytes(32)}))
        if schema.revisions():
            schema.upgrade(database)
        with database.engine.connect() as conn, conn.begin():
            config = Config(attributes={"connection": conn})
            config.set_main_option("script_location", str(schema.folder()))
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            with redirect_stdout(io.StringIO()):
                command.revision(config, message, autogenerate=True, rev_id=number)
        database.close()
    (path,) = versions.glob(f"{number}_*.py")
    text = re.sub(r" *# ### .*\n", "", path.read_text())
    path.write_text(re.sub(r"(alter_column\(.*), autoincrement=False\)", r"\1)", text))  # Alembic warns of its own word
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", "--no-force-exclude", path], check=True)
    return path


if __name__ == "__main__":
    print(write(sys.argv[1]))  # noqa: T201 — the answer of a command
