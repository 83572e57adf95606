"""Several customers on one numbered list, each told apart without naming anybody in full."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from bot.cards.profile import who
from bot.chat import Choice, Reply, numbered
from bot.domain import words
from bot.domain.customers import Sight
from bot.domain.shop import Staff

MOST = 3
_GENDERS = {"female": "女", "male": "男"}
_COUNTS = {1: "一位", 2: "两位", 3: "三位"}


def hint(sight: Sight, now: datetime, staff: Staff) -> str:
    """One line that tells her apart: who, gender, last visit, whose."""
    today = now.astimezone(staff.zone).date()
    last = sight.stats.last_on
    came = (
        f"{words.day(last, today)}来过"
        if last and (today - last).days < 7
        else words.ago((today - last).days) + "来过"
        if last
        else "没买过"
    )
    whose = "你的" if sight.mine else f"{sight.guide_name}的" if sight.guide_name else ""
    return who(sight) + " ".join(filter(None, [_GENDERS.get(sight.customer.gender or "", ""), came, whose]))


def choose(  # noqa: PLR0913 — who, what for, to whom, when, and how sure
    found: Sequence[Sight],
    command: Callable[[Sight], str],
    now: datetime,
    staff: Staff,
    *,
    sure: bool = True,
    did: Mapping[int, str] = MappingProxyType({}),
) -> Reply:
    """Ask which of them is meant; three at most, the rest are only counted. `did` is what a hint was borne out by."""
    shown = found[:MOST]
    if len(shown) == 1:
        title = "是不是她？回 1 确认：" if not sure else "找到一位，回 1："
    elif len(found) > MOST:
        title = f"有{len(found)}位，最像这三位，回数字："
    else:
        title = f"{_COUNTS[len(shown)]}，回数字："
    choices = tuple(
        Choice(" ".join(filter(None, (hint(sight, now, staff), did.get(sight.customer.id)))), command(sight))
        for sight in shown
    )
    lines = [title, *(f"{n} {choice.label}" for n, choice in numbered(choices)), "都不是就发11位手机号。"]
    return Reply("\n".join(lines), choices, about=tuple(s.customer.id for s in shown), focus=False)


def visit(at: datetime, things: Sequence[str], now: datetime, staff: Staff, *, returned: bool) -> str:
    """The order that bears a hint out: 昨天16:40 退 针织衫."""
    return f"{words.clock(at, now, staff.zone)} {'退' if returned else '买'} {things[0] if things else ''}".rstrip()
