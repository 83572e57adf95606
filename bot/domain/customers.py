"""A customer and what is known of her, as values; a row builds its value, sealed columns opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from bot.domain import masks
from bot.domain.shop import Veil
from bot.domain.stats import Stats

CustomerState = Literal["active", "temporary", "merged"]
FactState = Literal["live", "pending", "void"]
MatterKind = Literal["complaint", "promise", "hold", "reminder"]


@dataclass(frozen=True, slots=True)
class Customer:
    """A person served. Empty texts mean unknown; `phone` is E.164, `birthday` as bot/domain/birthdays.py keeps it."""

    id: int
    customer_no: str | None
    phone: str
    name: str
    alias: str
    gender: str | None
    birthday: str
    email: str
    address: str
    job: str
    source: str | None
    store_id: int
    guide_id: int | None
    referrer_id: int | None
    level: str | None
    points: int | None
    state: CustomerState
    merged_into: int | None
    created_at: datetime
    changed_at: datetime

    @property
    def last4(self) -> str:
        """The last four digits of her number, or nothing."""
        return self.phone[-4:]

    @property
    def called(self) -> str:
        """What she is called: her name, else how she is remembered."""
        return self.name or self.alias

    def behind(self, veil: Veil) -> "Customer":
        """Herself as a veil leaves her: name and number masked for good; closed, no word of her that anybody wrote."""
        if veil == "none":
            return self
        name = masks.name(self.name) if self.name else ""
        left = replace(self, name=name, phone=masks.phone(self.phone), email="", address="", job="")
        if veil == "names":
            return left
        return replace(left, phone=left.phone[-8:], customer_no=None, alias="", birthday="", source=None)


@dataclass(frozen=True, slots=True)
class Sight:
    """A customer as one member of staff sees her: herself, her statistics, her guide's name and store.

    Behind a `veil` the customer holds nothing that may not be shown; who writes reads her by `customers.whole`.
    """

    customer: Customer
    stats: Stats
    guide_name: str = ""
    mine: bool = False
    here: bool = False
    veil: Veil = "none"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of a customer: what `Statement` said, who noted it and when.

    `of` is the relative who has it (None: herself); `author` is the name of whoever noted it.
    """

    id: int
    customer_id: int
    kind: str
    value: str
    facet: str | None
    of: str | None
    state: FactState
    source: str
    author_id: int | None
    author: str
    said_at: datetime
    expires_at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matter:
    """Something open with a customer: a complaint, a promise, a hold or a reminder."""

    id: int
    kind: MatterKind
    number: int | None
    customer_id: int
    store_id: int
    text: str
    facets: tuple[str, ...]
    urgent: bool
    owner_id: int | None
    opened_at: datetime
    due_at: datetime | None
