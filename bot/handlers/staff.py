"""About oneself and colleagues: 我的 绑定 停用."""

from bot.actions import accounts, undoing
from bot.cards import staff as cards
from bot.chat import Choice, Reply
from bot.commands import EVERYONE, Context, as_typed, command, no_argument
from bot.db import people
from bot.db.core.engine import keys_of
from bot.domain.errors import UsageError
from bot.handlers import writing


@command("我的", "我是谁", "wode", "me", takes=no_argument, example="/我的", roles=EVERYONE)
def mine(ctx: Context, _nothing: None) -> Reply:
    """我是谁、看得到谁、今天写了什么（可以撤）"""
    own = undoing.mine(ctx.conn, ctx.staff, ctx.now)[:5]
    others = [unit for unit in undoing.of_store(ctx.conn, ctx.staff, ctx.now) if unit.staff_id != ctx.staff.id][:5]
    token = keys_of(ctx.conn).token
    names = {staff_id: name for staff_id, _code, name, _role, _store in people.everyone(ctx.conn)} if others else {}
    choices = tuple(
        Choice(cards.row(unit, ctx.staff, names, ctx.now), f"撤 #{token(unit.id, ctx.staff.id)}")
        for unit in (*own, *others)
    )
    text = cards.mine(ctx.staff, people.bindings(ctx.conn, ctx.staff.id), choices)
    about = tuple(dict.fromkeys(unit.customer_id for unit in (*own, *others) if unit.customer_id))
    return Reply(text, choices, about=about, focus=False)


@command("绑定", "bangding", "bind", "start", takes=as_typed, example="/绑定 ABCD2345", roles=EVERYONE)
def bind(ctx: Context, text: str) -> Reply:
    """把这个账号绑到你的员工号（绑定码向店长要）"""
    if not text:
        raise UsageError(f"你已经绑定了：{ctx.staff.name}。换人请发新的绑定码。")
    return Reply(accounts.bind(ctx.conn, text, ctx.address.channel, ctx.address.account, ctx.now))


@command("停用", "离职", takes=as_typed, example="/停用 xiaoli", roles=("manager", "hq", "admin"), writes=True)
def off_board(ctx: Context, text: str) -> Reply:
    """停用离职员工的账号，所有渠道马上失效"""
    sure = text.startswith("确认 ")
    words = text.removeprefix("确认 ").strip()
    if not words:
        raise UsageError("停用谁？请发员工号。")
    staff_id, name = accounts.whom(ctx.conn, words, ctx.staff)
    if not sure:
        choices = (Choice(f"停用{name}", f"停用 确认 {words}"), Choice("算了", "算了"))
        return Reply(
            f"停用 {name}（{words}）？这个账号在所有渠道马上查不了客户，客户和记录都留在店里。",
            choices,
            focus=False,
        )
    work = writing.writer(ctx)
    accounts.off_board(work.recorder, staff_id, ctx.now)
    writing.close(ctx, work, "停用", f"停用 {name}", None)
    return Reply(f"{name} 已停用。名下的客户请店长用「改 … 导购 …」分给同事。错了回 撤", focus=False)
