"""Row ids chosen before the insert, so that a seal can name its row."""

import secrets
import threading
import time
from datetime import datetime

_EPOCH_MS = 1_577_836_800_000  # 2020-01-01: 41 bits of milliseconds last until 2089
_lock = threading.Lock()
_last = 0


def new_id() -> int:
    """A 63-bit id: rises with time, unique in this process and, by 22 random bits a millisecond, beyond it."""
    return new_ids(1)[0]


def new_ids(count: int) -> range:
    """As many consecutive ids at once; a bulk load never overtakes the clock (4 million a millisecond)."""
    global _last  # noqa: PLW0603 — one counter a process is the point
    with _lock:
        floor = ((time.time_ns() // 1_000_000 - _EPOCH_MS) << 22) | secrets.randbits(21)
        first = max(_last + 1, floor)
        _last = first + count - 1
    return range(first, first + count)


def first_id_at(moment: datetime) -> int:
    """The least id that a row made at this moment can have: ids rise with time, so they bound a period."""
    return max((int(moment.timestamp() * 1000) - _EPOCH_MS) << 22, 0)
