"""Plays: what is done for customers of a layer: an action, the kind of offer that goes with it, and words.

The defaults are data beside this: `plays.toml` for every vertical, `<vertical>.toml` the names of its offers.
What head office changes of one is kept by bot/db/offers/plays.py. Loyal customers get feeling, potential ones
benefit; a play without an offer is care: 只问候，别发券.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from bot.domain.selling.offers import Kind
from bot.domain.selling.presets import presets

Tone = Literal["feeling", "benefit", "care"]
TONES: dict[Tone, str] = {"feeling": "重感情", "benefit": "给实惠", "care": "先关心"}


@dataclass(frozen=True, slots=True)
class Play:
    """What is done for one layer; `called` are its names in chat, the first is shown.

    `offer` is the name of the offer that goes with it, `kind` its kind; both empty: no coupon. Gaps in `words`
    are those of bot/domain/selling/plays/words.py.
    """

    key: str
    called: tuple[str, ...]
    action: str
    tone: Tone
    words: tuple[str, ...]
    kind: Kind | Literal[""] = ""
    offer: str = ""

    def pack(self) -> str:
        """What may be changed of it, as JSON."""
        said = asdict(self)
        return json.dumps({name: said[name] for name in _CHANGED}, ensure_ascii=False, sort_keys=True)


_CHANGED = ("action", "words", "kind", "offer")


def unpack(play: Play, text: str) -> Play:
    """A play with what `Play.pack` packed of it."""
    said: dict[str, Any] = json.loads(text)
    return Play(play.key, play.called, said["action"], play.tone, tuple(said["words"]), said["kind"], said["offer"])


@cache
def preset(vertical: str) -> Mapping[str, Play]:
    """The plays of a vertical by key, in the order they are shown."""
    offers: dict[str, str] = _read(vertical)["offers"]
    kinds = {one.name: one.kind for one in presets(vertical)}
    return {key: _play(key, row, offers.get(key, ""), kinds) for key, row in _read("plays").items()}


@cache
def names() -> frozenset[str]:
    """Every name a play has in chat, whatever the vertical."""
    return frozenset(name for row in _read("plays").values() for name in row["called"])


def _play(key: str, row: dict[str, Any], offer: str, kinds: Mapping[str, Kind]) -> Play:
    return Play(
        key=key,
        called=tuple(row["called"]),
        action=row["action"],
        tone=row["tone"],
        words=tuple(row["words"]),
        kind=kinds[offer] if offer else "",
        offer=offer,
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("bot.domain.selling.plays").joinpath(f"{name}.toml").read_text("utf-8"))
