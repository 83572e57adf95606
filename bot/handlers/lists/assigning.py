"""派: handing rows of a list to a colleague by command, where no list was shown last."""

import re
from dataclasses import dataclass

from bot.actions.lists import meant
from bot.chat import Reply
from bot.commands import STORE, Context, command
from bot.db.core.engine import keys_of
from bot.domain.errors import NotFoundError, UsageError
from bot.domain.text import normal
from bot.handlers.lists import answering
from bot.handlers.lists.answering import Said

_SAID = re.compile(r"(?P<rows>\d{1,2}(?:[ 、,，和]+\d{1,2})*)[位号个]? *(?:给|到|→)? *(?P<whom>[^\d ,，。]{1,12})")


@dataclass(frozen=True, slots=True)
class Move:
    """Which rows go to whom."""

    rows: str
    whom: str


def parse_move(text: str) -> Move:
    """`2 小周`, `2、3 给小周`."""
    found = _SAID.fullmatch(normal(text).strip())
    if not found:
        raise UsageError("把名单上的第几位派给谁？")
    return Move(found["rows"], found["whom"])


@command("派", "指派", "派给", "pai", takes=parse_move, example="/派 1 小李", roles=STORE, writes=True)
def assign(ctx: Context, move: Move) -> Reply:
    """把名单上的客人转给同事，对方会收到"""
    found = meant.answerable(ctx.conn, ctx.staff, ctx.now, in_group=not ctx.address.private)
    if not found:
        raise NotFoundError("现在没有要派的名单。先发「名单」，再发「派 1 小李」。")
    token = keys_of(ctx.conn).token(found[0].id, ctx.staff.id)
    return answering.answered.run(ctx, Said(token, f"{move.rows}给{move.whom}"))
