"""The service: running, well, keeping up, and saying what it owes."""

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
    unknown, dead = case.shop.lost.get("unknown", 0), case.shop.lost.get("dead", 0)
    if not unknown and not dead:
        return ok("最近 7 天的都送到了")
    parts = [f"{unknown} 条不知道到没到" if unknown else "", f"{dead} 条平台拒收" if dead else ""]
    return warn(
        f"最近 7 天有 {'、'.join(filter(None, parts))}；不会自动再发。",
        "请店长跟本人说一声；看 zhanggui run 那几天的日志，有没有断网或设置出错。",
    )
