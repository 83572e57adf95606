"""Taking back: 撤, and 错了是谁."""

from dataclasses import dataclass

from bot.actions import undoing
from bot.chat import Reply
from bot.commands import EVERYONE, Context, command
from bot.db.changes import Unit
from bot.db.core.engine import keys_of
from bot.domain.errors import NotFoundError, UsageError
from bot.domain.text import normal


@dataclass(frozen=True, slots=True)
class Which:
    """The n-th last write of one's own, or the one a list pointed at."""

    back: int = 1
    token: str = ""


def parse_which(text: str) -> Which:
    """`撤` is the last, `撤 3` the third last, `撤 #…` what a list showed."""
    plain = normal(text).removeprefix("回").removesuffix("上一条").removesuffix("条").strip(" 第")
    if plain.startswith("#"):
        return Which(token=plain[1:])
    if not plain:
        return Which()
    if plain.isdecimal() and 1 <= int(plain) <= 20:
        return Which(int(plain))
    raise UsageError("撤第几条？发「撤」撤最近一条，「撤 3」撤倒数第三条。")


@command("撤", "撤回", "撤销", "撤掉", "che", "undo", takes=parse_which, example="/撤", writes=True, roles=EVERYONE)
def undo(ctx: Context, which: Which) -> Reply:
    """撤回刚才写的（24小时内）；「撤 3」撤倒数第三条，「我的」能看到有哪些"""
    unit = _pointed(ctx, which.token) if which.token else _counted(ctx, which.back)
    undoing.take_back(ctx.conn, ctx.staff, ctx.now, unit)
    about = (unit.customer_id,) if unit.customer_id else ()
    return Reply(f"已撤回：{unit.summary}", about=about, focus=False)


def _counted(ctx: Context, back: int) -> Unit:
    units = undoing.mine(ctx.conn, ctx.staff, ctx.now)
    if not units:
        whole = "30天" if ctx.staff.leads else "24小时"
        raise UsageError(f"你{whole}内没有可撤的记录。" + ("同事写的在「我的」里撤。" if ctx.staff.leads else ""))
    if len(units) < back:
        raise UsageError(f"你只有{len(units)}条可撤。")
    return units[back - 1]


def _pointed(ctx: Context, token: str) -> Unit:
    row_id = keys_of(ctx.conn).untoken(token, ctx.staff.id)
    allowed = {
        unit.id: unit
        for unit in (*undoing.mine(ctx.conn, ctx.staff, ctx.now), *undoing.of_store(ctx.conn, ctx.staff, ctx.now))
    }
    if row_id not in allowed:
        raise NotFoundError("这条撤不了了：太久了，或者已经撤过。")
    return allowed[row_id]
