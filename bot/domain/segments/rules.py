"""The rules of the layers: borders, windows and bases, of the chain or a store; JSON at rest, changed in chat."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Basis = Literal["ticket", "sum", "days"]
BASES: dict[Basis, str] = {"ticket": "单笔最高", "sum": "累计", "days": "到店天数"}
Among = Literal["store", "chain"]


@dataclass(frozen=True, slots=True)
class Band:
    """A band of a scheme: everyone whose measure is at least `least` (fen, or purchase days in the window)."""

    code: str
    name: str
    least: int


@dataclass(frozen=True, slots=True)
class Banding:
    """A scheme of bands, the highest first, the last one's `least` 0; `window_days` counts today."""

    basis: Basis
    window_days: int
    bands: tuple[Band, ...]

    def band(self, measure: int) -> Band:
        """The band of a measure; every border belongs to the higher band."""
        return next(band for band in self.bands if measure >= band.least)

    def named(self, code: str) -> str:
        """The words of a band's code."""
        return next((band.name for band in self.bands if band.code == code), code)


@dataclass(frozen=True, slots=True)
class Rules:
    """All settings of the layers of one chain or store.

    `new_days`: a first purchase at most this many days ago makes a new customer. `asleep_days`: away for so long
    is asleep where it is longer than her own rhythm as well. `usual_days` is the category's cycle. `among`: fifths
    are cut within the store, or within the chain; where there are fewer than `fewest` buyers, at the fixed ranks
    `ranks` (least values for 2, 3, 4, 5: `r` days since, falling; `f` purchase days; `m` fen).
    """

    spend: Banding
    frequency: Banding
    new_days: int
    asleep_days: int
    usual_days: int
    among: Among
    fewest: int
    ranks: Mapping[str, tuple[int, int, int, int]]

    def pack(self) -> str:
        """As JSON, keys sorted: equal rules, equal text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def unpack(text: str) -> Rules:
    """What `pack` packed."""
    said: dict[str, Any] = json.loads(text)
    spend, frequency = (_banding(said.pop(name)) for name in ("spend", "frequency"))
    ranks = {name: tuple(values) for name, values in said.pop("ranks").items()}
    return Rules(spend=spend, frequency=frequency, ranks=ranks, **said)


def _banding(said: dict[str, Any]) -> Banding:
    bands = tuple(Band(**band) for band in said.pop("bands"))
    return replace(Banding("sum", 1, bands), **said)
