"""Complaints whose time comes or has passed: to whoever owns one, then to who leads, then to head office."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from bot.cards import facts as wording
from bot.domain import words
from bot.domain.board.wording import LONGEST, called, hours

MOST = 20
_AN_HOUR = timedelta(hours=1)


class Late(NamedTuple):
    """One that head office hears of: which, for how long it is overdue, and who has been reminded."""

    store: str
    number: int
    late: timedelta
    whose: str
    urgent: bool

    def named(self) -> str:
        """徐汇店 客诉 #101（急）."""
        return f"{called(self.store)} 客诉 #{self.number}{'（急）' * self.urgent}"


def owner(number: int, who: str, facets: str, due: str, *, over: bool) -> str:
    """Soon, or now (`over`), she has to hear from us."""
    what = f"，{facets}" if facets else ""
    head = "该回了" if over else "快到点了"
    return f"⏰ 客诉 #{number} {head}（{due}前）：{who}{what}。\n现在打给她，办完回：诉结 {number} 怎么处理的、她怎么说"


def manager(number: int, who: str, facets: str, late: timedelta, owner_: str) -> str:
    """When it is due, or later, to who leads."""
    what = f"，{facets}" if facets else ""
    passed = f"过了{hours(late)}" if late >= _AN_HOUR else "到点了"
    return (
        f"⏰ 客诉 #{number} {passed}还没结：{who}{what}（负责人 {called(owner_) or '已离职，还没有人接'}）。\n"
        f"请你接手或催一下；办完回：诉结 {number} 怎么处理的、她怎么说"
    )


def head_office(found: Sequence[Late]) -> str:
    """A day later, to head office: which, not who; several in one message."""
    if len(found) == 1:
        (one,) = found
        return f"⏰ {one.named()} 过了{hours(one.late)}还没结（{one.whose}）。请问一下店里。"
    lines = [f"· {one.named()} 过了{hours(one.late)}（{one.whose}）" for one in found[:MOST]]
    more = [f"还有{len(found) - MOST}件。"] if len(found) > MOST else []
    return words.clip("\n".join([f"⏰ {len(found)}件客诉过了时间还没结，请问一下店里：", *lines, *more]), LONGEST)


def whose(owner_: str, *, has_manager: bool) -> str:
    """Who has been reminded."""
    owned = f"负责人 {called(owner_)}" if owner_ else "负责人已离职"
    return f"{owned}，{'店长也提醒过了' if has_manager else '店里没有店长账号'}"


ABROAD = wording.ELSEWHERE
