"""What the platform's numbers for failure mean for a message of ours, and how it is said."""

from bot.wire import Fault, SendError

NOT_SUBSCRIBED = 846609  # the socket is open and yet the platform has forgotten us
BAD_REQUEST_ID = 846605  # belongs to an earlier connection, or its day is over
STREAM_OVER = 846608
TASK_KNOWN = (42014,)  # a card with this task was sent before: by ourselves, since tasks are named by parcels
CODE_USED = 60140
WRONG_SECRET = 853000

_WAIT = {45009: 60.0, 45033: 2.0, 846607: 60.0}
_AGAIN = frozenset({-1, 6000, 41063, 40014, 42001, NOT_SUBSCRIBED, BAD_REQUEST_ID, STREAM_OVER, 846601, 846602})
_SETUP = frozenset({40001, 40013, 40056, 41001, 41004, 41011, 43012, 48001, 48002, 50001, 50003, 60020, 93000, 93004})
_GONE = frozenset({40003, 40031, 40032, 40050, 46004, 50002, 60011, 60021, 60111, 81012, 81013, 93006, 93008})

SUBSCRIBE_WORDS = (
    "企业微信不认这个智能机器人（{code}）：请打开 管理后台 → 智能机器人 → 这个机器人 → API 模式 → 长连接，"
    "把 Bot ID 和 Secret 重新抄到 ZHANGGUI_WECOM_BOT_ID 和 ZHANGGUI_WECOM_BOT_SECRET。"
)


class RefusedError(Exception):
    """The platform's own no, by its number."""

    def __init__(self, code: int) -> None:
        super().__init__(f"errcode {code}")
        self.code = code


class KickedError(Exception):
    """Another connection took the bot over."""


def is_setup(code: int) -> bool:
    """Whether the installation is at fault, not the message."""
    return code in _SETUP or code == WRONG_SECRET


def send_error(code: int) -> SendError:
    """The platform's number as the sender understands it; numbers nobody knows are the content's fault."""
    if code in _WAIT:
        return SendError("wait", f"企业微信要求慢一点（{code}）", retry_after=_WAIT[code])
    if is_setup(code):
        return SendError("setup", SUBSCRIBE_WORDS.format(code=code))
    fault: Fault = "again" if code in _AGAIN else "gone" if code in _GONE or 86001 <= code <= 86008 else "never"
    said = {"again": "企业微信这会儿没收", "gone": "这个会话发不进去：对方要先跟机器人说句话，或已经不在了"}
    return SendError(fault, f"{said.get(fault, '企业微信不收这条内容')}（{code}）")
