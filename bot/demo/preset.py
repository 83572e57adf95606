"""What a demo chain is made of, read from presets/*.toml; a vertical is data and never code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Good:
    """A product: `price` in yuan, `new` days on sale so far (0: since the first of this month).

    Favourites are groups (one product unless said), `ages` the months of the child it is for, `months` its
    season; a `durable` one is bought once, one for `tasters` never becomes a favourite.
    """

    code: str
    name: str
    category: str
    price: float
    weight: float = 1
    ingredients: str = ""
    group: str = ""
    gender: str = ""
    new: int | None = None
    replaces: str = ""
    months: tuple[int, ...] = ()
    ages: tuple[int, ...] = ()
    tasters: bool = False
    durable: bool = False
    by_weight: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """Its ingredients one by one."""
        return tuple(self.ingredients.split())

    @property
    def price_fen(self) -> int:
        """Its price as money is kept."""
        return round(self.price * 100)


@dataclass(frozen=True, slots=True)
class Persona:
    """A way of buying: days between visits with their spread, when first and last seen (days ago), hours, baskets.

    `likes` are the categories her favourites come from, `known` how much guides know of her.
    """

    name: str
    share: float
    gap: float = 0
    spread: float = 0.3
    since: Range = (30, 730)
    until: Range = (1, 1)
    visits: int = 100_000
    weekdays: str = "1234567"
    months: tuple[int, ...] = ()
    hours: tuple[Range, ...] = ((10, 21),)
    lines: tuple[float, ...] = (1,)
    quantities: tuple[float, ...] = (1,)
    loyalty: float = 0.6
    favourites: int = 2
    likes: tuple[str, ...] = ()
    known: float = 1
    family: bool = False
    taster: bool = False
    channels: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """A fact some customers have: one of `values`.

    `unless` are allergies it would be nonsense beside; `family` doubles its share among family personas.
    """

    kind: str
    values: tuple[str, ...]
    share: float
    facet: str | None = None
    of: str | None = None
    gender: str = ""
    family: bool = False
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A complaint and how it was closed."""

    text: str
    facets: tuple[str, ...]
    closing: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Errand:
    """A promise, a hold or a reminder; `{good}` is her favourite."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Role:
    """What a vertical makes of one of the fixed cast; goods are named by code."""

    gap: int
    usual: str
    others: tuple[str, ...]
    last: int = 1
    habits: tuple[tuple[str, str], ...] = ()
    sizes: Mapping[str, str] = field(default_factory=dict)
    allergy: str = ""
    demand: str = ""
    promise: str = ""
    returned: str = ""
    returned_after: int = 0
    complaint: Trouble | None = None
    child_months: int | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """One vertical."""

    chain: str
    female: float
    refunds: float
    refund_minutes: Range
    walkins: int
    levels: tuple[tuple[str, int], ...]
    pay: Mapping[str, float]
    channels: Mapping[str, float]
    sources: Mapping[str, float]
    goods: tuple[Good, ...]
    personas: tuple[Persona, ...]
    facts: tuple[Template, ...]
    complaints: tuple[Trouble, ...]
    followups: tuple[Errand, ...]
    aliases: tuple[tuple[str, str], ...]
    cast: Mapping[str, Role]
    sizes_share: float = 0
    sizes: tuple[Mapping[str, Any], ...] = ()
    children: Range | None = None
    anniversaries: float = 0

    def good(self, code: str) -> Good:
        """The product of this code."""
        return next(good for good in self.goods if good.code == code)


@dataclass(frozen=True, slots=True)
class People:
    """Words that names of people, stores and streets are combined from."""

    surnames: tuple[tuple[str, float], ...]
    female: tuple[str, ...]
    male: tuple[str, ...]
    avoid: frozenset[str]
    staff: tuple[tuple[str, str], ...]
    managers: tuple[str, ...]
    stores: tuple[tuple[str, str], ...]
    roads: tuple[str, ...]
    phones: tuple[str, ...]


@cache
def load(vertical: str) -> Preset:
    """The preset of a vertical."""
    raw = _read(vertical)
    parts: dict[str, Any] = {
        "goods": tuple(_good(row) for row in raw.pop("goods")),
        "personas": tuple(Persona(**row) for row in raw.pop("personas")),
        "facts": tuple(Template(**row) for row in raw.pop("facts")),
        "complaints": tuple(Trouble(**row) for row in raw.pop("complaints")),
        "followups": tuple(Errand(**row) for row in raw.pop("followups")),
        "cast": {name: _role(row) for name, row in raw.pop("cast").items()},
    }
    return Preset(**parts, **raw)


def _good(row: dict[str, Any]) -> Good:
    return Good(**{"group": row["code"], **row})


def _role(row: dict[str, Any]) -> Role:
    trouble = row.pop("complaint", None)
    return Role(**row, complaint=Trouble(**trouble) if trouble else None)


@cache
def people() -> People:
    """The words that names are made of."""
    raw = _read("people")
    split = {name: tuple(raw.pop(name).split()) for name in ("female", "male", "avoid", "phones")}
    avoid = frozenset(split.pop("avoid"))
    return People(**split, avoid=avoid, **raw)


def _read(name: str) -> dict[str, Any]:
    text = files("bot.demo").joinpath(f"presets/{name}.toml").read_text("utf-8")
    return {key: _frozen(value) for key, value in tomllib.loads(text).items()}


def _frozen(value: Any) -> Any:  # noqa: ANN401 — whatever TOML can hold
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value
