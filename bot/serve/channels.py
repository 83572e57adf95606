"""The channels an installation has set up; one line for each."""

from collections.abc import Callable

from bot.db import shop
from bot.db.core.engine import Database
from bot.domain.errors import UnavailableError
from bot.settings import Settings
from bot.wire import Channel, SendError

# For the ☰ key and the app's menu: latin name, the command it stands for, what it does and wants.
MENU = (
    ("cx", "查", "查客户：手机号、后四位或姓名"),
    ("ji", "记", "记一句：她喜欢什么、不吃什么"),
    ("su", "诉", "记客诉：什么事、怎么处理"),
    ("min", "敏", "记过敏：对什么过敏"),
    ("wode", "我的", "我今天记了什么，可以撤"),
    ("che", "撤", "撤回刚才那条"),
    ("bz", "帮助", "看能做什么"),
)


def channels(settings: Settings, *, listening: bool = True) -> list[Channel]:
    """Every channel people can speak on, with its settings; raises UnavailableError with what is half set up.

    Without `listening` the smart bot is left out: its one connection belongs to the process that listens.
    """
    faults: list[str] = []
    found: list[Channel] = []
    for name, build in _BUILDERS.items():
        if name == "wecom_bot" and not listening:
            continue
        try:
            channel = build(settings)
        except (ValueError, SendError) as error:
            faults.append(str(error).rstrip("。"))
            continue
        if channel:
            found.append(channel)
    if settings.wecom_corp_id and not (found or faults):
        faults.append(
            "只有 ZHANGGUI_WECOM_CORP_ID 还不够：应用要 AGENT_ID、SECRET、TOKEN、AES_KEY，机器人要 BOT_ID、BOT_SECRET"
        )
    if faults:
        raise UnavailableError(f"设置有误：{'；'.join(faults)}。")
    return found


def _telegram(settings: Settings) -> Channel | None:
    if not settings.telegram_token:
        return None
    if settings.telegram_mode == "webhook" and not (settings.public_url and settings.telegram_secret):
        raise ValueError("Telegram 用 webhook 还要填 ZHANGGUI_PUBLIC_URL 和 ZHANGGUI_TELEGRAM_SECRET")
    from bot.channels.telegram import Telegram, TelegramSetup  # noqa: PLC0415 — a tenth of a second, for who has it

    return Telegram(
        TelegramSetup(
            token=settings.telegram_token,
            files=settings.data / "incoming",
            api=settings.telegram_api,
            mode=settings.telegram_mode,
            secret=settings.telegram_secret,
            public_url=settings.public_url,
            proxy=settings.telegram_proxy,
            menu=MENU,
        )
    )


def _wecom(settings: Settings) -> Channel | None:
    wanted = {
        "ZHANGGUI_WECOM_AGENT_ID": settings.wecom_agent_id,
        "ZHANGGUI_WECOM_SECRET": settings.wecom_secret,
        "ZHANGGUI_WECOM_TOKEN": settings.wecom_token,
        "ZHANGGUI_WECOM_AES_KEY": settings.wecom_aes_key,
    }
    if not any(wanted.values()):
        return None
    missing = [
        name for name, value in {"ZHANGGUI_WECOM_CORP_ID": settings.wecom_corp_id, **wanted}.items() if not value
    ]
    if missing:
        raise ValueError(f"企业微信应用还缺 {'、'.join(missing)}")
    from bot.channels.wecom import WecomApp, WecomAppSetup  # noqa: PLC0415 — a tenth of a second, for who has it

    return WecomApp(
        WecomAppSetup(
            corp_id=settings.wecom_corp_id,
            agent_id=settings.wecom_agent_id or 0,
            secret=settings.wecom_secret,
            token=settings.wecom_token,
            aes_key=settings.wecom_aes_key,
            api=settings.wecom_api,
            files=settings.data / "incoming",
        )
    )


def _wecom_bot(settings: Settings) -> Channel | None:
    if not settings.wecom_bot_id:
        if settings.wecom_bot_secret:
            raise ValueError("智能机器人还缺 ZHANGGUI_WECOM_BOT_ID")
        return None
    by_callback = settings.wecom_bot_token and settings.wecom_bot_aes_key
    if not (settings.wecom_bot_secret or by_callback):
        raise ValueError("智能机器人还缺 ZHANGGUI_WECOM_BOT_SECRET（长连接的 Secret）")
    from bot.channels.wecom_bot import WecomBot, WecomBotSetup  # noqa: PLC0415 — a tenth of a second, for who has it

    return WecomBot(
        WecomBotSetup(
            bot_id=settings.wecom_bot_id,
            secret=settings.wecom_bot_secret,
            ws=settings.wecom_bot_ws,
            api=settings.wecom_api,
            token=settings.wecom_bot_token,
            aes_key=settings.wecom_bot_aes_key,
            name=settings.wecom_bot_name,
            files=settings.data / "incoming",
        )
    )


def groups(database: Database) -> Channel:
    """The channel of the stores' groups by their webhooks; `zhanggui store webhook` may add one at any time."""
    from bot.channels.wecom.webhook import WecomWebhook  # noqa: PLC0415 — a tenth of a second, for who has it

    return WecomWebhook(lambda store: database.transact(shop.webhooks).get(store, ""))


_BUILDERS: dict[str, Callable[[Settings], Channel | None]] = {
    "telegram": _telegram,
    "wecom": _wecom,
    "wecom_bot": _wecom_bot,
}
