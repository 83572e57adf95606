"""What the commands of lists share: where the asker stands, which list a token means, and her right to answer it."""

from collections.abc import Sequence

from bot.actions.lists import place as places
from bot.actions.lists.place import Place
from bot.commands import Context
from bot.db.core.engine import keys_of
from bot.db.lists import lists
from bot.db.lists.lists import List, Row
from bot.domain.errors import NotFoundError
from bot.domain.lists.kinds import LEADERS
from bot.domain.shop import Store

GONE = "这张名单找不到了，发「名单」看现在的。"


def here(ctx: Context) -> Place:
    """The asker's store now."""
    staff = ctx.staff
    store = Store(staff.store_id or 0, "", staff.store_name, data_at=staff.data_at)
    return places.of(ctx.conn, store, staff.vertical, staff.zone.key, ctx.now)


def the_list(ctx: Context, token: str) -> tuple[List, list[Row]]:
    """The list a token means, with its rows; raises NotFoundError where it is not hers to answer."""
    list_id = keys_of(ctx.conn).untoken(token, ctx.staff.id)
    one = lists.by_id(ctx.conn, list_id) if list_id else None
    rows = lists.rows_of(ctx.conn, one.id) if one else []
    if one is None or not _hers(ctx, one, rows):
        raise NotFoundError(GONE)
    return one, rows


def _hers(ctx: Context, one: List, rows: Sequence[Row]) -> bool:
    """Her own, one given to her in part, or what her store's group was shown: a leader's everybody's."""
    if one.staff_id == ctx.staff.id:
        return True
    told_to_all = one.staff_id is None and one.kind not in LEADERS
    shared = told_to_all or ctx.staff.leads or any(row.staff_id == ctx.staff.id for row in rows)
    return one.store_id == ctx.staff.store_id and shared
