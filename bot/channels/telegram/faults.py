"""What a failed call means for the message: whether it was surely not sent, perhaps sent, or never will be.

Nothing here quotes the server: its complaints about a text repeat pieces of the text.
"""

from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.wire import Fault, SendError

TOKEN_REFUSED = "Telegram 不认这个令牌：到 @BotFather 重新取，填进 ZHANGGUI_TELEGRAM_TOKEN。"  # noqa: S105 — words
_PLAIN: dict[type[TelegramError], tuple[Fault, str]] = {
    Forbidden: ("gone", "对方停用了机器人，或机器人不在那个群里"),
    InvalidToken: ("setup", TOKEN_REFUSED),
    Conflict: ("again", "Telegram 正忙着别的请求"),
}
_UNREAD: tuple[Fault, str] = ("unknown", "Telegram 的回答看不懂")
_UNREACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NOBODY = ("chat not found", "user not found", "peer_id_invalid", "not enough rights", "have no rights", "chat_write")
_CAUSES = {
    "message is too long": "文字太长",
    "message text is empty": "文字是空的",
    "can't parse entities": "排版不被接受",
    "button_data_invalid": "按钮数据不对",
    "message thread not found": "话题已经不在",
    "topic_closed": "话题已关闭",
    "photo_invalid_dimensions": "图片尺寸不对",
    "image_process_failed": "图片读不出来",
    "file is too big": "文件太大",
}


def send_error(error: TelegramError) -> SendError:
    """The library's exception in the words of the wire; narrow classes first, since its tree is no guide to ours."""
    if isinstance(error, RetryAfter):
        return SendError("wait", "Telegram 要求慢一点", retry_after=seconds(error))
    if isinstance(error, ChatMigrated):
        return SendError("moved", "群升级了，换了编号", moved_to=str(error.new_chat_id))
    if isinstance(error, BadRequest):
        return _refused(error)
    if isinstance(error, NetworkError):
        return _lost(error)
    fault, say = next((means for kind, means in _PLAIN.items() if isinstance(error, kind)), _UNREAD)
    return SendError(fault, say)


def seconds(error: RetryAfter) -> float:
    """The pause asked for, in whichever form this version of the library gives it."""
    pause: int | timedelta = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


def says(error: TelegramError, words: str) -> bool:
    """Whether the server's description holds these words, which the library may have recased."""
    return words in error.message.lower()


def _refused(error: BadRequest) -> SendError:
    if any(says(error, words) for words in _NOBODY):
        return SendError("gone", "那个聊天找不到，或不许机器人发言")
    cause = next((cause for words, cause in _CAUSES.items() if says(error, words)), "内容不被接受")
    return SendError("never", f"Telegram 拒收：{cause}")


def _lost(error: NetworkError) -> SendError:
    """A call that got no proper answer: only one that never reached the server is surely unsent."""
    if isinstance(error.__cause__, _UNREACHED):
        return SendError("again", "连不上 Telegram")
    if isinstance(error, TimedOut):
        return SendError("unknown", "Telegram 没有回答，可能已发出")
    if says(error, "too many requests"):
        return SendError("wait", "中途的服务器要求慢一点", retry_after=5)
    if says(error, "entity too large"):
        return SendError("never", "Telegram 拒收：文件太大")
    # A gateway's 502 comes as readily after the message was accepted as before: there is no telling.
    return SendError("unknown", "Telegram 出错，可能已发出")
