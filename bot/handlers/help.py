"""帮助: what this person can type, each with one example, made from the commands themselves."""

from bot.chat import Reply
from bot.commands import EVERYONE, Context, as_typed, command
from bot.domain.errors import UsageError

_OFTEN = (
    *("查", "记", "敏", "撤", "发", "券", "核", "话术", "全", "给看", "诉", "诉结", "建", "临", "改", "并", "电话"),
    *("为什么", "我的", "批", "打法", "开券", "停券", "人群", "规则"),
)


@command("帮助", "help", "?", "？", "bangzhu", "菜单", takes=as_typed, example="/帮助", roles=EVERYONE)
def help_(ctx: Context, text: str) -> Reply:
    """看能做什么；「帮助 记」看一条"""
    from bot import handlers  # noqa: PLC0415 — the package is complete only once its files are loaded
    from bot.commands import collect  # noqa: PLC0415

    every = collect(handlers)
    wanted = text.lstrip("/").split()
    if wanted:
        found = every.match(wanted[0], slash=True)
        if not found or found[0].hidden:
            named = f"「{wanted[0][:10]}」这个" if ctx.staff.veil == "none" else "这个"
            raise UsageError(f"没有{named}命令。发「帮助」看全部。")
        one = found[0]
        others = "、".join(name for name in one.names[1:])
        return Reply(
            f"{one.names[0]}：{one.help}\n例：{one.example}" + (f"\n也可以写：{others}" if others else ""),
            keeps_menu=True,
        )
    shop = ctx.staff.role != "admin"
    lines = ["直接发手机号或后四位就能查；说一句话就能记（先查她）。" if shop else "管理员管账号，不看客户资料。"]
    mine = [one for one in every.all if not one.hidden and ctx.staff.role in one.roles]
    mine.sort(key=lambda one: _OFTEN.index(one.names[0]) if one.names[0] in _OFTEN else len(_OFTEN))
    lines += [f"{one.names[0]} — {one.help}" for one in mine]
    lines.append("斜杠可以不打。每条写错了都能回「撤」。")
    return Reply("\n".join(lines), keeps_menu=True, focus=False)
