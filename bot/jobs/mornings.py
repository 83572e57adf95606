"""What the jobs of ten o'clock share: the lists of the day, whichever of them comes first."""

import secrets

from bot.actions.lists import morning
from bot.actions.lists import place as places
from bot.db.lists import known
from bot.domain.errors import ConflictError
from bot.domain.lists.kinds import Kind
from bot.schedule import JobContext, Write

MEASURABLE = 300
"""Customers of a chain below which a hold-out measures nothing."""


def lists(ctx: JobContext, *kinds: Kind) -> Write:
    """Tell whoever has somebody due for one of these kinds."""
    _draw(ctx)
    chain = ctx.chain
    some = places.several(ctx.conn, ctx.stores, chain.vertical, chain.timezone, ctx.now, ctx.today)
    return morning.look(some, kinds).write


def _draw(ctx: JobContext) -> None:
    """Draw the chain's hold-out, once and for all; of too few customers it would tell nothing, and there is none."""
    if known.settings(ctx.conn).salt or not known.counts_as_many(ctx.conn, MEASURABLE):
        return
    if not ctx.writes:
        raise ConflictError("对照组还没有抽。")
    known.draw_salt(ctx.conn, secrets.token_hex(16))
