"""Stores as people name them, and the day it is where somebody asks."""

from collections.abc import Sequence
from datetime import date

from bot.commands import Context
from bot.domain.shop import Store


def named(stores: Sequence[Store], said: str) -> Store | None:
    """The one store of this code, with or without its zeros, or of this name."""
    bare = said.lstrip("0") or said
    for fits in (
        [one for one in stores if one.code == said],
        [one for one in stores if one.code.lstrip("0") == bare],
        [one for one in stores if one.name in (said, f"{said}店")],
        [one for one in stores if said in one.name],
    ):
        if fits:
            return fits[0] if len(fits) == 1 else None
    return None


def today_of(ctx: Context) -> date:
    """The local day of whoever asks."""
    return ctx.now.astimezone(ctx.staff.zone).date()
