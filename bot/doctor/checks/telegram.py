"""Telegram: the token, how news comes, what the bot sees in groups, and what it may show."""

from urllib.parse import urlsplit

from bot.doctor.case import Case
from bot.doctor.finding import Verdict, check, fail, ok, warn

_PATH = "/telegram/webhook"
_MANY = 100
_OLD = 3600  # seconds after which a failed delivery is history
_TRY = {
    "unreached": (
        "连不上 Telegram 的服务器。",
        "国内的机器要走代理：设 ZHANGGUI_TELEGRAM_PROXY=http://127.0.0.1:7890（换成你的代理）；",
        "没有代理，就用 ZHANGGUI_TELEGRAM_API 指到自己的转发地址。",
    ),
    "proxy": (
        "ZHANGGUI_TELEGRAM_PROXY 这个代理用不了。",
        "写成 http://主机:端口，先用 curl -x 代理 https://api.telegram.org 试一试。",
    ),
    "refused": (
        "Telegram 不认这个令牌。",
        "在 Telegram 里找 @BotFather，发 /mybots → 选机器人 → API Token，整串复制到 ZHANGGUI_TELEGRAM_TOKEN。",
    ),
}


@check("Telegram 令牌")
def telegram(case: Case) -> Verdict | None:
    """Telegram is reached and takes the token."""
    seen = case.telegram
    if seen is None:
        return None
    if seen.state in _TRY:
        return fail(*_TRY[seen.state])
    if seen.state == "busy":
        return warn("Telegram 这会儿没有好好回答。", "过一分钟再运行 zhanggui doctor。")
    return ok(f"@{seen.me.get('username', '')}")


@check("Telegram 收消息")
def telegram_news(case: Case) -> Verdict | None:
    """What people write comes to us, and to us alone."""
    if case.telegram is None or case.telegram.state != "fine":
        return None
    url = str(case.telegram.webhook.get("url", ""))
    waiting = int(case.telegram.webhook.get("pending_update_count", 0))
    if case.settings.telegram_mode == "webhook":
        return _by_webhook(case, url, waiting)
    if url and case.service.state == "ours":
        return fail(
            f"另一个程序也在用这个机器人：它登记了 webhook（{_host(url)}），我们就收不到消息。",
            "停掉那个程序，再重启 zhanggui run（启动时会取消 webhook）；停不掉就找 @BotFather 发 /revoke 换令牌。",
        )
    if url:
        return warn(
            f"登记着 webhook（{_host(url)}），轮询收不到消息。", "确认没有别的程序在用它；zhanggui run 启动时会取消。"
        )
    if waiting > _MANY and case.service.state == "ours":
        return warn(f"Telegram 那边压着 {waiting} 条没取走。", "看 zhanggui run 的日志；重启一次服务。")
    return ok("轮询" + (f"，{waiting} 条等服务启动后来取" if waiting else ""))


def _by_webhook(case: Case, url: str, waiting: int) -> Verdict:
    wanted = f"{case.settings.public_url}{_PATH}"
    if url != wanted:
        now = f"登记的是 {_host(url)}" if url else "还没有登记"
        verdict = fail if case.service.state == "ours" else warn
        return verdict(
            f"webhook {now}，应当是 {wanted}。", "启动（或重启）zhanggui run，它会登记；别的程序不要用同一个令牌。"
        )
    error = str(case.telegram.webhook.get("last_error_message", "")) if case.telegram else ""
    at = float(case.telegram.webhook.get("last_error_date", 0)) if case.telegram else 0.0
    if error and (waiting or case.now.timestamp() - at < _OLD):
        return fail(f"Telegram 送不进来：{error[:80]}（压着 {waiting} 条）。", *_because(error))
    if waiting > _MANY:
        return warn(f"Telegram 那边压着 {waiting} 条没送完。", "看 zhanggui run 的日志和反向代理。")
    return ok("webhook")


def _because(error: str) -> tuple[str, ...]:
    """What a failed delivery means, by Telegram's own words."""
    words = error.lower()
    if "ssl" in words or "certificate" in words:
        return ("证书不被承认：反向代理要送出完整的证书链，域名要对。",)
    if "403" in words or "401" in words:
        return ("密码对不上：重启 zhanggui run，它会按 ZHANGGUI_TELEGRAM_SECRET 重新登记。",)
    if "404" in words:
        return (f"反向代理没有把 {_PATH} 转给服务（见 deploy/nginx.conf）。",)
    if "50" in words:
        return ("反向代理后面的服务没有起来：启动 zhanggui run。",)
    return ("看域名、防火墙和反向代理：Telegram 只连 443、80、88、8443 端口。",)


def _host(url: str) -> str:
    """Who it is, without a path that may hold another program's secret."""
    return urlsplit(url).hostname or "别处"


@check("Telegram 群隐私模式")
def telegram_privacy(case: Case) -> Verdict | None:
    """In groups the bot hears what is typed."""
    if case.telegram is None or case.telegram.state != "fine":
        return None
    if case.telegram.me.get("can_read_all_group_messages"):
        return ok("关着，群里打字它听得到")
    return warn(
        "开着：群里直接打的字、「/查 …」它收不到（私聊不受影响，不用群就不用管）。",
        "要在群里用：@BotFather 发 /setprivacy → 选机器人 → Disable；",
        "然后把机器人移出每个群，再重新拉进来（不重新拉不生效）；或者把它设成群管理员。",
    )


@check("Telegram 能显示什么")
def telegram_decision(case: Case) -> Verdict | None:
    """Head office decided whether what is noted of customers may go abroad."""
    if case.telegram is None or case.shop.state != "open" or not case.shop.fits_keys:
        return None
    decision = case.shop.decision
    if decision and decision.allowed:
        return ok(f"{case.shop.decided_on} {decision.name}（{decision.code}）允许显示提醒、客诉和记录；姓名和号码打码")
    held = "提醒、客诉和记录不显示，只说有没有、到企业微信看。"
    if decision:
        return ok(f"{case.shop.decided_on} {decision.name}（{decision.code}）决定不允许：{held}")
    by = case.shop.accounts.head_office
    first = () if by else ("先建一位总部的人：zhanggui staff add hq --role hq --name 总部",)
    return warn(
        f"未允许：服务器在境外，总部还没有决定，所以{held}",
        *first,
        f"总部同意的话：zhanggui telegram allow --by {by or 'hq'}",
        f"不同意也记一笔：zhanggui telegram forbid --by {by or 'hq'}",
    )
