"""A customer's own rhythm, from running statistics: how often she comes, how long she is away, her stage.

Stages; every border belongs to the milder one, and days on which the till was silent do not count as away:

* `never` 还没买过: no purchase at all, which is not the same as having stopped.
* `new` 新客: first purchase at most 30 days ago; or one purchase day only, at most 1.5 usual gaps ago.
* `regular` 常客: away for at most 1.5 of her gaps and one standard deviation, or a week.
* `asleep` 沉睡: away for 60 days or more, and longer than both three of her gaps and the border of `regular`.
* `slowing` 变慢: everything between.
"""

from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Literal

from bot.domain.words import ago

Stage = Literal["new", "regular", "slowing", "asleep", "never"]
STAGES: dict[Stage, str] = {
    "new": "新客",
    "regular": "常客",
    "slowing": "变慢",
    "asleep": "沉睡",
    "never": "还没买过",
}
_NEW_DAYS = 30
_WEEK = 7
_ASLEEP_DAYS = 60


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How she comes; `first_days`, `since_days` and `ratio` are None before a first purchase.

    `typical_gap_days` is at least 1, `spread` the standard deviation of her gaps in days, `ratio` is
    `since_days` in typical gaps.
    """

    purchase_days: int
    typical_gap_days: int
    spread: float
    first_days: int | None
    since_days: int | None
    ratio: float | None
    stage: Stage


def rhythm(  # noqa: PLR0913, PLR0917 - the columns of the running statistics
    purchase_days: int,
    first_on: date | None,
    last_on: date | None,
    gap_sum_days: int,
    gap_square_sum: int,
    today: date,
    *,
    usual_days: int = 30,
    silent_days: int = 0,
) -> Rhythm:
    """Her rhythm as of `today`.

    Her mean gap and its spread are those of her own gaps and one more of `usual_days`, the category's: the
    fewer her own, the nearer to it. `silent_days`: days since her last visit for which the till told nothing.
    """
    gaps = max(purchase_days - 1, 0)
    mean = (gap_sum_days + usual_days) / (gaps + 1)
    spread = sqrt(max((gap_square_sum + usual_days**2) / (gaps + 1) - mean**2, 0))
    typical = max(int(mean + 0.5), 1)
    if purchase_days <= 0 or last_on is None or first_on is None:
        return Rhythm(0, typical, spread, None, None, None, "never")
    first_days = max((today - first_on).days, 0)
    since = max((today - last_on).days - silent_days, 0)
    stage = _stage(since, typical, spread, first_days=first_days, once=purchase_days == 1)
    return Rhythm(purchase_days, typical, spread, first_days, since, since / typical, stage)


def _stage(since: int, typical: int, spread: float, *, first_days: int, once: bool) -> Stage:
    patience = max(1.5 * typical + spread, _WEEK)
    if first_days <= _NEW_DAYS:
        return "new"
    if since >= _ASLEEP_DAYS and since > max(3 * typical, patience):
        return "asleep"
    if since > patience:
        return "slowing"
    return "new" if once else "regular"


def say(rhythm: Rhythm) -> str:
    """平时18天来一次，已41天没来; with one or two visits only what is known of them."""
    since, gap = rhythm.since_days, rhythm.typical_gap_days
    if since is None or rhythm.first_days is None:
        return STAGES["never"]
    if rhythm.purchase_days == 1:
        said = ago(rhythm.first_days)
        return f"第一次来是{said}" if rhythm.first_days <= _NEW_DAYS else f"只来过一次，{said}"
    if gap == 1 and since <= 1:
        return "每天都来"
    usual = f"来过{rhythm.purchase_days}次" if rhythm.purchase_days == 2 else f"平时{gap}天来一次"
    usual = "平时每天来" if gap == 1 and rhythm.purchase_days > 2 else usual
    away = f"已{since}天没来" if since > gap else f"{ago(since)}来过"
    return f"{usual}，{away}"
