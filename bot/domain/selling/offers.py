"""Offers (券批次) and coupons (券): what they give, when and for whom, as values."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

Kind = Literal["cut", "percent", "second_half", "gift", "counted", "pickup", "next_visit"]
KINDS: dict[Kind, str] = {
    "cut": "满减",
    "percent": "折扣",
    "second_half": "第二件半价",
    "gift": "赠品",
    "counted": "买送次数",
    "pickup": "到店自提",
    "next_visit": "下次券",
}
CouponState = Literal["live", "used", "void"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an offer gives and where it holds; money in fen, `percent` is what is paid of a hundred (95: 95折).

    `items` and `categories` limit what it may be spent on (product ids and category names; both empty: anything);
    `gift_id` is the product given. `buy` and `get`: counted coupons are good for `buy + get` pieces. `weekdays` are
    1 (Monday) to 7, empty: every day; minutes of the local day, `to_minute` excluded. `words` are for the customer.
    """

    off_fen: int = 0
    percent: int = 100
    least_fen: int = 0
    gift_id: int | None = None
    buy: int = 0
    get: int = 0
    items: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    from_minute: int = 0
    to_minute: int = 24 * 60
    words: str = ""

    def pack(self) -> str:
        """As JSON; what is at its default is left out."""
        blank = asdict(Terms())
        said = {name: value for name, value in asdict(self).items() if value != blank[name]}
        return json.dumps(said, ensure_ascii=False, sort_keys=True)


def unpack(text: str) -> Terms:
    """What `Terms.pack` packed."""
    said: dict[str, Any] = json.loads(text)
    lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    return Terms(**{**said, **lists})


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer, a column each. `store_id` None: every store's. `cap` and `budget_fen` None: without bound.

    `cost_fen` is what one coupon may cost at most: what a guide's limit is measured by.
    """

    id: int
    number: int
    name: str
    kind: Kind
    terms: Terms
    store_id: int | None
    state: Literal["live", "stopped"]
    valid_days: int
    starts_on: date | None
    ends_on: date | None
    cap: int | None
    cap_each: int
    budget_fen: int | None
    cost_fen: int
    issued: int
    committed_fen: int


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon of one customer; `code` is opened for who may see it, `ends_on` is its last day."""

    id: int
    offer: Offer
    customer_id: int
    nth: int
    store_id: int
    code: str
    state: CouponState
    uses: int
    uses_left: int
    cost_fen: int
    starts_on: date
    ends_on: date
    issued_at: datetime

    @property
    def tail(self) -> str:
        """The last four characters, as it is called in chat."""
        return self.code[-4:]
