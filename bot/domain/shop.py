"""Stores, staff and products as values; a row builds its value, sealed columns opened."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Role = Literal["guide", "manager", "hq", "admin"]
Scope = Literal["own", "store", "chain"]
Veil = Literal["none", "names", "closed"]
ROLES: dict[str, str] = {"guide": "导购", "manager": "店长", "hq": "总部", "admin": "管理员"}
# How often customers of a trade come when nothing is known of one: her own gaps soon outweigh it.
USUAL_DAYS = {"tea": 14, "fashion": 45, "jewellery": 180, "supermarket": 10, "beauty": 30, "baby": 21}
# What a guide may give alone in one coupon, by trade, until head office says otherwise; a manager ten times as much.
GUIDE_LIMITS_FEN = {
    "tea": 2000, "fashion": 10000, "jewellery": 50000, "supermarket": 3000, "beauty": 5000, "baby": 5000,
}  # fmt: skip
MANAGER_TIMES = 10
VERTICALS = ("tea", "fashion", "jewellery", "supermarket", "beauty", "baby")


@dataclass(frozen=True, slots=True)
class Store:
    """A shop; `data_at` is how far its orders reach."""

    id: int
    code: str
    name: str
    city: str | None = None
    opened_on: date | None = None
    data_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is asking, with what the chain allows: `scope` is already decided, `zone` is the chain's.

    Head office and admins have no store. `data_at` is how far the orders of the store (or the chain) reach.
    `veil` is what the channel she speaks on hides: nothing, `names` and numbers also in free text, or (`closed`)
    whatever was noted of a customer as well.
    """

    id: int
    code: str
    name: str
    role: Role
    scope: Scope
    store_id: int | None
    store_name: str
    zone: ZoneInfo
    vertical: str
    first7: bool
    data_at: datetime | None
    veil: Veil = "none"

    @property
    def leads(self) -> bool:
        """A manager or above: may undo others' writes, merge, see who looked."""
        return self.role in ("manager", "hq")


@dataclass(frozen=True, slots=True)
class Product:
    """Something the shop sells; `ingredients` decide what an allergy bars."""

    id: int
    code: str
    name: str
    category: str | None
    price_fen: int | None
    ingredients: tuple[str, ...]
    new_on: date | None
    replaces_id: int | None
