"""A mark from 0 to 10 in chat: a low one asks why, or offers to make a complaint of it."""

from dataclasses import dataclass

from bot.cards import facts as wording
from bot.cards.notes import UNDO
from bot.cards.profile import who
from bot.chat import LET_GO, Choice, Reply
from bot.domain.customers import Sight

_LOW, _HIGH = 6, 9
THEMES = ("商品", "服务", "环境")


@dataclass(frozen=True, slots=True)
class Reason:
    """Of what theme, in which words (none where they may not be said), and whether it praises or complains."""

    theme: str
    text: str
    kind: str


def marked(sight: Sight, score: int, why: Reason, tokens: tuple[str, str]) -> Reply:
    """What was kept; `tokens` name her and the unit."""
    customer, unit = tokens
    about = (sight.customer.id,)
    if sight.veil == "closed":
        said = f"评分 ✓ {who(sight)}内容{wording.ELSEWHERE}"
    else:
        theme = f"，{why.theme}" if why.theme else ""
        reason = f"：{why.text}" if why.text else ""
        said = f"{who(sight)}评分 {score}{theme}{reason}"
    if why.kind == "complaint":
        choices = (Choice("转客诉", f"诉转 #{unit}"), Choice("不用", LET_GO))
        return Reply(f"{said}\n要不要转客诉，有人跟到底？{UNDO}", choices, about=about)
    if score <= _LOW and not why.theme:
        asks = tuple(Choice(theme, f"评 #{customer} {score} {theme}", takes_text=True) for theme in THEMES)
        return Reply(f"{said}\n问一句哪里不满意，回数字，可以接着写：「2 等太久」。{UNDO}", asks, about=about)
    thanks = "可以请她介绍朋友来。" if score >= _HIGH else ""
    return Reply(f"{said}。{thanks}{UNDO}", about=about, keeps_menu=True)
