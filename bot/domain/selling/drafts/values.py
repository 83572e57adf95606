"""An offer as it was asked for, before the goods it names are known to be there."""

from dataclasses import dataclass
from datetime import date

from bot.domain.selling.offers import Kind, Terms


@dataclass(frozen=True, slots=True)
class Draft:
    """What a text asked for; None and empty is what it did not say.

    `goods` and `gift` are words that should name products or categories. `store` is a code or a name as said;
    `of_all_stores`: it was said that it holds everywhere.
    """

    name: str
    kind: Kind
    terms: Terms
    goods: tuple[str, ...] = ()
    gift: str = ""
    valid_days: int | None = None
    cap: int | None = None
    cap_each: int | None = None
    budget_fen: int | None = None
    cost_fen: int | None = None
    most_fen: int | None = None
    store: str = ""
    of_all_stores: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
