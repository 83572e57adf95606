"""The first rows of a file as they would be taken, for whoever says yes or no; people and coupons are masked."""

import re
from collections.abc import Iterable

from bot.domain import masks
from bot.domain.phones import read
from bot.domain.selling import codes as coupon_codes
from bot.intake.reading.files import Row
from bot.intake.reading.headers import Header
from bot.intake.reading.texts import text_of

_CLIPPED = 24
_LONG = re.compile(r"\d{8,}[0-9Xx]?")


def preview(header: Header, rows: Iterable[Row]) -> tuple[str, ...]:
    """A line of `column=cell` for each row, without what is blank."""
    return tuple(
        "  ".join(
            f"{name}={_shown(name, cell)}"
            for name, place in header.places.items()
            if place < len(row) and (cell := text_of(row[place]))
        )
        for row in rows
    )


def _shown(name: str, cell: str) -> str:
    if name == "phone" or read(cell):
        return masks.phone(cell)
    if name in ("name", "customer_name"):
        return masks.name(cell)
    if name == "coupon" or coupon_codes.is_code(cell):  # a live code is money: by its tail, as in chat
        return f"…{cell.strip()[-coupon_codes.TAIL :]}" if len(cell.strip()) > coupon_codes.TAIL else "…"
    cell = _LONG.sub("****", cell)
    return masks.scrub(cell if len(cell) <= _CLIPPED else cell[:_CLIPPED] + "…")
