"""The rules each vertical starts with, read from presets.toml; a vertical is data and never code."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from bot.domain.segments.rules import Rules, built
from bot.domain.shop import USUAL_DAYS, VERTICALS

FEWEST = 50  # a fifth of fewer is a handful of people, and moves with each of them


@cache
def preset(vertical: str) -> Rules:
    """The rules of a vertical before anyone changed them; an unknown one is taken for a tea shop."""
    said = _read()[vertical if vertical in VERTICALS else VERTICALS[0]]
    usual = USUAL_DAYS.get(vertical, USUAL_DAYS[VERTICALS[0]])
    return built({**said, "usual_days": usual, "among": "store", "fewest": FEWEST})


@cache
def _read() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("bot.domain.segments").joinpath("presets.toml").read_text("utf-8"))
