"""The offers a chain begins with, by vertical; data in the toml files beside this, money there in yuan."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.domain.selling.costs import at_most
from bot.domain.selling.offers import Kind, Terms

_YUAN = {"off": "off_fen", "least": "least_fen"}
_LISTS = ("categories", "weekdays")


@dataclass(frozen=True, slots=True)
class Preset:
    """An offer to begin with: for every store, on anything sold, money in fen; `cost_fen` is what one may cost."""

    name: str
    kind: Kind
    terms: Terms
    valid_days: int
    cap_each: int
    cost_fen: int
    cap: int | None = None
    budget_fen: int | None = None


@cache
def presets(vertical: str) -> tuple[Preset, ...]:
    """The offers of a vertical, in the order they are numbered."""
    text = files("bot.domain.selling.presets").joinpath(f"{vertical}.toml").read_text("utf-8")
    return tuple(_preset(row) for row in tomllib.loads(text)["offers"])


def _preset(row: dict[str, Any]) -> Preset:
    terms = {_YUAN.get(name, name): value for name, value in row.pop("terms").items()}
    for name in _YUAN.values():
        if name in terms:
            terms[name] = round(terms[name] * 100)
    if hours := terms.pop("hours", None):
        terms["from_minute"], terms["to_minute"] = (hour * 60 for hour in hours)
    for name in _LISTS:
        if name in terms:
            terms[name] = tuple(terms[name])
    return Preset(
        name=row["name"],
        kind=row["kind"],
        terms=Terms(**terms),
        valid_days=row["valid_days"],
        cap_each=row.get("cap_each", 1),
        cost_fen=_cost(row, Terms(**terms)),
    )


def _cost(row: dict[str, Any], terms: Terms) -> int:
    """As it stands there, or by the formula every offer's cost is worked out with."""
    fen = round(float(row["cost"] if "cost" in row else row["price"]) * 100)
    return fen if "cost" in row else at_most(row["kind"], terms, fen)
