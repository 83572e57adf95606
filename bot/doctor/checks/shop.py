"""The shop: stores, staff, who is let in, and who has shut the bot out."""

from bot.doctor.case import Case
from bot.doctor.finding import Verdict, check, fail, ok, warn
from bot.domain.shop import ROLES

_CHANNELS = {"wecom": "企业微信", "telegram": "Telegram"}
_ABSENT = "absent"


@check("门店")
def stores(case: Case) -> Verdict | None:
    """There is a store."""
    if case.shop.state not in {"open", _ABSENT}:
        return None
    if case.shop.stores:
        return ok(f"「{case.shop.chain}」{case.shop.stores} 家")
    return fail("还没有门店。", "zhanggui store add 001 徐汇店")


@check("员工")
def staff(case: Case) -> Verdict | None:
    """Somebody works here, and somebody may manage."""
    if case.shop.state not in {"open", _ABSENT}:
        return None
    roles = case.shop.accounts.roles
    if not roles:
        return fail(
            "还没有员工。",
            "zhanggui staff add dianzhang --role manager --store 001 --name 老周",
            "zhanggui staff add xiaowang --role guide --store 001 --name 小王",
        )
    counted = "、".join(f"{ROLES[role]} {roles[role]}" for role in ROLES if roles.get(role))
    if not roles.get("manager") and not roles.get("hq"):
        return warn(
            f"{counted}：没有店长也没有总部，没人能发绑定码、合并客户、收离职。",
            "zhanggui staff add dianzhang --role manager --store 001 --name 老周",
        )
    return ok(counted)


@check("绑定")
def bound(case: Case) -> Verdict | None:
    """Somebody's account is let in."""
    if case.shop.state != "open" or not case.shop.accounts.roles:
        return None
    accounts = case.shop.accounts
    total = sum(accounts.roles.values())
    invite = f"zhanggui staff invite {accounts.to_invite}（把绑定码给本人，本人发「绑定 绑定码」）"
    if not accounts.bound:
        return warn(f"{total} 位员工都还没有绑定，机器人谁也不认。", invite)
    counted = "、".join(f"{_CHANNELS.get(name, name)} {len(found)}" for name, found in sorted(accounts.bound.items()))
    left = total - accounts.people_bound
    return ok(f"{accounts.people_bound} 位（{counted}）" + (f"，还有 {left} 位没绑定：{invite}" if left else ""))


@check("停用机器人的人")
def blocked(case: Case) -> Verdict | None:
    """Nobody who works here has stopped the bot."""
    if not case.shop.accounts.bound:
        return None
    gone = case.shop.accounts.blocked
    if not gone:
        return ok("没有")
    named = "、".join(f"{code}（{_CHANNELS.get(channel, channel)}）" for channel, code in gone)
    return warn(
        f"{len(gone)} 位收不到推送：{named}。",
        "Telegram：请本人打开机器人，点「重新启动」；企业微信：管理后台 → 应用管理 → 这个应用 → 可见范围，加上他。",
        "已经离职的：zhanggui staff off 员工号",
    )
