"""What is asked of an import, and what it reports; everything is counted in lines of the file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

Kind = Literal["stores", "staff", "products", "customers", "orders"]
Progress = Callable[[int, int], None]
KINDS: tuple[Kind, ...] = ("stores", "staff", "products", "customers", "orders")


@dataclass(frozen=True, slots=True)
class Options:
    """How to import: `store` stands in where a row names none, `data` is the folder for refused rows.

    With `only_store` nothing but that store is touched: rows of another, or of a customer it may not see, are refused.
    `via` is who tells it: a file or a till. `now` is written into what is made and into the name of the refused file.
    """

    data: Path
    now: datetime
    store: str | None = None
    unknown: Literal["create", "refuse"] = "create"
    dry_run: bool = False
    only_store: bool = False
    via: Literal["import", "post"] = "import"

    @property
    def key(self) -> str:
        """Two imports of one file are the same import where this is the same."""
        said = f"store={self.store or ''} unknown={self.unknown}"
        return f"{said} only" if self.only_store else said


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the lines of a file; `preview` is for people to read before they say yes.

    `remarks` are lines that were taken, but whose coupon was not: they are in the refused file too, with the reason.
    """

    read: int
    new: int
    changed: int
    unchanged: int
    refused: int
    refused_file: str | None
    preview: tuple[str, ...] = ()
    remarks: int = 0

    def as_json(self) -> dict[str, int | str | None]:
        """The keys that outside checks rely on; `remarks` only where there are any."""
        names = ("read", "new", "changed", "unchanged", "refused", "refused_file", *["remarks"] * bool(self.remarks))
        return {name: getattr(self, name) for name in names}


def silent(done: int, total: int) -> None:
    """Tell nobody."""
