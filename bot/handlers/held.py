"""攒下: what a make-up digest had no room to show, a digit away."""

import re

from bot.chat import Reply
from bot.commands import EVERYONE, Context, command
from bot.db.core.engine import keys_of
from bot.db.talk import conversations, outbox
from bot.domain.errors import NotFoundError, UsageError

_TOKEN = re.compile(r"#([0-9a-f]{32})")


def parse_token(text: str) -> str:
    """What a choice says: the token of a message."""
    found = _TOKEN.fullmatch(text.strip())
    if not found:
        raise UsageError("这一条要从攒下的消息里点。")
    return found[1]


@command("攒下", takes=parse_token, roles=EVERYONE)
def held(ctx: Context, token: str) -> Reply:
    """看攒下的消息里收起来的那一条"""
    row_id = keys_of(ctx.conn).untoken(token, ctx.staff.id)
    found = outbox.held(ctx.conn, ctx.staff.id, row_id) if row_id else None
    if found is None:
        raise NotFoundError("这一条太久了，已经清掉了。")
    text, discreet, menu_id = found
    menu = conversations.menu(ctx.conn, ctx.staff.id, menu_id) if menu_id else conversations.NO_MENU
    return Reply(discreet if discreet and ctx.staff.veil == "closed" else text, menu.choices, focus=False)
