"""The service: running, well, keeping up, and saying what it owes."""

from datetime import timedelta

from bot.doctor.case import Case
from bot.doctor.finding import Verdict, check, fail, ok, warn
from bot.web.state import LONGEST_WAIT

_TOLD = {"wecom_bot"}  # has a check of its own that asks the service
_HELD = {
    "taken": ("被别的程序占着（不是 HTTP）", "用 ss -ltnp 看是谁；停掉它，或把 ZHANGGUI_HTTP 换个端口。"),
    "other": ("被别的程序占着", "用 ss -ltnp 看是谁；停掉它，或把 ZHANGGUI_HTTP 换个端口。"),
    "forbidden": ("不许普通用户用", "把 ZHANGGUI_HTTP 换成 1024 以上的端口，外面用反向代理接 443。"),
    "elsewhere": ("不是这台机器的地址", "ZHANGGUI_HTTP 写 127.0.0.1:8080；容器里写 0.0.0.0:8080。"),
    "silent": ("连得上，5 秒没有回答", "看 zhanggui run 的日志，重启它。"),
}

_LOST = {"unknown": "不知道到没到", "dead": "没发出去"}
_STARTS = "启动 zhanggui run，还有用的它会接着发，标上补发。"
_NO_WAY = (
    "人没绑定：zhanggui staff invite 员工号；店没有群：店长在群里发「/本群」，或 zhanggui store webhook 店号 地址。"
)


@check("服务")
def service(case: Case) -> Verdict:
    """It runs and every channel of it is well; or at least it could."""
    place, seen = case.settings.http, case.service
    if seen.state == "off":
        return warn("没有在运行。", "上面都好了就启动：zhanggui run（长期运行见 deploy/README.md）")
    if seen.state in _HELD:
        cause, mend = _HELD[seen.state]
        return fail(f"ZHANGGUI_HTTP {place} {cause}。", mend)
    if not seen.has_database:
        return fail("在运行，但它的数据库没有应答。", "看 zhanggui run 的日志和磁盘；PostgreSQL 看它有没有在运行。")
    if not seen.has_keys:
        return fail("在运行，但它的密钥打不开资料。", f"把原来的密钥拷回 {case.settings.keys}，重启 zhanggui run。")
    told = {name: say for name, (is_ok, say) in seen.channels.items() if not is_ok and name not in _TOLD}
    if told:
        return fail(f"在运行，但有渠道不通：{'；'.join(told.values())}", "按这句话做；改了设置要重启 zhanggui run。")
    return ok(f"在 {place} 运行")


@check("消息")
def messages(case: Case) -> Verdict | None:
    """No message waits longer for its answer than it should."""
    seen = case.shop.waiting
    if case.shop.state != "open" or not seen.database:
        return None
    waiting, owed = int(seen.waiting), int(seen.owed)
    if case.service.state != "ours":
        if not waiting and not owed:
            return ok("没有等着的")
        return warn(f"{waiting + owed} 条收下了还没答。", "启动 zhanggui run，它会补答。")
    if seen.oldest_seconds > LONGEST_WAIT:
        minutes = seen.oldest_seconds / 60
        return fail(
            f"{waiting} 条没答，最早的等了 {minutes:.0f} 分钟：处理卡住了。",
            "重启 zhanggui run，不会丢消息；再看日志里的事故号。",
        )
    return ok(f"{waiting} 条正在答" if waiting else "没有等着的")


@check("推送")
def pushes(case: Case) -> Verdict | None:
    """Nothing that was to be said lately got lost."""
    if case.shop.state != "open":
        return None
    lost = {state: case.shop.lost.get(state, 0) for state in _LOST}
    waits = case.shop.lost.get("due", 0)
    if not waits and not any(lost.values()):
        return ok("最近 7 天的都送到了")
    told = "、".join(f"{count} 条{_LOST[state]}" for state, count in lost.items() if count)
    causes = [f"最近 7 天有 {told}；不会自动再发。"] if told else []
    causes += [f"{waits} 条到了时候一小时还没发出去。"] if waits else []
    mends = [f"看是哪些、为什么：zhanggui outbox list --state {state}" for state, count in lost.items() if count]
    if told:
        mends.append("请店长跟本人说一声；看 zhanggui run 那几天的日志，有没有断网或设置出错。")
    if waits:
        mends.append("看是给谁的：zhanggui outbox list --state due")
        mends.append(_STARTS if case.service.state != "ours" else _NO_WAY)
    return warn("".join(causes), *mends)


@check("定时")
def jobs(case: Case) -> Verdict | None:
    """What is done at times of the day was done, and the clock is none that jumps."""
    if case.shop.state != "open":
        return None
    seen = case.shop.clockwork
    if seen.jumped:
        at, skipped = seen.jumped
        hours = round(skipped / timedelta(hours=1))
        return warn(
            f"服务器的时钟在 {at:%m-%d %H:%M} 一下子往前跳了 {hours} 小时，中间该发的都没有发。",
            "时间不对就先对时：sudo timedatectl set-ntp true；时间对的话，要补哪一条：zhanggui job run 名字 --at 时间",
        )
    if seen.missed:
        name, slot = next(iter(seen.missed.items()))
        told = "、".join(f"{one} {at:%m-%d %H:%M}" for one, at in seen.missed.items())
        return warn(
            f"过了时候没有跑：{told}。",
            "zhanggui run 那时在运行吗？看它的日志里这个名字的错。",
            f"还要的话补跑：zhanggui job run {name} --at {slot:%Y-%m-%dT%H:%M}",
        )
    return ok("该跑的都跑了")
