"""The rules of the layers: borders, windows and bases, of the chain or a store; JSON at rest, changed in chat."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bot.domain.rhythm import STAGES
from bot.domain.segments.labels import LAYERS, LIFE, Scheme

Basis = Literal["ticket", "sum", "days"]
BASES: dict[Basis, str] = {"ticket": "单笔最高", "sum": "累计", "days": "到店天数"}
Among = Literal["store", "chain"]


@dataclass(frozen=True, slots=True)
class Band:
    """A band of a scheme: everyone whose measure is at least `least` (fen, or purchase days in the window).

    `filled`: nobody asked for this band; it fills the hole between two that were asked for.
    """

    code: str
    name: str
    least: int
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Banding:
    """A scheme of bands, the highest first, the last one's `least` 0; `window_days` counts today.

    `sleeps`: whoever is away for the rules' `asleep_days` is 沉睡 in this scheme, whatever her band.
    """

    basis: Basis
    window_days: int
    bands: tuple[Band, ...]
    sleeps: bool = False

    def band(self, measure: int) -> Band:
        """The band of a measure; every border belongs to the higher band."""
        return next(band for band in self.bands if measure >= band.least)

    def named(self, code: str) -> str:
        """The words of a code of this scheme: a band's, or new, asleep and never."""
        return next((band.name for band in self.bands if band.code == code), LIFE.get(code, code))


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

    def names(self, scheme: Scheme) -> dict[str, str]:
        """Every code a customer may have in a scheme and its words, in the order they are listed in chat."""
        if scheme == "layer":
            return dict(LAYERS)
        if scheme == "stage":
            return dict(STAGES)
        banding = self.spend if scheme == "spend" else self.frequency
        bands = {band.code: band.name for band in banding.bands}
        life = [code for code in LIFE if code == "never" or scheme == "frequency"]
        return bands | {code: LIFE[code] for code in life if code != "asleep" or banding.sleeps}


def changed(before: Rules, after: Rules) -> frozenset[str]:
    """What is otherwise, by names: a setting, a scheme with all its bands, or one band."""
    plain = ("new_days", "asleep_days", "usual_days", "among", "fewest", "ranks")
    found = {name for name in plain if getattr(before, name) != getattr(after, name)}
    for scheme, was, now in (("spend", before.spend, after.spend), ("frequency", before.frequency, after.frequency)):
        whole = (was.basis, was.window_days) != (now.basis, now.window_days)
        least = {band.code: band.least for band in was.bands}
        found |= {f"{scheme}.{band.code}" for band in now.bands if whole or least.get(band.code) != band.least}
    return frozenset(found)


def unpack(text: str) -> Rules:
    """What `pack` packed."""
    return built(json.loads(text))


def built(said: Mapping[str, Any]) -> Rules:
    """Rules of plain dictionaries and lists, as JSON and TOML give them."""
    ranks = {name: tuple(values) for name, values in said["ranks"].items()}
    schemes = {name: _banding(said[name]) for name in ("spend", "frequency")}
    return Rules(**{**said, **schemes, "ranks": ranks})


def _banding(said: Mapping[str, Any]) -> Banding:
    return Banding(**{**said, "bands": tuple(Band(**band) for band in said["bands"])})
