"""What a refusal of WeCom's means for sending, by its number; its words may hold secrets and are never repeated."""

import re

from bot.wire import Fault, SendError

BUSY_SECONDS = 60.0  # a limit by the minute ends after about a minute
STALE_TOKEN = frozenset({40014, 42001})
EXPIRED_MEDIA = 40007
NAME_TAKEN = 42014
UNTRUSTED_ADDRESS = 60020

_WAIT = frozenset({45009})
_AGAIN = frozenset({-1, 6000, 41063, 45033})
_SETUP = {
    40001: "Secret 不对：请到管理后台 → 应用管理 → 这个应用，复制 Secret。",
    40013: "企业 ID 不对：请到管理后台 → 我的企业，复制企业 ID。",
    40014: "access_token 刚取到就被拒绝：请核对企业 ID、Secret 是不是同一个企业和应用的。",
    40056: "AgentId 不对：请到管理后台 → 应用管理 → 这个应用，复制 AgentId。",
    41001: "没有带上 access_token。",
    41004: "没有填 Secret。",
    41011: "没有填 AgentId。",
    42001: "access_token 刚取到就过期：请核对这台机器的时间和 Secret。",
    43012: "应用没有设置接收消息的地址，发不了带按钮的卡片：请到应用 → 接收消息 → 设置API接收。",
    48001: "应用没有调用这个接口的权限。",
    48002: "应用没有调用这个接口的权限：请到管理后台给这个应用开通。",
    50001: "可信域名没有设置。",
    50003: "应用被停用了：请到管理后台启用。",
    93000: "群机器人的地址失效了：请在群里重新添加机器人，再执行 zhanggui store webhook。",
    93004: "群机器人被停用了。",
    301002: "AgentId 和 Secret 不是同一个应用的。",
}
_GONE = frozenset(
    {40003, 40031, 40032, 46004, 50002, 60011, 60021, 60111, 81012, 81013, 82001, 82002, 82003}
    | {84061, 84074, 84084, 86215, 86216, 86217, 93008, *range(86001, 86009)}
)
_ADDRESS = re.compile(r"from ip:\s*([0-9a-fA-F.:]{3,45})")


class WecomError(SendError):
    """A refusal of the platform's; `code` is its number, None where no answer came."""

    def __init__(self, fault: Fault, say: str, *, code: int | None = None, retry_after: float = 0) -> None:
        """Take words for the operator: no token, no text, no phone."""
        super().__init__(fault, say, retry_after=retry_after)
        self.code = code


def refusal(code: int, words: str = "") -> WecomError:
    """The error a number stands for; of the platform's words only the address it saw is taken."""
    if code == UNTRUSTED_ADDRESS:
        return WecomError("setup", _untrusted(words), code=code)
    if code in _SETUP:
        return WecomError("setup", f"企业微信 {code}：{_SETUP[code]}", code=code)
    if code in _WAIT:
        return WecomError("wait", f"企业微信 {code}：调用太频繁，先停一分钟。", code=code, retry_after=BUSY_SECONDS)
    if code in _AGAIN:
        return WecomError("again", f"企业微信 {code}：系统繁忙，稍后再试。", code=code)
    if code in _GONE:
        return WecomError("gone", f"企业微信 {code}：收件人不在应用的可见范围内，或已离职、停用。", code=code)
    return WecomError("never", f"企业微信 {code}：这条内容被拒绝。", code=code)


def _untrusted(words: str) -> str:
    seen = _ADDRESS.search(words)
    address = f"把 {seen[1]} 填进" if seen else "把这台服务器的公网 IP 填进"
    return f"企业微信 60020：服务器不在可信 IP 里。请到应用 → 企业可信IP，{address}去，约一分钟后生效。"


def http_refusal(status: int, retry_after: str = "") -> WecomError:
    """The error of an HTTP status that is no 200: a server's fault may have come after the work was done."""
    say = f"企业微信的接口回了 HTTP {status}。"
    if status == 429:
        seconds = float(retry_after) if retry_after.isdecimal() and len(retry_after) < 6 else 0.0
        return WecomError("wait" if seconds else "again", say, retry_after=seconds)
    if status >= 500:
        return WecomError("unknown", say)
    return WecomError("setup" if status in {401, 403, 404, 407} else "never", say)
