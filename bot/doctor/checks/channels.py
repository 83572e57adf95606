"""The channels as a whole: that there is one, and that the machine's clock is right for all of them."""

from collections.abc import Iterable

from bot.doctor.case import Case
from bot.doctor.finding import Verdict, check, fail, ok, warn

_NAMES = {"telegram": "Telegram", "wecom": "企业微信应用", "wecom_bot": "企业微信智能机器人"}
_LATE, _TOO_LATE = 60, 300  # seconds


@check("渠道")
def channels(case: Case) -> Verdict:
    """At least one channel is set up, none only half."""
    if case.setup.fault:
        return fail(case.setup.fault, "补上这些设置（.env 或环境变量），再运行 zhanggui doctor。")
    if case.setup.names:
        return ok(_named(case.setup.names))
    if case.service.channels:
        return warn(
            f"这里没有读到渠道的设置，运行中的服务却有（{_named(case.service.channels)}），没法逐项查。",
            "用服务的设置来运行：容器里 docker compose exec zhanggui zhanggui doctor；",
            "systemd：设好服务用的 ZHANGGUI_…，密码用 ZHANGGUI_…_FILE 指到 /etc/zhanggui/secrets 里的文件。",
        )
    return fail(
        "还没有设置任何渠道。选一个，把设置写进 .env：",
        "企业微信智能机器人（最省事，不用公网地址）：管理后台 → 智能机器人 → 创建 → API 模式 → 长连接，"
        "填 ZHANGGUI_WECOM_BOT_ID 和 ZHANGGUI_WECOM_BOT_SECRET",
        "Telegram：找 @BotFather 发 /newbot，填 ZHANGGUI_TELEGRAM_TOKEN（国内另填 ZHANGGUI_TELEGRAM_PROXY）",
        "企业微信自建应用：要公网 https 地址，设置见 docs/operations.md",
        "还没有账号，先试一试：zhanggui sandbox",
    )


def _named(names: Iterable[str]) -> str:
    return "、".join(_NAMES.get(name, name) for name in names)


@check("时钟")
def clock(case: Case) -> Verdict | None:
    """The machine tells the time the platforms tell."""
    if case.ahead is None:
        return None
    off = abs(case.ahead)
    said = f"这台机器的时间比平台{'快' if case.ahead > 0 else '慢'} {off:.0f} 秒"
    mend = "打开自动对时：sudo timedatectl set-ntp true，再用 timedatectl 看是不是 synchronized。"
    if off > _TOO_LATE:
        return fail(f"{said}：回调会被当成过期的拒绝，提醒会发错时候。", mend)
    if off > _LATE:
        return warn(f"{said}。", mend)
    return ok(f"和平台相差 {off:.0f} 秒" if off >= 1 else "和平台一致")
