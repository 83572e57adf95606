"""What waits for a yes, and what became of it."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.cards.profile import who
from bot.chat import Choice, Reply, numbered
from bot.domain.customers import Sight
from bot.domain.selling.offers import Coupon

_MOST = 8


class Row(NamedTuple):
    """Something that waits, in a line; the token its choice names it by, and its number."""

    said: str
    token: str
    number: int


def waiting(rows: Sequence[Row]) -> Reply:
    """What waits, oldest first; a digit says yes."""
    if not rows:
        return Reply("没有在等你批的。", keeps_menu=True, focus=False)
    shown = rows[:_MOST]
    choices = tuple(Choice(row.said, f"批 #{row.token}") for row in shown)
    more = [f"还有{len(rows) - _MOST}条没列，先批这些。"] if len(rows) > _MOST else []
    first = rows[0].number
    lines = [
        f"等你批的{len(rows)}条，回数字同意：",
        *(f"{digit} {choice.label}" for digit, choice in numbered(choices)),
        *more,
        f"不同意：批 {first} 不行 写句原因",
    ]
    return Reply("\n".join(lines), choices, focus=False)


class Decided(NamedTuple):
    """What was asked for: its number, the offer, for whom, and what stands against it in words."""

    number: int
    offer: str
    sight: Sight | None
    against: str = ""


def decided(asked: Decided, made: Coupon | None, reason: str) -> Reply:
    """It is decided, and whoever asked is told."""
    why = f"（{reason[:60]}）" if reason else ""
    text = f"已发「{asked.offer}」，尾码 {made.tail}" if made else f"「{asked.offer}」没发"
    whom = f"{who(asked.sight)}，" if asked.sight else ""
    warning = f"⚠️ {asked.against}，请导购当面再说一次。\n" if made and asked.against else ""
    return Reply(
        f"{warning}{asked.number}号{'同意了' if made else f'没同意{why}'}：{whom}{text}，已告诉请示的人。错了回 撤",
        about=(asked.sight.customer.id,) if asked.sight else (),
        keeps_menu=True,
        focus=False,
    )
