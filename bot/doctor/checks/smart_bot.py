"""The smart bot: its connection or callback, and whether it answers more people than whoever made it."""

from bot.doctor.case import Case
from bot.doctor.checks.wecom import judged
from bot.doctor.finding import Verdict, check, fail, ok, warn
from bot.doctor.looks.echo import BOT

_SCREEN = "管理后台 → 智能机器人 → 这个机器人 → API 模式"


@check("智能机器人长连接")
def smart_bot(case: Case) -> Verdict | None:
    """The platform takes the bot's id and secret."""
    seen = case.smart_bot
    if seen is None:
        return None
    if seen.state == "fine":
        return ok(seen.say)
    if seen.state == "refused":
        return fail(
            f"企业微信不认这个智能机器人（{seen.code}）。",
            f"{_SCREEN} → 长连接：把 Bot ID 和 Secret 重新抄到 ZHANGGUI_WECOM_BOT_ID 和 ZHANGGUI_WECOM_BOT_SECRET。",
        )
    if seen.state == "service":
        return fail(seen.say, "按这句话做；改了设置要重启 zhanggui run。")
    if seen.state == "unasked":
        return warn(
            "没有查：再连一条会把正在用的顶下来。",
            "先把「服务」这一项弄好，再运行 zhanggui doctor。",
        )
    return fail(
        "连不上企业微信的长连接。", "这台机器要能访问 wss://openws.work.weixin.qq.com（443 端口），看 DNS 和防火墙。"
    )


@check("智能机器人回调")
def smart_bot_callback(case: Case) -> Verdict | None:
    """The same for a bot that is called back instead."""
    names = ("ZHANGGUI_WECOM_BOT_TOKEN", "ZHANGGUI_WECOM_BOT_AES_KEY")
    return judged(case, BOT, f"{_SCREEN} → URL 回调", names)


@check("智能机器人两人测试")
def smart_bot_two_people(case: Case) -> Verdict | None:
    """More than one person wrote to it in private: some bots answer nobody but their creator."""
    if "wecom_bot" not in case.setup.names or case.shop.state != "open" or case.keys.ring is None:
        return None
    if case.shop.writers > 1:
        return ok(f"{case.shop.writers} 个人跟它私聊过")
    cause = "只有一个人跟它私聊过" if case.shop.writers else "还没有人跟它私聊过"
    return warn(
        f"{cause}：有的智能机器人只理创建它的人，要两个人试过才算数。",
        "请两位同事（其中一位不是创建机器人的人）在企业微信里搜到它，各私聊发「帮助」，再运行 zhanggui doctor；",
        f"第二位收不到回答：{_SCREEN} → 可见范围，加上他；还不行就换自建应用（设 ZHANGGUI_WECOM_AGENT_ID 等）。",
    )
