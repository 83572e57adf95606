"""One refresh in a process of its own: how long it took, what it wrote, its peak of memory, when it was."""

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.bench.importing import peak_mb


def main(data: Path, url: str, at: datetime, full: str) -> dict[str, Any]:
    """Refresh the shop of a folder as of a moment."""
    from bot.app import open_shop  # noqa: PLC0415 — the parent's process imports none of this
    from bot.refresh.run import refresh  # noqa: PLC0415
    from bot.settings import Settings  # noqa: PLC0415

    database = open_shop(Settings(data=data, database_url=url))
    began = time.time()
    done = refresh(database, data, at, full=full == "full")
    said = {"began": began, "ended": time.time(), "mb": peak_mb("VmHWM", "self")}
    database.close()
    return done.as_json() | said


if __name__ == "__main__":
    folder, address, moment, how = sys.argv[1:]
    print(json.dumps(main(Path(folder), address, datetime.fromisoformat(moment), how)))  # noqa: T201 — the answer of a process
