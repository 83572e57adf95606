"""The rows that were refused, each with its reason: the one plain copy, for whoever mends them."""

import csv
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from bot.intake.reading.files import Row

REASON = "原因"
# A sign that begins a formula, in every width, behind whatever a spreadsheet may drop before it.
_FORMULA = re.compile(
    "[\\s\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*[-=+@＝＋－＠﹦﹢﹣﹫−]"
)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def write_refused(path: Path, header: Sequence[str], rows: Iterable[Row], reasons: Mapping[int, str]) -> str:
    """Write the rows with a reason (by their number from 1) into a new file only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.chmod(0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    width = len(header)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        os.fchmod(file.fileno(), 0o600)
        writer = csv.writer(file)
        writer.writerow([*map(guarded, header), REASON])
        for number, row in enumerate(rows, 1):
            if number in reasons:
                cells = (row + [""] * width)[: max(width, len(row))]
                writer.writerow([*map(guarded, cells), reasons[number]])
    return str(path)


def place(data: Path, kind: str, now: datetime, digest: bytes) -> Path:
    """Where the refused rows of an import go."""
    return data / "refused" / f"{kind}-{now:%Y%m%d-%H%M%S}-{digest.hex()[:8]}.csv"
