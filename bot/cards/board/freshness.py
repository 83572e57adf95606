"""A till that is silent: since when, what it means for the cards, whom to ask."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from bot.domain import words
from bot.domain.board.wording import LONGEST, called, hours

_MOST = 12


def to_leader(store: str, data_at: datetime, long: timedelta, now: datetime, tz: tzinfo) -> str:
    """To who leads the store."""
    return (
        f"⚠️ {called(store)}收银{hours(long)}没传数据了（停在{words.clock(data_at, now, tz)}）。\n"
        "这段时间谁来过看不到，名单和「很久没来」先别全信。请看一眼收银机是不是联网，不行就找管理员。"
    )


def to_admin(silent: Sequence[tuple[str, timedelta]]) -> str:
    """To who runs the bot."""
    longest = sorted(silent, key=lambda one: (-one[1], one[0]))[:_MOST]
    lines = [f"· {called(store)} {hours(long)}" for store, long in longest]
    more = [f"还有{len(silent) - _MOST}家"] if len(silent) > _MOST else []
    return words.clip("\n".join([f"⚠️ {len(silent)}家店收银超过26小时没传数据：", *lines, *more]), LONGEST)
